//! `events`: pushes received, captured, and sent.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

mod capture;
mod checks;
mod decode;
mod holds;
mod list;
mod send;

/// Commands about pushes.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Send an encrypted push to a receiver and judge its answer
    Send(Box<send::SendArgs>),
    /// Check and decrypt a captured push, and say what is wrong with it
    ///
    /// Takes the body as it was received, from a file or stdin, and the query of its address; or a
    /// curl line that has both. It is checked with the profile's Token and EncodingAESKeys as a
    /// receiver does it, but to the end. Nothing is called or stored. Exit code 3 when something is
    /// wrong.
    Decode(decode::DecodeArgs),
    /// Show the events received, newest first
    List(list::ListArgs),
}

impl EventsCommand {
    /// The command's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Send(_) => "send",
            Self::Decode(_) => "decode",
            Self::List(_) => "list",
        }
    }
}

pub(super) async fn run(context: &Context, command: EventsCommand) -> Result<Exit, CliError> {
    match command {
        EventsCommand::Send(args) => send::run(context, *args).await,
        EventsCommand::Decode(args) => decode::run(context, args).await,
        EventsCommand::List(args) => list::run(context, args).await,
    }
}
