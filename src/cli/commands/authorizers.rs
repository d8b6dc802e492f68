//! `authorizers`: the merchants.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::flow::{BulkLimits, Failed, FlowError};
use crate::lang::Lang;
use crate::wechat::errcode;

mod forget;
mod guide;
mod list;
mod log;
mod option;
mod recover;
mod redeem;
mod refresh;
mod revoke;
mod row;
mod set;
mod show;
mod sync;

pub(super) use list::{parse_kind, parse_status};
pub(super) use row::{kind as kind_word, status as status_word};

/// Look after the merchants.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum AuthorizersCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Sync(sync::SyncArgs),
    Refresh(refresh::RefreshArgs),
    Redeem(redeem::RedeemArgs),
    Log(log::LogArgs),
    Option(option::OptionArgs),
    Set(set::SetArgs),
    Guide(guide::GuideArgs),
    Forget(forget::ForgetArgs),
    Recover(recover::RecoverArgs),
    #[command(hide = true)]
    Revoke(revoke::RevokeArgs),
}

impl AuthorizersCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::List(_) => "list",
            Self::Show(_) => "show",
            Self::Sync(_) => "sync",
            Self::Refresh(_) => "refresh",
            Self::Redeem(_) => "redeem",
            Self::Log(_) => "log",
            Self::Option(_) => "option",
            Self::Set(_) => "set",
            Self::Guide(_) => "guide",
            Self::Forget(_) => "forget",
            Self::Recover(_) => "recover",
            Self::Revoke(_) => "revoke",
        }
    }
}

pub(super) async fn run(context: &Context, command: AuthorizersCommand) -> Result<Exit, CliError> {
    match command {
        AuthorizersCommand::List(args) => list::run(context, args).await,
        AuthorizersCommand::Show(args) => show::run(context, args).await,
        AuthorizersCommand::Sync(args) => sync::run(context, args).await,
        AuthorizersCommand::Refresh(args) => refresh::run(context, args).await,
        AuthorizersCommand::Redeem(args) => redeem::run(context, args).await,
        AuthorizersCommand::Log(args) => log::run(context, args).await,
        AuthorizersCommand::Option(args) => option::run(context, args).await,
        AuthorizersCommand::Set(args) => set::run(context, args).await,
        AuthorizersCommand::Guide(args) => guide::run(context, args).await,
        AuthorizersCommand::Forget(args) => forget::run(context, args).await,
        AuthorizersCommand::Recover(args) => recover::run(context, args).await,
        AuthorizersCommand::Revoke(args) => Err(revoke::refusal(&args)),
    }
}

/// How hard bulk work may press WeChat.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct BulkArgs {
    /// Calls in flight at once
    #[arg(long, default_value_t = 8, value_name = "N")]
    concurrency: usize,
    /// Calls begun a second; 0 is no limit
    #[arg(long, default_value_t = 50, value_name = "N")]
    rate: u32,
    /// Exit with 0 in spite of so many failures
    #[arg(long, default_value_t = 0, value_name = "N")]
    allow_failures: u64,
}

impl BulkArgs {
    fn limits(self) -> BulkLimits {
        BulkLimits {
            concurrency: self.concurrency,
            rate: self.rate,
        }
    }
}

/// One failure of bulk work: the contract's shape.
#[derive(serde::Serialize)]
struct FailedRow {
    appid: String,
    errcode: Option<i64>,
    rid: Option<String>,
    message: String,
}

/// The rows of failures, and the exit they call for: the highest of 4 to 7, merchants that ended
/// their authorization left out.
fn failures(failed: Vec<Failed>, args: BulkArgs, lang: Lang) -> (Vec<FailedRow>, Exit) {
    let mut worst: Option<Kind> = None;
    let mut counted = 0;
    let rows = failed
        .into_iter()
        .map(|Failed { appid, error }| {
            let ended = match &error {
                FlowError::Ended { .. } => true,
                FlowError::Api(error) => error.errcode() == Some(errcode::NOT_AUTHORIZED),
                _ => false,
            };
            let error = CliError::from(error);
            if !ended {
                counted += 1;
                worst = worst.max(Some(error.kind()));
            }
            let errcode = error.errcode();
            let rid = error.rid().map(str::to_owned);
            FailedRow {
                appid: appid.to_string(),
                errcode,
                rid,
                message: error.message().of(lang).to_owned(),
            }
        })
        .collect();
    let exit = match worst {
        Some(kind) if counted > args.allow_failures => Exit::Failures(kind),
        _ => Exit::Done,
    };
    (rows, exit)
}
