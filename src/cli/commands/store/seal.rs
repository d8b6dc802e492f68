//! `store seal`: seal what is stored, with the present key, or take the seal off.

use clap::Args;
use serde::Serialize;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::config::{Origin, SealSource};
use crate::lang::{Text, text};
use crate::store::{SealCount, SealTarget};

/// Seal the secrets in the store with the present key
///
/// Tickets, tokens and codes of the platform in use are written anew with `seal_key`: those that
/// lie open, and those sealed with a key from before (`seal_key_previous`). Others that have
/// the key go on working meanwhile, those without it stop with exit code 4: give it to every machine
/// and restart `serve` first. A run that was cut short is begun again. Exit code 4 when secrets remain whose
/// key is not set, 7 when a seal is broken. Backups keep what they hold, and so do Redis's own
/// files until it writes them anew.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox store seal --open --yes\n  wxauth store seal -o json"
)]
pub struct SealArgs {
    /// Take the seal off: every secret lies open afterwards; asks first, unless `--yes` is given
    #[arg(long)]
    open: bool,
}

/// What was done, and how the secrets lie now.
#[derive(Serialize)]
struct Sealed {
    key_id: Option<String>,
    /// The key that what is written from now on is sealed with.
    present_key: Option<String>,
    changed: u64,
    as_wanted: u64,
    remaining: Vec<SealCount>,
    broken: Vec<String>,
    former_are_gone: bool,
}

pub(super) async fn run(context: &Context, args: SealArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let platform = context.platform().await?;
    let present = platform.store().seal_key_id();
    if !args.open && present.is_none() {
        return Err(no_key());
    }
    if args.open {
        let question = text!(
            "let every secret in the store lie open?",
            "让存储中的所有机密内容以明文存放？"
        );
        if !input::confirm(context, question).await? {
            return Ok(Exit::Done);
        }
    }
    let (target, wanted) = match args.open {
        true => (SealTarget::Open, None),
        false => (SealTarget::Present, present.clone()),
    };
    let done = platform.reseal(target).await?;
    let (right, remaining): (Vec<_>, Vec<_>) = done
        .seals
        .into_iter()
        .partition(|count| count.key_id == wanted);
    let sealed = Sealed {
        key_id: wanted,
        present_key: present,
        changed: done.changed,
        as_wanted: right.iter().map(|count| count.secrets).sum(),
        remaining,
        broken: done.broken,
        former_are_gone: done.former_are_gone,
    };
    console.document(&sealed, |out| {
        let (all, changed) = (sealed.as_wanted, sealed.changed);
        let said = match &sealed.key_id {
            Some(key) => text!(
                "{all} secrets are sealed with the key {key}, {changed} of them by this run",
                "{all} 项机密内容已用密钥 {key} 密封，其中 {changed} 项为本次密封"
            ),
            None => text!(
                "{all} secrets lie open, {changed} of them by this run",
                "{all} 项机密内容以明文存放，其中 {changed} 项为本次解封"
            ),
        };
        writeln!(out, "{}", said.of(console.lang()))
    })?;
    for record in &sealed.broken {
        console.warn(text!(
            "the seal of {record} is broken: it stays as it is",
            "{record} 的密封已损坏：保持原样"
        ));
    }
    for SealCount { key_id, secrets } in &sealed.remaining {
        match key_id {
            Some(key) => console.warn(text!(
                "{secrets} secrets remain sealed with the key {key}",
                "仍有 {secrets} 项机密内容使用密钥 {key} 密封"
            )),
            None => console.warn(text!(
                "{secrets} secrets remain open: another program writes without the key",
                "仍有 {secrets} 项机密内容以明文存放：另有程序在没有密钥的情况下写入"
            )),
        }
    }
    if !sealed.former_are_gone {
        console.note(text!(
            "another process is reading: what the secrets were before stays in the store's log until it is done; run this again then",
            "另一个进程正在读取：机密内容的旧值在其结束前仍留在存储日志中；请稍后再运行一次"
        ));
    }
    if let Some(key) = sealed.present_key.as_ref().filter(|_| args.open) {
        console.warn(text!(
            "the key {key} is still set: whatever is written next is sealed with it again",
            "密钥 {key} 仍处于设置状态：此后写入的内容会再次用它密封"
        ));
        console.hint(taken_out(&context.settings().await?.seal));
    }
    Ok(if !sealed.broken.is_empty() {
        Exit::Failures(Kind::Store)
    } else if sealed.remaining.is_empty() {
        Exit::Done
    } else {
        console.hint(text!(
            "give the keys they need: `wxauth profile set seal_key_previous`, or `WXAUTH_SEAL_KEY_PREVIOUS`; where programs still write with another key, give them the present one; then run this again",
            "请提供所需的密钥：`wxauth profile set seal_key_previous` 或 `WXAUTH_SEAL_KEY_PREVIOUS`；若有程序仍用其他密钥写入，请为其设置当前密钥；然后再次运行"
        ));
        Exit::Failures(Kind::ActionRequired)
    })
}

/// How a key that is set is made one that opens and does not seal, and is taken out then.
fn taken_out(source: &SealSource) -> Text {
    let setting = match (&source.key, &source.file) {
        (Some(key), _) => match &key.origin {
            Origin::Environment(variable) => {
                return text!(
                    "to keep them open, give it to every wxauth as `{variable}_PREVIOUS` instead, which opens and does not seal, and run this again; then take it out",
                    "若要保持明文：在所有 wxauth 的环境中改用 `{variable}_PREVIOUS`（只解封、不密封），再运行一次本命令，然后移除该密钥"
                );
            }
            _ => "seal_key",
        },
        (None, Some(_)) => "seal_key_file",
        (None, None) => "seal_key_command",
    };
    text!(
        "to keep them open, move it on each machine to `seal_key_previous`, which opens and does not seal: `wxauth profile set seal_key_previous`, `wxauth profile set {setting} ''`; run this again, and take it out then",
        "若要保持明文：在每台机器上把它改设为 `seal_key_previous`（只解封、不密封）：`wxauth profile set seal_key_previous`、`wxauth profile set {setting} ''`；再运行一次本命令，然后移除该密钥"
    )
}

fn no_key() -> CliError {
    CliError::new(
        Kind::ActionRequired,
        text!(
            "there is no key to seal with",
            "未设置密封密钥"
        ),
    )
    .hint(text!(
        "make one and keep it apart from the store: `(umask 077; openssl rand -base64 32 > seal.key)`, then `wxauth profile set seal_key_file \"$PWD/seal.key\"`",
        "生成密钥并与存储分开保管：`(umask 077; openssl rand -base64 32 > seal.key)`，然后 `wxauth profile set seal_key_file \"$PWD/seal.key\"`"
    ))
    .hint(text!(
        "or set `seal_key_command`, or `WXAUTH_SEAL_KEY`",
        "或设置 `seal_key_command` 或 `WXAUTH_SEAL_KEY`"
    ))
}
