//! `store import`: take the state over from a file or another store.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;
use crate::store::transfer::{Import, Source};
use crate::store::{PlatformKey, Store};

use super::by_layout;
use super::moved;
use super::passphrase;
use super::place::{self, Place};

/// Take the platform's state over from an export or another store
///
/// Nothing newer is overwritten: of each record the later one stays, the operator's own ids stay,
/// history is added to. What was read is looked for afterwards and counted; an import that was
/// interrupted can be run again. `--replace` drops what the store has of the platform first.
///
/// `--layout` takes over what an SDK keeps in the Redis that the profile describes (`layout`,
/// `layout_prefix`, `layout_redis`): the ticket, tokens with the life that their keys have left, and
/// refresh tokens where the SDK keeps them there. Only authorizers of the roster are taken: after
/// `wxauth authorizers sync` a second import takes the others.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth store import backup.wxauth --passphrase-file passphrase.txt\n  wxauth store import backup.wxauth --passphrase-file passphrase.txt --dry-run\n  wxauth store import sqlite:copy.db --replace --yes\n  wxauth store import --layout"
)]
pub struct ImportArgs {
    /// Where from: a file, `-` for stdin, sqlite:PATH, redis://HOST
    #[arg(value_name = "FROM", required_unless_present = "layout")]
    from: Option<String>,
    /// From the keys of the SDK that the profile describes
    #[arg(long, conflicts_with_all = ["from", "replace", "all_platforms", "passphrase_file", "password_file"])]
    layout: bool,
    /// Say what would become of each record, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Drop what the store has of the platform first
    #[arg(long)]
    replace: bool,
    /// Every platform that is there, not the profile's own alone
    #[arg(long)]
    all_platforms: bool,
    /// Read the passphrase from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Read the password of the other Redis from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, args: ImportArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    moved::check_columns(&console, args.dry_run)?;
    let Some(from) = &args.from else {
        return by_layout::import(context, &console, args.dry_run).await;
    };
    let from = Place::read(context, from, args.password_file.as_deref()).await?;
    let platform = context.platform().await?;
    let (store, own) = (platform.store(), platform.key().clone());
    let source = open(context, &args, &from, store).await?;
    let found = source.platforms().await?;
    let keys = place::chosen(found, own, args.all_platforms, &from.to_string())?;
    if args.replace {
        // Nothing is dropped before all of it was seen to be readable.
        for key in &keys {
            source.carry(key, store, false).await?;
        }
    }
    if args.replace && !make_room(context, store, &keys, args.dry_run).await? {
        console.note(text!("nothing was changed", "未作任何更改"));
        return Ok(Exit::Done);
    }
    context.show_progress(text!("Importing", "正在导入"));
    let mut all = Vec::new();
    for key in &keys {
        let carried = source.carry(key, store, !args.dry_run).await;
        if carried.is_err() {
            context.hide_progress();
        }
        all.push(carried?);
    }
    context.hide_progress();
    moved::report(&console, &all, args.dry_run)?;
    Ok(Exit::Done)
}

async fn open(
    context: &Context,
    args: &ImportArgs,
    from: &Place,
    own: &Store,
) -> Result<Source, CliError> {
    let path = match from {
        Place::Store(location) if location == own.location() => {
            return Err(place::same(&place::shown(location)));
        }
        Place::Store(location) => {
            let store = place::open_standing(context, location).await?;
            return Ok(Source::Store(store));
        }
        Place::File(path) => path.as_path(),
        Place::Pipe => Path::new("-"),
    };
    let import = Import::open(input::file(path, Import::may_begin).await?)?;
    let passphrase = match import.needs_passphrase() {
        true => {
            let given = args.passphrase_file.as_deref();
            Some(passphrase::ask(context, given, *from == Place::Pipe).await?)
        }
        false => None,
    };
    let keyring = context.keyring().await?;
    let file = import.read(passphrase.as_ref(), &keyring)?;
    Ok(Source::File(Box::new(file)))
}

/// Drops the platforms, once a person agreed; whether to go on.
async fn make_room(
    context: &Context,
    store: &Store,
    keys: &[PlatformKey],
    dry_run: bool,
) -> Result<bool, CliError> {
    let mut standing = Vec::new();
    for key in keys {
        let holding = store.holding(key).await?;
        if !holding.records.is_empty() {
            let counts = moved::in_order(&moved::owned(&holding.records)).join(", ");
            standing.push(format!("{}: {counts}", place::name(key)));
        }
    }
    if standing.is_empty() {
        return Ok(true);
    }
    let (what, place) = (standing.join("; "), place::shown(store.location()));
    if dry_run {
        context.console().note(text!(
            "this would be dropped first: {what}",
            "将先清除：{what}"
        ));
        return Ok(true);
    }
    let question = text!(
        "drop from {place} and import anew: {what}?",
        "从 {place} 清除后重新导入：{what}？"
    );
    if !input::confirm(context, question).await? {
        return Ok(false);
    }
    for key in keys {
        store.forget_platform(key).await?;
    }
    Ok(true)
}
