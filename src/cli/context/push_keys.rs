//! What pushes of WeChat are checked and opened with.

use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::config::{CommandLine, Sourced};
use crate::sys::command;
use crate::wechat::push::{KeyUsed, PushKeys};
use crate::wechat::secret::Secret;

use super::Context;

impl Context {
    /// The platform's Token and EncodingAESKeys.
    ///
    /// # Errors
    /// As [`Context::settings`]; when the Token or the key is not known, or the program that prints
    /// the key fails.
    pub async fn push_keys(&self) -> Result<PushKeys, CliError> {
        let settings = self.settings().await?;
        let given = |secret: &Option<Sourced<Secret>>| secret.as_ref().map(|it| it.value.clone());
        let token = given(&settings.token)
            .ok_or_else(|| missing("Token (消息校验Token)", "token", "WXAUTH_TOKEN"))?;
        let present = match (
            given(&settings.encoding_aes_key),
            &settings.encoding_aes_key_command,
        ) {
            (Some(key), _) => key,
            (None, Some(command)) => printed(command).await?,
            (None, None) => {
                let name = "EncodingAESKey (消息加解密Key)";
                return Err(missing(name, "encoding_aes_key", "WXAUTH_ENCODING_AES_KEY"));
            }
        };
        let previous = given(&settings.encoding_aes_key_previous);
        PushKeys::new(token, &present, previous.as_ref()).map_err(|wrong| {
            let name = match wrong.key {
                KeyUsed::Present => "encoding_aes_key",
                KeyUsed::Previous => "encoding_aes_key_previous",
            };
            CliError::new(Kind::ActionRequired, format!("`{name}` cannot be used"))
                .cause(wrong.to_string())
                .hint(format!(
                    "copy it from the console again: `wxauth profile set {name}`"
                ))
        })
    }
}

async fn printed(command: &CommandLine) -> Result<Secret, CliError> {
    let argv: Vec<String> = std::iter::once(command.program().to_owned())
        .chain(command.arguments().iter().cloned())
        .collect();
    Ok(Secret::new(
        command::secret_line(&argv, &[]).await?.as_str(),
    ))
}

fn missing(what: &str, key: &str, variable: &str) -> CliError {
    CliError::new(
        Kind::ActionRequired,
        format!("the platform's {what} is not known"),
    )
    .hint(format!(
        "store it: `wxauth profile set {key}`, or set `{variable}`"
    ))
}
