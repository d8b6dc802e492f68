//! Times in words, in both languages.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use wxauth::console::when::{distance, duration, moment, rfc3339};
use wxauth::lang::Lang;

#[test]
fn distances_never_promise_more_than_there_is() {
    let now = Timestamp::from_second(1_795_377_000).unwrap();
    let cases = [
        (0, "now", "现在"),
        (45, "in 45 s", "45 秒后"),
        (1799, "in 29 min", "29 分钟后"),
        (-30, "30 s ago", "30 秒前"),
        (6000, "in 1 h 40 min", "1 小时 40 分钟后"),
        (7200, "in 2 h", "2 小时后"),
        (-5 * 3600 - 59, "5 h ago", "5 小时前"),
        (86_400, "in 1 day", "1 天后"),
        (-3 * 86_400, "3 days ago", "3 天前"),
        (800 * 86_400, "in 2 years", "2 年后"),
    ];
    for (seconds, english, chinese) in cases {
        let at = Timestamp::from_second(now.as_second() + seconds).unwrap();
        assert_eq!(distance(at, now, Lang::En), english);
        assert_eq!(distance(at, now, Lang::Zh), chinese);
    }
    assert_eq!(duration(0, Lang::En), "0 s");
}

#[test]
fn people_get_local_time_and_programs_utc() {
    let at = Timestamp::from_second(1_795_377_000).unwrap();
    let now = Timestamp::from_second(1_795_377_000 - 29 * 60).unwrap();
    let beijing = TimeZone::fixed(Offset::constant(8));
    assert_eq!(
        moment(at, now, &TimeZone::UTC, Lang::En),
        "2026-11-22 19:50 (in 29 min)"
    );
    assert_eq!(
        moment(at, now, &beijing, Lang::Zh),
        "2026-11-23 03:50（29 分钟后）"
    );
    assert_eq!(rfc3339(at), "2026-11-22T19:50:00Z");
}
