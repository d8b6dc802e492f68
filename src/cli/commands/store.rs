//! `store`: where the state lives, moving it, and what lies in a Redis.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

mod by_layout;
#[cfg(feature = "redis")]
mod detect;
mod encrypt;
mod export;
mod import;
mod info;
mod migrate;
mod moved;
mod passphrase;
mod place;
pub(super) mod risk;

/// Look after the place where the state lives.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum StoreCommand {
    Info(info::InfoArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
    Migrate(migrate::MigrateArgs),
    Encrypt(encrypt::EncryptArgs),
    Decrypt(encrypt::DecryptArgs),
    #[cfg(feature = "redis")]
    Detect(detect::DetectArgs),
}

impl StoreCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Encrypt(_) => "encrypt",
            Self::Decrypt(_) => "decrypt",
            Self::Info(_) => "info",
            Self::Export(_) => "export",
            Self::Import(_) => "import",
            Self::Migrate(_) => "migrate",
            #[cfg(feature = "redis")]
            Self::Detect(_) => "detect",
        }
    }
}

pub(super) async fn run(context: &Context, command: StoreCommand) -> Result<Exit, CliError> {
    match command {
        StoreCommand::Encrypt(args) => encrypt::encrypt(context, args).await,
        StoreCommand::Decrypt(args) => encrypt::decrypt(context, args).await,
        StoreCommand::Info(args) => info::run(context, args).await,
        StoreCommand::Export(args) => export::run(context, args).await,
        StoreCommand::Import(args) => import::run(context, args).await,
        StoreCommand::Migrate(args) => migrate::run(context, args).await,
        #[cfg(feature = "redis")]
        StoreCommand::Detect(args) => detect::run(context, args).await,
    }
}
