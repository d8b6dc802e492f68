//! `authorizers log`: what changed, newest first.

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use crate::cli::args::parse_duration;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Next, Record};
use crate::store::{JournalEntry, JournalFilter};

/// Entries read from the store at once.
const PAGE: usize = 1_000;

/// Show what changed: authorizations, permission sets, options
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox authorizers log\n  wxauth --sandbox authorizers log --since 7d -o ndjson"
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
        Column::new("detail", "Detail").zh("详情"),
        Column::new("who", "Source").zh("来源").priority(1).whole(),
        Column::new("host", "Host").zh("主机").wide(),
        Column::new("command", "Command").zh("命令").priority(2),
    ];

    fn cell(&self, column: &'static str, _: &CellContext) -> Cell {
        match column {
            "id" => Cell::number(self.id),
            "at" => Cell::moment(self.at),
            "appid" => Cell::optional(self.appid.as_ref(), |appid| Cell::text(appid.as_str())),
            "what" => Cell::text(self.what.as_str()),
            "detail" if self.detail.is_null() => Cell::empty(),
            "detail" => Cell::text(self.detail.to_string()),
            "who" => Cell::text(&self.who),
            "host" => Cell::text(&self.host),
            _ => Cell::text(&self.command),
        }
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
    let since = match args.since {
        Some(span) => {
            let span = SignedDuration::try_from(span)
                .map_err(|_| CliError::usage("`--since` is too long"))?;
            Some(
                context
                    .clock()
                    .now()
                    .saturating_sub(span)
                    .map_err(|_| CliError::usage("`--since` is too long"))?,
            )
        }
        None => None,
    };
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
