//! silenceper/wechat 2: plain strings. Ticket and refresh tokens are the application's own affair.

use zeroize::Zeroizing;

use crate::wechat::secret::Secret;

use super::codec::{Mark, MarkKind, Parts, around, mark};
use super::value::text_of;
use super::{Gap, Layout, Slot};

const COMPONENT_TOKEN: &str = "component_access_token_";
const AUTHORIZER_TOKEN: &str = "authorizer_access_token_";

/// So much earlier than WeChat its key of the component token goes.
const MARGIN: i64 = 1500;

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

/// The component token alone: a merchant's refresh token that WeChat renews could not be given to
/// the application.
pub(super) fn write(
    slot: &Slot,
    secret: &Secret,
    expires_in: i64,
) -> Option<(Zeroizing<String>, Option<i64>)> {
    let ttl = Some((expires_in - MARGIN).max(1));
    (*slot == Slot::ComponentToken).then(|| (text_of(secret), ttl))
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
