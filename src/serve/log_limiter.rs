//! Which notices go to the log: strangers cause some of them without end, and what goes beyond a few
//! is counted instead.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

use crate::store::messages::MessageOutcome;
use crate::sys::sync::lock;

use super::limits::{Limiter, Rate};
use super::server::{Stop, stopped};
use super::shared::Shared;
use super::{Notice, Rejection};

/// Lines of one kind.
const LINES: Rate = Rate {
    burst: 60,
    refill: Duration::from_secs(60),
};
/// How often the log is told how many were left out.
const REPORT: Duration = Duration::from_secs(60);

/// Takes notices on their way to the log.
pub(super) struct LogLimiter {
    lines: Limiter<&'static str>,
    left_out: Mutex<BTreeMap<&'static str, u64>>,
}

impl Default for LogLimiter {
    fn default() -> Self {
        Self {
            lines: Limiter::new(LINES),
            left_out: Mutex::default(),
        }
    }
}

impl LogLimiter {
    /// Whether the log gets this notice; if not it is counted.
    pub(super) fn passes(&self, notice: &Notice, now: Instant) -> bool {
        let kind = match notice {
            Notice::Rejected {
                why: Rejection::Store(_),
                ..
            } => return true,
            Notice::Rejected { why, .. } => why.kind(),
            Notice::MessageTaken { outcome, .. } if *outcome != MessageOutcome::New => {
                "message_taken"
            }
            Notice::BrowserReturned { .. } => "browser_returned",
            Notice::PageFailed { .. } => "page_failed",
            _ => return true,
        };
        let passes = self.lines.take(std::iter::once((kind, 1)), now);
        if !passes {
            let mut left_out = lock(&self.left_out);
            *left_out.entry(kind).or_default() += 1;
        }
        passes
    }

    /// What was left out since this was asked last.
    pub(super) fn left_out(&self) -> Vec<Notice> {
        let mut left_out = lock(&self.left_out);
        let kinds = std::mem::take(&mut *left_out).into_iter();
        kinds
            .map(|(what, count)| Notice::LeftOut { what, count })
            .collect()
    }
}

/// Tells the log from time to time what it did not get.
pub(super) async fn run(shared: Shared, mut stop: Stop) {
    let mut reports = interval(REPORT);
    reports.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            _ = reports.tick() => shared.tell_left_out(),
        }
    }
}
