//! wechatpy: texts in JSON. Version 2 names the platform in its keys, version 1 does not.

use zeroize::Zeroizing;

use super::codec::{Entry, Mark, MarkKind, Parts, mark};
use super::value::json_of;
use super::{Layout, Slot};

const TICKET: &str = "component_verify_ticket";
const COMPONENT_TOKEN: &str = "component_access_token";
const REFRESH_TOKEN: &str = "_refresh_token";
const AUTHORIZER_TOKEN: &str = "_access_token";

/// The key of version 2, then that of version 1; a merchant's are the same in both.
pub(super) fn keys(slot: &Slot, parts: &Parts<'_>) -> [String; 2] {
    let Parts {
        prefix, platform, ..
    } = parts;
    let of_platform = |name| {
        [
            format!("{prefix}{platform}_{name}"),
            format!("{prefix}{name}"),
        ]
    };
    match slot {
        Slot::Ticket => of_platform(TICKET),
        Slot::ComponentToken => of_platform(COMPONENT_TOKEN),
        Slot::AuthorizerToken(appid) => twice(format!("{prefix}{appid}{AUTHORIZER_TOKEN}")),
        Slot::RefreshToken(appid) => twice(format!("{prefix}{appid}{REFRESH_TOKEN}")),
    }
}

fn twice(key: String) -> [String; 2] {
    [key.clone(), key]
}

pub(super) fn write(slot: &Slot, entry: Entry<'_>) -> (Zeroizing<String>, Option<i64>) {
    let ttl = match slot {
        Slot::Ticket | Slot::RefreshToken(_) => None,
        Slot::ComponentToken | Slot::AuthorizerToken(_) => Some(entry.seconds),
    };
    (json_of(entry.secret), ttl)
}

pub(super) fn recognise(key: &str) -> Option<Mark> {
    let colon = key.rfind(':')? + 1;
    let (prefix, name) = key.split_at(colon);
    let layout = Layout::Wechatpy;
    match name {
        TICKET => return mark(layout, prefix, None, MarkKind::Ticket),
        COMPONENT_TOKEN => return mark(layout, prefix, None, MarkKind::ComponentToken),
        _ => {}
    }
    let (appid, rest) = name.split_at_checked(18)?;
    let kind = match rest.strip_prefix('_')? {
        TICKET => return mark(layout, prefix, Some(appid), MarkKind::Ticket),
        COMPONENT_TOKEN => return mark(layout, prefix, Some(appid), MarkKind::ComponentToken),
        "refresh_token" => MarkKind::RefreshToken(appid.parse().ok()?),
        "access_token" => MarkKind::AuthorizerToken(appid.parse().ok()?),
        _ => return None,
    };
    mark(layout, prefix, None, kind)
}
