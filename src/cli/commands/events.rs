<<<<<<< HEAD
//! `events`: pushes sent, decoded, listed.
=======
//! `events`: the pushes of WeChat.
>>>>>>> wechat3

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

<<<<<<< HEAD
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
=======
mod capture;
mod checks;
mod decode;
mod holds;

/// Look into the pushes of WeChat.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Check and decrypt a captured push, and say what is wrong with it
    ///
    /// Takes the body as it was received, from a file or stdin, and the query of its address; or a
    /// curl line that has both. It is checked with the profile's Token and EncodingAESKeys as a
    /// receiver does it, but to the end. Nothing is called or stored. Exit code 3 when something is
    /// wrong.
    Decode(decode::DecodeArgs),
}

impl EventsCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Decode(_) => "decode",
>>>>>>> wechat3
        }
    }
}

pub(super) async fn run(context: &Context, command: EventsCommand) -> Result<Exit, CliError> {
    match command {
<<<<<<< HEAD
        EventsCommand::Send(args) => send::run(context, *args).await,
        EventsCommand::List(args) => list::run(context, args).await,
=======
        EventsCommand::Decode(args) => decode::run(context, args).await,
>>>>>>> wechat3
    }
}
