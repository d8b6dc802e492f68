//! WxJava: plain strings, and a lock that can be joined.

use zeroize::Zeroizing;

use super::codec::{Entry, Mark, MarkKind, Parts, around, mark};
use super::value::text_of;
use super::{Layout, Slot};

const TICKET: &str = "wechat_component_verify_ticket:";
const COMPONENT_TOKEN: &str = "wechat_component_access_token:";
const REFRESH_TOKEN: &str = "wechat_authorizer_refresh_token:";
const AUTHORIZER_TOKEN: &str = "wechat_authorizer_access_token:";

/// So much earlier than WeChat its keys of tokens go.
const MARGIN: i64 = 200;

/// Its keys of tickets stay for so long: the most that Java's `int` holds.
pub(super) const TICKET_LIFE: i64 = i32::MAX as i64;

pub(super) fn key(slot: &Slot, parts: &Parts<'_>) -> String {
    let Parts {
        prefix, platform, ..
    } = parts;
    match slot {
        Slot::Ticket => format!("{prefix}{TICKET}{platform}"),
        Slot::ComponentToken => format!("{prefix}{COMPONENT_TOKEN}{platform}"),
        Slot::AuthorizerToken(appid) => format!("{prefix}{AUTHORIZER_TOKEN}{platform}:{appid}"),
        Slot::RefreshToken(appid) => format!("{prefix}{REFRESH_TOKEN}{platform}:{appid}"),
    }
}

/// Neither prefix nor platform are in it: platforms in one Redis share the first.
pub(super) fn lock(slot: &Slot) -> String {
    match slot {
        Slot::Ticket | Slot::ComponentToken => "componentAccessTokenLock".to_owned(),
        Slot::AuthorizerToken(appid) | Slot::RefreshToken(appid) => {
            format!("{appid}:accessTokenLock")
        }
    }
}

pub(super) fn write(slot: &Slot, entry: Entry<'_>) -> (Zeroizing<String>, Option<i64>) {
    let ttl = match slot {
        Slot::RefreshToken(_) => None,
        Slot::Ticket => Some(TICKET_LIFE - entry.seconds),
        Slot::ComponentToken | Slot::AuthorizerToken(_) => Some(entry.seconds - MARGIN),
    };
    (text_of(entry.secret), ttl)
}

pub(super) fn recognise(key: &str) -> Option<Mark> {
    let of_platform = |words, kind| {
        let (prefix, platform) = around(key, words)?;
        mark(Layout::Wxjava, prefix, Some(platform), kind)
    };
    let of_merchant = |words, kind: fn(_) -> MarkKind| {
        let (prefix, rest) = around(key, words)?;
        let (platform, appid) = rest.split_once(':')?;
        mark(
            Layout::Wxjava,
            prefix,
            Some(platform),
            kind(appid.parse().ok()?),
        )
    };
    of_platform(TICKET, MarkKind::Ticket)
        .or_else(|| of_platform(COMPONENT_TOKEN, MarkKind::ComponentToken))
        .or_else(|| of_merchant(REFRESH_TOKEN, MarkKind::RefreshToken))
        .or_else(|| of_merchant(AUTHORIZER_TOKEN, MarkKind::AuthorizerToken))
}
