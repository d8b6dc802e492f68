//! How many calls may still be made: of a day's budget, and at the moment.
//!
//! Counted in memory: a restart begins a new day, but still spends it slot by slot.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The day's budget is spread over slots of this length.
const SLOT: SignedDuration = SignedDuration::from_mins(10);
const SLOTS_A_DAY: u64 = 144;

/// Calls of the last day.
#[derive(Default)]
pub(super) struct Budget(VecDeque<(Timestamp, u64)>);

/// How many calls may still be made.
pub(super) struct Left {
    pub(super) today: u64,
    pub(super) now: u64,
}

impl Budget {
    pub(super) fn spend(&mut self, at: Timestamp, calls: u64) {
        if calls > 0 {
            self.0.push_back((at, calls));
        }
    }

    pub(super) fn left(&mut self, daily: u64, now: Timestamp) -> Left {
        // What was spent before the clock was set back was spent now at the latest.
        for (at, _) in &mut self.0 {
            *at = (*at).min(now);
        }
        while self.0.front().is_some_and(|(at, _)| *at < now - DAY) {
            self.0.pop_front();
        }
        let since = |moment: Timestamp| -> u64 {
            let spent = self.0.iter().rev().take_while(|(at, _)| *at > moment);
            spent.map(|(_, calls)| calls).sum()
        };
        let today = daily.saturating_sub(since(now - DAY));
        let slot = daily.div_ceil(SLOTS_A_DAY);
        Left {
            today,
            now: slot.saturating_sub(since(now - SLOT)).min(today),
        }
    }
}
