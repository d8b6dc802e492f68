//! `authorizers log`: what changed, newest first.

use std::time::Duration;

use clap::Args;

use crate::cli::args::parse_duration;
use crate::cli::commands::permissions::set::all_named;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Next, Record};
use crate::lang::{Lang, text};
use crate::store::journal::{JournalEntry, JournalFilter, JournalKind};
use crate::wechat::id::PermissionSetId;

/// Entries read from the store at once.
const PAGE: usize = 1_000;

/// Show what changed: authorizations, permission sets, options
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox authorizers log\n  wxauth --sandbox authorizers log --since 7d -o ndjson\n  wxauth --sandbox authorizers log 江南书院"
)]
pub struct LogArgs {
    /// About this merchant only
    #[arg(value_name = "WHO")]
    who: Option<String>,
    /// Not older than this
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    since: Option<Duration>,
}

impl Record for JournalEntry {
    const COLUMNS: &'static [Column] = &[
        Column::new("id", "No.").zh("序号").wide(),
        Column::new("at", "When").zh("时间").whole(),
        Column::new("appid", "Appid").whole(),
        Column::new("what", "What").zh("变化").whole(),
        Column::new("detail", "Detail").zh("详情").roomy(),
        Column::new("who", "Source").zh("来源").priority(1).whole(),
        Column::new("host", "Host").zh("主机").wide(),
        Column::new("command", "Command").zh("命令").priority(2),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        match column {
            "id" => Cell::number(self.id),
            "at" => Cell::short_moment(self.at, context),
            "appid" => Cell::optional(self.appid.as_ref(), |appid| Cell::text(appid.as_str())),
            "what" => Cell::word(self.what.as_str(), what(self.what, context.lang)),
            "detail" => detail(&self.detail, context.lang),
            "who" => Cell::text(&self.who),
            "host" => Cell::text(&self.host),
            _ => Cell::text(&self.command),
        }
    }
}

/// How many sets are named one by one; of more, their numbers fit a line.
const NAMED: usize = 3;

/// The sets that a change is about by their names, or by their numbers where they are many;
/// anything else as it is kept.
fn detail(detail: &serde_json::Value, lang: Lang) -> Cell {
    let empty = |fields: &serde_json::Map<_, _>| fields.is_empty();
    if detail.is_null() || detail.as_object().is_some_and(empty) {
        return Cell::empty();
    }
    let machine = detail.to_string();
    let Some(ids) = detail["permission_ids"].as_array() else {
        return Cell::text(machine);
    };
    let ids = ids.iter().filter_map(|id| u32::try_from(id.as_u64()?).ok());
    let ids: Vec<_> = ids.map(PermissionSetId).collect();
    if ids.len() <= NAMED {
        return Cell::word(machine, all_named(&ids, lang));
    }
    let count = ids.len();
    let numbers: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let sets = text!(
        "{count} sets: {}",
        "{count} 个权限集：{}",
        numbers.join(" ")
    );
    Cell::word(machine, sets.of(lang))
}

fn what(what: JournalKind, lang: Lang) -> &'static str {
    match what {
        JournalKind::Authorized => lang.choose("first authorization", "首次授权"),
        JournalKind::SetsAdded => lang.choose("sets added", "新增权限集"),
        JournalKind::SetsRemoved => lang.choose("sets removed", "移除权限集"),
        JournalKind::Revoked => lang.choose("ended", "解除授权"),
        JournalKind::Reauthorized => lang.choose("authorized again", "重新授权"),
        JournalKind::Redeemed => lang.choose("code exchanged", "换取授权码"),
        JournalKind::OptionSet => lang.choose("option set", "设置选项"),
        JournalKind::ExternalIdSet => lang.choose("external id set", "设置外部编号"),
        JournalKind::ExternalIdClaimed => lang.choose("external id claimed", "链接声明的外部编号"),
        JournalKind::Forgotten => lang.choose("forgotten", "从本地移除"),
        JournalKind::Recovered => lang.choose("recovered", "恢复"),
        JournalKind::RefreshTokenReplaced => {
            lang.choose("refresh token replaced", "刷新令牌已更换")
        }
        JournalKind::QuotaCleared => lang.choose("quota cleared", "清零调用次数"),
        JournalKind::TicketSet => lang.choose("ticket given", "录入 ticket"),
    }
}

pub(super) async fn run(context: &Context, args: LogArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<JournalEntry>()?;
    let platform = context.platform().await?;
    let appid = match &args.who {
        Some(who) => Some(platform.appid_of(who).await?),
        None => None,
    };
    let since = context.since(args.since)?;
    let mut filter = JournalFilter {
        appid,
        since,
        before: None,
        limit: PAGE,
    };
    let mut list = console.list::<JournalEntry>();
    'pages: loop {
        let page = platform.store().journal(platform.key(), &filter).await?;
        for entry in &page {
            if list.push(entry)? == Next::Stop {
                break 'pages;
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => filter.before = Some(last.id),
            _ => break,
        }
    }
    list.finish()?;
    Ok(Exit::Done)
}
