//! How refusals of tokens are counted, and for how long they are reported.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::store::refusals::Refusals;
use crate::store::tokens::TokenOwner;
use crate::store::validity::latest_believed;
use crate::sys::clock::timestamp;

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

/// When the last refusal happened that is still reported at `now`; none of the future is.
pub(in crate::store) fn reported(now: i64) -> RangeInclusive<i64> {
    now - REPORTED.as_secs()..=latest_believed(now)
}

/// Notes that the token of this generation was refused at `at`, once for each token, and drops what is
/// no longer reported.
pub(in crate::store) fn note(
    stored: &mut BTreeMap<String, StoredRefusals>,
    owner: &TokenOwner,
    generation: u64,
    at: i64,
) {
    stored.retain(|_, refusals| reported(at).contains(&refusals.latest));
    let owner = owner.as_str().to_owned();
    match stored.get_mut(&owner) {
        Some(refusals) if refusals.generation == generation => {}
        Some(refusals) => {
            refusals.latest = at;
            refusals.count = refusals.count.saturating_add(1);
            refusals.generation = generation;
        }
        None => {
            let refusals = StoredRefusals {
                since: at,
                latest: at,
                count: 1,
                generation,
            };
            stored.insert(owner, refusals);
        }
    }
}

/// Those that are still reported at `now`, by owner: the platform's own first, then by appid.
pub(in crate::store) fn list(stored: BTreeMap<String, StoredRefusals>, now: i64) -> Vec<Refusals> {
    let stored = stored.into_iter();
    let reported = stored.filter(|(_, refusals)| reported(now).contains(&refusals.latest));
    let refusals = reported.map(|(owner, stored)| Refusals {
        owner: TokenOwner::from_name(owner),
        since: timestamp(stored.since),
        latest: timestamp(stored.latest),
        count: stored.count,
    });
    refusals.collect()
}

#[cfg(test)]
mod tests {
    use crate::wechat::id::Appid;

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 24 * 3600;

    fn owner() -> TokenOwner {
        TokenOwner::Authorizer(Appid::from_wire("wx0000000000000001"))
    }

    #[test]
    fn each_token_counts_once_from_the_first_refusal_on() {
        let mut stored = BTreeMap::new();
        for (generation, at, latest, count) in [(3, 0, 0, 1), (3, 5, 0, 1), (4, 9, 9, 2)] {
            note(&mut stored, &owner(), generation, NOW + at);
            let expected = StoredRefusals {
                since: NOW,
                latest: NOW + latest,
                count,
                generation,
            };
            assert_eq!(stored[owner().as_str()], expected);
        }
    }

    #[test]
    fn refusals_are_reported_for_a_day_and_dropped_by_the_next() {
        let mut stored = BTreeMap::new();
        note(&mut stored, &TokenOwner::Component, 1, NOW);
        let reported = |at| list(stored.clone(), at).len();
        assert_eq!([reported(NOW + DAY), reported(NOW + DAY + 1)], [1, 0]);
        // Noted by a clock that was ahead.
        assert_eq!(reported(NOW - 3600), 0);
        note(&mut stored, &owner(), 1, NOW + DAY + 1);
        assert_eq!(stored.len(), 1);
        note(&mut stored, &TokenOwner::Component, 2, NOW + DAY + 2);
        let listed = list(stored, NOW + DAY + 2).into_iter();
        let owners: Vec<_> = listed.map(|refusals| refusals.owner).collect();
        assert_eq!(owners, [TokenOwner::Component, owner()]);
    }
}
