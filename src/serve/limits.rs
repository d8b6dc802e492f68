//! How often something may happen: buckets that fill up again as time passes.
//!
//! The limit of links in a day is counted from the store, so that it outlives the process.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sys::sync::lock;

use super::network::{Network, Networks};

/// Buckets remembered at most; those that are full again are forgotten first.
const REMEMBERED: usize = 10_000;

/// How much may happen at once, and in which time that much may happen again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) burst: u32,
    pub(super) refill: Duration,
}

/// Buckets by key.
pub(super) struct Limiter<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl<K: Copy + Eq + Hash> Limiter<K> {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            buckets: Mutex::default(),
        }
    }

    /// Whether it may happen once more now to all of these, each with the number of shares that it
    /// has; if so it is counted.
    pub(super) fn take(&self, keys: impl Iterator<Item = (K, u32)>, now: Instant) -> bool {
        let mut buckets = lock(&self.buckets);
        if buckets.len() >= REMEMBERED {
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < self.rate.refill);
            if buckets.len() >= REMEMBERED {
                // So many keys at once are one attacker's; other limits hold it.
                buckets.clear();
            }
        }
        let found: Vec<(K, f64)> = keys
            .map(|(key, shares)| {
                let capacity = f64::from(self.rate.burst) * f64::from(shares);
                let left = buckets.get(&key).map_or(capacity, |bucket| {
                    let passed = now.duration_since(bucket.at).as_secs_f64();
                    let filled = passed / self.rate.refill.as_secs_f64() * capacity;
                    (bucket.tokens + filled).min(capacity)
                });
                (key, left)
            })
            .collect();
        let granted = found.iter().all(|(_, left)| *left >= 1.0);
        if granted {
            for (key, left) in found {
                let tokens = left - 1.0;
                buckets.insert(key, Bucket { tokens, at: now });
            }
        }
        granted
    }
}

impl Limiter<Network> {
    /// Whether this address may have it once more now; if so it is counted.
    pub(super) fn take_address(&self, address: IpAddr, now: Instant) -> bool {
        self.take(Networks::of(address).shares(), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(burst: u32) -> Limiter<Network> {
        Limiter::new(Rate {
            burst,
            refill: Duration::from_secs(3600),
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn refuses_beyond_the_burst_and_grants_again_as_time_passes() {
        let (limiter, now) = (limiter(2), Instant::now());
        let take = |seconds| {
            let now = now + Duration::from_secs(seconds);
            limiter.take_address(address("192.0.2.1"), now)
        };
        assert_eq!([take(0), take(0), take(0)], [true, true, false]);
        assert_eq!([take(1799), take(1800), take(1800)], [false, true, false]);
        assert!(limiter.take_address(address("192.0.2.2"), now));
    }

    #[test]
    fn gives_a_site_of_ipv6_twice_the_share_of_one_visitor() {
        let (limiter, now) = (limiter(3), Instant::now());
        let granted = (0..65_536u32)
            .filter(|network| {
                let address = address(&format!("2001:db8:1:{network:x}::1"));
                limiter.take_address(address, now)
            })
            .count();
        assert_eq!(granted, 6);
        assert!(limiter.take_address(address("2001:db8:2::1"), now));
    }
}
