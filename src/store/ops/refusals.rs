//! How refusals of tokens are counted, and for how long they are reported.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::store::validity::latest_believed;

/// How long a refusal is reported.
const REPORTED: SignedDuration = SignedDuration::from_hours(24);

/// The refusals of one owner's tokens as they are stored. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(in crate::store) struct StoredRefusals {
    pub(in crate::store) since: i64,
    pub(in crate::store) latest: i64,
    pub(in crate::store) count: u64,
    /// The last token that was refused: each counts once.
    pub(in crate::store) generation: u64,
}

/// When the last refusal happened that is still reported at `now`: not before the first of these
/// moments, nor after the second, in the future.
pub(in crate::store) fn reported(now: i64) -> (i64, i64) {
    (now - REPORTED.as_secs(), latest_believed(now))
}

/// What is stored once the token of this generation was refused at `at`; `None` when it counts
/// already. `stored` is what is still reported.
pub(in crate::store) fn note(
    stored: Option<StoredRefusals>,
    generation: u64,
    at: i64,
) -> Option<StoredRefusals> {
    let (since, count) = match stored {
        Some(stored) if stored.generation == generation => return None,
        Some(stored) => (stored.since, stored.count.saturating_add(1)),
        None => (at, 1),
    };
    Some(StoredRefusals {
        since,
        latest: at,
        count,
        generation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn each_token_counts_once_from_the_first_refusal_on() {
        let first = note(None, 3, NOW).unwrap();
        assert_eq!((first.since, first.latest, first.count), (NOW, NOW, 1));
        assert_eq!(note(Some(first.clone()), 3, NOW + 5), None);
        let second = note(Some(first), 4, NOW + 9).unwrap();
        assert_eq!((second.since, second.latest), (NOW, NOW + 9));
        assert_eq!((second.count, second.generation), (2, 4));
    }

    #[test]
    fn refusal_is_reported_for_a_day() {
        let (from, to) = reported(NOW);
        assert_eq!(from, NOW - 24 * 3600);
        assert!((NOW..NOW + 3600).contains(&to));
    }
}
