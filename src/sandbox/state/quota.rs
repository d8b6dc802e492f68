//! Daily counters of calls, and the clears a month allows.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// Whose calls are counted: a platform, or an account whatever platform calls for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// A platform by number.
    Platform(u8),
    /// An account by number.
    Account(u32),
}

/// Clears of all counters in a month, by console, token or secret.
pub const CLEARS_A_MONTH: u32 = 10;
/// Clears of single paths in a month.
pub const PATH_CLEARS_A_MONTH: u32 = 50;

/// The only published figure is that of `api_component_token`.
pub fn daily_limit(path: &str) -> u64 {
    match path {
        "/cgi-bin/component/api_component_token" => 10_000,
        _ => 10_000_000,
    }
}

/// Counters of the present day and month in Beijing.
#[derive(Default)]
pub struct Quota {
    day: i64,
    month: i64,
    used: HashMap<(Owner, &'static str), u64>,
    clears: HashMap<(Owner, bool), u32>,
}

/// [`Quota`] as it is kept.
#[derive(Serialize, Deserialize)]
pub struct SavedQuota {
    day: i64,
    month: i64,
    used: Vec<(Owner, String, u64)>,
    clears: Vec<(Owner, bool, u32)>,
}

impl Quota {
    /// Counts one call; `false` when the day's limit is reached.
    pub fn spend(&mut self, owner: Owner, path: &'static str, now: i64) -> bool {
        self.turn(now);
        let used = self.used.entry((owner, path)).or_default();
        if *used >= daily_limit(path) {
            return false;
        }
        *used += 1;
        true
    }

    /// Calls counted today.
    pub fn used(&mut self, owner: Owner, path: &'static str, now: i64) -> u64 {
        self.turn(now);
        self.used.get(&(owner, path)).copied().unwrap_or(0)
    }

    /// Pretends that `used` calls were made today.
    pub fn set_used(&mut self, owner: Owner, path: &'static str, used: u64, now: i64) {
        self.turn(now);
        self.used.insert((owner, path), used);
    }

    /// Clears all counters of `owner`; `false` when the month's clears are spent.
    pub fn clear(&mut self, owner: Owner, now: i64) -> bool {
        self.turn(now);
        if !self.spend_clear(owner, false, CLEARS_A_MONTH) {
            return false;
        }
        self.used.retain(|(of, _), _| *of != owner);
        true
    }

    /// Clears the counter of one path; `false` when the month's clears are spent.
    pub fn clear_path(&mut self, owner: Owner, path: &'static str, now: i64) -> bool {
        self.turn(now);
        if !self.spend_clear(owner, true, PATH_CLEARS_A_MONTH) {
            return false;
        }
        self.used.remove(&(owner, path));
        true
    }

    fn spend_clear(&mut self, owner: Owner, of_path: bool, limit: u32) -> bool {
        let clears = self.clears.entry((owner, of_path)).or_default();
        let allowed = *clears < limit;
        *clears += u32::from(allowed);
        allowed
    }

    fn turn(&mut self, now: i64) {
        let day = (now + 8 * 3600).div_euclid(86_400);
        if day == self.day {
            return;
        }
        self.day = day;
        self.used.clear();
        let month = month_of(day);
        if month != self.month {
            self.month = month;
            self.clears.clear();
        }
    }

    /// The counters as they are kept.
    pub fn save(&self) -> SavedQuota {
        SavedQuota {
            day: self.day,
            month: self.month,
            used: self
                .used
                .iter()
                .map(|((owner, path), used)| (*owner, (*path).to_owned(), *used))
                .collect(),
            clears: self
                .clears
                .iter()
                .map(|((owner, of_path), clears)| (*owner, *of_path, *clears))
                .collect(),
        }
    }

    /// The counters from what was kept; `known` gives a path its lasting text.
    pub fn restore(saved: SavedQuota, known: impl Fn(&str) -> Option<&'static str>) -> Self {
        Self {
            day: saved.day,
            month: saved.month,
            used: saved
                .used
                .into_iter()
                .filter_map(|(owner, path, used)| Some(((owner, known(&path)?), used)))
                .collect(),
            clears: saved
                .clears
                .into_iter()
                .map(|(owner, of_path, clears)| ((owner, of_path), clears))
                .collect(),
        }
    }
}

/// Months since year 0 of a day counted from 1970.
fn month_of(day: i64) -> i64 {
    let date = crate::sys::clock::timestamp(day * 86_400).to_zoned(jiff::tz::TimeZone::UTC);
    i64::from(date.year()) * 12 + i64::from(date.month())
}
