//! What was given in place of an authorization code, to an operator.

use crate::lang::{Text, text};
use crate::wechat::redirect::RedirectError;
use crate::wechat::value::ValueKind;

use super::CliError;

impl From<RedirectError> for CliError {
    fn from(error: RedirectError) -> Self {
        let message = Text::new(error.to_string(), chinese(error));
        match error {
            RedirectError::PreAuthCodeGiven => Self::usage(message)
                .cause(text!("a pre-auth code (预授权码) makes a link; an authorization code (授权码) comes back from it", "预授权码用于生成链接；授权码在授权后返回"))
                .hint(text!("give the `auth_code` of the address that WeChat redirected the merchant to", "提供微信将商家跳转到的地址中的 `auth_code`")),
            RedirectError::ServiceMarketCode => Self::usage(message)
                .hint(text!("codes of the service market are for /wxa/servicemarket/service/login_auth", "服务市场的登录码用于 /wxa/servicemarket/service/login_auth")),
            _ => Self::usage(message)
                .hint(text!("give the code (queryauthcode@@@…) or the whole address WeChat redirected to, on stdin", "通过标准输入提供授权码（queryauthcode@@@…）或微信跳转的完整地址")),
        }
    }
}

fn chinese(error: RedirectError) -> String {
    match error {
        RedirectError::Empty => "没有收到任何输入",
        RedirectError::NoCode => "该 URL 中没有 auth_code",
        RedirectError::PreAuthCodeGiven => "这是预授权码，不是授权码",
        RedirectError::ServiceMarketCode => "这是服务市场的登录码",
        RedirectError::PrefixMissing => "授权码缺少前缀 queryauthcode@@@",
        RedirectError::Truncated => "授权码不完整",
        RedirectError::OtherValue(kind) => {
            return format!("这是{}，不是授权码", in_chinese(kind));
        }
        RedirectError::Unrecognised => "这既不是授权码，也不是回调 URL",
    }
    .to_owned()
}

fn in_chinese(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Ticket => " component_verify_ticket",
        ValueKind::PreAuthCode => "预授权码",
        ValueKind::AuthorizationCode => "授权码",
        ValueKind::RefreshToken => " refresh_token",
        ValueKind::AccessToken => " access_token",
        ValueKind::ServiceMarketCode => "服务市场的登录码",
        ValueKind::Appid => " appid",
        ValueKind::UserName => "原始 ID",
        ValueKind::Other => "未知类型的值",
    }
}

/// What a text looks like.
#[must_use]
pub fn kind_of_value(kind: ValueKind) -> Text {
    Text::new(kind.to_string(), in_chinese(kind).trim())
}
