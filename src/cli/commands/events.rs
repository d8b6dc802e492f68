//! `events`: the pushes of WeChat.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

mod capture;
mod checks;
mod decode;
mod holds;

/// Look into the pushes of WeChat.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Check and decrypt a captured push, and say what is wrong with it
    Decode(decode::DecodeArgs),
}

impl EventsCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Decode(_) => "decode",
        }
    }
}

pub(super) async fn run(context: &Context, command: EventsCommand) -> Result<Exit, CliError> {
    match command {
        EventsCommand::Decode(args) => decode::run(context, args).await,
    }
}
