//! A check as a row: the contract's shape.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::console::{Cell, CellContext, Column, Console, Record, Tone};
use crate::flow::{Outcome, Tally, Verdict};
use crate::lang::Lang;
use crate::wechat::id::Appid;

use super::words;

/// One check.
#[derive(Serialize)]
pub(super) struct CheckRow {
    pub(super) name: &'static str,
    pub(super) target: Option<Appid>,
    #[serde(serialize_with = "word")]
    pub(super) status: Outcome,
    pub(super) detail: String,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) since: Option<Timestamp>,
}

/// The whole answer.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) healthy: bool,
    pub(super) counts: Totals,
    pub(super) checks: Vec<CheckRow>,
}

/// How many checks came out how, those that are not listed too.
#[derive(Serialize)]
pub(in crate::cli::commands) struct Totals {
    pass: u64,
    warn: u64,
    fail: u64,
    unknown: u64,
}

impl From<Tally> for Totals {
    fn from(tally: Tally) -> Self {
        Self {
            pass: tally.pass,
            warn: tally.warn,
            fail: tally.fail,
            unknown: tally.unknown,
        }
    }
}

pub(in crate::cli::commands) fn word<S: Serializer>(
    outcome: &Outcome,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.as_str())
}

/// How a check came out, for people, in its colour.
pub(in crate::cli::commands) fn outcome_cell(outcome: Outcome, lang: Lang) -> Cell {
    let (words, tone) = match outcome {
        Outcome::Pass => (lang.choose("pass", "通过"), Tone::Good),
        Outcome::Warn => (lang.choose("warn", "警告"), Tone::Warn),
        Outcome::Fail => (lang.choose("fail", "失败"), Tone::Bad),
        Outcome::Unknown => (lang.choose("unknown", "未知"), Tone::Muted),
    };
    Cell::word(outcome.as_str(), words).tone(tone)
}

impl CheckRow {
    pub(super) fn new(verdict: Verdict, console: &Console) -> Self {
        let detail = words::finding(&verdict.finding);
        Self {
            // Whoever types a command out of it means this platform.
            detail: console.addressed(detail.of(console.lang())),
            name: verdict.name,
            target: verdict.target,
            status: verdict.outcome,
            expires_at: verdict.expires_at,
            since: verdict.since,
        }
    }
}

impl Record for CheckRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("name", "Check").zh("检查项").whole(),
        Column::new("target", "About").zh("对象").whole(),
        Column::new("status", "Result").zh("结果").whole(),
        Column::new("detail", "Detail").zh("说明").roomy(),
        Column::new("expires_at", "Ends")
            .zh("失效")
            .priority(1)
            .whole(),
        Column::new("since", "Began").zh("开始").priority(1).whole(),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        match column {
            "name" => Cell::text(self.name),
            "target" => Cell::optional(self.target.as_ref(), |appid| Cell::text(appid.as_str())),
            "status" => outcome_cell(self.status, context.lang),
            "detail" => Cell::text(self.detail.as_str()),
            "since" => Cell::optional(self.since, Cell::moment),
            _ => Cell::optional(self.expires_at, Cell::moment),
        }
    }
}
