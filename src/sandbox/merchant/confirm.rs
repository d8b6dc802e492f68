//! The merchant confirms on the authorization page.

use serde::{Deserialize, Serialize};

use super::link::{Link, redirect};
use super::page::{self, Declined};
use crate::sandbox::push::announce;
use crate::sandbox::state::World;
use crate::sandbox::state::behaviours::PreAuthUse;
use crate::sandbox::state::grant::{Grant, unsorted};

/// What the merchant does.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorization {
    /// Appid or original id of the account.
    pub appid: String,
    /// The link that was opened.
    pub link: Option<String>,
    /// A pre-authorization code without a link, as the mini-program plugin takes it.
    pub pre_auth_code: Option<String>,
    /// Ticked sets; all that are offered when absent.
    pub permissions: Option<Vec<u32>>,
    /// The WeChat user who confirms; an administrator of the account when absent.
    pub user: Option<String>,
    /// The platform, where no link names it; the first one when absent.
    pub platform: Option<String>,
}

/// What the merchant's browser, and the pushed event, would carry.
#[derive(Debug, Serialize)]
pub struct Confirmed {
    /// The account.
    pub authorizer_appid: String,
    /// The authorization code; none where nothing changed and no browser is sent back.
    pub auth_code: Option<String>,
    /// Seconds it lives.
    pub expires_in: Option<i64>,
    /// Where the browser goes; none without a page.
    pub redirect_url: Option<String>,
    /// Granted sets.
    pub granted: Vec<u32>,
    /// Sets that another platform holds.
    pub left_out: Vec<u32>,
}

/// Confirms an authorization, or declines as the page would.
pub fn authorize(world: &mut World, asked: &Authorization) -> Result<Confirmed, Declined> {
    let index = world
        .account_index(&asked.appid)
        .ok_or_else(|| unknown_account(&asked.appid))?;
    let account = world.account(index);
    let link = match &asked.link {
        Some(text) => Some(Link::parse(text).map_err(|why| Declined::new("link", why))?),
        None => None,
    };
    let named = link
        .as_ref()
        .map(|link| &link.component_appid)
        .or(asked.platform.as_ref());
    let platform = match named {
        Some(appid) => world
            .platform_index(appid)
            .ok_or_else(|| unknown_platform(appid))?,
        None => 0,
    };
    let code = code(
        world,
        platform,
        account.kind.has_link(),
        asked,
        link.as_ref(),
    )?;
    if let Some(code) = code
        && world.behaviours.pre_auth_code_used_at == PreAuthUse::View
    {
        world.use_pre_auth_code(code);
    }
    let no_link = Link::default();
    if let Some(link) = &link {
        page::check_offered(&account, &world.naming().appid(index), link)?;
        let user_name = world.naming().user_name(index);
        let uri = link.redirect_uri.as_deref().unwrap_or("");
        page::check_redirect(world, platform, &user_name, uri)?;
    }
    page::check_account(world, platform, &account, asked.user.as_deref())?;
    let shown = link.as_ref().unwrap_or(&no_link).category_ids.as_deref();
    let (granted, left_out) = page::choose(
        world,
        platform,
        &account,
        shown,
        asked.permissions.as_deref(),
    )?;

    if let Some(code) = code {
        world.use_pre_auth_code(code);
    }
    let stood = world.standing_grant(platform, index).is_some();
    let changed = grant(world, platform, index, &granted);
    let auth_code = world.new_auth_code(platform, index);
    if changed {
        announce::confirmed(world, platform, index, stood, &auth_code, code);
    }
    let expires_in = world.behaviours.auth_code_seconds;
    let uri = match link {
        Some(link) => link.redirect_uri,
        None => Some(world.platform(platform).redirect_uri.clone()),
    };
    Ok(Confirmed {
        authorizer_appid: world.naming().appid(index),
        redirect_url: uri.map(|uri| redirect(&uri, &auth_code, expires_in)),
        auth_code: Some(auth_code),
        expires_in: Some(expires_in),
        granted,
        left_out,
    })
}

/// Grants sets, anew or in the place of what stood. Returns whether anything changed.
pub fn grant(world: &mut World, platform: u8, account: u32, sets: &[u32]) -> bool {
    let now = world.now();
    let sets = unsorted(sets.to_vec());
    let changes_refresh = world.behaviours.update_changes_refresh_token;
    let Some(former) = world.grant(platform, account) else {
        world.put_grant(platform, account, Grant::new(now, sets));
        return true;
    };
    let mut grant = former.into_owned();
    if !grant.standing {
        grant.renew(now, sets);
    } else if grant.sets != sets {
        grant.sets = sets;
        if changes_refresh {
            grant.rotate_refresh(now);
        }
    } else {
        return false;
    }
    world.put_grant(platform, account, grant);
    true
}

/// The pre-authorization code that the confirmation uses up; stores and suppliers need none,
/// since the service market authorizes without a page.
fn code(
    world: &World,
    platform: u8,
    has_link: bool,
    asked: &Authorization,
    link: Option<&Link>,
) -> Result<Option<u64>, Declined> {
    let given = link
        .map(|link| &link.pre_auth_code)
        .or(asked.pre_auth_code.as_ref());
    match given {
        Some(text) => page::usable_code(world, platform, text).map(Some),
        None if !has_link => Ok(None),
        None => world.newest_pre_auth_code(platform).map(Some).ok_or_else(|| {
            Declined::new("pre_auth_code", "the platform has no pre-authorization code that can be used: make a link first")
        }),
    }
}

/// No account has this id.
pub fn unknown_account(id: &str) -> Declined {
    Declined::new("unknown_account", format!("no account has this id: {id}"))
}

/// No platform has this appid.
pub fn unknown_platform(appid: &str) -> Declined {
    Declined::new(
        "unknown_platform",
        format!("no platform has this appid: {appid}"),
    )
}
