//! `authorizers sync`: pull the merchants from WeChat.

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use serde::Serialize;

use crate::cli::args::parse_duration;
use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::flow::{FlowError, SyncOptions, Synced};
use crate::lang::text;
use crate::wechat::id::Appid;

use super::{BulkArgs, FailedRow, failures};

/// Pull the merchants from WeChat
///
/// The list is always read whole; details are asked for only of merchants that are new, changed, or
/// older than `--max-age`. A merchant counts as revoked only when it is missing from the whole list
/// and WeChat answers 61003 for it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox authorizers sync\n  wxauth --sandbox authorizers sync --full --rate 0 -o json"
)]
pub struct SyncArgs {
    /// Ask for every merchant's details
    #[arg(long)]
    full: bool,
    /// Ask again for details older than this
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "7d")]
    max_age: Duration,
    /// Mark merchants as revoked even when they are many
    #[arg(long)]
    allow_shrink: bool,
    /// How hard to press WeChat.
    #[command(flatten)]
    bulk: BulkArgs,
}

/// What a sync found: the contract's shape.
#[derive(Serialize)]
pub(super) struct SyncRow {
    total: u64,
    added: Vec<Appid>,
    updated: Vec<Appid>,
    revoked: Vec<Appid>,
    unchanged: u64,
    failed: Vec<FailedRow>,
}

pub(super) async fn run(context: &Context, args: SyncArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let max_age = SignedDuration::try_from(args.max_age)
        .map_err(|_| CliError::usage(text!("`--max-age` is too long", "`--max-age` 过长")))?;
    let mut options = SyncOptions {
        full: args.full,
        max_age,
        allow_shrink: args.allow_shrink,
        limits: args.bulk.limits(),
    };
    let platform = context.platform().await?;
    context.show_progress(text!("Pulling merchants", "正在拉取授权方"));
    let synced = match platform.sync(options).await {
        Err(FlowError::Shrinking { missing, known }) if console.can_ask() => {
            context.hide_progress();
            let question = text!(
                "{} of {known} merchants are missing from WeChat's list; look at each and \
                         mark those that ended?",
                "微信的授权方列表缺少 {} 个商家（共 {known} 个）；逐一检查并标记已取消授权的商家？",
                missing.len()
            );
            if !input::confirm(context, question).await? {
                return Err(FlowError::Shrinking { missing, known }.into());
            }
            options.allow_shrink = true;
            platform.sync(options).await
        }
        outcome => outcome,
    };
    context.hide_progress();
    report(context, synced?, args.bulk)
}

/// Tells what a sync found.
pub(super) fn report(context: &Context, synced: Synced, bulk: BulkArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let stopped = synced.stopped;
    let (failed, exit) = failures(synced.failed, bulk, console.lang());
    let row = SyncRow {
        total: synced.total,
        added: synced.added,
        updated: synced.updated,
        revoked: synced.revoked,
        unchanged: synced.unchanged,
        failed,
    };
    console.document(&row, |out| {
        let said = text!(
            "{} merchants in WeChat's list: {} added, {} updated, {} revoked, {} unchanged, {} failed",
            "微信授权方列表共 {} 个商家：新增 {}，更新 {}，取消 {}，未变 {}，失败 {}",
            row.total,
            row.added.len(),
            row.updated.len(),
            row.revoked.len(),
            row.unchanged,
            row.failed.len()
        );
        writeln!(out, "{}", said.of(console.lang()))?;
        for failure in &row.failed {
            writeln!(out, "{}  {}", failure.appid, failure.message)?;
        }
        Ok(())
    })?;
    if stopped {
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
