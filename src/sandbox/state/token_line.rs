//! The tokens that followed one another for one holder.

use serde::{Deserialize, Serialize};

/// Seconds a token lives.
pub const TOKEN_SECONDS: i64 = 7200;
/// Seconds a token goes on working after a newer one was made.
pub const OVERLAP_SECONDS: i64 = 300;

/// How many replaced tokens are remembered, so that a caller in a loop costs no more and more.
const REMEMBERED: usize = 64;

/// What became of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It works.
    Live,
    /// A newer one took its place more than five minutes ago, or it was never given out.
    NotNewest,
    /// It came to its own end.
    Expired,
}

/// The newest token and those that it and its forerunners replaced lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLine {
    /// The number of the newest token; 0 before the first.
    pub serial: u64,
    issued: i64,
    replaced: Vec<Replaced>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Replaced {
    serial: u64,
    issued: i64,
    at: i64,
}

impl TokenLine {
    /// Makes a new token at `now` and returns its number.
    pub fn issue(&mut self, now: i64) -> u64 {
        self.replaced.retain(|old| now < old.at + OVERLAP_SECONDS);
        if self.replaced.len() >= REMEMBERED {
            self.replaced.remove(0);
        }
        if self.issued != 0 {
            self.replaced.push(Replaced {
                serial: self.serial,
                issued: self.issued,
                at: now,
            });
        }
        self.serial += 1;
        self.issued = now;
        self.serial
    }

    /// Ends every token at once.
    pub fn end(&mut self) {
        self.replaced.clear();
        self.serial += 1;
        self.issued = 0;
    }

    /// What became of token `serial`.
    pub fn state(&self, serial: u64, now: i64) -> TokenState {
        if serial == self.serial && self.issued != 0 {
            return if now < self.issued + TOKEN_SECONDS {
                TokenState::Live
            } else {
                TokenState::Expired
            };
        }
        match self.replaced.iter().find(|old| old.serial == serial) {
            Some(old) if now >= old.at + OVERLAP_SECONDS => TokenState::NotNewest,
            Some(old) if now >= old.issued + TOKEN_SECONDS => TokenState::Expired,
            Some(_) => TokenState::Live,
            None => TokenState::NotNewest,
        }
    }
}
