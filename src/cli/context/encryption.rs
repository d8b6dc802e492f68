//! Reads the encryption keys of the store from where they are set.

use std::path::Path;

use crate::cli::error::{CliError, read_failure};
use crate::cli::exit::Kind;
use crate::config::EncryptionSource;
use crate::lang::{Lang, Text, text};
use crate::store::encryption::{EncryptionKey, Keyring};
use crate::sys::{command, files};
use crate::wechat::secret::Secret;

use super::Context;

/// The longest file of keys.
const KEYS: u64 = 64 << 10;

impl Context {
    /// The encryption keys of this platform's store; none where none are set.
    pub(in crate::cli) async fn keyring(&self) -> Result<Keyring, CliError> {
        let source = &self.settings().await?.encryption;
        let (current, mut previous): (Option<Placed>, Vec<Placed>) =
            match (&source.key, &source.file, &source.command) {
                (Some(key), ..) => (
                    Some((key.value.clone(), Text::same("`encryption_key`"))),
                    Vec::new(),
                ),
                (None, Some(file), _) => in_file(&file.value)?,
                (None, None, Some(command)) => {
                    let printed = command::secret_line(&command.argv(), &[]).await?;
                    let printed = Secret::new(printed.as_str());
                    (
                        Some((printed, Text::same("`encryption_key_command`"))),
                        Vec::new(),
                    )
                }
                (None, None, None) => (None, Vec::new()),
            };
        if let Some(keys) = &source.previous {
            let place = Text::same("`encryption_key_previous`");
            previous.extend(EncryptionSource::keys(&keys.value).map(|key| (key, place.clone())));
        }
        let mut keys = Vec::with_capacity(1 + previous.len());
        for (key, place) in current.iter().chain(&previous) {
            keys.push(EncryptionKey::parse(key).map_err(|_| unusable(place))?);
        }
        Ok(match current {
            Some(_) => {
                let previous = keys.split_off(1);
                keys.pop()
                    .map_or_else(Keyring::none, |current| Keyring::new(current, previous))
            }
            None => Keyring::decrypting(keys),
        })
    }
}

/// A key and where it was read.
type Placed = (Secret, Text);

fn in_file(file: &Path) -> Result<(Option<Placed>, Vec<Placed>), CliError> {
    let unreadable = |why: Text| {
        CliError::new(
            Kind::ActionRequired,
            text!(
                "cannot read an encryption key from {}",
                "无法从 {} 读取加密密钥",
                file.display()
            ),
        )
        .cause(why)
        .hint(text!(
            "if there is no key yet, make one: `(umask 077; openssl rand -base64 32 > {0})`, or name the file that has the key: `wxauth profile set encryption_key_file FILE`",
            "若尚无密钥，请生成：`(umask 077; openssl rand -base64 32 > {0})`；否则请指定存放密钥的文件：`wxauth profile set encryption_key_file FILE`",
            file.display()
        ))
    };
    let text = files::read_text(file, KEYS)
        .map_err(|error| unreadable(read_failure(&error)))?
        .ok_or_else(|| unreadable(text!("there is no such file", "文件不存在")))?;
    let text = Secret::new(text);
    let place = Text::same(file.display().to_string());
    let mut keys = EncryptionSource::keys(&text).map(|key| (key, place.clone()));
    let current = keys
        .next()
        .ok_or_else(|| unreadable(text!("it is empty", "文件为空")))?;
    let previous = keys.collect();
    Ok((Some(current), previous))
}

fn unusable(place: &Text) -> CliError {
    CliError::new(
        Kind::Usage,
        Text::each(|lang| {
            let place = place.of(lang);
            match lang {
                Lang::En => format!("no valid encryption key in {place}"),
                Lang::Zh => format!("{place} 中没有有效的加密密钥"),
            }
        }),
    )
    .hint(text!(
        "a key is 32 random bytes in base64 or hexadecimal: `openssl rand -base64 32`",
        "密钥为 32 个随机字节的 base64 或十六进制文本：`openssl rand -base64 32`"
    ))
}
