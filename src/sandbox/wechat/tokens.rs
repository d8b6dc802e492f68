//! Tickets and tokens: `api_start_push_ticket`, `api_component_token`, `api_authorizer_token`.

use super::call::Call;
use super::refusal::Refusal;
use super::{gate, ok, push_text};
use crate::sandbox::state::credential::CredentialKind;
use crate::sandbox::state::quota::Owner;
use crate::sandbox::state::token_line::TOKEN_SECONDS;
use crate::sandbox::state::{TICKET_SECONDS, TICKET_STEP, World, check_accounts};

/// Takes ticket pushes up again, or says that they run.
pub fn start_push_ticket(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let platform = gate::tokenless_platform(world, call)?;
    check_appsecret(world, platform, call.text("component_secret"))?;
    call.spend(world, Owner::Platform(platform))?;
    if world.platform(platform).tickets_stopped_at.is_none() {
        return Ok(br#"{"errcode":0,"errmsg":"in a normal state"}"#.to_vec());
    }
    world.change_platform(platform, |platform| platform.tickets_stopped_at = None);
    world.push_ticket_now(platform);
    Ok(ok())
}

/// Makes a component token; the one before works five more minutes.
pub fn component_token(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let platform = gate::tokenless_platform(world, call)?;
    // Seen: a stale ticket is refused even where the secret is missing.
    check_ticket(world, call, platform)?;
    check_appsecret(world, platform, call.text("component_appsecret"))?;
    call.spend(world, Owner::Platform(platform))?;
    let serial = world.change_platform(platform, |platform| platform.tokens.issue(call.now));
    let token = world.text(CredentialKind::ComponentToken, platform, 0, serial);
    Ok(
        format!(r#"{{"component_access_token":"{token}","expires_in":{TOKEN_SECONDS}}}"#)
            .into_bytes(),
    )
}

/// Makes an authorizer token from a refresh token.
pub fn authorizer_token(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let platform = gate::platform(world, call)?;
    let appid = call.text("authorizer_appid").ok_or(40013)?;
    let given = call.text("authorizer_refresh_token").ok_or(40013)?;
    // Seen: the accounts of the release check stay in the list and give 61003 here.
    let account = (world.account_index(appid))
        .filter(|index| !check_accounts::is_one(*index))
        .ok_or(61003)?;
    let grant = world.standing_grant(platform, account).ok_or(61003)?;
    let right = world.read(given).is_some_and(|token| {
        token.kind == CredentialKind::RefreshToken
            && (token.platform, token.account) == (platform, account)
            && grant.exchanged
            && grant.accepts_refresh(token.serial, call.now)
    });
    if !right {
        return Err(61023.into());
    }
    if !matches!(world.account(account).status, 1 | 16 | 18) {
        return Err(50002.into());
    }
    call.spend(world, Owner::Platform(platform))?;
    let rotates = world.behaviours.refresh_token_rotates;
    let serials = world.change_grant(platform, account, |grant| {
        if rotates {
            grant.rotate_refresh(call.now);
        }
        (grant.tokens.issue(call.now), grant.refresh_serial)
    });
    let (serial, refresh_serial) = serials.ok_or(61003)?;
    let token = world.text(CredentialKind::AuthorizerToken, platform, account, serial);
    let refresh = world.text(
        CredentialKind::RefreshToken,
        platform,
        account,
        refresh_serial,
    );
    let mut body = Vec::with_capacity(320);
    body.extend_from_slice(br#"{"authorizer_access_token":"#);
    push_text(&mut body, &token);
    body.extend_from_slice(format!(r#","expires_in":{TOKEN_SECONDS},"#).as_bytes());
    body.extend_from_slice(br#""authorizer_refresh_token":"#);
    push_text(&mut body, &refresh);
    body.push(b'}');
    Ok(body)
}

/// The appsecret under whatever name a call has for it.
pub fn check_appsecret(world: &World, platform: u8, given: Option<&str>) -> Result<(), Refusal> {
    match given {
        None => Err(41004.into()),
        Some(given) if given == world.platform(platform).appsecret => Ok(()),
        Some(_) => Err(40125.into()),
    }
}

fn check_ticket(world: &World, call: &Call<'_>, platform: u8) -> Result<(), Refusal> {
    let ticket = call
        .text("component_verify_ticket")
        .and_then(|text| world.read(text))
        .filter(|ticket| ticket.kind == CredentialKind::Ticket && ticket.platform == platform)
        .ok_or(61006)?;
    let pushed_at = i64::try_from(ticket.serial).unwrap_or(i64::MAX / TICKET_STEP) * TICKET_STEP;
    if call.now >= pushed_at + TICKET_SECONDS {
        return Err(61005.into());
    }
    Ok(())
}
