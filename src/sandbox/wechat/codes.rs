//! Codes: `api_create_preauthcode` and `api_query_auth`.

use super::call::Call;
use super::refusal::Refusal;
use super::{gate, info, push_text};
use crate::sandbox::state::behaviours::LateCode;
use crate::sandbox::state::credential::CredentialKind;
use crate::sandbox::state::quota::Owner;
use crate::sandbox::state::token_line::TOKEN_SECONDS;
use crate::sandbox::state::{PRE_AUTH_SECONDS, World};

/// Gives out a pre-authorization code.
pub fn create_pre_auth_code(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let platform = gate::platform(world, call)?;
    if world.platform(platform).customized {
        return Err(61000.into());
    }
    call.spend(world, Owner::Platform(platform))?;
    let code = world.new_pre_auth_code(platform);
    Ok(format!(r#"{{"pre_auth_code":"{code}","expires_in":{PRE_AUTH_SECONDS}}}"#).into_bytes())
}

/// Exchanges an authorization code, once.
pub fn query_auth(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let platform = gate::platform(world, call)?;
    let given = call.text("authorization_code").ok_or(40097)?;
    let (serial, account) = spendable_code(world, platform, given, call.now)?;
    call.spend(world, Owner::Platform(platform))?;
    world.use_auth_code(serial);
    let issued = world.change_grant(platform, account, |grant| {
        grant.exchanged = true;
        (
            grant.tokens.issue(call.now),
            grant.refresh_serial,
            grant.sets.clone(),
        )
    });
    let (serial, refresh_serial, sets) = issued.ok_or(61009)?;
    let token = world.text(CredentialKind::AuthorizerToken, platform, account, serial);
    let refresh = world.text(
        CredentialKind::RefreshToken,
        platform,
        account,
        refresh_serial,
    );
    let mut body = Vec::with_capacity(2048);
    body.extend_from_slice(br#"{"authorization_info":{"authorizer_appid":"#);
    push_text(&mut body, &world.naming().appid(account));
    body.extend_from_slice(br#","authorizer_access_token":"#);
    push_text(&mut body, &token);
    body.extend_from_slice(format!(r#","expires_in":{TOKEN_SECONDS}"#).as_bytes());
    body.extend_from_slice(br#","authorizer_refresh_token":"#);
    push_text(&mut body, &refresh);
    body.push(b',');
    info::push_func_info(&mut body, &sets, &world.confirmations(account));
    body.extend_from_slice(b"}}");
    Ok(body)
}

/// The number and account of a code that can be exchanged.
fn spendable_code(
    world: &World,
    platform: u8,
    given: &str,
    now: i64,
) -> Result<(u64, u32), Refusal> {
    let code = world
        .read(given)
        .filter(|code| code.kind == CredentialKind::AuthCode)
        .ok_or(61009)?;
    let record = world.auth_code(code.serial).ok_or(61009)?;
    if record.platform != platform {
        return Err(61009.into());
    }
    let late = now >= record.ends_at;
    match (record.used, late, world.behaviours.used_code_when_late) {
        (true, true, LateCode::Expired) | (false, true, _) => Err(61010.into()),
        (true, ..) => Err(61009.into()),
        (false, false, _) => Ok((code.serial, record.account)),
    }
}
