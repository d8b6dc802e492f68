//! Recognises a value by its prefix and shape (lifetimes and formats in the API notes, 1.5).

use std::fmt;

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `ticket@@@…`: a `component_verify_ticket`.
    Ticket,
    /// `preauthcode@@@…`: what a link is built with.
    PreAuthCode,
    /// `queryauthcode@@@…`: what a redirect or an event brings.
    AuthorizationCode,
    /// `refreshtoken@@@…`: the lasting token of an authorizer.
    RefreshToken,
    /// Two or three digits, `_`, base64url text: a component or authorizer access token.
    AccessToken,
    /// 16 hexadecimal digits: a login code of the service market.
    ServiceMarketCode,
    /// `wx` and 16 hexadecimal digits.
    Appid,
    /// `gh_` and 12 characters: an account's original id.
    UserName,
    /// None of these.
    Other,
}

impl fmt::Display for ValueKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Ticket => "component_verify_ticket",
            Self::PreAuthCode => "pre-auth code",
            Self::AuthorizationCode => "authorization code",
            Self::RefreshToken => "refresh token",
            Self::AccessToken => "access token",
            Self::ServiceMarketCode => "login code of the service market",
            Self::Appid => "appid",
            Self::UserName => "original id",
            Self::Other => "value of no known kind",
        })
    }
}

const PREFIXES: [(&str, ValueKind); 4] = [
    ("ticket@@@", ValueKind::Ticket),
    ("preauthcode@@@", ValueKind::PreAuthCode),
    ("queryauthcode@@@", ValueKind::AuthorizationCode),
    ("refreshtoken@@@", ValueKind::RefreshToken),
];

/// Says what `text` looks like; surrounding white space must be gone.
#[must_use]
pub fn recognise(text: &str) -> ValueKind {
    if let Some((_, kind)) = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix)) {
        return *kind;
    }
    if is_access_token(text) {
        ValueKind::AccessToken
    } else if text.parse::<super::id::Appid>().is_ok() {
        ValueKind::Appid
    } else if text.parse::<super::id::UserName>().is_ok() {
        ValueKind::UserName
    } else if text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        ValueKind::ServiceMarketCode
    } else {
        ValueKind::Other
    }
}

fn is_access_token(text: &str) -> bool {
    text.split_once('_').is_some_and(|(age, rest)| {
        (2..=3).contains(&age.len())
            && age.bytes().all(|byte| byte.is_ascii_digit())
            && rest.len() >= 32
            && rest.bytes().all(is_base64url)
    })
}

/// Whether `byte` belongs to the alphabet of WeChat's codes and tokens.
#[must_use]
pub const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}
