//! What pushes of WeChat are checked and opened with.

use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::config::{CommandLine, PlatformName, Sourced};
use crate::flow::StateSigner;
use crate::lang::{Lang, Text};
use crate::sys::command;
use crate::wechat::crypto::KeyError;
use crate::wechat::push::{KeyUsed, PushKeys, WrongKey};
use crate::wechat::secret::Secret;

use super::Context;

impl Context {
    /// What signs the states of links; none where Token or EncodingAESKey is not known.
    ///
    /// # Errors
    /// As [`Context::push_keys`].
    pub async fn state_signer(&self) -> Result<Option<StateSigner>, CliError> {
        let settings = self.settings().await?;
        let has_key =
            settings.encoding_aes_key.is_some() || settings.encoding_aes_key_command.is_some();
        match settings.token.is_some() && has_key {
            true => Ok(Some(StateSigner::new(&self.push_keys().await?))),
            false => Ok(None),
        }
    }

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
            of_platform(&settings.name, |lang, whose| match lang {
                Lang::En => format!("`{key}` of {whose} cannot be used"),
                Lang::Zh => format!("{whose}的 `{key}` 无法使用"),
            })
            .cause(unusable(&wrong))
            .hint(store(&settings.name, key, variable, |lang| {
                lang.choose("copy it from the console again: ", "从控制台重新复制：")
            }))
        })
    }
}

async fn printed(command: &CommandLine) -> Result<Secret, CliError> {
    Ok(Secret::new(
        command::secret_line(&command.argv(), &[]).await?.as_str(),
    ))
}

fn missing(name: &PlatformName, what: &str, key: &str, variable: &str) -> CliError {
    of_platform(name, |lang, whose| match lang {
        Lang::En => format!("the {what} of {whose} is not known"),
        Lang::Zh => format!("{whose}的 {what}未知"),
    })
    .hint(store(name, key, variable, |lang| {
        lang.choose("give it: ", "提供该值：")
    }))
}

/// What is wrong with a key, or with the Token beside it.
fn unusable(wrong: &WrongKey) -> Text {
    let chinese = match wrong.error {
        KeyError::Length { found } => format!("EncodingAESKey 应为 43 个字符，而不是 {found} 个"),
        KeyError::Character => "EncodingAESKey 只能包含字母和数字".to_owned(),
    };
    Text::new(wrong.to_string(), chinese)
}

fn of_platform(name: &PlatformName, say: impl Fn(Lang, &str) -> String) -> CliError {
    let whose = |lang: Lang| match (name, lang) {
        (PlatformName::Profile(name), Lang::En) => format!("profile `{name}`"),
        (PlatformName::Profile(name), Lang::Zh) => format!("配置 `{name}` "),
        (PlatformName::Environment, lang) => lang
            .choose("the environment's platform", "环境变量指定的平台")
            .to_owned(),
        (PlatformName::Sandbox, lang) => {
            lang.choose("the sandbox's platform", "沙箱平台").to_owned()
        }
    };
    let message = Text::each(|lang| say(lang, &whose(lang)));
    CliError::new(Kind::ActionRequired, message)
}

/// Where the platform's value is kept, behind what is to be done about it.
fn store(
    name: &PlatformName,
    key: &str,
    variable: &str,
    what: impl Fn(Lang) -> &'static str,
) -> Text {
    Text::each(|lang| {
        let place = match name {
            PlatformName::Profile(name) => format!("`wxauth --profile {name} profile set {key}`"),
            PlatformName::Environment => {
                format!("{} `{variable}`", lang.choose("set", "设置"))
            }
            PlatformName::Sandbox => "`wxauth sandbox platform --rotate-key`".to_owned(),
        };
        format!("{}{place}", what(lang))
    })
}
