//! What the merchant's acts announce to the platform. Nothing is made or queued for a platform
//! without an events address.

use super::events::{self, Grantings};
use crate::sandbox::state::World;
use crate::sandbox::state::behaviours::EventCode;

/// A merchant confirmed on the authorization page and something changed by it. `stood`: whether an
/// authorization stood before; `code`: what the redirect carries.
pub fn confirmed(
    world: &mut World,
    platform: u8,
    account: u32,
    stood: bool,
    code: &str,
    pre_auth_code: Option<u64>,
) {
    if world.platform(platform).events_url.is_none() {
        return;
    }
    let code = match world.behaviours.event_code {
        EventCode::Same => code.to_owned(),
        EventCode::Different => world.new_auth_code(platform, account),
    };
    let info_type = if stood {
        "updateauthorized"
    } else {
        "authorized"
    };
    let told = Grantings {
        info_type,
        account,
        code: &code,
        pre_auth_code,
    };
    granted(world, platform, &told);
}

/// A merchant changed the sets in the console, where no link is; `code` comes in the event only.
pub fn updated(world: &mut World, platform: u8, account: u32, code: &str) {
    let told = Grantings {
        info_type: "updateauthorized",
        account,
        code,
        pre_auth_code: None,
    };
    granted(world, platform, &told);
}

fn granted(world: &mut World, platform: u8, told: &Grantings<'_>) {
    let fields = events::granted(world, platform, told);
    let account = Some(told.account);
    let push = events::event(platform, account, told.info_type, &fields, true);
    world.enqueue(push);
}

/// A merchant ended an authorization.
pub fn unauthorized(world: &mut World, platform: u8, account: u32) {
    let fields = events::unauthorized(world, platform, account);
    let push = events::event(platform, Some(account), "unauthorized", &fields, true);
    world.enqueue(push);
}
