//! Moments and spans of time: words for people, RFC 3339 and seconds for programs.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::lang::{Lang, Phrase};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// Local time with its distance: `2026-11-22 19:50 (in 29 min)`.
#[must_use]
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone, lang: Lang) -> String {
    let local = local(at, zone);
    let distance = distance(at, now, lang);
    match lang {
        Lang::En => format!("{local} ({distance})"),
        Lang::Zh => format!("{local}（{distance}）"),
    }
}

/// Local time to the minute: `2026-11-22 19:50`.
#[must_use]
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// Local time to the minute with the offset of its zone, for what travels: `2026-11-22 19:50 +08:00`.
#[must_use]
pub fn local_with_offset(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M %:z")
        .to_string()
}

/// The time of day in China (北京时间), for texts that merchants get: `19:50`.
#[must_use]
pub fn china_time(at: Timestamp) -> String {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    at.to_zoned(zone).strftime("%H:%M").to_string()
}

/// Local time to the second with the offset of its zone, for log lines: `2026-11-22T19:50:01+08:00`.
#[must_use]
pub fn log_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

/// The distance from `now`: `in 29 min`, `3 h ago`, `29 分钟后`. Rounded down, so that it never
/// promises more than there is.
#[must_use]
pub fn distance(at: Timestamp, now: Timestamp, lang: Lang) -> String {
    let seconds = at.as_second().saturating_sub(now.as_second());
    let span = duration(seconds.saturating_abs(), lang);
    match (seconds.signum(), lang) {
        (0, _) => Phrase::Now.text(lang).to_owned(),
        (1, Lang::En) => format!("in {span}"),
        (_, Lang::En) => format!("{span} ago"),
        (1, Lang::Zh) => format!("{span}后"),
        (_, Lang::Zh) => format!("{span}前"),
    }
}

/// A span of `seconds` in words, in one or two units: `45 s`, `29 min`, `1 h 40 min`, `12 days`.
#[must_use]
pub fn duration(seconds: i64, lang: Lang) -> String {
    let seconds = seconds.max(0);
    let (count, english, chinese) = match seconds {
        ..MINUTE => (seconds, "s", "秒"),
        MINUTE..HOUR => (seconds / MINUTE, "min", "分钟"),
        HOUR..DAY => (seconds / HOUR, "h", "小时"),
        DAY..YEAR if seconds < 2 * DAY => (1, "day", "天"),
        DAY..YEAR => (seconds / DAY, "days", "天"),
        YEAR.. if seconds < 2 * YEAR => (1, "year", "年"),
        YEAR.. => (seconds / YEAR, "years", "年"),
    };
    let whole = format!("{count} {}", lang.choose(english, chinese));
    let minutes = seconds % HOUR / MINUTE;
    // Beyond a few hours the minutes say nothing any more.
    if (HOUR..4 * HOUR).contains(&seconds) && minutes > 0 {
        format!("{whole} {minutes} {}", lang.choose("min", "分钟"))
    } else {
        whole
    }
}

/// RFC 3339 in UTC to the second, for programs: `2026-11-22T11:50:00Z`.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
