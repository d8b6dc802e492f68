//! What to do with keys that were found, and what they cannot give.

use crate::cli::context::Context;
use crate::cli::error::{CliError, lent};
use crate::config::ConfigFile;
use crate::lang::{Text, text};
use crate::store::backend::Spotted;
use crate::store::layouts::Layout;
use crate::sys::redis::Address;

/// Knows the profiles there are.
pub(super) struct Advisor {
    file: ConfigFile,
    address: String,
    has_password: bool,
}

impl Advisor {
    pub(super) fn new(context: &Context, address: &Address) -> Result<Self, CliError> {
        Ok(Self {
            file: ConfigFile::load(&context.folder()?)?,
            address: address.to_string(),
            has_password: address.password.is_some(),
        })
    }

    /// The commands that make a profile borrow what was found, to be pasted one after another.
    pub(super) fn commands(&self, one: &Spotted) -> Vec<String> {
        let Some(platform) = &one.platform else {
            return Vec::new();
        };
        let mut commands = Vec::new();
        let profile = self.profile_of(platform.as_str());
        let name = profile.clone().unwrap_or_else(|| platform.to_string());
        let set = |key: &str, value: &str| {
            let value = quoted(value);
            format!("wxauth profile set {key} {value} --profile {name}")
        };
        match &profile {
            Some(_) => commands.push(set("mint", "never")),
            None => commands.push(format!(
                "wxauth init {name} --component-appid {platform} --mint never --no-input"
            )),
        }
        commands.push(set("layout", one.layout.as_str()));
        let has_prefix = profile.as_ref().is_some_and(|name| {
            let entry = self.file.get(name).ok().flatten();
            entry.is_some_and(|entry| entry.profile.layout_prefix.is_some())
        });
        match one.layout.default_prefix() == one.prefix {
            false => commands.push(set("layout_prefix", &one.prefix)),
            true if has_prefix => commands.push(set("layout_prefix", "")),
            true => {}
        }
        commands.push(set("layout_redis", &self.address));
        // It asks for the password, so it comes last.
        if self.has_password {
            commands.push(format!(
                "wxauth profile set layout_redis_password --profile {name}"
            ));
        }
        commands
    }

    /// The profile that names this platform.
    fn profile_of(&self, platform: &str) -> Option<String> {
        self.file.list().into_iter().find(|name| {
            matches!(self.file.get(name), Ok(Some(entry))
                if entry.profile.component_appid.as_str() == platform)
        })
    }
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ":/._-@".contains(letter);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// What these keys cannot give, and what helps.
pub(super) fn missing(one: &Spotted) -> Vec<Text> {
    let layout = one.layout;
    let mut missing = Vec::new();
    if one.platform.is_none() {
        missing.push(text!(
            "no key names the platform: set `layout`, `layout_prefix` and `layout_redis` in its profile by hand",
            "没有键指明平台：请在其配置中手动设置 `layout`、`layout_prefix` 与 `layout_redis`"
        ));
    }
    if !layout.keeps_tickets() {
        missing.push(text!(
            "the ticket: {layout} leaves it to the application",
            "ticket：{layout} 由应用自行保存"
        ));
    }
    if layout.hides_component_token() {
        missing.push(text!(
            "the component token, without the appsecret that its key is named by: `wxauth profile set appsecret`",
            "component_access_token：其键名由 appsecret 计算得出，请先设置 `wxauth profile set appsecret`"
        ));
    }
    if layout.hides_authorizer_tokens() {
        missing.push(text!(
            "merchants' tokens, without the refresh tokens that their keys are named by: these lie in the backend's own database, and `wxauth authorizers sync` reads them from WeChat's list",
            "商家令牌：其键名由 refresh_token 计算得出，而它保存在后端自己的数据库中；`wxauth authorizers sync` 可从微信的授权方列表读取"
        ));
    } else if !layout.keeps_refresh_tokens() {
        missing.push(text!(
            "refresh tokens: they lie in the backend's own database",
            "refresh_token：保存在后端自己的数据库中"
        ));
    }
    if matches!(layout, Layout::Silenceper | Layout::Wechatpy) && one.authorizers > 0 {
        missing.push(text!(
            "whose merchants they are: the keys do not name the platform",
            "商家属于哪个平台：键中没有平台信息"
        ));
    }
    if let Some(why) = one.unreadable {
        missing.push(lent::unreadable_values(why));
    }
    missing
}
