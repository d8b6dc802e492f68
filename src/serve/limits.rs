//! How often one address may ask for a link or bring back a code: buckets that fill up again by the
//! hour. And how many codes one state may bring: each may cost a call to WeChat.
//!
//! The limit of a day is counted from the store, so that it outlives the process.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::LaunchLimits;

/// Addresses remembered at most; those whose bucket is full again are forgotten first.
const REMEMBERED: usize = 10_000;
const HOUR: f64 = 3600.0;
/// Codes that one state may bring: WeChat gives one, and another when the merchant goes back and
/// confirms once more.
const CODES: usize = 2;
/// How often one code is tried: loading the page again is no crime, and helps after a failure.
const TRIES: u32 = 5;

/// The buckets of all addresses.
pub(super) struct Limits {
    capacity: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn filled(&self, capacity: f64, now: Instant) -> f64 {
        let hours = now.duration_since(self.at).as_secs_f64() / HOUR;
        (self.tokens + hours * capacity).min(capacity)
    }
}

impl Limits {
    pub(super) fn new(limits: LaunchLimits) -> Self {
        Self {
            capacity: f64::from(limits.per_address_an_hour),
            buckets: Mutex::default(),
        }
    }

    /// Whether this address may have one more link now; if so it is counted.
    pub(super) fn take(&self, address: IpAddr, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED {
            buckets.retain(|_, bucket| bucket.filled(self.capacity, now) < self.capacity);
            if buckets.len() >= REMEMBERED {
                // So many addresses at once are one attacker's; the limit of the day holds them.
                buckets.clear();
            }
        }
        let bucket = buckets.entry(site(address)).or_insert(Bucket {
            tokens: self.capacity,
            at: now,
        });
        let tokens = bucket.filled(self.capacity, now);
        let granted = tokens >= 1.0;
        *bucket = Bucket {
            tokens: if granted { tokens - 1.0 } else { tokens },
            at: now,
        };
        granted
    }
}

/// Whom an address stands for: of IPv6 a visitor has a whole /64.
fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
    }
}

/// What browsers brought back, by the id of the state.
pub(super) struct Returns {
    addresses: Limits,
    states: Mutex<HashMap<String, Codes>>,
}

/// Fingerprints of codes, and how often each was tried.
type Codes = Vec<(String, u32)>;

impl Returns {
    pub(super) fn new(limits: LaunchLimits) -> Self {
        Self {
            addresses: Limits::new(limits),
            states: Mutex::default(),
        }
    }

    /// Whether WeChat may be asked for this code now; if so it is counted.
    pub(super) fn take(&self, state: &str, code: &str, address: IpAddr, now: Instant) -> bool {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= REMEMBERED && !states.contains_key(state) {
            // Every state was made here within its life, under the limit of the day.
            states.clear();
        }
        let codes = states.entry(state.to_owned()).or_default();
        if let Some((_, tries)) = codes.iter_mut().find(|(known, _)| known == code) {
            *tries += 1;
            return *tries <= TRIES;
        }
        let granted = codes.len() < CODES && self.addresses.take(address, now);
        if granted {
            codes.push((code.to_owned(), 1));
        }
        granted
    }
}
