//! The merchant updates or ends an authorization, in the console or the safety assistant.

use serde::{Deserialize, Serialize};

use super::confirm::{Confirmed, grant, unknown_account, unknown_platform};
use super::offer::choose;
use super::page::Declined;
use crate::sandbox::push::announce;
use crate::sandbox::state::World;
use crate::sandbox::state::behaviours::RevokedToken;

/// Which authorization, and what it shall hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// Appid or original id of the account.
    pub appid: String,
    /// Ticked sets; all that the platform offers when absent. Not for an end.
    pub permissions: Option<Vec<u32>>,
    /// The platform; the first one when absent.
    pub platform: Option<String>,
}

/// An authorization that ended.
#[derive(Debug, Serialize)]
pub struct Ended {
    authorizer_appid: String,
    revoked: bool,
}

/// Changes the granted sets. The code comes in the pushed event only, and there is none when
/// nothing changed.
pub fn update(world: &mut World, asked: &Update) -> Result<Confirmed, Declined> {
    let (platform, index) = standing(world, asked)?;
    let account = world.account(index);
    let (granted, left_out) = choose(
        world,
        platform,
        &account,
        None,
        asked.permissions.as_deref(),
    )?;
    let changed = grant(world, platform, index, &granted);
    let auth_code = changed.then(|| world.new_auth_code(platform, index));
    if let Some(code) = &auth_code {
        announce::updated(world, platform, index, code);
    }
    Ok(Confirmed {
        authorizer_appid: world.naming().appid(index),
        expires_in: auth_code
            .is_some()
            .then_some(world.behaviours.auth_code_seconds),
        auth_code,
        redirect_url: None,
        granted,
        left_out,
    })
}

/// Ends an authorization: refresh token and codes die, and exclusive sets come free.
pub fn revoke(world: &mut World, asked: &Update) -> Result<Ended, Declined> {
    let (platform, index) = standing(world, asked)?;
    let at_once = world.behaviours.revoked_access_token == RevokedToken::Invalid;
    world.change_grant(platform, index, |grant| {
        grant.standing = false;
        if at_once {
            grant.tokens.end();
        }
    });
    world.void_auth_codes(platform, index);
    announce::unauthorized(world, platform, index);
    Ok(Ended {
        authorizer_appid: world.naming().appid(index),
        revoked: true,
    })
}

fn standing(world: &World, asked: &Update) -> Result<(u8, u32), Declined> {
    let index = world
        .account_index(&asked.appid)
        .ok_or_else(|| unknown_account(&asked.appid))?;
    let platform = match &asked.platform {
        Some(appid) => world
            .platform_index(appid)
            .ok_or_else(|| unknown_platform(appid))?,
        None => 0,
    };
    if world.standing_grant(platform, index).is_none() {
        let message = format!(
            "the account has not authorized the platform: {}",
            asked.appid
        );
        return Err(Declined::new("not_authorized", message));
    }
    Ok((platform, index))
}
