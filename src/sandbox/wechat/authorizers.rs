//! `api_get_authorizer_list`.

use std::borrow::Cow;
use std::io::Write;

use super::call::Call;
use super::refusal::Refusal;
use super::{gate, info, push_text};
use crate::sandbox::state::World;
use crate::sandbox::state::behaviours::{Behaviours, ListOrder, PastEnd};
use crate::sandbox::state::check_accounts;
use crate::sandbox::state::credential::CredentialKind;
use crate::sandbox::state::quota::Owner;

/// The largest `count`.
const PAGE: usize = 500;

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
    let order = order(world, platform);
    let length = order.len();
    let (from, to) = window(behaviours, length, offset, count);
    let mut total = length;
    if behaviours.page_past_end == PastEnd::ZeroTotal && offset >= total {
        total = 0;
    }
    if behaviours.moving_total && (offset / count.max(1)) % 2 == 1 {
        total += 1;
    }
    let mut body = Vec::with_capacity(64 + (to - from) * 160);
    let _ = write!(body, r#"{{"total_count":{total},"list":["#);
    for (place, index) in order[from..to].iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        push_account(&mut body, world, platform, *index);
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

/// The accounts in the order of the list; what a release check left behind comes last.
fn order(world: &World, platform: u8) -> Cow<'_, [u32]> {
    let mut accounts = Cow::Borrowed(world.roster(platform).accounts());
    if world.behaviours.list_order == ListOrder::Appid {
        let naming = world.naming();
        (accounts.to_mut()).sort_by_cached_key(|index| naming.appid(*index));
    }
    if world.behaviours.release_check_accounts {
        let left = check_accounts::group(0).map(|index| (index, accounts.contains(&index)));
        let missing = left.into_iter().filter(|(_, there)| !there);
        accounts.to_mut().extend(missing.map(|(index, _)| index));
    }
    accounts
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
    let text = |serial| world.text(CredentialKind::RefreshToken, platform, index, serial);
    let (refresh, auth_time) = match world.standing_grant(platform, index) {
        Some(grant) => (
            grant.exchanged.then(|| text(grant.refresh_serial)),
            grant.auth_time,
        ),
        // What an earlier release check left behind.
        None => (Some(text(0)), world.now()),
    };
    body.extend_from_slice(br#"{"authorizer_appid":"#);
    push_text(body, &world.naming().appid(index));
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
