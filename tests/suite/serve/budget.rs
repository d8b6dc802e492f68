//! The refresher's budget. Its rounds are a minute apart, so the budget is tested by itself: the
//! module is private, and compiled here once more.

use jiff::{SignedDuration, Timestamp};

#[path = "../../../src/serve/refresher/budget.rs"]
mod source;

use source::Budget;

/// Calls made when as many as allowed are made in every ten minutes from `from` on.
fn spend_all(budget: &mut Budget, daily: u64, from: Timestamp, slots: i32) -> u64 {
    let slot = SignedDuration::from_mins(10);
    let mut calls = 0;
    for number in 0..slots {
        let now = from + slot * number;
        let left = budget.left(daily, now);
        assert!(left.now <= left.today, "{daily} a day: {} now", left.now);
        budget.spend(now, left.now);
        calls += left.now;
    }
    calls
}

#[test]
fn a_daily_budget_is_never_exceeded() {
    for daily in [0, 1, 100, 144, 145, 1000] {
        let mut budget = Budget::default();
        let from = Timestamp::UNIX_EPOCH;
        assert_eq!(spend_all(&mut budget, daily, from, 144), daily);
        // In any 24 hours, not only in the first ones.
        let day = SignedDuration::from_hours(24);
        assert_eq!(spend_all(&mut budget, daily, from + day, 144), daily);
    }
}

#[test]
fn a_budget_is_spread_over_the_day() {
    let mut budget = Budget::default();
    let now = Timestamp::UNIX_EPOCH;
    let after = |minutes| now + SignedDuration::from_mins(minutes);
    assert_eq!(budget.left(1440, now).now, 10);
    budget.spend(now, 4);
    budget.spend(after(5), 6);
    let left = budget.left(1440, after(9));
    assert_eq!((left.today, left.now), (1430, 0));
    assert_eq!(budget.left(1440, after(10)).now, 4);
    assert_eq!(budget.left(1440, after(15)).now, 10);
    let left = budget.left(1440, after(24 * 60));
    assert_eq!((left.today, left.now), (1434, 10));
    assert_eq!(budget.left(1440, after(24 * 60 + 5)).today, 1440);
}
