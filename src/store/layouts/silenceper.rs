//! silenceper/wechat 2: plain strings. Ticket and refresh tokens are the application's own affair.

use zeroize::Zeroizing;

use super::codec::{Entry, Mark, MarkKind, Parts, around, mark};
use super::value::text_of;
use super::{Gap, Layout, Slot};

const COMPONENT_TOKEN: &str = "component_access_token_";
const AUTHORIZER_TOKEN: &str = "authorizer_access_token_";

/// So much earlier than WeChat its key of the component token goes.
const MARGIN: i64 = 1500;
/// And that of a merchant's token.
const AUTHORIZER_MARGIN: i64 = 30;

pub(super) fn key(slot: &Slot, parts: &Parts<'_>) -> Result<String, Gap> {
    let Parts {
        prefix, platform, ..
    } = parts;
    match slot {
        Slot::ComponentToken => Ok(format!("{prefix}{COMPONENT_TOKEN}{platform}")),
        Slot::AuthorizerToken(appid) => Ok(format!("{prefix}{AUTHORIZER_TOKEN}{appid}")),
        Slot::Ticket | Slot::RefreshToken(_) => Err(Gap::NotKept),
    }
}

pub(super) fn write(slot: &Slot, entry: Entry<'_>) -> Option<(Zeroizing<String>, Option<i64>)> {
    let margin = match slot {
        Slot::ComponentToken => MARGIN,
        Slot::AuthorizerToken(_) => AUTHORIZER_MARGIN,
        Slot::Ticket | Slot::RefreshToken(_) => return None,
    };
    Some((text_of(entry.secret), Some(entry.seconds - margin)))
}

pub(super) fn recognise(key: &str) -> Option<Mark> {
    let layout = Layout::Silenceper;
    if let Some((prefix, platform)) = around(key, COMPONENT_TOKEN) {
        return mark(layout, prefix, Some(platform), MarkKind::ComponentToken);
    }
    let (prefix, appid) = around(key, AUTHORIZER_TOKEN)?;
    let kind = MarkKind::AuthorizerToken(appid.parse().ok()?);
    mark(layout, prefix, None, kind)
}
