//! `init`: create a profile.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::config::{ConfigFile, Entry, Origin, Profile, environment_names};
use crate::lang::{Text, text};
use crate::sys::env::Environment;
use crate::wechat::id::ComponentAppid;
use crate::wechat::secret::Secret;

use from::Taken;

mod from;

/// Create a profile: one profile is one platform
///
/// On a terminal it asks for what the flags leave open. Without one it takes the flags and the
/// `WXAUTH_…` variables. Secrets are asked for or taken from the environment, never from flags.
///
/// `--from` takes appid, appsecret, Token and EncodingAESKey over from the configuration of an SDK:
/// `.env`, PHP that returns an array (Laravel, ThinkPHP), Spring's `application.yml` and
/// `.properties`, `appsettings.json`, other YAML, JSON and TOML. Placeholders are looked up in the
/// environment and in the `.env` beside the file. Since the SDK asks WeChat for tokens already,
/// `mint = never` is proposed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth init\n  WXAUTH_COMPONENT_APPSECRET=… wxauth init --component-appid wx0123456789abcdef --mint wxauth\n  wxauth init --from application.yml"
)]
pub struct InitArgs {
    /// Name of the profile
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Take the platform over from the configuration of an SDK; `-` is stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Appid of the platform
    #[arg(long, value_name = "APPID")]
    component_appid: Option<String>,
    /// Where WeChat sends a merchant after it confirmed
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// Authorization launch domain (授权发起页域名)
    #[arg(long, value_name = "HOST")]
    launch_domain: Option<String>,
    /// Whether the platform passed its full release (全网发布)
    #[arg(long, value_name = "true|false")]
    released: Option<bool>,
    /// Who asks WeChat for tokens: wxauth, or never when a backend does already
    #[arg(long, value_name = "wxauth|never")]
    mint: Option<String>,
    /// A program that prints a token the backend holds (for `--mint never`)
    #[arg(long, value_name = "COMMAND")]
    token_command: Option<String>,
    /// Base of WeChat's API
    #[arg(long, value_name = "URL")]
    api_base: Option<String>,
    /// PEM file of further certificate authorities
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// Replace a profile of that name
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(context: &Context, args: &InitArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let folder = context.folder()?;
    let mut questions = Questions {
        context,
        taken: None,
        foreign: false,
    };
    let name = questions.name(args.name.as_deref())?;
    let existing = ConfigFile::load(&folder)?;
    if existing.list().contains(&name) && !args.force {
        return Err(CliError::usage(text!(
            "there is a profile `{name}` already",
            "配置 `{name}` 已存在"
        ))
        .hint(text!(
            "give another name, or `--force` to replace it",
            "换一个名称，或用 `--force` 覆盖"
        ))
        .hint(text!(
            "change a setting with `wxauth --profile {name} profile set KEY VALUE`",
            "修改单项设置：`wxauth --profile {name} profile set KEY VALUE`"
        )));
    }
    if let Some(file) = &args.from {
        let appid = args.component_appid.as_deref();
        let taken = Taken::read(context, file, appid).await?;
        // Its secrets must not get into this profile.
        questions.foreign = taken.is_foreign(context, appid);
        questions.taken = Some(taken);
    }
    let entry = questions.entry(args)?;
    let mint = entry.profile.mint;
    let first = ConfigFile::edit::<_, CliError>(&folder, |file| {
        file.put(&name, &entry)?;
        let first = file.chosen().is_none();
        if first {
            file.choose(&name)?;
        }
        Ok(first)
    })?;
    let file = folder.config_file().display().to_string();
    let taken = questions.taken.as_ref();
    let from = taken.map(Taken::answer);
    match from {
        Some(from) if !console.format().is_json() => {
            console.answer(from.settings.into_iter().map(Ok::<_, CliError>))?;
        }
        from => {
            let answer = json!({ "profile": name, "file": file, "chosen": first, "from": from });
            console.document(&answer, |_| Ok(()))?;
        }
    }
    if let Some(taken) = taken {
        taken.tell(&console);
    }
    console.note(text!(
        "profile `{name}` is written to {file}",
        "配置 `{name}` 已写入 {file}"
    ));
    let named = if first {
        console.note(text!(
            "commands use it from now on",
            "此后的命令将使用该配置"
        ));
        String::new()
    } else {
        console.hint(text!(
            "another profile is in use: `wxauth profile use {name}`",
            "当前使用的是另一个配置：`wxauth profile use {name}`"
        ));
        format!("--profile {name} ")
    };
    if taken.is_some() && entry.credentials.appsecret.is_none() {
        console.hint(text!(
            "store the appsecret: `wxauth {named}profile set appsecret`",
            "保存 appsecret：`wxauth {named}profile set appsecret`"
        ));
    }
    if mint.is_none_or(|mint| mint.as_str() == "never") {
        if entry.profile.token_command.is_none() {
            console.hint(text!(
                "tokens are borrowed, never minted. Where an SDK keeps them in a Redis: set `layout` and `layout_redis`, as `wxauth store detect redis://HOST` prints them",
                "令牌由后端签发，wxauth 只借用。若 SDK 将其存于 Redis：设置 `layout` 与 `layout_redis`，`wxauth store detect redis://HOST` 会给出命令"
            ));
            console.hint(text!(
                "where it does not, name a program that prints them: `wxauth --profile {name} profile set token_command 'PROGRAM ARGS'`",
                "否则指定输出令牌的程序：`wxauth --profile {name} profile set token_command 'PROGRAM ARGS'`"
            ));
        }
    } else {
        console.hint(text!(
            "next: `wxauth {named}ticket set`, then `wxauth {named}token component`",
            "下一步：先 `wxauth {named}ticket set`，再 `wxauth {named}token component`"
        ));
    }
    Ok(Exit::Done)
}

/// What is asked of the operator, or taken from flags and environment.
struct Questions<'a> {
    context: &'a Context,
    taken: Option<Taken>,
    /// The `WXAUTH_…` variables are of another platform than the one being taken over.
    foreign: bool,
}

impl Questions<'_> {
    fn name(&self, given: Option<&str>) -> Result<String, CliError> {
        let console = self.context.console();
        let asked = self.context.globals().profile.as_deref().or(given);
        match asked {
            Some(name) => Ok(name.to_owned()),
            None if console.can_ask() => {
                Ok(console.prompt(&text!("Name of the profile", "配置名称"), Some("default"))?)
            }
            None => Ok("default".to_owned()),
        }
    }

    fn entry(&self, args: &InitArgs) -> Result<Entry, CliError> {
        let mut entry = Entry {
            profile: Profile::new(self.appid(args.component_appid.as_deref())?),
            credentials: Default::default(),
        };
        let (mint, need) = match &self.taken {
            None => (mint(), Need::Optional),
            Some(taken) => {
                if args.mint.is_none() && self.variable("mint").is_none() {
                    self.context.console().note(taken.why_never());
                }
                let label = text!(
                    "Who asks WeChat for tokens: wxauth or never",
                    "由谁向微信获取令牌：wxauth 或 never"
                );
                (label, Need::Proposed("never"))
            }
        };
        let asked = [
            (
                "redirect_uri",
                args.redirect_uri.clone(),
                text!("Redirect URI (授权后回调 URI)", "授权后回调 URI"),
                Need::Optional,
            ),
            (
                "launch_domain",
                args.launch_domain.clone(),
                text!("Launch domain (授权发起页域名)", "授权发起页域名"),
                Need::Optional,
            ),
            (
                "released",
                args.released.map(|flag| flag.to_string()),
                text!(
                    "Released (全网发布)? true or false",
                    "是否已全网发布？true 或 false"
                ),
                Need::Optional,
            ),
            ("mint", args.mint.clone(), mint, need),
            (
                "token_command",
                args.token_command.clone(),
                Text::default(),
                Need::Unasked,
            ),
            (
                "api_base",
                args.api_base.clone(),
                Text::default(),
                Need::Unasked,
            ),
            (
                "ca_file",
                args.ca_file.clone(),
                Text::default(),
                Need::Unasked,
            ),
        ];
        for (key, flag, label, need) in asked {
            self.assign(&mut entry, key, flag.as_deref(), &label, need)?;
        }
        let secrets = [
            (
                "appsecret",
                text!("Appsecret (empty: later)", "Appsecret（留空则稍后设置）"),
            ),
            (
                "token",
                text!(
                    "Token of pushes (消息校验Token, empty: later)",
                    "消息校验Token（留空则稍后设置）"
                ),
            ),
            (
                "encoding_aes_key",
                text!(
                    "EncodingAESKey (消息加解密Key, empty: later)",
                    "消息加解密Key，即 EncodingAESKey（留空则稍后设置）"
                ),
            ),
        ];
        for (key, label) in secrets {
            if let Some(secret) = self.secret(key, &label)? {
                entry.assign(key, secret.expose(), &Origin::Flag("init"))?;
            }
        }
        if entry.profile.mint.is_none() {
            entry.assign("mint", "never", &Origin::Default)?;
        }
        Ok(entry)
    }

    fn appid(&self, flag: Option<&str>) -> Result<ComponentAppid, CliError> {
        let taken = self.taken.as_ref().and_then(Taken::appid);
        let flag = taken.as_deref().or(flag);
        let given = flag.is_some() || self.variable("component_appid").is_some();
        let label = text!(
            "Appid of the platform (component_appid)",
            "第三方平台的 appid（component_appid）"
        );
        if let Some(taken) = &self.taken
            && !given
            && !self.context.console().can_ask()
        {
            return Err(taken.no_appid());
        }
        loop {
            let text = self.text("component_appid", flag, &label, Need::Required)?;
            match text.unwrap_or_default().parse() {
                Ok(appid) => return Ok(appid),
                Err(_) if !given => {
                    let expected = text!(
                        "that is no platform appid: wx and 16 hexadecimal digits",
                        "这不是第三方平台的 appid：应为 wx 加 16 位十六进制数字"
                    );
                    self.context.console().warn(expected);
                }
                Err(_) => {
                    return Err(CliError::usage(text!(
                        "that is no platform appid",
                        "这不是第三方平台的 appid"
                    ))
                    .hint(text!(
                        "expected wx and 16 hexadecimal digits, as 微信开放平台 shows it",
                        "应为 wx 加 16 位十六进制数字，与微信开放平台所示一致"
                    )));
                }
            }
        }
    }

    /// Sets a value that was given, or asks for one until it can be used.
    fn assign(
        &self,
        entry: &mut Entry,
        key: &str,
        flag: Option<&str>,
        label: &Text,
        need: Need,
    ) -> Result<(), CliError> {
        let given = flag.is_some() || self.variable(key).is_some();
        loop {
            let Some(text) = self.text(key, flag, label, need)? else {
                return Ok(());
            };
            let text = match (key, text.to_lowercase().as_str()) {
                _ if given => text,
                ("mint", "y" | "yes") => "never".to_owned(),
                ("mint", "n" | "no") => "wxauth".to_owned(),
                ("released", "y") => "true".to_owned(),
                ("released", "n") => "false".to_owned(),
                _ => text,
            };
            match entry.assign(key, &text, &Origin::Flag("init")) {
                Ok(()) => return Ok(()),
                // A slip at a prompt must not cost the answers before it.
                Err(error) if !given => {
                    let error = CliError::from(error);
                    self.context.console().warn(error.message().clone());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn text(
        &self,
        key: &str,
        flag: Option<&str>,
        label: &Text,
        need: Need,
    ) -> Result<Option<String>, CliError> {
        if let Some(text) = flag.or_else(|| self.variable(key)) {
            return Ok(Some(text.to_owned()));
        }
        let console = self.context.console();
        match need {
            Need::Unasked => Ok(None),
            Need::Required => Ok(Some(console.prompt(label, None)?)),
            Need::Optional if console.can_ask() => {
                let answer = console.prompt(label, Some(""))?;
                Ok((!answer.is_empty()).then_some(answer))
            }
            Need::Optional => Ok(None),
            Need::Proposed(default) if console.can_ask() => {
                Ok(Some(console.prompt(label, Some(default))?))
            }
            Need::Proposed(default) => Ok(Some(default.to_owned())),
        }
    }

    fn secret(&self, key: &str, label: &Text) -> Result<Option<Secret>, CliError> {
        if let Some(secret) = self.taken.as_ref().and_then(|taken| taken.value(key)) {
            return Ok(Some(secret.clone()));
        }
        if let Some(text) = self.variable(key) {
            return Ok(Some(Secret::new(text)));
        }
        if !self.context.console().can_ask() {
            return Ok(None);
        }
        let secret = self.context.console().secret_prompt(label)?;
        Ok((!secret.is_empty()).then_some(secret))
    }

    fn variable(&self, key: &str) -> Option<&str> {
        let environment: &Environment = self.context.environment();
        let name = match key {
            "appsecret" => "WXAUTH_COMPONENT_APPSECRET".to_owned(),
            other => format!("WXAUTH_{}", other.to_uppercase()),
        };
        // Settings without a variable of their own come from flags only.
        let declared = environment_names().iter().any(|known| known.name == name);
        let ours = declared && !self.foreign;
        ours.then(|| environment.get(&name)).flatten()
    }
}

fn mint() -> Text {
    text!(
        "Does a backend of yours hold this platform's tokens already? y (mint = never) or n (mint = wxauth)",
        "该平台的令牌是否已由你的后端持有？y（mint = never）或 n（mint = wxauth）"
    )
}

#[derive(Clone, Copy)]
enum Need {
    Required,
    Optional,
    /// Enter takes what is proposed, and so does whoever cannot be asked.
    Proposed(&'static str),
    Unasked,
}
