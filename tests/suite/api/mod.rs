//! The calls, against a server that answers fixed bytes and misbehaves on demand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod failures;
mod retries;
pub(crate) mod server;
mod walk;

use std::time::Duration;

use url::Url;
use wxauth::api::{Api, ApiOptions, Observer, RetryPolicy};
use wxauth::sys::clock::Clock;
use wxauth::sys::http::HttpOptions;
use wxauth::wechat::id::{Appid, ComponentAppid};
use wxauth::wechat::secret::Secret;

/// What no error, log or debug text may hold.
const SECRET: &str = "SECRETsecretSECRETsecretSECRETsecretSECRETsecret";

fn api(base: &Url) -> Api {
    api_with(base, HttpOptions::default())
}

fn api_with(base: &Url, http: HttpOptions) -> Api {
    let retry = RetryPolicy {
        attempts: 3,
        base_delay: Duration::from_millis(1),
        max_delay: Duration::from_millis(2),
    };
    Api::new(ApiOptions {
        base: base.clone(),
        http,
        retry,
        clock: Clock::system(),
        observer: Observer::default(),
    })
}

fn platform() -> ComponentAppid {
    "wx0123456789abcdef".parse().unwrap()
}

fn merchant() -> Appid {
    "wxfedcba9876543210".parse().unwrap()
}

fn token() -> Secret {
    Secret::new(format!("97_{SECRET}"))
}

fn secret(prefix: &str) -> Secret {
    Secret::new(format!("{prefix}{SECRET}"))
}
