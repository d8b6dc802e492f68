//! What browsers may bring back from WeChat, and how many of them may wait for the event: anybody
//! with one link can write codes behind its state, and each may cost a call to WeChat.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Instant;

use crate::sys::sync::lock;

use super::limits::{Limiter, Rate};
use super::network::Network;

/// States remembered at most.
const REMEMBERED: usize = 10_000;
/// Codes that one state may bring: WeChat gives one, and another when the merchant goes back and
/// confirms once more.
const CODES: usize = 2;
/// How often one code is tried: loading the page again is no crime, and helps after a failure.
const TRIES: u32 = 5;
/// How many browsers wait for an event at once.
const WAITING: usize = 32;
/// How many of them with one state.
const WAITING_WITH_ONE_STATE: usize = 2;

/// What browsers brought back, by the id of the state.
pub(super) struct Returns {
    addresses: Limiter<Network>,
    states: Mutex<HashMap<String, Codes>>,
    waiting: Mutex<Vec<String>>,
}

/// Fingerprints of codes, and how often each was tried.
type Codes = Vec<(String, u32)>;

/// A browser that waits; its place is free again when this is dropped.
pub(super) struct Waiting<'returns> {
    returns: &'returns Returns,
    state: String,
}

impl Returns {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            addresses: Limiter::new(rate),
            states: Mutex::default(),
            waiting: Mutex::default(),
        }
    }

    /// Whether WeChat may be asked for this code now; if so it is counted.
    pub(super) fn take(&self, state: &str, code: &str, address: IpAddr, now: Instant) -> bool {
        let mut states = lock(&self.states);
        if states.len() >= REMEMBERED && !states.contains_key(state) {
            // Every state was made here within its life, under the limit of the day.
            states.clear();
        }
        let codes = states.entry(state.to_owned()).or_default();
        if let Some((_, tries)) = codes.iter_mut().find(|(known, _)| known == code) {
            *tries += 1;
            return *tries <= TRIES;
        }
        let granted = codes.len() < CODES && self.addresses.take_address(address, now);
        if granted {
            codes.push((code.to_owned(), 1));
        }
        granted
    }

    /// A place among those who wait, if there is one.
    pub(super) fn wait(&self, state: &str) -> Option<Waiting<'_>> {
        let mut waiting = lock(&self.waiting);
        let same = waiting.iter().filter(|other| *other == state).count();
        if waiting.len() >= WAITING || same >= WAITING_WITH_ONE_STATE {
            return None;
        }
        waiting.push(state.to_owned());
        Some(Waiting {
            returns: self,
            state: state.to_owned(),
        })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.returns.waiting);
        if let Some(place) = waiting.iter().position(|state| *state == self.state) {
            waiting.swap_remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_few_wait_with_one_state_and_not_many_in_all() {
        let returns = Returns::new(Rate {
            burst: 1,
            refill: std::time::Duration::from_secs(1),
        });
        let mut waiting: Vec<_> = (0..3).filter_map(|_| returns.wait("one")).collect();
        assert_eq!(waiting.len(), 2);
        waiting.extend((0..100).filter_map(|number| returns.wait(&number.to_string())));
        assert_eq!(waiting.len(), 32);
        waiting.remove(0);
        assert!(returns.wait("one").is_some());
    }
}
