//! The checks that come before a call's own: token, ids, caller's address, kind of token.

use super::call::Call;
use super::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::state::behaviours::RevokedToken;
use crate::sandbox::state::credential::{Credential, CredentialKind};
use crate::sandbox::state::quota::Owner;
use crate::sandbox::state::token_line::TokenState;

/// Whose token a call carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The platform's.
    Platform(u8),
    /// An authorizer's, for a platform.
    Authorizer {
        /// The platform that calls.
        platform: u8,
        /// The account it calls for.
        account: u32,
    },
}

impl Holder {
    /// Whose counters the call goes against.
    pub fn owner(self) -> Owner {
        match self {
            Self::Platform(platform) => Owner::Platform(platform),
            Self::Authorizer { account, .. } => Owner::Account(account),
        }
    }
}

/// The platform of a call without a token: `component_appid` must name one that may call.
pub fn tokenless_platform(world: &World, call: &Call<'_>) -> Result<u8, Refusal> {
    let appid = component_appid(world, call)?;
    let platform = world.platform_index(appid);
    check_address(world, call, platform)?;
    platform.ok_or_else(|| 40013.into())
}

/// The platform of a call of the component interface that names it in the body.
pub fn platform(world: &World, call: &Call<'_>) -> Result<u8, Refusal> {
    token_present(call)?;
    let appid = component_appid(world, call)?;
    let platform = platform_by_token(world, call, world.platform_index(appid))?;
    if world.platform(platform).appid != appid {
        return Err(40013.into());
    }
    Ok(platform)
}

/// The platform of a call of the component interface that does not name it.
pub fn platform_by_token(world: &World, call: &Call<'_>, named: Option<u8>) -> Result<u8, Refusal> {
    token_present(call)?;
    check_address(
        world,
        call,
        call.credential.map(|token| token.platform).or(named),
    )?;
    match live_holder(world, call)? {
        Holder::Platform(platform) => Ok(platform),
        Holder::Authorizer { .. } => Err(61014.into()),
    }
}

/// The holder of a call that takes either kind of token.
pub fn holder(world: &World, call: &Call<'_>) -> Result<Holder, Refusal> {
    token_present(call)?;
    check_address(world, call, call.credential.map(|token| token.platform))?;
    live_holder(world, call)
}

/// Whether the caller may call for `platform` from its address.
pub fn tokenless_address(world: &World, call: &Call<'_>, platform: u8) -> Result<(), Refusal> {
    check_address(world, call, Some(platform))
}

fn token_present(call: &Call<'_>) -> Result<(), Refusal> {
    match call.token {
        Some(_) => Ok(()),
        None => Err(41001.into()),
    }
}

/// `component_appid`, which must not be an account's.
fn component_appid<'a>(world: &World, call: &'a Call<'_>) -> Result<&'a str, Refusal> {
    let appid = call.text("component_appid").ok_or(41018)?;
    if world.account_index(appid).is_some() {
        return Err(61011.into());
    }
    Ok(appid)
}

fn check_address(world: &World, call: &Call<'_>, platform: Option<u8>) -> Result<(), Refusal> {
    let Some(platform) = platform else {
        return Ok(());
    };
    let whitelist = &world.platform(platform).ip_whitelist;
    let peer = call.received.peer;
    if whitelist.is_empty() || whitelist.iter().any(|ip| ip.parse() == Ok(peer)) {
        return Ok(());
    }
    Err(unregistered_address(call))
}

/// 61004 with the caller's address.
pub fn unregistered_address(call: &Call<'_>) -> Refusal {
    Refusal::with_detail(61004, format!("requestIP: {}", call.received.peer))
}

fn live_holder(world: &World, call: &Call<'_>) -> Result<Holder, Refusal> {
    let token = call.credential.ok_or(40001)?;
    match token.kind {
        CredentialKind::ComponentToken => {
            let line = &world.platform(token.platform).tokens;
            still_live(line.state(token.serial, call.now))?;
            Ok(Holder::Platform(token.platform))
        }
        CredentialKind::AuthorizerToken => authorizer(world, token, call.now),
        _ => Err(40001.into()),
    }
}

fn authorizer(world: &World, token: Credential, now: i64) -> Result<Holder, Refusal> {
    let grant = world.grant(token.platform, token.account).ok_or(40001)?;
    still_live(grant.tokens.state(token.serial, now))?;
    if !grant.standing {
        match world.behaviours.revoked_access_token {
            RevokedToken::NotAuthorized => return Err(61003.into()),
            RevokedToken::Invalid => return Err(40001.into()),
            RevokedToken::OwnEnd => {}
        }
    }
    Ok(Holder::Authorizer {
        platform: token.platform,
        account: token.account,
    })
}

fn still_live(state: TokenState) -> Result<(), Refusal> {
    match state {
        TokenState::Live => Ok(()),
        TokenState::NotNewest => Err(40001.into()),
        TokenState::Expired => Err(42001.into()),
    }
}
