//! `store migrate`: the only thing that changes the layout of a shared store.

use clap::Args;
use serde::Serialize;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::{Text, text};
use crate::store::migration::Step;

use super::place;

/// Bring a shared store's layout up to this version
///
/// Nothing else changes the layout of a Redis: programs of another version that cannot work with it
/// refuse by name and leave it alone. A SQLite file is brought up to date by being opened, after a
/// backup beside it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth store migrate --dry-run\n  wxauth store migrate --yes")]
pub struct MigrateArgs {
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct MigrateRow {
    store: String,
    /// The layout found; null where nothing is stored yet.
    from: Option<i64>,
    to: i64,
    /// The oldest layout of a program that can use it then.
    min_reader: i64,
    steps: Vec<&'static str>,
    changed: bool,
}

pub(super) async fn run(context: &Context, args: MigrateArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let location = context.store_location().await?;
    let store = context.look_at_store(&location).await?;
    let shown = place::shown(&location);
    let Some(migration) = store.migration().await? else {
        let info = store.info().await?;
        let row = MigrateRow {
            store: shown,
            from: Some(info.schema_version),
            to: info.schema_version,
            min_reader: info.min_reader.unwrap_or(info.schema_version),
            steps: Vec::new(),
            changed: false,
        };
        let sentence = text!(
            "{} has layout {}: a file is brought up to date by being opened",
            "{} 的结构版本为 {}：SQLite 文件在打开时自动升级",
            row.store,
            row.to
        );
        console.document(&row, |out| writeln!(out, "{}", sentence.of(console.lang())))?;
        return Ok(Exit::Done);
    };
    let mut row = MigrateRow {
        store: shown,
        from: migration.from,
        to: migration.to,
        min_reader: migration.min_reader,
        steps: migration.steps.iter().map(|step| step.as_str()).collect(),
        changed: false,
    };
    if !migration.steps.is_empty() && !args.dry_run {
        for step in &migration.steps {
            console.note(told(*step));
        }
        let question = text!(
            "change {} from layout {} to {}? programs older than layout {} can no longer use it",
            "将 {} 的结构版本从 {} 升到 {}？低于结构版本 {} 的程序将无法再使用它",
            row.store,
            row.from.unwrap_or_default(),
            row.to,
            row.min_reader
        );
        if input::confirm(context, question).await? {
            row.changed = store.migrate().await? > 0;
        }
    }
    let sentence = sentence(&row);
    console.document(&row, |out| {
        for step in migration.steps.iter().filter(|_| args.dry_run) {
            writeln!(out, "{}", told(*step).of(console.lang()))?;
        }
        writeln!(out, "{}", sentence.of(console.lang()))
    })?;
    Ok(Exit::Done)
}

fn sentence(row: &MigrateRow) -> Text {
    let store = &row.store;
    match row.from {
        None => text!(
            "{store} has no store of wxauth yet: the first command that writes makes it",
            "{store} 中尚无 wxauth 的存储：首条写入命令会创建"
        ),
        Some(from) if row.changed => text!(
            "{store} went from layout {from} to {}",
            "{store} 的结构版本已从 {from} 升到 {}",
            row.to
        ),
        Some(from) if row.steps.is_empty() => text!(
            "{store} has layout {from}: nothing is to be changed",
            "{store} 的结构版本为 {from}：无需更改"
        ),
        Some(from) => text!(
            "{store} has layout {from}, which `wxauth store migrate` brings to {}; nothing was changed",
            "{store} 的结构版本为 {from}，`wxauth store migrate` 可将其升到 {}；未作任何更改",
            row.to
        ),
    }
}

/// What a step changes.
fn told(step: Step) -> Text {
    match step {
        Step::Number => text!(
            "number: the layout's number and its oldest reader are written; all keys stay as they are",
            "number：写入结构版本号及可读取的最低版本；所有键保持不变"
        ),
    }
}
