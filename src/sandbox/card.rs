//! What a client must know to use a sandbox.

use serde::Serialize;

use super::state::World;
use super::state::platform::Platform;
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
}

impl PlatformCard {
    fn of(world: &World, platform: &Platform) -> Self {
        Self {
            component_appid: platform.appid.clone(),
            component_appsecret: platform.appsecret.clone(),
            token: platform.token.clone(),
            encoding_aes_key: platform.encoding_aes_key.clone(),
            component_verify_ticket: world.current_ticket(platform),
            redirect_uri: platform.redirect_uri.clone(),
            launch_domain: platform.public_launch_domain().to_owned(),
            released: platform.released,
            test_list: platform.test_list.clone(),
        }
    }
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
        }
    }
}
