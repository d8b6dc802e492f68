//! `permissions`: what an API needs, what merchants granted, and what is missing.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

mod drift;

/// Look at permission sets (权限集).
#[derive(Debug, Subcommand)]
pub enum PermissionsCommand {
    /// Show whose grant differs from what the platform asks for
    Drift(drift::DriftArgs),
}

impl PermissionsCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Drift(_) => "drift",
        }
    }
}

pub(super) async fn run(context: &Context, command: PermissionsCommand) -> Result<Exit, CliError> {
    match command {
        PermissionsCommand::Drift(args) => drift::run(context, args).await,
    }
}
