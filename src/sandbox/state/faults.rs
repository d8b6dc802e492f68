//! Faults on order: what goes wrong, where, and how often.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::journal::is_path;
use super::mixing::Stream;
use crate::sandbox::catalogue;

/// The grammar, for whoever gets it wrong.
pub const GRAMMAR: &str = "TARGET: [once|N times|P%] ACTION, where TARGET is the last segment of a \
path, a whole path, any, or ip; and ACTION is an errcode, drop, cut, status NNN, html, truncate, \
empty list, delay 3s, hold 3s before, hold 3s after, or drop after";

/// What takes the place of the answer, or happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The errcode with its published text; nothing changes.
    Errcode(i32),
    /// The connection is closed before an answer; nothing changes.
    Drop,
    /// The call is done, then the connection is closed.
    DropAfter,
    /// The call is done; the body stops in the middle.
    Cut,
    /// The call is done; the body is whole HTTP but broken JSON.
    Truncate,
    /// An HTTP status; nothing changes.
    Status(u16),
    /// A page of HTML; nothing changes.
    Html,
    /// The account list is empty.
    EmptyList,
    /// The call waits, then goes on.
    Delay(Duration),
    /// The call waits before it is done, whether or not the caller does.
    HoldBefore(Duration),
    /// The call is done, then its answer waits.
    HoldAfter(Duration),
}

impl Action {
    /// Its name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Errcode(_) => "errcode",
            Self::Drop => "drop",
            Self::DropAfter => "drop after",
            Self::Cut => "cut",
            Self::Truncate => "truncate",
            Self::Status(_) => "status",
            Self::Html => "html",
            Self::EmptyList => "empty list",
            Self::Delay(_) => "delay",
            Self::HoldBefore(_) => "hold before",
            Self::HoldAfter(_) => "hold after",
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Frequency {
    Always,
    Times(u64),
    Percent(f64),
}

/// A fault as it is kept: what was ordered, and how often it still comes.
#[derive(Serialize, Deserialize)]
struct Kept {
    text: String,
    left: Option<u64>,
}

impl From<Fault> for Kept {
    fn from(fault: Fault) -> Self {
        let left = fault.left();
        Self {
            text: fault.text,
            left,
        }
    }
}

impl TryFrom<Kept> for Fault {
    type Error = String;

    fn try_from(kept: Kept) -> Result<Self, String> {
        let mut fault = Self::parse(&kept.text).ok_or(kept.text)?;
        if let (Frequency::Times(times), Some(left)) = (&mut fault.frequency, kept.left) {
            *times = left;
        }
        Ok(fault)
    }
}

/// One fault on order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Kept", try_from = "Kept")]
pub struct Fault {
    /// As it was ordered.
    pub text: String,
    target: String,
    frequency: Frequency,
    action: Action,
}

impl Fault {
    /// Reads a fault.
    pub fn parse(text: &str) -> Option<Self> {
        let (target, rest) = text.split_once(':')?;
        let target = target.trim();
        let words: Vec<&str> = rest.split_whitespace().collect();
        let (mut frequency, action) = match words.as_slice() {
            ["once", action @ ..] => (Frequency::Times(1), action),
            [count, "time" | "times", action @ ..] => {
                (Frequency::Times(count.parse().ok()?), action)
            }
            [percent, action @ ..] if percent.ends_with('%') => {
                let percent: f64 = percent.trim_end_matches('%').parse().ok()?;
                if !(0.0..=100.0).contains(&percent) {
                    return None;
                }
                (Frequency::Percent(percent), action)
            }
            action => (Frequency::Always, action),
        };
        let action = action_of(action)?;
        if action == Action::EmptyList && frequency == Frequency::Always {
            frequency = Frequency::Times(1);
        }
        let fault = Self {
            text: text.trim().to_owned(),
            target: target.to_owned(),
            frequency,
            action,
        };
        (!target.is_empty() && !target.contains(char::is_whitespace)).then_some(fault)
    }

    /// How many times it will still come; `None` without an end.
    pub fn left(&self) -> Option<u64> {
        match self.frequency {
            Frequency::Times(left) => Some(left),
            Frequency::Always | Frequency::Percent(_) => None,
        }
    }

    fn hits(&self, path: &str) -> bool {
        match self.target.as_str() {
            "any" | "ip" => true,
            target => is_path(path, target),
        }
    }

    fn draw(&mut self, random: &mut Stream) -> bool {
        match &mut self.frequency {
            Frequency::Always => true,
            Frequency::Times(0) => false,
            Frequency::Times(left) => {
                *left -= 1;
                true
            }
            Frequency::Percent(percent) => (random.next() % 1_000_000) as f64 / 10_000.0 < *percent,
        }
    }
}

/// The action that falls on a call to `path`, if any; the first fault that hits wins.
pub fn draw(faults: &mut Vec<Fault>, path: &str, random: &mut Stream) -> Option<Action> {
    let hit = faults
        .iter_mut()
        .position(|fault| fault.hits(path) && fault.draw(random))?;
    let action = faults[hit].action;
    if faults[hit].left() == Some(0) {
        faults.remove(hit);
    }
    Some(action)
}

fn action_of(words: &[&str]) -> Option<Action> {
    Some(match words {
        ["drop"] => Action::Drop,
        ["drop", "after"] => Action::DropAfter,
        ["cut"] => Action::Cut,
        ["truncate"] => Action::Truncate,
        ["html"] => Action::Html,
        ["empty", "list"] => Action::EmptyList,
        ["status", status] => {
            Action::Status(status.parse().ok().filter(|s| (200..=599).contains(s))?)
        }
        ["delay", time] => Action::Delay(duration(time)?),
        ["hold", time, "before"] => Action::HoldBefore(duration(time)?),
        ["hold", time, "after"] => Action::HoldAfter(duration(time)?),
        [errcode] => {
            let errcode: i32 = errcode.parse().ok()?;
            catalogue::message(errcode).filter(|_| errcode != 0)?;
            Action::Errcode(errcode)
        }
        _ => return None,
    })
}

fn duration(text: &str) -> Option<Duration> {
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    let seconds: f64 = number.parse().ok()?;
    Duration::try_from_secs_f64(seconds * scale).ok()
}
