//! `events list`: the events received.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::cli::args::parse_duration;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Console, Format, List, Next, Record, Tone, when};
use crate::flow::Platform;
use crate::lang::{Lang, text};
use crate::store::events::{EventFilter, EventOutcome, EventRecord};
use crate::wechat::id::Appid;

/// Events read from the store at once.
const PAGE: usize = 500;
/// How often `--follow` looks for new ones.
const LOOK: Duration = Duration::from_millis(500);

/// Show the events received, newest first; or the messages of merchants
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox events list\n  wxauth --sandbox events list --type authorized --since 1d -o json\n  wxauth events list --follow -o ndjson\n  wxauth events list --messages --for WHO"
)]
pub struct ListArgs {
    /// Of this InfoType only
    #[arg(long = "type", value_name = "INFO_TYPE")]
    info_type: Option<String>,
    /// About this merchant only
    #[arg(long = "for", value_name = "WHO")]
    who: Option<String>,
    /// With this outcome only: pending, done, ignored or failed
    #[arg(long, value_name = "OUTCOME", value_parser = parse_outcome)]
    outcome: Option<EventOutcome>,
    /// Not older than this
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    since: Option<Duration>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Go on with what arrives, oldest first, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// In place of events, how many messages merchants received, by account and kind; with the
    /// newest --limit bodies where `serve --keep-bodies` kept them
    #[arg(long, conflicts_with_all = ["info_type", "outcome", "since", "follow"])]
    messages: bool,
}

fn parse_outcome(text: &str) -> Result<EventOutcome, String> {
    EventOutcome::from_word(text)
        .ok_or_else(|| "expected pending, done, ignored or failed".to_owned())
}

/// An event, as it is shown: without secrets.
#[derive(Serialize)]
struct EventRow {
    id: i64,
    received_at: Timestamp,
    created_at: Option<Timestamp>,
    info_type: String,
    appid: Option<Appid>,
    outcome: &'static str,
    repeats: u64,
    forwarded: Option<&'static str>,
    detail: Value,
    fields: Value,
}

impl From<EventRecord> for EventRow {
    fn from(event: EventRecord) -> Self {
        Self {
            id: event.id,
            received_at: event.received_at,
            created_at: event.created_at,
            info_type: event.info_type,
            appid: event.appid,
            outcome: event.outcome.as_str(),
            repeats: event.repeats,
            forwarded: event.forward.map(|state| state.as_str()),
            detail: event.detail,
            fields: event.fields,
        }
    }
}

impl Record for EventRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("id", "No.").zh("序号").whole().priority(1),
        Column::new("received_at", "Received").zh("收到").whole(),
        Column::new("created_at", "Created").zh("产生").wide(),
        Column::new("info_type", "InfoType").whole(),
        Column::new("appid", "Appid").whole(),
        Column::new("outcome", "Outcome").zh("结果").whole(),
        Column::new("repeats", "Repeats").zh("重复").priority(2),
        Column::new("forwarded", "Forwarded")
            .zh("转发")
            .priority(1)
            .whole(),
        Column::new("detail", "Detail")
            .zh("详情")
            .roomy()
            .priority(1),
        Column::new("fields", "Fields").zh("内容").wide(),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        match column {
            "id" => Cell::number(self.id),
            "received_at" => Cell::short_moment(self.received_at, context),
            "created_at" => Cell::optional(self.created_at, Cell::moment),
            "info_type" => Cell::text(&self.info_type),
            "appid" => Cell::optional(self.appid.as_ref(), |appid| Cell::text(appid.as_str())),
            "outcome" => Cell::word(self.outcome, outcome(self.outcome, context.lang)).tone(
                match self.outcome {
                    "failed" => Tone::Bad,
                    "pending" => Tone::Warn,
                    "ignored" => Tone::Muted,
                    _ => Tone::Good,
                },
            ),
            "repeats" => Cell::number(self.repeats as i64),
            "forwarded" => Cell::optional(self.forwarded, Cell::text),
            "detail" => object(&self.detail, context),
            _ => object(&self.fields, context),
        }
    }
}

fn outcome(outcome: &'static str, lang: Lang) -> &'static str {
    match outcome {
        "pending" => lang.choose("pending", "待处理"),
        "done" => lang.choose("done", "已处理"),
        "ignored" => lang.choose("ignored", "已忽略"),
        "failed" => lang.choose("failed", "失败"),
        other => other,
    }
}

/// JSON for a program; `name=value` for a person, whose terminal breaks lines at blanks.
fn object(value: &Value, context: &CellContext) -> Cell {
    match value {
        Value::Null => Cell::empty(),
        Value::Object(fields) if fields.is_empty() => Cell::empty(),
        Value::Object(fields) if !context.machine => {
            let pairs = fields.iter().map(|(name, value)| match value {
                Value::String(word) => format!("{name}={word}"),
                other => format!("{name}={other}"),
            });
            Cell::text(pairs.collect::<Vec<_>>().join(" "))
        }
        other => Cell::text(other.to_string()),
    }
}

pub(super) async fn run(context: &Context, args: ListArgs) -> Result<Exit, CliError> {
    if args.messages {
        return super::messages::run(context, args.who.as_deref(), args.limit).await;
    }
    let console = context.records()?;
    console.check_columns::<EventRow>()?;
    if args.follow && !matches!(console.format(), Format::Table | Format::Ndjson) {
        return Err(CliError::usage(text!(
            "`--follow` never ends, and this format does",
            "`--follow` 不会结束，而该输出格式需要有结尾"
        ))
        .hint(text!(
            "use `-o ndjson` or none",
            "请使用 `-o ndjson`，或不指定格式"
        )));
    }
    let platform = context.platform().await?;
    let appid = match &args.who {
        Some(who) => Some(platform.appid_of(who).await?),
        None => None,
    };
    let since = context.since(args.since)?;
    let filter = EventFilter {
        info_type: args.info_type,
        appid,
        outcome: args.outcome,
        since,
        before: None,
        after: None,
        limit: PAGE,
    };
    if args.follow {
        follow(platform, filter, args.limit, &console).await?;
    } else {
        let mut list = console.list::<EventRow>();
        past(platform, filter, args.limit, &mut list).await?;
        list.finish()?;
    }
    Ok(Exit::Done)
}

async fn past(
    platform: &Platform,
    mut filter: EventFilter,
    limit: usize,
    list: &mut List<EventRow>,
) -> Result<(), CliError> {
    let mut left = limit;
    loop {
        filter.limit = left.min(PAGE);
        let page = platform.store().events(platform.key(), &filter).await?;
        let (count, last) = (page.len(), page.last().map(|event| event.id));
        for event in page {
            left -= 1;
            if list.push(&EventRow::from(event))? == Next::Stop {
                return Ok(());
            }
        }
        if left == 0 || count < filter.limit {
            return Ok(());
        }
        filter.before = last;
    }
}

/// The last ones, then whatever arrives.
async fn follow(
    platform: &Platform,
    mut filter: EventFilter,
    limit: usize,
    console: &Console,
) -> Result<(), CliError> {
    // With none to show the newest still says where to go on from.
    filter.limit = limit.clamp(1, PAGE);
    let mut events = platform.store().events(platform.key(), &filter).await?;
    filter.after = Some(events.first().map_or(0, |newest| newest.id));
    events.truncate(limit);
    events.reverse();
    filter.limit = PAGE;
    // Ctrl-C is watched once this command has waited: before anybody reads a first line.
    tokio::task::yield_now().await;
    loop {
        for event in events {
            filter.after = Some(event.id);
            let row = EventRow::from(event);
            console.document(&row, |out| {
                let received = when::local(row.received_at, console.zone());
                let appid = row.appid.as_ref().map_or("", Appid::as_str);
                let info_type = &row.info_type;
                let outcome = outcome(row.outcome, console.lang());
                writeln!(out, "{received}  {info_type:<24}  {appid:<18}  {outcome}")
            })?;
        }
        if console.reader_gone() {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
        events = platform.store().events(platform.key(), &filter).await?;
    }
}
