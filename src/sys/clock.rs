//! The wall clock, which can be shifted so that a client follows the sandbox's time.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A wall clock with an offset; clones share the offset.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_seconds: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// The machine's clock moved by `seconds`.
    #[must_use]
    pub fn shifted(seconds: i64) -> Self {
        let clock = Self::default();
        clock.set_offset(seconds);
        clock
    }

    /// How far this clock is ahead of the machine's, in seconds.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset_seconds.load(Ordering::Relaxed)
    }

    /// Moves this clock and all its clones to `seconds` ahead of the machine's.
    pub fn set_offset(&self, seconds: i64) {
        self.offset_seconds.store(seconds, Ordering::Relaxed);
    }

    /// Unix time in whole seconds.
    #[must_use]
    pub fn unix(&self) -> i64 {
        machine_milliseconds() / 1000 + self.offset()
    }

    /// Unix time in whole seconds, as a timestamp.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        timestamp(self.unix())
    }
}

/// The machine's own Unix time in milliseconds, never shifted: for leases and measured durations.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "the one place that reads the wall clock"
)]
pub fn machine_milliseconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| {
            i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
        })
}

/// The time zone this machine's user lives in: `name`, which is the variable `TZ`, else
/// `/etc/localtime`; UTC when unknown.
#[must_use]
pub fn local_zone(name: Option<&str>) -> TimeZone {
    // Read as it is: to find its name too, the whole time-zone database would be walked.
    let machine = || {
        let rules = super::files::read_bytes(Path::new("/etc/localtime"), 1 << 20).ok()?;
        TimeZone::tzif("", &rules).ok()
    };
    let zone = if name.is_none() { machine() } else { None };
    zone.or_else(|| TimeZone::try_system().ok())
        .unwrap_or(TimeZone::UTC)
}

/// A timestamp from Unix seconds; what lies outside the calendar is moved to its edge.
#[must_use]
pub fn timestamp(unix_seconds: i64) -> Timestamp {
    Timestamp::from_second(unix_seconds).unwrap_or(if unix_seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}
