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
mod messages;
pub(super) mod send;
mod unread;

/// Commands about pushes.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum EventsCommand {
    Send(Box<send::SendArgs>),
    Decode(decode::DecodeArgs),
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

/// Whether a text is a captured push, as `events decode` reads it.
#[must_use]
pub fn is_capture(text: &str) -> bool {
    capture::Capture::read(text).is_ok()
}

pub(super) async fn run(context: &Context, command: EventsCommand) -> Result<Exit, CliError> {
    match command {
        EventsCommand::Send(args) => send::run(context, *args).await,
        EventsCommand::Decode(args) => decode::run(context, args).await,
        EventsCommand::List(args) => list::run(context, args).await,
    }
}
