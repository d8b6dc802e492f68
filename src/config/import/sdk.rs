//! Which SDK a file is written for.

use super::{Form, Setting};

/// An SDK, as far as names tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sdk {
    /// WxJava and its Spring Boot starter.
    WxJava,
    /// EasyWeChat, laravel-wechat or node-easywechat.
    EasyWeChat,
    /// silenceper/wechat.
    Silenceper,
    /// PowerWeChat.
    PowerWeChat,
    /// Senparc.Weixin.
    Senparc,
    /// open-toolkit.
    OpenToolkit,
}

impl Sdk {
    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WxJava => "WxJava",
            Self::EasyWeChat => "EasyWeChat",
            Self::Silenceper => "silenceper/wechat",
            Self::PowerWeChat => "PowerWeChat",
            Self::Senparc => "Senparc.Weixin",
            Self::OpenToolkit => "open-toolkit",
        }
    }

    /// Its word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::WxJava => "wxjava",
            Self::EasyWeChat => "easywechat",
            Self::Silenceper => "silenceper",
            Self::PowerWeChat => "powerwechat",
            Self::Senparc => "senparc",
            Self::OpenToolkit => "open-toolkit",
        }
    }

    /// The SDK that uses these names for a platform, if only one does.
    pub(super) fn of(form: Form, whose: &[String], settings: &[Setting]) -> Option<Self> {
        let whose: Vec<&str> = whose.iter().map(String::as_str).collect();
        if whose.contains(&"senparc") {
            return Some(Self::Senparc);
        }
        if whose.starts_with(&["wx", "open"]) {
            return Some(Self::WxJava);
        }
        if form == Form::Php || whose.starts_with(&["wechat", "open", "platform"]) {
            return Some(Self::EasyWeChat);
        }
        let ends = |end: &str| settings.iter().any(|setting| setting.name.ends_with(end));
        // WxJava's demo for open platforms has its own names; `componentAesKey` is nobody else's.
        let demo = ["componentAesKey", "component-aes-key", "COMPONENTAESKEY"];
        if demo.into_iter().any(ends) || whose == ["wechat", "open", "component"] {
            return Some(Self::WxJava);
        }
        if ends("componentAppId") {
            return Some(Self::OpenToolkit);
        }
        if whose.last() == Some(&"component") {
            return None;
        }
        match () {
            () if ends("AppID") && ends("AESKey") => Some(Self::PowerWeChat),
            () if ends("app_secret") && ends("encoding_aes_key") => Some(Self::Silenceper),
            () if ends("app_id") && ends("aes_key") && !ends("encoding_aes_key") => {
                Some(Self::EasyWeChat)
            }
            () => None,
        }
    }
}
