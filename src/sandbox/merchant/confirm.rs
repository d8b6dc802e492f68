//! The merchant confirms on the authorization page.

use serde::{Deserialize, Serialize};

use super::launch::check_redirect;
use super::link::{Link, redirect};
use super::offer::choose;
use super::page::{self, Declined};
use crate::sandbox::push::announce;
use crate::sandbox::state::World;
use crate::sandbox::state::account::Account;
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

/// A link whose page is open.
#[derive(Debug)]
pub struct Opened {
    /// What the link asks for.
    pub link: Link,
    /// The platform by number.
    pub platform: u8,
    code: u64,
    /// Whether opening the page used the code up.
    viewed: bool,
}

impl Opened {
    /// Whether the page can still be confirmed.
    pub fn check(&self, world: &World) -> Result<(), Declined> {
        page::check_code(world, self.platform, self.code, self.viewed)
    }
}

/// Opens the page of a link.
pub fn open(world: &mut World, link: Link) -> Result<Opened, Declined> {
    let platform = world
        .platform_index(&link.component_appid)
        .ok_or_else(|| unknown_platform(&link.component_appid))?;
    let code = page::usable_code(world, platform, &link.pre_auth_code)?;
    let viewed = view(world, code);
    Ok(Opened {
        link,
        platform,
        code,
        viewed,
    })
}

/// Uses the code up where looking at the page does that.
fn view(world: &mut World, code: u64) -> bool {
    let views = world.behaviours.pre_auth_code_used_at == PreAuthUse::View;
    if views {
        world.use_pre_auth_code(code);
    }
    views
}

/// Opens the page and confirms at once, or declines as the page would. Stores and suppliers need
/// no code, since the service market authorizes without a page.
pub fn authorize(world: &mut World, asked: &Authorization) -> Result<Confirmed, Declined> {
    let index = world
        .account_index(&asked.appid)
        .ok_or_else(|| unknown_account(&asked.appid))?;
    if let Some(text) = &asked.link {
        let link = Link::parse(text).map_err(|why| Declined::new("link", why))?;
        let opened = open(world, link)?;
        return confirm(world, &opened, asked);
    }
    let platform = match &asked.platform {
        Some(appid) => world
            .platform_index(appid)
            .ok_or_else(|| unknown_platform(appid))?,
        None => 0,
    };
    let account = world.account(index);
    let code = code_without_link(world, platform, account.kind.has_link(), asked)?;
    if let Some(code) = code {
        view(world, code);
    }
    page::check_account(world, platform, &account, asked.user.as_deref())?;
    let uri = world.platform(platform).redirect_uri.clone();
    complete(world, &account, platform, code, None, asked, &uri)
}

/// Confirms on an open page what `asked` says of account, user and ticked sets.
pub fn confirm(
    world: &mut World,
    opened: &Opened,
    asked: &Authorization,
) -> Result<Confirmed, Declined> {
    opened.check(world)?;
    let account = choose_account(world, opened, &asked.appid, asked.user.as_deref())?;
    let link = &opened.link;
    let (code, shown) = (Some(opened.code), link.category_ids.as_deref());
    let uri = link.redirect_uri.as_deref().unwrap_or("");
    complete(world, &account, opened.platform, code, shown, asked, uri)
}

/// The account, if the open page lets `user` choose it.
pub fn choose_account(
    world: &World,
    opened: &Opened,
    appid: &str,
    user: Option<&str>,
) -> Result<Account, Declined> {
    let index = world
        .account_index(appid)
        .ok_or_else(|| unknown_account(appid))?;
    let (account, link) = (world.account(index), &opened.link);
    page::check_offered(&account, &world.naming().appid(index), link)?;
    let user_name = world.naming().user_name(index);
    let uri = link.redirect_uri.as_deref().unwrap_or("");
    check_redirect(world, opened.platform, &user_name, uri)?;
    page::check_account(world, opened.platform, &account, user)?;
    Ok(account)
}

fn complete(
    world: &mut World,
    account: &Account,
    platform: u8,
    code: Option<u64>,
    shown: Option<&[u32]>,
    asked: &Authorization,
    uri: &str,
) -> Result<Confirmed, Declined> {
    let index = account.index;
    let ticked = asked.permissions.as_deref();
    let (granted, left_out) = choose(world, platform, account, shown, ticked)?;

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
    Ok(Confirmed {
        authorizer_appid: world.naming().appid(index),
        redirect_url: Some(redirect(uri, &auth_code, expires_in)),
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

fn code_without_link(
    world: &World,
    platform: u8,
    has_link: bool,
    asked: &Authorization,
) -> Result<Option<u64>, Declined> {
    match &asked.pre_auth_code {
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
