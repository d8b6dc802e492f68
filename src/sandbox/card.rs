//! What a client must know to use a sandbox.

use serde::Serialize;

use super::state::World;
use super::state::platform::Platform;
use super::state::pushing::{Alarm, Target};
use crate::sys::clock::timestamp;

/// One platform of the sandbox, as a client would configure it.
#[derive(Clone, Debug, Serialize)]
pub struct PlatformCard {
    /// `wx` and 16 hexadecimal digits.
    pub component_appid: String,
    /// 32 hexadecimal digits.
    pub component_appsecret: String,
    /// The verification token of pushes.
    pub token: String,
    /// 43 characters.
    pub encoding_aes_key: String,
    /// The one before it, which receivers go on taking.
    pub previous_encoding_aes_key: Option<String>,
    /// The newest ticket.
    pub component_verify_ticket: String,
    /// A redirect address on the launch domain.
    pub redirect_uri: String,
    /// The host of launch page and redirect address.
    pub launch_domain: String,
    /// Whether the platform passed its full release.
    pub released: bool,
    /// Original ids that may authorize before the release.
    pub test_list: Vec<String>,
    /// The permission sets it offers.
    pub permission_ids: Vec<u32>,
    /// Where tickets and authorization events are pushed.
    pub events_url: Option<String>,
    /// Where the messages of accounts are pushed.
    pub messages_url: Option<String>,
    /// Until when nothing is pushed to the events address after a burst of failures, RFC 3339.
    pub events_paused_until: Option<String>,
    /// The same of the messages address.
    pub messages_paused_until: Option<String>,
}

/// The first line of `sandbox start -o json`, and `GET /__sandbox/status`.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// The base of all WeChat hosts, without a final slash.
    pub url: String,
    /// The base of the control interface.
    pub control_url: String,
    /// Tells this run of the sandbox from another one at the same address.
    pub nonce: String,
    /// The first platform.
    #[serde(flatten)]
    pub platform: PlatformCard,
    /// How far the sandbox's clock is ahead, in seconds.
    pub clock_offset: i64,
    /// The sandbox's time, RFC 3339.
    pub now: String,
    /// Every platform, the first one included.
    pub platforms: Vec<PlatformCard>,
    /// Pushes that failed, by receiving address and kind, the latest last.
    pub alarms: Vec<Alarm>,
}

impl PlatformCard {
    fn of(world: &World, platform: &Platform) -> Self {
        Self {
            component_appid: platform.appid.clone(),
            component_appsecret: platform.appsecret.clone(),
            token: platform.token.clone(),
            encoding_aes_key: platform.encoding_aes_key.clone(),
            previous_encoding_aes_key: platform.previous_encoding_aes_key.clone(),
            component_verify_ticket: world.current_ticket(platform),
            redirect_uri: platform.redirect_uri.clone(),
            launch_domain: platform.public_launch_domain().to_owned(),
            released: platform.released,
            test_list: platform.test_list.clone(),
            permission_ids: platform.permission_ids.clone(),
            events_url: platform.events_url.clone(),
            messages_url: platform.messages_url.clone(),
            events_paused_until: paused_until(world, platform, Target::Events),
            messages_paused_until: paused_until(world, platform, Target::Messages),
        }
    }
}

fn paused_until(world: &World, platform: &Platform, target: Target) -> Option<String> {
    let index = world.platform_index(&platform.appid)?;
    let until = world.pushing.receiver(index, target).paused_until?;
    (world.now() < until).then(|| timestamp(until).to_string())
}

impl Card {
    pub(super) fn of(world: &World, url: &str, nonce: &str) -> Self {
        let url = url.trim_end_matches('/');
        let platforms: Vec<PlatformCard> = world
            .platforms
            .iter()
            .map(|platform| PlatformCard::of(world, platform))
            .collect();
        Self {
            url: url.to_owned(),
            control_url: format!("{url}/__sandbox"),
            nonce: nonce.to_owned(),
            platform: PlatformCard::of(world, &world.platforms[0]),
            clock_offset: world.clock.offset(),
            now: timestamp(world.now()).to_string(),
            platforms,
            alarms: world.pushing.alarms().to_vec(),
        }
    }
}
