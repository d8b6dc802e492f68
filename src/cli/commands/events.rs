//! `events`: pushes sent, decoded, listed.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

mod list;
mod send;

/// Commands about pushes.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Send an encrypted push to a receiver and judge its answer
    Send(Box<send::SendArgs>),
    /// Show the events received, newest first
    List(list::ListArgs),
}

impl EventsCommand {
    /// The command's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Send(_) => "send",
            Self::List(_) => "list",
        }
    }
}

pub(super) async fn run(context: &Context, command: EventsCommand) -> Result<Exit, CliError> {
    match command {
        EventsCommand::Send(args) => send::run(context, *args).await,
        EventsCommand::List(args) => list::run(context, args).await,
    }
}
