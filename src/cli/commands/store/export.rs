//! `store export`: take a copy of the state to a file or into another store.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::Output;
use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::{CliError, PasswordFrom};
use crate::cli::exit::{Exit, Kind};
use crate::lang::{Text, text};
use crate::store::transfer::{Export, Protection, Source};
use crate::store::{PlatformKey, Store, StoreLocation};
use crate::sys::files::Replacement;

use super::moved::{self, MovedRow};
use super::{by_layout, passphrase, place};

/// Copy the platform's state into an encrypted file or another store
///
/// A file is encrypted with a passphrase (AES-256-GCM; the key is derived by 600,000 rounds of PBKDF2)
/// and readable by you alone. The passphrase comes from `--passphrase-file`, a prompt or stdin. When an
/// encryption key is set and no passphrase file is named, the file is encrypted with that key instead.
/// Leases stay behind: they belong to processes that run. What is written while the copy is made may be
/// in it or not; end `serve` first where that matters.
///
/// `--layout` puts the newest ticket and the live tokens of the platform and of its active authorizers
/// among the keys of the SDK that the profile describes (`layout`, `layout_prefix`, `layout_redis`), in
/// the SDK's own form and with the life that is left. What is newer there stays.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth store export --to backup.wxauth --passphrase-file passphrase.txt\n  wxauth store export --without-secrets > state.ndjson\n  wxauth store export --to sqlite:copy.db --all-platforms\n  wxauth store export --layout --dry-run"
)]
pub struct ExportArgs {
    /// Where to: a file, `-` for stdout, sqlite:PATH, redis://HOST
    #[arg(long, value_name = "PLACE", default_value = "-")]
    to: String,
    /// Among the keys of the SDK that the profile describes
    #[arg(long, conflicts_with_all = ["to", "all_platforms", "without_secrets", "passphrase_file", "password_file"])]
    layout: bool,
    /// With `--layout`: say what would become of each record, and write nothing
    #[arg(long, requires = "layout")]
    dry_run: bool,
    /// Every platform in the store, not the profile's own alone
    #[arg(long)]
    all_platforms: bool,
    /// Leave tickets, tokens and codes out, and do not encrypt the file
    #[arg(long, conflicts_with = "passphrase_file")]
    without_secrets: bool,
    /// Read the passphrase from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Read the password of the other Redis from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

pub(super) async fn run(context: &Context, args: ExportArgs) -> Result<Exit, CliError> {
    if args.layout {
        return by_layout::export(context, args.dry_run).await;
    }
    let to = place::Place::read(context, &args.to, args.password_file.as_deref()).await?;
    match &to {
        place::Place::Pipe => to_pipe(context, &args).await,
        place::Place::File(path) => to_file(context, &args, path).await,
        place::Place::Store(location) => to_store(context, &args, location).await,
    }
}

/// The store of the command and the platforms in it that are meant.
async fn own(context: &Context, all: bool) -> Result<(Store, Vec<PlatformKey>), CliError> {
    let platform = context.platform().await?;
    let store = platform.store().clone();
    let own = platform.key().clone();
    let shown = place::shown(store.location());
    let keys = place::chosen(store.platforms().await?, own, all, &shown)?;
    Ok((store, keys))
}

/// Writes a file into `out`: what it was written into, and what is in it.
async fn write<W: Write + Send>(
    context: &Context,
    args: &ExportArgs,
    out: impl FnOnce() -> Result<W, CliError>,
) -> Result<(W, Vec<MovedRow>), CliError> {
    let (store, keys) = own(context, args.all_platforms).await?;
    let keyring = context.keyring().await?;
    let file = args.passphrase_file.as_deref();
    let protection = if args.without_secrets {
        Protection::WithoutSecrets
    } else if file.is_none() && keyring.key_id().is_some() {
        Protection::EncryptionKey(keyring)
    } else {
        Protection::Passphrase(passphrase::choose(context, file).await?)
    };
    // Nothing is begun that a Ctrl-C would leave behind: from here on it is heard.
    tokio::task::yield_now().await;
    let mut export = Export::begin(out()?, context.clock().now(), &protection)?;
    let mut rows = Vec::new();
    context.show_progress(text!("Exporting", "正在导出"));
    for key in &keys {
        let added = export.add(&store, key).await;
        if added.is_err() {
            context.hide_progress();
        }
        rows.push(MovedRow::filed(&added?));
    }
    context.hide_progress();
    Ok((export.finish()?, rows))
}

async fn to_pipe(context: &Context, args: &ExportArgs) -> Result<Exit, CliError> {
    // stdout is the file: no other format has room there.
    let (_, console) = context
        .output(&[Output::Table])
        .map_err(|_| no_room_for_report())?;
    write(context, args, || Ok(console.bytes_writer())).await?;
    Ok(Exit::Done)
}

/// That the answer of the command and the export cannot both go to stdout.
fn no_room_for_report() -> CliError {
    CliError::usage(text!(
        "the export itself goes to stdout: there is no room for a report beside it",
        "标准输出用于导出内容本身，无法同时输出报告"
    ))
    .cause(text!(
        "`-o` and `--jq` are for the report: how many records of each kind were copied",
        "`-o` 与 `--jq` 用于报告，即各类记录的复制条数"
    ))
    .hint(text!(
        "write the export to a file: `wxauth store export --to FILE -o json`",
        "将导出内容写入文件：`wxauth store export --to FILE -o json`"
    ))
    .hint(text!(
        "or leave `-o` out: the export is lines of JSON, readable with `--without-secrets`",
        "或去掉 `-o`：导出内容本身即逐行 JSON，加 `--without-secrets` 后可直接阅读"
    ))
}

async fn to_file(context: &Context, args: &ExportArgs, path: &Path) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<MovedRow>()?;
    if path.exists() {
        if !path.is_file() {
            let path = path.display();
            return Err(CliError::usage(text!(
                "{path} is no file, and would be replaced by one",
                "{path} 不是普通文件，导出会将其替换"
            ))
            .hint(text!(
                "write to stdout, and lead that where it is wanted: `wxauth store export > FILE`",
                "写到标准输出再重定向：`wxauth store export > FILE`"
            )));
        }
        let question = text!("replace {}?", "覆盖 {}？", path.display());
        if !input::confirm(context, question).await? {
            console.note(text!("nothing was written", "没有写入任何内容"));
            return Ok(Exit::Done);
        }
    }
    let failed = |error: std::io::Error| {
        let path = path.display();
        CliError::new(
            Kind::Internal,
            text!("cannot write {path}", "无法写入 {path}"),
        )
        .cause(Text::same(error.to_string()))
        .hint(text!(
            "name a folder that exists and is yours: `--to PATH`",
            "请指定存在且归你所有的文件夹：`--to PATH`"
        ))
    };
    let begin = || Replacement::begin(path).map_err(failed);
    let (file, rows) = write(context, args, begin).await?;
    file.finish().map_err(failed)?;
    console.answer(rows.into_iter().map(Ok::<_, CliError>))?;
    if args.without_secrets {
        console.hint(text!(
            "without tokens the merchants of this file need `wxauth authorizers recover` after an import",
            "该文件不含令牌：导入后需运行 `wxauth authorizers recover` 取回授权方的令牌"
        ));
    }
    Ok(Exit::Done)
}

async fn to_store(
    context: &Context,
    args: &ExportArgs,
    location: &StoreLocation,
) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<MovedRow>()?;
    if args.without_secrets || args.passphrase_file.is_some() {
        return Err(CliError::usage(text!(
            "`--without-secrets` and `--passphrase-file` are for files; a store gets everything",
            "`--without-secrets` 与 `--passphrase-file` 只用于文件；存储会得到全部内容"
        )));
    }
    let (store, keys) = own(context, args.all_platforms).await?;
    if store.location() == location {
        return Err(place::same(&place::shown(location)));
    }
    let target = context.open_by(location, PasswordFrom::File).await?;
    let source = Source::Store(store);
    context.show_progress(text!("Copying", "正在复制"));
    let mut all = Vec::new();
    for key in &keys {
        let carried = source.carry(key, &target, true).await;
        if carried.is_err() {
            context.hide_progress();
        }
        all.push(carried?);
    }
    context.hide_progress();
    moved::report(&console, &all, false)?;
    let place = place::shown(location);
    console.hint(text!(
        "work on it from now on: `wxauth profile set store` takes {place}",
        "今后要使用它：用 `wxauth profile set store` 设为 {place}"
    ));
    if let StoreLocation::Redis(address) = location
        && address.password.is_some()
    {
        console.hint(text!(
            "its password goes beside it: `wxauth profile set store_password`",
            "其密码另行设置：`wxauth profile set store_password`"
        ));
    }
    Ok(Exit::Done)
}
