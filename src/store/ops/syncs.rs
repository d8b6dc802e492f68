//! Which pass over the account list goes on, and what the end of one makes of the others.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::passes::SyncRun;
use crate::store::record::{Pass, Record};
use crate::store::records::Passes;
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

/// Begins a pass at `now`, or goes on with the unfinished one of the same kind that began last within
/// `window` before.
pub(in crate::store) fn begin(
    passes: &mut Passes,
    complete: bool,
    now: i64,
    window: Duration,
) -> SyncRun {
    let window = i64::try_from(window.as_secs()).unwrap_or(i64::MAX);
    let window = now.saturating_sub(window)..=latest_believed(now);
    let goes_on = |pass: &&StoredPass| {
        pass.complete == complete && pass.finished_at.is_none() && window.contains(&pass.started_at)
    };
    let unfinished = passes.all.iter().filter(goes_on);
    if let Some(pass) = unfinished.max_by_key(|pass| pass.id) {
        return SyncRun {
            id: pass.id,
            started_at: timestamp(pass.started_at),
            resumed: true,
        };
    }
    SyncRun {
        id: passes.add(complete, now).id,
        started_at: timestamp(now),
        resumed: false,
    }
}

/// The number of a pass that began then, after the one with the number `last`. Not below the time: a
/// pass that began before all was forgotten must not end this one.
pub(in crate::store) fn next_number(last: Option<i64>, started_at: i64) -> i64 {
    last.map_or(started_at, |last| last.saturating_add(1).max(started_at))
}

/// Ends the pass with the number `id`, unless it is gone, and drops those with lower numbers: it knows
/// more.
pub(in crate::store) fn finish(passes: &mut Passes, id: i64, total: u64, now: i64) {
    passes.all.retain(|pass| pass.id >= id);
    if let Some(pass) = passes.all.iter_mut().find(|pass| pass.id == id) {
        pass.finished_at = Some(now);
        pass.total = Some(total);
    }
}

/// The last pass that ended, with when it did.
pub(in crate::store) fn last(passes: &[StoredPass]) -> Option<(&StoredPass, Timestamp)> {
    let ended = |pass: &StoredPass| pass.finished_at.map(timestamp);
    let ended = passes.iter().filter_map(|pass| Some((pass, ended(pass)?)));
    ended.max_by_key(|(pass, _)| pass.id)
}

/// The same as a record.
pub(in crate::store) fn last_record(passes: &[StoredPass]) -> Option<Record> {
    let (pass, ended) = last(passes)?;
    Some(Record::Sync(Pass {
        started_at: pass.started_at,
        finished_at: ended.as_second(),
        total: i64::try_from(pass.total.unwrap_or(0)).unwrap_or(i64::MAX),
    }))
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

    fn passes(all: &[StoredPass]) -> Passes {
        Passes {
            last: all.iter().map(|pass| pass.id).max(),
            all: all.to_vec(),
        }
    }

    #[test]
    fn latest_unfinished_pass_of_the_kind_goes_on() {
        let all = [pass(2, 100), pass(3, 50), pass(1, 200), ended(4, 10, 7)];
        let mut passes = passes(&all);
        let before = passes.clone();
        let run = begin(&mut passes, true, NOW, WINDOW);
        assert_eq!((run.id, run.resumed), (3, true));
        assert_eq!(run.started_at, timestamp(NOW - 50));
        assert_eq!(passes, before);
        assert!(!begin(&mut passes, false, NOW, WINDOW).resumed);
    }

    #[test]
    fn new_pass_has_a_number_that_none_had() {
        let mut none = Passes::default();
        let run = begin(&mut none, true, NOW, WINDOW);
        assert_eq!((run.id, run.started_at), (NOW, timestamp(NOW)));
        assert_eq!(none.all, [pass(NOW, 0)]);
        assert_eq!(begin(&mut none, false, NOW, WINDOW).id, NOW + 1);
        assert_eq!(none.last, Some(NOW + 1));
        assert_eq!(next_number(Some(NOW - 7), NOW), NOW);
    }

    #[test]
    fn pass_goes_on_within_its_window_only() {
        let goes_on = |age| begin(&mut passes(&[pass(1, age)]), true, NOW, WINDOW).resumed;
        assert!(goes_on(3600) && !goes_on(3601));
        // Begun in the future: by another clock.
        assert!(goes_on(-60) && !goes_on(-61));
    }

    #[test]
    fn end_of_a_pass_drops_those_with_lower_numbers() {
        let all = [ended(1, 500, 7), pass(2, 400), pass(3, 300), pass(4, 200)];
        let mut passes = passes(&all);
        finish(&mut passes, 3, 9, NOW);
        let ended = StoredPass {
            finished_at: Some(NOW),
            total: Some(9),
            ..pass(3, 300)
        };
        assert_eq!(passes.all, [ended, pass(4, 200)]);
    }

    #[test]
    fn end_of_a_pass_that_is_gone_changes_no_later_one() {
        let mut passes = passes(&[pass(4, 200)]);
        finish(&mut passes, 3, 9, NOW);
        assert_eq!(passes.all, [pass(4, 200)]);
    }

    #[test]
    fn last_pass_is_the_one_that_ended_with_the_greatest_number() {
        let passes = [ended(2, 10, 7), ended(3, 20, 8), pass(4, 5)];
        let (pass, at) = last(&passes).unwrap();
        assert_eq!((pass.id, at), (3, timestamp(NOW - 20)));
        assert_eq!(last(&passes[2..]), None);
    }
}
