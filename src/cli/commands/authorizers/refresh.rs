//! `authorizers refresh`: tokens of one merchant, of several, or of all that are due.

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use serde::Serialize;

use crate::cli::args::parse_duration;
use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::flow::{DueTokens, RefreshTargets};
use crate::lang::text;

use super::{BulkArgs, FailedRow, failures};

/// Refresh tokens: of these merchants, or of all whose token is due
///
/// Every new token is durably stored before it counts. Merchants whose token another process is
/// refreshing right now are skipped.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox authorizers refresh\n  wxauth authorizers refresh wx0123456789abcdef\n  wxauth authorizers refresh @appids.txt -o json"
)]
pub struct RefreshArgs {
    /// Merchants; @FILE holds one on each line, - is stdin; none means all that are due
    #[arg(value_name = "WHO")]
    who: Vec<String>,
    /// Due are tokens with less life left than this
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "10m")]
    due_within: Duration,
    /// How hard to press WeChat.
    #[command(flatten)]
    bulk: BulkArgs,
}

/// What a refresh did: the contract's shape.
#[derive(Serialize)]
struct RefreshRow {
    refreshed: u64,
    skipped: u64,
    failed: Vec<FailedRow>,
}

pub(super) async fn run(context: &Context, args: RefreshArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let platform = context.platform().await?;
    let all = args.who.is_empty();
    let named = input::who_list(args.who).await?;
    let targets = if all {
        let within = SignedDuration::try_from(args.due_within).map_err(|_| {
            CliError::usage(text!("`--due-within` is too long", "`--due-within` 过长"))
        })?;
        RefreshTargets::Due(DueTokens::within(within))
    } else {
        let mut appids = Vec::with_capacity(named.len());
        for who in &named {
            appids.push(platform.appid_of(who).await?);
        }
        appids.sort_unstable();
        appids.dedup();
        RefreshTargets::Named(appids)
    };
    context.show_progress(text!("Refreshing tokens", "正在刷新令牌"));
    let outcome = platform.refresh(targets, args.bulk.limits()).await;
    context.hide_progress();
    let outcome = outcome?;
    let (failed, exit) = failures(outcome.failed, args.bulk, console.lang());
    let row = RefreshRow {
        refreshed: outcome.refreshed,
        skipped: outcome.skipped,
        failed,
    };
    console.document(&row, |out| {
        let (refreshed, skipped) = (row.refreshed, row.skipped);
        let failed = row.failed.len();
        let said = text!(
            "{refreshed} refreshed, {skipped} skipped, {failed} failed",
            "已刷新 {refreshed} 个，跳过 {skipped} 个，失败 {failed} 个"
        );
        writeln!(out, "{}", said.of(console.lang()))?;
        for failure in &row.failed {
            writeln!(out, "{}  {}", failure.appid, failure.message)?;
        }
        Ok(())
    })?;
    if outcome.stopped {
        console.hint(text!(
            "it stopped early; run it again to go on with the rest",
            "已提前停止；再次运行可继续处理其余商家"
        ));
        if exit == Exit::Done {
            return Ok(Exit::Failures(Kind::Unreachable));
        }
    }
    Ok(exit)
}
