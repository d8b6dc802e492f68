//! `store migrate`: the only thing that changes the layout of a shared store.

use clap::Args;
use serde::Serialize;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::{Text, text};

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
    changed: bool,
}

pub(super) async fn run(context: &Context, args: MigrateArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let location = context.store_location().await?;
    let store = context.open_store(&location).await?;
    let migration = store.migration().await?;
    let mut row = MigrateRow {
        store: place::shown(&location),
        from: migration.from,
        to: migration.to,
        min_reader: migration.min_reader,
        changed: false,
    };
    if migration.is_needed() && !args.dry_run {
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
    console.document(&row, |out| writeln!(out, "{}", sentence.of(console.lang())))?;
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
        Some(from) if from == row.to => text!(
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
