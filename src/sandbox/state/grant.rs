//! What one account granted to one platform.

use serde::{Deserialize, Serialize};

use super::mixing::scatter;
use super::token_line::{OVERLAP_SECONDS, TokenLine};

/// One authorization, standing or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whether it stands.
    pub standing: bool,
    /// Whether an authorization code of it was ever exchanged (rule R24).
    pub exchanged: bool,
    /// Unix seconds of the authorization.
    pub auth_time: i64,
    /// Granted sets, in the order in which answers list them.
    pub sets: Vec<u32>,
    /// Access tokens.
    pub tokens: TokenLine,
    /// The number of the refresh token.
    pub refresh_serial: u64,
    /// The refresh token before that and when it was replaced, where refresh tokens rotate.
    pub former_refresh: Option<(u64, i64)>,
}

impl Grant {
    /// A grant as it is on the day of the authorization.
    pub fn new(auth_time: i64, sets: Vec<u32>) -> Self {
        Self {
            standing: true,
            exchanged: false,
            auth_time,
            sets,
            tokens: TokenLine::default(),
            refresh_serial: 1,
            former_refresh: None,
        }
    }

    /// Takes the account's authorization anew after an end: other tokens, the same line.
    pub fn renew(&mut self, auth_time: i64, sets: Vec<u32>) {
        self.standing = true;
        self.exchanged = false;
        self.auth_time = auth_time;
        self.sets = sets;
        self.tokens.end();
        self.refresh_serial += 1;
        self.former_refresh = None;
    }

    /// Makes another refresh token; the one before works five more minutes.
    pub fn rotate_refresh(&mut self, now: i64) {
        self.former_refresh = Some((self.refresh_serial, now));
        self.refresh_serial += 1;
    }

    /// Whether refresh token `serial` works.
    pub fn accepts_refresh(&self, serial: u64, now: i64) -> bool {
        serial == self.refresh_serial
            || self
                .former_refresh
                .is_some_and(|(former, at)| former == serial && now < at + OVERLAP_SECONDS)
    }
}

/// Puts sets into the order of answers, which is not sorted.
pub fn unsorted(mut sets: Vec<u32>) -> Vec<u32> {
    sets.sort_unstable_by_key(|id| scatter(u64::from(*id)));
    sets.dedup();
    sets
}

/// A pre-authorization code that was given out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreAuthCode {
    /// Its platform.
    pub platform: u8,
    /// When it ends.
    pub ends_at: i64,
    /// Whether it was used.
    pub used: bool,
}

/// An authorization code that was given out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthCode {
    /// Its platform.
    pub platform: u8,
    /// The account that authorized.
    pub account: u32,
    /// When it ends.
    pub ends_at: i64,
    /// Whether it was exchanged, or died with its authorization.
    pub used: bool,
}
