//! What pushes of WeChat are checked and opened with.

use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::config::{CommandLine, PlatformName, Sourced};
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
        let token = given(&settings.token).ok_or_else(|| {
            missing(
                &settings.name,
                "Token (消息校验Token)",
                "token",
                "WXAUTH_TOKEN",
            )
        })?;
        let present = match (
            given(&settings.encoding_aes_key),
            &settings.encoding_aes_key_command,
        ) {
            (Some(key), _) => key,
            (None, Some(command)) => printed(command).await?,
            (None, None) => {
                let name = "EncodingAESKey (消息加解密Key)";
                let variable = "WXAUTH_ENCODING_AES_KEY";
                return Err(missing(&settings.name, name, "encoding_aes_key", variable));
            }
        };
        let previous = given(&settings.encoding_aes_key_previous);
        PushKeys::new(token, &present, previous.as_ref()).map_err(|wrong| {
            let (key, variable) = match wrong.key {
                KeyUsed::Present => ("encoding_aes_key", "WXAUTH_ENCODING_AES_KEY"),
                KeyUsed::Previous => (
                    "encoding_aes_key_previous",
                    "WXAUTH_ENCODING_AES_KEY_PREVIOUS",
                ),
            };
            let whose = whose(&settings.name);
            CliError::new(
                Kind::ActionRequired,
                format!("`{key}` of {whose} cannot be used"),
            )
            .cause(wrong.to_string())
            .hint(format!(
                "copy it from the console again: {}",
                store(&settings.name, key, variable)
            ))
        })
    }
}

async fn printed(command: &CommandLine) -> Result<Secret, CliError> {
    Ok(Secret::new(
        command::secret_line(&command.argv(), &[]).await?.as_str(),
    ))
}

fn missing(name: &PlatformName, what: &str, key: &str, variable: &str) -> CliError {
    CliError::new(
        Kind::ActionRequired,
        format!("the {what} of {} is not known", whose(name)),
    )
    .hint(format!("give it: {}", store(name, key, variable)))
}

fn whose(name: &PlatformName) -> String {
    match name {
        PlatformName::Profile(name) => format!("profile `{name}`"),
        PlatformName::Environment => "the environment's platform".to_owned(),
        PlatformName::Sandbox => "the sandbox's platform".to_owned(),
    }
}

/// Where the platform's value is kept, as the rest of a hint.
fn store(name: &PlatformName, key: &str, variable: &str) -> String {
    match name {
        PlatformName::Profile(name) => format!("`wxauth --profile {name} profile set {key}`"),
        PlatformName::Environment => format!("set `{variable}`"),
        PlatformName::Sandbox => "`wxauth sandbox platform --rotate-key`".to_owned(),
    }
}
