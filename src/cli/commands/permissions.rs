//! `permissions`: the permission sets (权限集), and who granted them.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

mod matrix;

/// Look up permission sets, and who granted them.
#[derive(Debug, Subcommand)]
pub enum PermissionsCommand {
    /// Show merchants by permission sets
    Matrix(matrix::MatrixArgs),
}

impl PermissionsCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Matrix(_) => "matrix",
        }
    }
}

pub(super) async fn run(context: &Context, command: PermissionsCommand) -> Result<Exit, CliError> {
    match command {
        PermissionsCommand::Matrix(args) => matrix::run(context, args).await,
    }
}
