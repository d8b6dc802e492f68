//! `sandbox journal`: the calls the sandbox got, oldest first.

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Record, Tone};

use super::{Control, Reach};

/// Show the calls the sandbox got
///
/// The last 10,000 calls are kept; the counters are exact.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth sandbox journal\n  wxauth sandbox journal --counters -o json"
)]
pub struct JournalArgs {
    /// Calls of this path only
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Count calls by path and outcome instead
    #[arg(long, conflicts_with = "path")]
    counters: bool,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

#[derive(Deserialize, Serialize)]
struct CallRow {
    at: Timestamp,
    method: String,
    path: String,
    platform: Option<String>,
    appid: Option<String>,
    outcome: String,
    errcode: Option<i64>,
}

impl Record for CallRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("at", "When").zh("时间").whole(),
        Column::new("method", "Method")
            .zh("方法")
            .whole()
            .priority(3),
        Column::new("path", "Path").zh("路径").whole(),
        Column::new("platform", "Platform")
            .zh("平台")
            .whole()
            .priority(2),
        Column::new("appid", "Appid").whole().priority(1),
        Column::new("outcome", "Outcome").zh("结果").whole(),
    ];

    fn cell(&self, column: &'static str, _: &CellContext) -> Cell {
        match column {
            "at" => Cell::moment(self.at),
            "method" => Cell::text(&self.method),
            "path" => Cell::text(&self.path),
            "platform" => Cell::optional(self.platform.as_ref(), Cell::text),
            "appid" => Cell::optional(self.appid.as_ref(), Cell::text),
            _ => Cell::text(&self.outcome).tone(match self.errcode {
                Some(0) => Tone::Good,
                _ => Tone::Bad,
            }),
        }
    }
}

#[derive(Deserialize, Serialize)]
struct CounterRow {
    path: String,
    outcome: String,
    count: u64,
}

impl Record for CounterRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("path", "Path").zh("路径").whole(),
        Column::new("outcome", "Outcome").zh("结果").whole(),
        Column::new("count", "Calls").zh("次数").whole(),
    ];

    fn cell(&self, column: &'static str, _: &CellContext) -> Cell {
        match column {
            "path" => Cell::text(&self.path),
            "outcome" => Cell::text(&self.outcome),
            _ => Cell::number(i64::try_from(self.count).unwrap_or(i64::MAX)),
        }
    }
}

pub(super) async fn run(context: &Context, args: JournalArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    let control = Control::new(context, &args.reach);
    if args.counters {
        let rows: Vec<CounterRow> = control.get("journal/counters").await?;
        console.answer(rows.into_iter().map(Ok::<_, CliError>))?;
        return Ok(Exit::Done);
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(path) = &args.path {
        query.append_pair("path", path);
    }
    let rows: Vec<CallRow> = control.get(&format!("journal?{}", query.finish())).await?;
    console.answer(rows.into_iter().map(Ok::<_, CliError>))?;
    Ok(Exit::Done)
}
