//! Senparc.Weixin.Open: a bag of everything per platform and per merchant, in Newtonsoft's JSON.
//!
//! Its plain strategy keeps each bag under a key, its other one in a hash of all bags of a kind.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::codec::{Kept, Mark, MarkKind, Parts, Place, mark};
use super::{Layout, Slot, Unreadable};

const COMPONENT_BAG: &str = "Container:Senparc.Weixin.Open.Containers.ComponentBag";
const AUTHORIZER_BAG: &str = "Container:Senparc.Weixin.Open.Containers.AuthorizerBag";

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Bag {
    component_verify_ticket: Option<String>,
    component_access_token_result: Option<ComponentToken>,
    component_access_token_expire_time: Option<String>,
    authorization_info: Option<Authorization>,
    authorization_info_expire_time: Option<String>,
}

#[derive(Deserialize)]
struct ComponentToken {
    component_access_token: Option<String>,
}

#[derive(Deserialize)]
struct Authorization {
    authorizer_access_token: Option<String>,
    authorizer_refresh_token: Option<String>,
}

pub(super) fn places(slot: &Slot, parts: &Parts<'_>) -> [Place; 2] {
    let (bag, appid) = match slot {
        Slot::Ticket | Slot::ComponentToken => (COMPONENT_BAG, parts.platform.as_str()),
        Slot::AuthorizerToken(appid) | Slot::RefreshToken(appid) => {
            (AUTHORIZER_BAG, appid.as_str())
        }
    };
    let hash = format!("{}{bag}", parts.prefix);
    let field = appid.to_owned();
    [
        Place::Key(format!("{hash}:{appid}")),
        Place::Field { hash, field },
    ]
}

pub(super) fn read(slot: &Slot, value: &[u8]) -> Result<Kept, Unreadable> {
    let bag = bag(value)?;
    let (secret, end) = match slot {
        Slot::Ticket => (bag.component_verify_ticket, None),
        Slot::ComponentToken => (
            bag.component_access_token_result
                .and_then(|token| token.component_access_token),
            bag.component_access_token_expire_time,
        ),
        Slot::AuthorizerToken(_) => (
            bag.authorization_info
                .and_then(|info| info.authorizer_access_token),
            bag.authorization_info_expire_time,
        ),
        Slot::RefreshToken(_) => (
            bag.authorization_info
                .and_then(|info| info.authorizer_refresh_token),
            None,
        ),
    };
    Ok(Kept {
        // A bag without it is a bag all the same: nothing is in it yet.
        ends_at: end.and_then(|end| end.parse::<Timestamp>().ok()),
        ..Kept::new(secret.unwrap_or_default())
    })
}

/// The bag, bare or in the wrapper that newer versions put around it.
fn bag(value: &[u8]) -> Result<Bag, Unreadable> {
    let other = |_| Unreadable::OtherShape;
    let mut document: Value = serde_json::from_slice(value).map_err(other)?;
    let inner = document.get_mut("Object").map(Value::take);
    let document = inner.filter(Value::is_object).unwrap_or(document);
    if !document.is_object() {
        return Err(Unreadable::OtherShape);
    }
    serde_json::from_value(document).map_err(other)
}

pub(super) fn recognise(key: &str) -> Option<Mark> {
    let layout = Layout::Senparc;
    if let Some((prefix, rest)) = key.split_once(COMPONENT_BAG) {
        return match rest.strip_prefix(':') {
            Some(platform) => mark(layout, prefix, Some(platform), MarkKind::ComponentToken),
            None => mark(layout, prefix, None, MarkKind::Bags(true)).filter(|_| rest.is_empty()),
        };
    }
    let (prefix, rest) = key.split_once(AUTHORIZER_BAG)?;
    match rest.strip_prefix(':') {
        Some(appid) => {
            let kind = MarkKind::AuthorizerToken(appid.parse().ok()?);
            mark(layout, prefix, None, kind)
        }
        None => mark(layout, prefix, None, MarkKind::Bags(false)).filter(|_| rest.is_empty()),
    }
}
