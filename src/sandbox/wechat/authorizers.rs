//! `api_get_authorizer_list`.

use std::borrow::Cow;
use std::io::Write;

use super::call::Call;
use super::refusal::Refusal;
use super::{gate, info, push_text};
use crate::sandbox::state::World;
use crate::sandbox::state::behaviours::{Behaviours, ListOrder, PastEnd};
use crate::sandbox::state::credential::CredentialKind;
use crate::sandbox::state::quota::Owner;

/// The largest `count`.
const PAGE: usize = 500;

/// The accounts that the automatic release check leaves behind; they answer 61003.
const RELEASE_CHECK: [&str; 2] = ["wx570bc396a51b8ff8", "wxd101a85aa106f53e"];

/// One page of who authorized the platform.
pub fn list(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let platform = gate::platform(world, call)?;
    let offset = number(call, "offset")?;
    let count = number(call, "count")?;
    if count > PAGE {
        return Err(40170.into());
    }
    call.spend(world, Owner::Platform(platform))?;
    let behaviours = &world.behaviours;
    let checks = if behaviours.release_check_accounts {
        RELEASE_CHECK.len()
    } else {
        0
    };
    let length = world.roster(platform).len() + checks;
    let (from, to) = window(behaviours, length, offset, count);
    let mut total = length;
    if behaviours.page_past_end == PastEnd::ZeroTotal && offset >= total {
        total = 0;
    }
    if behaviours.moving_total && (offset / count.max(1)) % 2 == 1 {
        total += 1;
    }
    let order = order(world, platform);
    let mut body = Vec::with_capacity(64 + (to - from) * 160);
    let _ = write!(body, r#"{{"total_count":{total},"list":["#);
    for place in from..to {
        if place > from {
            body.push(b',');
        }
        match order.get(place) {
            Some(index) => push_account(&mut body, world, platform, *index),
            None => push_release_check(&mut body, world, platform, place - order.len()),
        }
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

/// The accounts in the order of the list.
fn order(world: &World, platform: u8) -> Cow<'_, [u32]> {
    let accounts = world.roster(platform).accounts();
    if world.behaviours.list_order == ListOrder::AuthTime {
        return Cow::Borrowed(accounts);
    }
    let mut accounts = accounts.to_vec();
    let naming = world.naming();
    accounts.sort_by_cached_key(|index| naming.appid(*index));
    Cow::Owned(accounts)
}

/// Where the page begins and ends among all entries.
fn window(behaviours: &Behaviours, total: usize, offset: usize, count: usize) -> (usize, usize) {
    let mut from = offset.min(total);
    if offset >= total && behaviours.page_past_end == PastEnd::LastPage {
        from = total.saturating_sub(count);
    } else if offset > 0 && offset < total && behaviours.duplicates_between_pages {
        from -= 1;
    }
    (from, from.saturating_add(count).min(total))
}

fn push_account(body: &mut Vec<u8>, world: &World, platform: u8, index: u32) {
    let (refresh, auth_time) = match world.standing_grant(platform, index) {
        Some(grant) => {
            let serial = grant.refresh_serial;
            let text = || world.text(CredentialKind::RefreshToken, platform, index, serial);
            (grant.exchanged.then(text), grant.auth_time)
        }
        None => (None, 0),
    };
    push_entry(
        body,
        world,
        &world.naming().appid(index),
        refresh,
        auth_time,
    );
}

fn push_release_check(body: &mut Vec<u8>, world: &World, platform: u8, place: usize) {
    let refresh = world.text(
        CredentialKind::RefreshToken,
        platform,
        u32::MAX,
        place as u64,
    );
    push_entry(
        body,
        world,
        RELEASE_CHECK[place],
        Some(refresh),
        world.now(),
    );
}

fn push_entry(
    body: &mut Vec<u8>,
    world: &World,
    appid: &str,
    refresh: Option<String>,
    auth_time: i64,
) {
    body.extend_from_slice(br#"{"authorizer_appid":"#);
    push_text(body, appid);
    info::push_refresh_token(body, world, "refresh_token", refresh);
    let _ = write!(body, r#","auth_time":{auth_time}}}"#);
}

fn number(call: &Call<'_>, name: &str) -> Result<usize, Refusal> {
    let number = call.fields.get(name).and_then(serde_json::Value::as_u64);
    match number {
        Some(number) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
        None => Err(40097.into()),
    }
}
