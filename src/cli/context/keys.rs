//! The keys of a platform's pushes.

use super::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::sys::command;
use crate::wechat::push::{KeyUsed, PushKeys};
use crate::wechat::secret::Secret;

/// Token and keys as the operator wrote them.
pub struct KeyTexts {
    /// The Token that signs pushes.
    pub token: Secret,
    /// The EncodingAESKey.
    pub present: Secret,
    /// The key before that.
    pub previous: Option<Secret>,
}

impl KeyTexts {
    /// The keys, ready for use.
    ///
    /// # Errors
    /// When one of them is no EncodingAESKey.
    pub fn keys(&self) -> Result<PushKeys, CliError> {
        PushKeys::new(
            self.token.clone(),
            &self.present,
            self.previous.as_ref(),
        )
        .map_err(|wrong| {
            let key = match wrong.key {
                KeyUsed::Present => "encoding_aes_key",
                KeyUsed::Previous => "encoding_aes_key_previous",
            };
            CliError::new(Kind::ActionRequired, format!("`{key}` is no EncodingAESKey"))
                .cause(wrong.error.to_string())
                .hint(format!(
                    "copy it anew from the platform's console (开发资料 – 消息加解密Key): `wxauth profile set {key}`"
                ))
        })
    }

    /// Those of the keys that there are, the present one first.
    #[must_use]
    pub fn all(&self) -> Vec<Secret> {
        let present = std::iter::once(self.present.clone());
        present.chain(self.previous.clone()).collect()
    }
}

impl Context {
    /// Token and keys of the platform's pushes.
    ///
    /// # Errors
    /// When the profile lacks one, or its program does not print it.
    pub async fn key_texts(&self) -> Result<KeyTexts, CliError> {
        let settings = self.settings().await?;
        let missing = |what: &str, key: &str, variable: &str| {
            CliError::new(Kind::ActionRequired, format!("{what} is not known"))
                .cause("pushes are signed and encrypted with it")
                .hint(format!(
                    "it stands in the platform's console (开发资料): `wxauth profile set {key}`, or set `{variable}`"
                ))
        };
        let token = settings
            .token
            .as_ref()
            .map(|token| token.value.clone())
            .ok_or_else(|| missing("the Token of pushes (消息校验Token)", "token", "WXAUTH_TOKEN"))?;
        let present = match (&settings.encoding_aes_key, &settings.encoding_aes_key_command) {
            (Some(key), _) => key.value.clone(),
            (None, Some(program)) => {
                let argv: Vec<_> = std::iter::once(program.program().to_owned())
                    .chain(program.arguments().iter().cloned())
                    .collect();
                Secret::new(command::secret_line(&argv, &[]).await?.as_str())
            }
            (None, None) => {
                return Err(missing(
                    "the EncodingAESKey (消息加解密Key)",
                    "encoding_aes_key",
                    "WXAUTH_ENCODING_AES_KEY",
                ));
            }
        };
        let previous = settings.encoding_aes_key_previous.as_ref();
        Ok(KeyTexts {
            token,
            present,
            previous: previous.map(|key| key.value.clone()),
        })
    }
}
