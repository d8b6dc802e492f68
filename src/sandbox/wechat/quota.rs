//! Counters of calls: `clear_quota` in its forms, `openapi/quota/get` and `openapi/quota/clear`.

use super::call::Call;
use super::gate::{self, Holder};
use super::refusal::Refusal;
use super::routes::{self, Route};
use super::{ok, tokens};
use crate::sandbox::catalogue::TokenOwner;
use crate::sandbox::state::World;
use crate::sandbox::state::quota::{Owner, daily_limit};

/// Clears the counters of whoever the token belongs to.
pub fn clear(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let holder = gate::holder(world, call)?;
    let own = match holder {
        Holder::Platform(platform) => world.platform(platform).appid.clone(),
        Holder::Authorizer { account, .. } => world.naming().appid(account),
    };
    if call.text("appid") != Some(own.as_str()) {
        return Err(40013.into());
    }
    clear_all(world, call, holder.owner())
}

/// The form of before 2021, for the platform itself.
pub fn clear_old(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let platform = gate::platform(world, call)?;
    clear_all(world, call, Owner::Platform(platform))
}

/// Clears without a token, so that it works when no token can be made any more.
pub fn clear_by_secret(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    // Published clients send these fields in the query; the body goes first.
    let field = |name: &str| {
        let in_body = call.text(name).map(str::to_owned);
        in_body.or_else(|| call.received.query(name).map(|value| value.into_owned()))
    };
    let component_appid = field("component_appid").ok_or(41002)?;
    let platform = world.platform_index(&component_appid).ok_or(40013)?;
    gate::tokenless_address(world, call, platform)?;
    tokens::check_appsecret(world, platform, field("appsecret").as_deref())?;
    let owner = match field("appid") {
        None => Owner::Platform(platform),
        Some(appid) if appid == component_appid => Owner::Platform(platform),
        Some(appid) => {
            let account = world.account_index(&appid).ok_or(40013)?;
            world.standing_grant(platform, account).ok_or(43007)?;
            Owner::Account(account)
        }
    };
    clear_all(world, call, owner)
}

/// The form for an account's own secret, which no platform has and which is no platform's.
pub fn clear_own_by_secret(_: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    call.text("appid").ok_or(41002)?;
    call.text("appsecret").ok_or(41004)?;
    Err(40013.into())
}

/// How much of a path's day is used.
pub fn get(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let (owner, path) = named_path(world, call)?;
    let limit = daily_limit(path);
    let used = world.quota.used(owner, path, call.now).min(limit);
    let remain = limit - used;
    Ok(format!(
        r#"{{"errcode":0,"errmsg":"ok","quota":{{"daily_limit":{limit},"used":{used},"remain":{remain}}}}}"#
    )
    .into_bytes())
}

/// Clears the counter of one path.
pub fn clear_path(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let (owner, path) = named_path(world, call)?;
    if !world.quota.clear_path(owner, path, call.now) {
        return Err(45040.into());
    }
    Ok(ok())
}

fn clear_all(world: &mut World, call: &Call<'_>, owner: Owner) -> Result<Vec<u8>, Refusal> {
    if !world.quota.clear(owner, call.now) {
        return Err(48006.into());
    }
    Ok(ok())
}

/// The holder and the `cgi_path` that the call names, if the token's kind owns that path.
fn named_path(world: &World, call: &Call<'_>) -> Result<(Owner, &'static str), Refusal> {
    let holder = gate::holder(world, call)?;
    let path = call.text("cgi_path").unwrap_or("");
    if !path.starts_with('/') || path.contains("//") {
        return Err(76003.into());
    }
    if path.starts_with("/sns/") {
        return Err(76022.into());
    }
    let route = routes::find(path).ok_or(76021)?;
    let of_component = match &route {
        Route::Documented(_) => path.starts_with("/cgi-bin/component/"),
        Route::Business(api) => api.token == TokenOwner::Component,
    };
    let either = match &route {
        Route::Documented(_) => !of_component || path.ends_with("_authorizer_option"),
        Route::Business(api) => api.token == TokenOwner::Any,
    };
    if !either && of_component != matches!(holder, Holder::Platform(_)) {
        return Err(76022.into());
    }
    Ok((holder.owner(), route.path()))
}
