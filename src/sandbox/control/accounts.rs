//! Which accounts there are, and what happens to them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Rejected, shown};
use crate::sandbox::http::Received;
use crate::sandbox::merchant::Declined;
use crate::sandbox::state::World;
use crate::sandbox::state::account::Confirmations;
use crate::sandbox::state::kind::Family;

#[derive(Serialize)]
struct Row {
    appid: String,
    user_name: String,
    nick_name: String,
    kind: Family,
    administrators: Vec<&'static str>,
    authorized: bool,
}

/// `?kind=`, `?authorized=`, `?offset=`, `?count=`, and `?platform=` for whose authorization
/// counts.
pub fn list(world: &World, received: &Received) -> Result<Value, Rejected> {
    let invalid = |name: &str| Rejected::new(400, "query", format!("not understood: {name}"));
    let kind: Option<Family> = match received.query("kind") {
        Some(kind) => Some(serde_json::from_value(json!(kind)).map_err(|_| invalid("kind"))?),
        None => None,
    };
    let authorized: Option<bool> = match received.query("authorized") {
        Some(text) => Some(text.parse().map_err(|_| invalid("authorized"))?),
        None => None,
    };
    let number = |name: &str, otherwise: usize| match received.query(name) {
        Some(text) => text.parse().map_err(|_| invalid(name)),
        None => Ok(otherwise),
    };
    let (offset, count) = (number("offset", 0)?, number("count", usize::MAX)?);
    let platform = match received.query("platform") {
        Some(appid) => world
            .platform_index(&appid)
            .ok_or_else(|| invalid("platform"))?,
        None => 0,
    };
    let naming = world.naming();
    let rows: Vec<Row> = (0..world.account_count())
        .map(|index| {
            (
                world.account(index),
                world.standing_grant(platform, index).is_some(),
            )
        })
        .filter(|(account, _)| kind.is_none_or(|kind| account.kind.family() == kind))
        .filter(|(_, standing)| authorized.is_none_or(|wanted| *standing == wanted))
        .skip(offset)
        .take(count)
        .map(|(account, authorized)| Row {
            appid: naming.appid(account.index),
            user_name: naming.user_name(account.index),
            nick_name: account.nick_name(),
            kind: account.kind.family(),
            administrators: account.administrators(),
            authorized,
        })
        .collect();
    Ok(shown(&rows))
}

/// What happens to an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    appid: String,
    /// Cancelled, banned, warned, frozen or normal again.
    account_status: Option<u32>,
    /// By number of the set, how it stands with confirmation by the platform.
    #[serde(default)]
    confirm: Confirmations,
}

/// Changes what is named of an account, and answers what it is now.
pub fn change(world: &mut World, change: &Change) -> Result<Value, Rejected> {
    let index = world.account_index(&change.appid).ok_or_else(|| {
        Declined::new(
            "unknown_account",
            format!("no account has this id: {}", change.appid),
        )
    })?;
    if !matches!(change.account_status, None | Some(1 | 14 | 16 | 18 | 19)) {
        return Err(Rejected::new(
            400,
            "account_status",
            "account_status is 1, 14, 16, 18 or 19",
        ));
    }
    world.change_account(index, |account| {
        account.status = change.account_status.or(account.status);
        account.confirmations.extend(&change.confirm);
    });
    Ok(json!({
        "appid": world.naming().appid(index),
        "account_status": world.account(index).status,
        "confirm": world.confirmations(index),
    }))
}
