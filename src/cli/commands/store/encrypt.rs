//! `store encrypt` and `store decrypt`: encrypt stored secrets, or decrypt them.

use clap::Args;
use serde::Serialize;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::config::{EncryptionSource, Origin};
use crate::lang::{Text, text};
use crate::store::reencryption::{EncryptionTarget, SecretCount};

/// Encrypt stored secrets with the current key
///
/// Tickets, tokens and codes of the platform in use are encrypted with the current key (`encryption_key`):
/// those in plain text, and those encrypted with a previous key (`encryption_key_previous`). Programs that
/// have the key, as the current or a previous one, keep working meanwhile; programs without it stop with
/// exit code 4. Backups keep what they hold, and so do Redis's own files until it rewrites them.
///
/// A program that has a current key refuses secrets in plain text, except while this command or `store
/// decrypt` runs. The run is recorded in the store. If it is interrupted, it stays recorded until the next
/// run finishes: run the command again.
///
/// On one machine, stop `serve`, set the key, run this command and start `serve` again. On several, set the
/// key as `encryption_key_previous` on each and restart; run this command on one with the key as
/// `encryption_key`; set it as `encryption_key` on each and restart; then run this command once more.
/// `wxauth help security` explains the steps.
///
/// Exit code 4 when secrets remain whose key is not set, 7 when a secret cannot be decrypted.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth store encrypt\n  wxauth store encrypt -o json")]
pub struct EncryptArgs {}

/// Decrypt stored secrets (asks for confirmation)
///
/// Every ticket, token and code of the platform in use is stored in plain text afterwards. A program whose
/// current key (`encryption_key`) is still set refuses them once the run has finished, and encrypts what it
/// writes. So move the key to `encryption_key_previous`, which only decrypts, on every machine and restart
/// before you run this; remove it afterwards.
///
/// The run is recorded in the store. If it is interrupted, it stays recorded until the next run of this
/// command or of `store encrypt` finishes: run the command again.
///
/// Exit code 4 when secrets remain whose key is not set, 7 when a secret cannot be decrypted.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox store decrypt --yes\n  wxauth store decrypt -o json --yes"
)]
pub struct DecryptArgs {}

/// What was done, and how the secrets are stored now.
#[derive(Serialize)]
struct Report {
    /// The key that the secrets are to be encrypted with; none when they are decrypted.
    key_id: Option<String>,
    /// The current key, if one is set.
    current_key: Option<String>,
    changed: u64,
    as_wanted: u64,
    remaining: Vec<SecretCount>,
    broken: Vec<String>,
    former_are_gone: bool,
}

pub(super) async fn encrypt(context: &Context, _: EncryptArgs) -> Result<Exit, CliError> {
    if context
        .platform()
        .await?
        .store()
        .encryption_key_id()
        .is_none()
    {
        return Err(no_key());
    }
    run(context, EncryptionTarget::Current).await
}

pub(super) async fn decrypt(context: &Context, _: DecryptArgs) -> Result<Exit, CliError> {
    let question = text!("Decrypt all stored secrets?", "解密存储中的全部敏感信息？");
    if !input::confirm(context, question).await? {
        return Ok(Exit::Done);
    }
    run(context, EncryptionTarget::Plain).await
}

async fn run(context: &Context, target: EncryptionTarget) -> Result<Exit, CliError> {
    let console = context.document()?;
    let platform = context.platform().await?;
    let current = platform.store().encryption_key_id();
    let wanted = match target {
        EncryptionTarget::Current => current.clone(),
        EncryptionTarget::Plain => None,
    };
    let done = platform.reencrypt(target).await?;
    let (right, remaining): (Vec<_>, Vec<_>) = done
        .secrets
        .into_iter()
        .partition(|count| count.key_id == wanted);
    let report = Report {
        key_id: wanted,
        current_key: current,
        changed: done.changed,
        as_wanted: right.iter().map(|count| count.secrets).sum(),
        remaining,
        broken: done.broken,
        former_are_gone: done.former_are_gone,
    };
    console.document(&report, |out| {
        let (all, changed) = (report.as_wanted, report.changed);
        let said = match &report.key_id {
            Some(key) => text!(
                "{all} secrets are encrypted with the key {key}; {changed} were encrypted by this run",
                "{all} 项敏感信息已用密钥 {key} 加密，其中 {changed} 项为本次加密"
            ),
            None => text!(
                "{all} secrets are stored in plain text; {changed} were decrypted by this run",
                "{all} 项敏感信息未加密，其中 {changed} 项为本次解密"
            ),
        };
        writeln!(out, "{}", said.of(console.lang()))
    })?;
    for record in &report.broken {
        console.warn(text!(
            "cannot decrypt {record}; left unchanged",
            "无法解密 {record}，保持原样"
        ));
    }
    for SecretCount { key_id, secrets } in &report.remaining {
        match key_id {
            Some(key) => console.warn(text!(
                "{secrets} secrets are still encrypted with the key {key}",
                "仍有 {secrets} 项敏感信息使用密钥 {key} 加密"
            )),
            None => console.warn(text!(
                "{secrets} secrets are still in plain text: a program without a current key wrote them",
                "仍有 {secrets} 项敏感信息未加密：由未设置当前密钥的程序写入"
            )),
        }
    }
    if !report.former_are_gone {
        console.note(text!(
            "another process is reading: the previous values stay in the store's log until it has finished; run the command again afterwards",
            "另一个进程正在读取：旧值在其结束前仍留在存储日志中；请稍后再次运行该命令"
        ));
    }
    if target == EncryptionTarget::Plain
        && let Some(key) = &report.current_key
    {
        console.warn(text!(
            "the current key {key} is still set: wxauth refuses secrets in plain text until it is removed",
            "当前密钥 {key} 仍未移除：移除之前，wxauth 会拒绝未加密的敏感信息"
        ));
        if report.remaining.is_empty() {
            console.hint(removal(&context.settings().await?.encryption));
        }
    }
    Ok(if !report.broken.is_empty() {
        console.hint(text!(
            "replace what cannot be decrypted with new tokens, or rebuild the merchants from WeChat: `wxauth authorizers recover`",
            "无法解密的内容请用新令牌替换，或从微信重建授权方：`wxauth authorizers recover`"
        ));
        Exit::Failures(Kind::Store)
    } else if report.remaining.is_empty() {
        Exit::Done
    } else {
        console.hint(text!(
            "set the missing keys: `wxauth profile set encryption_key_previous`, or `WXAUTH_ENCRYPTION_KEY_PREVIOUS`",
            "请设置缺少的密钥：`wxauth profile set encryption_key_previous`，或 `WXAUTH_ENCRYPTION_KEY_PREVIOUS`"
        ));
        console.hint(match target {
            EncryptionTarget::Current => text!(
                "where a program writes with another key or without one, set the current key there; then run the command again",
                "若有程序使用其他密钥或未用密钥写入，请为其设置当前密钥；然后再次运行该命令"
            ),
            EncryptionTarget::Plain => text!(
                "where a program still encrypts, move its key to `encryption_key_previous`; then run the command again",
                "若有程序仍在加密，请将其密钥改设为 `encryption_key_previous`；然后再次运行该命令"
            ),
        });
        Exit::Failures(Kind::ActionRequired)
    })
}

/// How the key is removed from where it is set.
fn removal(source: &EncryptionSource) -> Text {
    let setting = match (&source.key, &source.file) {
        (Some(key), _) => match &key.origin {
            Origin::Environment(variable) => {
                return text!(
                    "remove `{variable}` from the environment of every wxauth",
                    "在所有 wxauth 的环境中移除 `{variable}`"
                );
            }
            _ => "encryption_key",
        },
        (None, Some(_)) => "encryption_key_file",
        (None, None) => "encryption_key_command",
    };
    text!(
        "remove it on every machine: `wxauth profile set {setting} ''`",
        "在每台机器上移除：`wxauth profile set {setting} ''`"
    )
}

fn no_key() -> CliError {
    CliError::new(
        Kind::ActionRequired,
        text!("no encryption key is set", "未设置加密密钥"),
    )
    .hint(text!(
        "make a key and keep it apart from the store: `(umask 077; openssl rand -base64 32 > encryption.key)`, then `wxauth profile set encryption_key_file \"$PWD/encryption.key\"`",
        "生成密钥并与存储分开保管：`(umask 077; openssl rand -base64 32 > encryption.key)`，然后 `wxauth profile set encryption_key_file \"$PWD/encryption.key\"`"
    ))
    .hint(text!(
        "or set `encryption_key_command`, or `WXAUTH_ENCRYPTION_KEY`",
        "或设置 `encryption_key_command` 或 `WXAUTH_ENCRYPTION_KEY`"
    ))
}
