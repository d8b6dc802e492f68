//! `profile`: one profile is one platform.

use clap::Subcommand;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::config::{ConfigError, ConfigFile, EncryptionSource, Entry, KEYS, Key, Origin};
use crate::console::{Cell, CellContext, Column, Record};
use crate::lang::{Text, text};
use crate::store::encryption::EncryptionKey;
use crate::wechat::secret::Secret;

use super::input;

mod from_grants;

/// Look after profiles.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// List the profiles
    List,
    /// Show a profile; secrets are masked
    Show {
        /// The profile; without one the one in use
        name: Option<String>,
    },
    /// Choose the profile that commands use
    Use {
        /// The profile
        name: String,
    },
    /// Change a setting of the profile in use
    #[command(after_help = settings_help())]
    Set {
        /// The setting
        key: String,
        /// Its value, empty to clear it; a secret is read from stdin or a prompt instead
        value: Option<String>,
        /// Propose the permission sets that active merchants granted: for configured_permissions
        /// those of any, for required_permissions those of all
        #[arg(long, conflicts_with = "value")]
        from_grants: bool,
    },
    /// Remove a profile and its secrets
    Remove {
        /// The profile
        name: String,
    },
}

fn settings_help() -> String {
    let lines = KEYS
        .iter()
        .map(|key| format!("  {:<26} {}", key.name, key.meaning));
    let kinds = "Permission sets are given by kind: required_permissions.mini_program 17,18";
    format!(
        "Settings:\n{}\n\n{kinds}",
        lines.collect::<Vec<_>>().join("\n")
    )
}

pub(super) async fn run(context: &Context, command: ProfileCommand) -> Result<Exit, CliError> {
    match command {
        ProfileCommand::List => list(context),
        ProfileCommand::Show { name } => show(context, name),
        ProfileCommand::Use { name } => choose(context, &name),
        ProfileCommand::Set {
            key,
            value,
            from_grants,
        } => {
            of_the_platform_in_use(context)?;
            match from_grants {
                true => from_grants::run(context, &key).await,
                false => set(context, &key, value).await,
            }
        }
        ProfileCommand::Remove { name } => remove(context, &name).await,
    }
}

#[derive(Serialize)]
struct ProfileRow {
    name: String,
    component_appid: Option<String>,
    mint: Option<&'static str>,
    api_base: Option<String>,
    chosen: bool,
}

impl Record for ProfileRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("name", "Name").zh("名称"),
        Column::new("component_appid", "Appid")
            .zh("平台 appid")
            .whole(),
        Column::new("mint", "Mint").zh("谁取令牌").whole(),
        Column::new("api_base", "API base")
            .zh("接口地址")
            .priority(1),
        Column::new("chosen", "In use").zh("使用中").whole(),
    ];

    fn cell(&self, column: &'static str, _: &CellContext) -> Cell {
        match column {
            "name" => Cell::text(&self.name),
            "component_appid" => Cell::optional(self.component_appid.as_ref(), Cell::text),
            "mint" => Cell::optional(self.mint, Cell::text),
            "api_base" => Cell::optional(self.api_base.as_ref(), Cell::text),
            _ => Cell::flag(self.chosen),
        }
    }
}

fn list(context: &Context) -> Result<Exit, CliError> {
    let console = context.records()?;
    let file = ConfigFile::load(&context.folder()?)?;
    let rows = file.list().into_iter().map(|name| {
        // A profile that cannot be read is still listed: `profile show` says what is wrong.
        let profile = file.get(&name).ok().flatten().map(|entry| entry.profile);
        let profile = profile.as_ref();
        Ok::<_, CliError>(ProfileRow {
            component_appid: profile.map(|profile| profile.component_appid.to_string()),
            mint: profile
                .and_then(|profile| profile.mint)
                .map(|mint| mint.as_str()),
            api_base: profile
                .and_then(|profile| profile.api_base.as_ref())
                .map(ToString::to_string),
            chosen: file.chosen() == Some(&name),
            name,
        })
    });
    console.answer(rows)?;
    Ok(Exit::Done)
}

/// The name asked for, else the global flag's, the environment's, the chosen one or the only one.
fn name_in_use(
    context: &Context,
    file: &ConfigFile,
    asked: Option<String>,
) -> Result<String, CliError> {
    let from_environment = context
        .environment()
        .get("WXAUTH_PROFILE")
        .map(str::to_owned);
    let flag = context.globals().profile.clone();
    let mut names = file.list();
    let only = if names.len() == 1 { names.pop() } else { None };
    let name = asked
        .or(flag)
        .or(from_environment)
        .or(file.chosen().map(str::to_owned))
        .or(only);
    name.ok_or_else(|| {
        let file_path = context
            .folder()
            .map(|folder| folder.config_file())
            .unwrap_or_default();
        ConfigError::NoPlatform {
            profiles: names,
            file: file_path,
        }
        .into()
    })
}

fn entry(file: &ConfigFile, name: &str) -> Result<Entry, CliError> {
    Ok(file.get(name)?.ok_or_else(|| ConfigError::NoSuchProfile {
        name: name.to_owned(),
        origin: Origin::Flag("profile"),
        known: file.list(),
    })?)
}

fn show(context: &Context, name: Option<String>) -> Result<Exit, CliError> {
    let console = context.document()?;
    let file = ConfigFile::load(&context.folder()?)?;
    let name = name_in_use(context, &file, name)?;
    let entry = entry(&file, &name)?;
    for warning in file.warnings(&name) {
        console.warn(crate::cli::error::warning(&warning));
    }
    let reveal = console.options().reveal;
    let secret = |secret: &Option<Secret>| match secret {
        Some(secret) if reveal => Value::from(secret.expose()),
        Some(secret) => Value::from(secret.mask()),
        None => Value::Null,
    };
    let mut shown = Map::new();
    shown.insert("name".to_owned(), name.into());
    for key in &KEYS {
        let value = match key.name {
            "appsecret" => secret(&entry.credentials.appsecret),
            "token" => secret(&entry.credentials.token),
            "encoding_aes_key" => secret(&entry.credentials.encoding_aes_key),
            "encoding_aes_key_previous" => secret(&entry.credentials.encoding_aes_key_previous),
            "layout_redis_password" => secret(&entry.credentials.layout_redis_password),
            "store_password" => secret(&entry.credentials.store_password),
            "encryption_key" => key_ids(&entry.credentials.encryption_key, reveal),
            "encryption_key_previous" => {
                key_ids(&entry.credentials.encryption_key_previous, reveal)
            }
            other => plain(&entry, other),
        };
        shown.insert(key.name.to_owned(), value);
    }
    console.document(&shown, |out| {
        for (key, value) in &shown {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            writeln!(out, "{key:<26} {text}")?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}

/// Encryption keys by their ids: even a few characters of one are too many to show.
fn key_ids(keys: &Option<Secret>, reveal: bool) -> Value {
    match keys {
        None => Value::Null,
        Some(keys) if reveal => keys.expose().into(),
        Some(keys) => {
            let keys =
                EncryptionSource::keys(keys).filter_map(|key| EncryptionKey::parse(&key).ok());
            let ids: Vec<String> = keys.map(|key| key.id().to_owned()).collect();
            ids.join(" ").into()
        }
    }
}

fn plain(entry: &Entry, key: &str) -> Value {
    let profile = &entry.profile;
    let command = |command: &Option<crate::config::CommandLine>| {
        command
            .as_ref()
            .map_or(Value::Null, |command| command.to_string().into())
    };
    let path = |path: &Option<std::path::PathBuf>| {
        path.as_ref()
            .map_or(Value::Null, |path| path.display().to_string().into())
    };
    let sets = |sets: &crate::config::PermissionSets| {
        let pairs = sets.iter().map(|(kind, ids)| {
            (
                kind.to_owned(),
                ids.iter()
                    .map(|id| Value::from(id.0))
                    .collect::<Vec<_>>()
                    .into(),
            )
        });
        Value::Object(pairs.collect())
    };
    match key {
        "component_appid" => profile.component_appid.as_str().into(),
        "redirect_uri" => profile.redirect_uri.clone().into(),
        "launch_domain" => profile.launch_domain.clone().into(),
        "launch_page" => profile.launch_page.as_ref().map(ToString::to_string).into(),
        "released" => profile.released.into(),
        "test_list" => profile
            .test_list
            .iter()
            .map(|id| id.as_str())
            .collect::<Vec<_>>()
            .into(),
        "configured_permissions" => sets(&profile.configured_permissions),
        "required_permissions" => sets(&profile.required_permissions),
        "mint" => profile.mint.map(|mint| mint.as_str()).into(),
        "token_command" => command(&profile.token_command),
        "ticket_command" => command(&profile.ticket_command),
        "appsecret_command" => command(&profile.appsecret_command),
        "encoding_aes_key_command" => command(&profile.encoding_aes_key_command),
        "encryption_key_file" => path(&profile.encryption_key_file),
        "encryption_key_command" => command(&profile.encryption_key_command),
        "api_base" => profile.api_base.as_ref().map(ToString::to_string).into(),
        "store" => profile.store.as_ref().map(ToString::to_string).into(),
        "ca_file" => path(&profile.ca_file),
        _ => Value::Null,
    }
}

/// Refuses where the platform in use is no profile's: none is changed behind its back.
fn of_the_platform_in_use(context: &Context) -> Result<(), CliError> {
    let globals = context.globals();
    if globals.sandbox {
        return Err(
            CliError::usage(text!("the sandbox's platform has no profile to change", "沙箱的平台没有可修改的配置")).hint(
                text!("change it as in WeChat's console: `wxauth sandbox platform --permissions SETS --released true`", "像在微信控制台那样修改：`wxauth sandbox platform --permissions SETS --released true`"),
            ),
        );
    }
    if globals.profile.is_some() || !context.environment().has("WXAUTH_COMPONENT_APPID") {
        return Ok(());
    }
    let error = CliError::usage(text!(
        "the platform in use has no profile to change",
        "当前使用的平台没有可修改的配置"
    ))
    .cause(text!(
        "it is the environment's: `WXAUTH_COMPONENT_APPID` is set",
        "该平台来自环境变量：已设置 `WXAUTH_COMPONENT_APPID`"
    ));
    let file = ConfigFile::load(&context.folder()?)?;
    Err(match name_in_use(context, &file, None) {
        Ok(name) => error.hint(text!("without the variable it would be profile `{name}`; to change that one, name it: `--profile {name}`", "若不设该变量，将使用配置 `{name}`；要修改它，请指明：`--profile {name}`")),
        Err(_) => error.hint(text!("keep the platform in a profile: `wxauth init`, then name it: `--profile NAME`", "将平台保存为配置：`wxauth init`，之后用 `--profile NAME` 指定")),
    })
}

async fn set(context: &Context, key: &str, value: Option<String>) -> Result<Exit, CliError> {
    let console = context.document()?;
    let found = Key::find(key).ok_or_else(|| ConfigError::UnknownKey {
        key: key.to_owned(),
    })?;
    let value = match value {
        Some(text) if text.is_empty() => None,
        Some(_) if found.is_secret() => {
            return Err(CliError::usage(text!(
                "`{key}` is a secret and no argument",
                "`{key}` 是密钥，不能作为命令行参数"
            ))
            .cause(text!(
                "arguments are seen by everybody on this machine and kept by the shell",
                "参数对本机所有用户可见，并会留在 shell 历史中"
            ))
            .hint(text!(
                "pipe it in: `wxauth profile set {key} < FILE`, or type it at the prompt",
                "通过管道传入：`wxauth profile set {key} < FILE`，或在提示处输入"
            )));
        }
        Some(text) => Some(Secret::new(text)),
        None if found.is_secret() => {
            Some(input::secret(context, Text::same(found.name), None).await?)
        }
        None => {
            return Err(
                CliError::usage(text!("`{key}` needs a value", "`{key}` 需要一个值")).hint(text!(
                    "clear it with an empty one: `wxauth profile set {key} ''`",
                    "用空值清除：`wxauth profile set {key} ''`"
                )),
            );
        }
    };
    let name = ConfigFile::edit::<_, CliError>(&context.folder()?, |file| {
        let name = name_in_use(context, file, None)?;
        let mut entry = entry(file, &name)?;
        let origin = Origin::Flag("profile set");
        match &value {
            Some(text) => entry.assign(key, text.expose(), &origin)?,
            None => entry.clear(key, &origin)?,
        }
        file.put(&name, &entry)?;
        Ok(name)
    })?;
    console.document(
        &json!({ "profile": name, "key": key, "set": value.is_some() }),
        |_| Ok(()),
    )?;
    console.note(match value {
        Some(_) => text!(
            "{key} of profile `{name}` is set",
            "配置 `{name}` 的 {key} 已设置"
        ),
        None => text!(
            "{key} of profile `{name}` is cleared",
            "配置 `{name}` 的 {key} 已清除"
        ),
    });
    Ok(Exit::Done)
}

async fn remove(context: &Context, name: &str) -> Result<Exit, CliError> {
    let console = context.document()?;
    let folder = context.folder()?;
    entry(&ConfigFile::load(&folder)?, name)?;
    let question = text!(
        "remove profile `{name}` and its secrets?",
        "删除配置 `{name}` 及其密钥？"
    );
    let agreed = input::confirm(context, question).await?;
    if agreed {
        ConfigFile::edit::<_, CliError>(&folder, |file| {
            file.remove(name);
            Ok(())
        })?;
        console.note(text!(
            "profile `{name}` is removed; its state stays in the store",
            "配置 `{name}` 已删除；其状态仍保留在存储中"
        ));
    }
    console.document(&json!({ "profile": name, "removed": agreed }), |_| Ok(()))?;
    Ok(Exit::Done)
}

fn choose(context: &Context, name: &str) -> Result<Exit, CliError> {
    let console = context.document()?;
    ConfigFile::edit::<_, CliError>(&context.folder()?, |file| Ok(file.choose(name)?))?;
    console.note(text!(
        "commands use `{name}` from now on",
        "此后的命令将使用 `{name}`"
    ));
    console.document(&json!({ "profile": name, "chosen": true }), |_| Ok(()))?;
    Ok(Exit::Done)
}
