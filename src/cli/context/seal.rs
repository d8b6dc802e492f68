//! The keys that secrets at rest are sealed with.

use std::path::Path;

use crate::cli::error::{CliError, read_failure};
use crate::cli::exit::Kind;
use crate::config::SealSource;
use crate::lang::{Lang, Text, text};
use crate::store::{Keyring, SealKey};
use crate::sys::{command, files};
use crate::wechat::secret::Secret;

use super::Context;

/// The longest file of keys.
const KEYS: u64 = 64 << 10;

impl Context {
    /// The keys of this platform's store; none where none are set.
    pub(in crate::cli) async fn keyring(&self) -> Result<Keyring, CliError> {
        let source = &self.settings().await?.seal;
        let (present, mut previous): (Option<Placed>, Vec<Placed>) =
            match (&source.key, &source.file, &source.command) {
                (Some(key), ..) => (
                    Some((key.value.clone(), Text::same("`seal_key`"))),
                    Vec::new(),
                ),
                (None, Some(file), _) => in_file(&file.value)?,
                (None, None, Some(command)) => {
                    let printed = command::secret_line(&command.argv(), &[]).await?;
                    let printed = Secret::new(printed.as_str());
                    (
                        Some((printed, Text::same("`seal_key_command`"))),
                        Vec::new(),
                    )
                }
                (None, None, None) => (None, Vec::new()),
            };
        if let Some(keys) = &source.previous {
            let place = Text::same("`seal_key_previous`");
            previous.extend(SealSource::keys(&keys.value).map(|key| (key, place.clone())));
        }
        let mut keys = Vec::with_capacity(1 + previous.len());
        for (key, place) in present.iter().chain(&previous) {
            keys.push(SealKey::parse(key).map_err(|_| unusable(place))?);
        }
        Ok(match present {
            Some(_) => {
                let previous = keys.split_off(1);
                keys.pop()
                    .map_or_else(Keyring::none, |present| Keyring::new(present, previous))
            }
            None => Keyring::opening(keys),
        })
    }
}

/// A key and where it stands.
type Placed = (Secret, Text);

fn in_file(file: &Path) -> Result<(Option<Placed>, Vec<Placed>), CliError> {
    let unreadable = |why: Text| {
        CliError::new(
            Kind::ActionRequired,
            text!(
                "no seal key can be read from {}",
                "无法从 {} 读取密封密钥",
                file.display()
            ),
        )
        .cause(why)
        .hint(text!(
            "make one where there never was one: `(umask 077; openssl rand -base64 32 > {0})`, or name the file that has it: `wxauth profile set seal_key_file FILE`",
            "若从未有过，请生成：`(umask 077; openssl rand -base64 32 > {0})`；否则请指明存放它的文件：`wxauth profile set seal_key_file FILE`",
            file.display()
        ))
    };
    let text = files::read_text(file, KEYS)
        .map_err(|error| unreadable(read_failure(&error)))?
        .ok_or_else(|| unreadable(text!("there is no such file", "文件不存在")))?;
    let text = Secret::new(text);
    let place = Text::same(file.display().to_string());
    let mut keys = SealSource::keys(&text).map(|key| (key, place.clone()));
    let present = keys
        .next()
        .ok_or_else(|| unreadable(text!("it is empty", "文件为空")))?;
    let previous = keys.collect();
    Ok((Some(present), previous))
}

fn unusable(place: &Text) -> CliError {
    CliError::new(
        Kind::Usage,
        Text::each(|lang| {
            let place = place.of(lang);
            match lang {
                Lang::En => format!("what {place} has is no key to seal with"),
                Lang::Zh => format!("{place} 中的内容不是密封密钥"),
            }
        }),
    )
    .hint(text!(
        "a key is 32 random bytes in base64 or hexadecimal: `openssl rand -base64 32`",
        "密钥为 32 个随机字节的 base64 或十六进制文本：`openssl rand -base64 32`"
    ))
}
