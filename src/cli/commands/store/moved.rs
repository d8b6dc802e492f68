//! What a move answers: a row for each platform.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::console::{Cell, CellContext, Column, Console, Record};
use crate::lang::text;
use crate::store::PlatformKey;
use crate::store::transfer::{Carried, Holding, RecordKind, Tally};

/// A platform that was moved.
#[derive(Debug, Serialize)]
pub(super) struct MovedRow {
    platform: String,
    realm: String,
    /// How many records of each kind the source has.
    records: BTreeMap<String, u64>,
    /// How many changed something where they went.
    written: BTreeMap<String, u64>,
    /// How many stayed behind because newer ones stand there.
    skipped: BTreeMap<String, u64>,
    /// Whether all of them were found where they went; null when nobody looked.
    verified: Option<bool>,
    /// Whether nothing was written: what is told is what would become of the records.
    dry_run: bool,
}

/// A platform that was looked at and left where it is.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct PlannedRow(MovedRow);

impl Record for MovedRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("platform", "Platform").zh("平台").whole(),
        Column::new("realm", "Host").zh("接口主机").priority(2),
        Column::new("records", "Records").zh("记录"),
        Column::new("written", "Written").zh("已写入"),
        Column::new("skipped", "Left behind")
            .zh("未采用")
            .priority(1),
        Column::new("verified", "Verified").zh("已核对").whole(),
    ];

    fn cell(&self, column: &'static str, _: &CellContext) -> Cell {
        let counts = |tally: &BTreeMap<String, u64>| Cell::list(in_order(tally));
        match column {
            "platform" => Cell::text(&self.platform),
            "realm" => Cell::text(&self.realm),
            "records" => counts(&self.records),
            "written" => counts(&self.written),
            "skipped" => counts(&self.skipped),
            _ => Cell::optional(self.verified, Cell::flag),
        }
    }
}

impl Record for PlannedRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("platform", "Platform").zh("平台").whole(),
        Column::new("realm", "Host").zh("接口主机").priority(2),
        Column::new("records", "Records").zh("记录"),
        Column::new("written", "Would be written").zh("将写入"),
        Column::new("skipped", "Would be left behind")
            .zh("将不采用")
            .priority(1),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        self.0.cell(column, context)
    }
}

/// Refuses names of columns that the answer does not have.
///
/// # Errors
/// A usage error.
pub(super) fn check_columns(console: &Console, dry_run: bool) -> Result<(), CliError> {
    match dry_run {
        true => console.check_columns::<PlannedRow>()?,
        false => console.check_columns::<MovedRow>()?,
    }
    Ok(())
}

/// `kind number`, in the order of kinds.
pub(super) fn in_order(tally: &BTreeMap<String, u64>) -> Vec<String> {
    let kinds = RecordKind::ALL.iter().map(|kind| kind.as_str());
    let known = kinds.filter_map(|kind| Some((kind, tally.get(kind)?)));
    let is_other = |kind: &&String| RecordKind::from_word(kind).is_none();
    let others = tally.keys().filter(is_other);
    known
        .map(|(kind, count)| format!("{kind} {count}"))
        .chain(others.map(|kind| format!("{kind} {}", tally[kind])))
        .collect()
}

pub(super) fn owned(tally: &Tally) -> BTreeMap<String, u64> {
    let counts = tally.iter();
    counts
        .map(|(kind, count)| ((*kind).to_owned(), *count))
        .collect()
}

impl MovedRow {
    /// A platform that was written into a file.
    pub(super) fn filed(holding: &Holding) -> Self {
        Self {
            written: owned(&holding.records),
            records: owned(&holding.records),
            ..Self::of(&holding.key)
        }
    }

    /// A platform that was carried into a store.
    fn carried(carried: &Carried, dry_run: bool) -> Self {
        Self {
            dry_run,
            records: owned(&carried.records),
            written: owned(&carried.written),
            skipped: owned(&carried.skipped),
            verified: carried.verified(),
            ..Self::of(&carried.key)
        }
    }

    fn of(key: &PlatformKey) -> Self {
        Self {
            platform: key.component_appid.as_str().to_owned(),
            realm: key.realm.clone(),
            records: BTreeMap::new(),
            written: BTreeMap::new(),
            skipped: BTreeMap::new(),
            verified: None,
            dry_run: false,
        }
    }
}

/// Answers with what was carried; records that are missing afterwards are an error. In a dry run it
/// is what would be carried.
pub(super) fn report(console: &Console, all: &[Carried], dry_run: bool) -> Result<(), CliError> {
    if dry_run {
        let mut list = console.list::<PlannedRow>();
        for carried in all {
            list.push(&PlannedRow(MovedRow::carried(carried, dry_run)))?;
        }
        list.finish()?;
        console.note(text!("nothing was written", "没有写入任何内容"));
        return Ok(());
    }
    let mut list = console.list::<MovedRow>();
    for carried in all {
        list.push(&MovedRow::carried(carried, dry_run))?;
    }
    list.finish()?;
    let mut missing = Vec::new();
    for carried in all {
        for (kind, expected, found) in carried.missing() {
            let platform = carried.key.component_appid.as_str();
            missing.push(text!(
                "{platform}: {expected} {kind} were read, {found} of them are there",
                "{platform}：读取 {kind} {expected} 条，核对到 {found} 条"
            ));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let error = CliError::new(
        Kind::Internal,
        text!(
            "not everything that was read is there now",
            "读取的记录没有全部写入"
        ),
    );
    let error = missing.into_iter().fold(error, CliError::cause);
    Err(error.hint(text!(
        "another program may have removed them meanwhile; run the command again: what arrived is recognised",
        "可能有其他程序同时删除了记录；请重新运行该命令：已写入的记录会被识别"
    )))
}
