//! `openapi/rid/get`, `callback/check` and the two lists of addresses.

use super::call::Call;
use super::gate;
use super::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::state::rids::is_rid;

/// A refused call by its rid.
pub fn rid(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let holder = gate::holder(world, call)?;
    let rid = call.text("rid").filter(|rid| is_rid(rid)).ok_or(76002)?;
    let record = world.rids.find(rid, call.now).ok_or(76001)?;
    if record.url.starts_with("/sns/") {
        return Err(76022.into());
    }
    if record.owner.is_some_and(|owner| owner != holder.owner()) {
        return Err(76003.into());
    }
    let text = |text: &str| serde_json::Value::String(text.to_owned());
    Ok(format!(
        concat!(
            r#"{{"errcode":0,"errmsg":"ok","request":{{"invoke_time":{},"cost_in_ms":{},"#,
            r#""request_url":{},"request_body":{},"response_body":{},"client_ip":{}}}}}"#
        ),
        record.at,
        1,
        text(&record.url),
        text(&record.request),
        text(&record.response),
        text(&record.client),
    )
    .into_bytes())
}

/// What WeChat sees of the receiver.
pub fn callback_check(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let holder = gate::holder(world, call)?;
    let action = call.text("action").unwrap_or("");
    if !matches!(action, "dns" | "ping" | "all") {
        return Err(40202.into());
    }
    let operator = call.text("check_operator").unwrap_or("");
    if !matches!(operator, "CHINANET" | "UNICOM" | "CAP" | "DEFAULT") {
        return Err(40203.into());
    }
    let platform = match holder {
        gate::Holder::Platform(platform) | gate::Holder::Authorizer { platform, .. } => platform,
    };
    if !world.platform(platform).has_callback {
        return Err(40201.into());
    }
    call.spend(world, holder.owner())?;
    let mut parts = Vec::new();
    if action != "ping" {
        parts.push(format!(
            r#""dns":[{{"ip":"{RECEIVER}","real_operator":"{operator}"}}]"#
        ));
    }
    if action != "dns" {
        parts.push(format!(
            r#""ping":[{{"ip":"{RECEIVER}","from_operator":"{operator}","package_loss":"0%","time":"23.079ms"}}]"#
        ));
    }
    Ok(format!("{{{}}}", parts.join(",")).into_bytes())
}

/// Addresses of the API.
pub fn api_addresses(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    addresses(world, call, &["192.0.2.10", "192.0.2.11"])
}

/// Addresses that pushes come from.
pub fn push_addresses(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    addresses(world, call, &["198.51.100.20", "198.51.100.128/25"])
}

fn addresses(world: &mut World, call: &Call<'_>, list: &[&str]) -> Result<Vec<u8>, Refusal> {
    let holder = gate::holder(world, call)?;
    call.spend(world, holder.owner())?;
    Ok(serde_json::json!({ "ip_list": list })
        .to_string()
        .into_bytes())
}

const RECEIVER: &str = "203.0.113.5";
