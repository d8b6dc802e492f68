//! Which pass over the account list goes on, and what the end of one makes of the others.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::SyncRun;
use crate::store::validity::latest_believed;
use crate::sys::clock::timestamp;

/// A pass that is stored. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(in crate::store) struct StoredPass {
    /// Its number, by which it is found: a pass that began later has a greater one.
    #[serde(skip)]
    pub(in crate::store) id: i64,
    /// Whether it asks about every account.
    pub(in crate::store) complete: bool,
    pub(in crate::store) started_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) finished_at: Option<i64>,
    /// How many accounts WeChat had in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) total: Option<u64>,
}

/// The unfinished pass of a kind that goes on: the latest that began within `window` before `now`.
pub(in crate::store) fn unfinished(
    passes: &[StoredPass],
    complete: bool,
    now: i64,
    window: Duration,
) -> Option<SyncRun> {
    let window = i64::try_from(window.as_secs()).unwrap_or(i64::MAX);
    let window = now.saturating_sub(window)..=latest_believed(now);
    let goes_on = |pass: &&StoredPass| {
        pass.complete == complete && pass.finished_at.is_none() && window.contains(&pass.started_at)
    };
    let pass = passes.iter().filter(goes_on).max_by_key(|pass| pass.id)?;
    Some(SyncRun {
        id: pass.id,
        started_at: timestamp(pass.started_at),
        resumed: true,
    })
}

/// What the end of a pass changes.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) struct Finished {
    /// The pass, unless it is gone.
    pub(in crate::store) pass: Option<StoredPass>,
    /// The numbers of those that are dropped: the one that ended knows more.
    pub(in crate::store) dropped: Vec<i64>,
}

/// Ends the pass with the number `id`.
pub(in crate::store) fn finish(passes: &[StoredPass], id: i64, total: u64, now: i64) -> Finished {
    let pass = passes.iter().find(|pass| pass.id == id);
    let older = passes
        .iter()
        .map(|pass| pass.id)
        .filter(|other| *other < id);
    Finished {
        pass: pass.map(|pass| StoredPass {
            finished_at: Some(now),
            total: Some(total),
            ..pass.clone()
        }),
        dropped: older.collect(),
    }
}

/// The last pass that ended, with when it did.
pub(in crate::store) fn last(passes: &[StoredPass]) -> Option<(&StoredPass, Timestamp)> {
    let ended = |pass: &StoredPass| pass.finished_at.map(timestamp);
    let ended = passes.iter().filter_map(|pass| Some((pass, ended(pass)?)));
    ended.max_by_key(|(pass, _)| pass.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const WINDOW: Duration = Duration::from_secs(3600);

    fn pass(id: i64, age: i64) -> StoredPass {
        StoredPass {
            id,
            complete: true,
            started_at: NOW - age,
            finished_at: None,
            total: None,
        }
    }

    fn ended(id: i64, age: i64, total: u64) -> StoredPass {
        StoredPass {
            finished_at: Some(NOW - age),
            total: Some(total),
            ..pass(id, age + 60)
        }
    }

    #[test]
    fn latest_unfinished_pass_of_the_kind_goes_on() {
        let passes = [pass(2, 100), pass(3, 50), pass(1, 200), ended(4, 10, 7)];
        let run = unfinished(&passes, true, NOW, WINDOW).unwrap();
        assert_eq!((run.id, run.resumed), (3, true));
        assert_eq!(run.started_at, timestamp(NOW - 50));
        assert_eq!(unfinished(&passes, false, NOW, WINDOW), None);
    }

    #[test]
    fn pass_goes_on_within_its_window_only() {
        let goes_on = |age| unfinished(&[pass(1, age)], true, NOW, WINDOW).is_some();
        assert!(goes_on(3600) && !goes_on(3601));
        // Begun in the future: by another clock.
        assert!(goes_on(-60) && !goes_on(-61));
    }

    #[test]
    fn end_of_a_pass_drops_those_with_lower_numbers() {
        let passes = [ended(1, 500, 7), pass(2, 400), pass(3, 300), pass(4, 200)];
        let finished = finish(&passes, 3, 9, NOW);
        assert_eq!(finished.dropped, [1, 2]);
        let pass = finished.pass.unwrap();
        assert_eq!((pass.id, pass.started_at), (3, NOW - 300));
        assert_eq!((pass.finished_at, pass.total), (Some(NOW), Some(9)));
    }

    #[test]
    fn end_of_a_pass_that_is_gone_changes_no_later_one() {
        let finished = finish(&[pass(4, 200)], 3, 9, NOW);
        assert_eq!(finished.pass, None);
        assert!(finished.dropped.is_empty());
    }

    #[test]
    fn last_pass_is_the_one_that_ended_with_the_greatest_number() {
        let passes = [ended(2, 10, 7), ended(3, 20, 8), pass(4, 5)];
        let (pass, at) = last(&passes).unwrap();
        assert_eq!((pass.id, at), (3, timestamp(NOW - 20)));
        assert_eq!(last(&passes[2..]), None);
    }
}
