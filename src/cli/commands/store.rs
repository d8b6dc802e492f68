//! `store`: what keeps the state.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

mod seal;

/// Look after what keeps the state.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum StoreCommand {
    Seal(seal::SealArgs),
}

impl StoreCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Seal(_) => "seal",
        }
    }
}

pub(super) async fn run(context: &Context, command: StoreCommand) -> Result<Exit, CliError> {
    match command {
        StoreCommand::Seal(args) => seal::run(context, args).await,
    }
}
