//! The commands, one file each: arguments, a call to the flow, records to the console.

pub mod api;
pub mod authorizers;
pub mod callback;
pub mod check;
pub mod completions;
pub mod doctor;
pub mod events;
pub mod exec;
pub mod explain;
pub mod help;
pub mod init;
pub mod ips;
pub mod link;
pub mod man;
pub mod permissions;
pub mod profile;
pub mod quota;
pub mod rid;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "serve")]
pub mod serve;
pub mod status;
pub mod store;
pub mod ticket;
pub mod token;

mod input;

use super::args::Command;
use super::context::Context;
use super::error::CliError;
use super::exit::Exit;

/// Runs one command.
///
/// # Errors
/// Why it failed, ready to be told.
pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Init(args) => init::run(context, &args).await,
        Command::Profile(command) => profile::run(context, command).await,
        Command::Status(args) => status::run(context, args).await,
        Command::Check(args) => check::run(context, args).await,
        Command::Doctor(args) => doctor::run(context, args).await,
        Command::Ticket(command) => ticket::run(context, command).await,
        Command::Token(command) => token::run(context, command).await,
        Command::Exec(args) => exec::run(context, args).await,
        Command::Link(args) => link::run(context, *args).await,
        Command::Authorizers(command) => authorizers::run(context, command).await,
        Command::Permissions(command) => permissions::run(context, command).await,
        Command::Events(command) => events::run(context, command).await,
        Command::Explain(args) => explain::run(context, args).await,
        Command::Api(args) => api::run(context, *args).await,
        Command::Quota(command) => quota::run(context, command).await,
        Command::Rid(args) => rid::run(context, args).await,
        Command::Callback(command) => callback::run(context, command).await,
        Command::Ips(args) => ips::run(context, args).await,
        Command::Store(command) => store::run(context, command).await,
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(context, *args).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(command) => sandbox::run(context, command).await,
        Command::Completions(args) => completions::run(context, &args),
        Command::Man(args) => man::run(context, &args),
        Command::Help(args) => help::run(context, &args),
    }
}

/// The command's name, for leases and the journal.
#[must_use]
pub fn name(command: &Command) -> String {
    match command {
        Command::Init(_) => "init".to_owned(),
        Command::Profile(_) => "profile".to_owned(),
        Command::Status(_) => "status".to_owned(),
        Command::Check(_) => "check".to_owned(),
        Command::Doctor(_) => "doctor".to_owned(),
        Command::Ticket(command) => format!("ticket {}", command.name()),
        Command::Token(_) => "token".to_owned(),
        Command::Exec(_) => "exec".to_owned(),
        Command::Link(_) => "link".to_owned(),
        Command::Authorizers(command) => format!("authorizers {}", command.name()),
        Command::Permissions(command) => format!("permissions {}", command.name()),
        Command::Events(command) => format!("events {}", command.name()),
        Command::Explain(_) => "explain".to_owned(),
        Command::Api(_) => "api".to_owned(),
        Command::Quota(command) => format!("quota {}", command.name()),
        Command::Rid(_) => "rid".to_owned(),
        Command::Callback(command) => format!("callback {}", command.name()),
        Command::Ips(_) => "ips".to_owned(),
        Command::Store(command) => format!("store {}", command.name()),
        #[cfg(feature = "serve")]
        Command::Serve(_) => "serve".to_owned(),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(_) => "sandbox".to_owned(),
        Command::Completions(_) => "completions".to_owned(),
        Command::Man(_) => "man".to_owned(),
        Command::Help(_) => "help".to_owned(),
    }
}

/// Whether a command serves others until it is stopped.
#[must_use]
pub fn serves(command: &Command) -> bool {
    match command {
        #[cfg(feature = "serve")]
        Command::Serve(_) => true,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(command) => command.serves(),
        _ => false,
    }
}

/// Whether a command ends by a signal as a matter of course, and so listens for it itself.
#[must_use]
pub fn handles_signals(command: &Command) -> bool {
    matches!(command, Command::Exec(_)) || serves(command)
}
