//! Which troubles are open, and when they were told last.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::store::validity::is_within;
use crate::wechat::id::ComponentAppid;

use super::trouble::{Message, Topic, Trouble};

/// How long after it was told an open trouble is told again.
const AGAIN: SignedDuration = SignedDuration::from_hours(6);

/// Of each topic a platform has one trouble at a time.
type Place = (ComponentAppid, Topic);

#[derive(Default)]
pub(super) struct Ledger {
    open: HashMap<Place, Open>,
    /// Failures in a row.
    counts: HashMap<Place, u32>,
}

struct Open {
    trouble: Trouble,
    since: Timestamp,
    told_at: Timestamp,
}

impl Ledger {
    /// Counts a failure, or a success, after which the count begins anew.
    pub(super) fn count(&mut self, platform: &ComponentAppid, topic: Topic, failed: bool) -> u32 {
        let count = self.counts.entry((platform.clone(), topic)).or_default();
        *count = if failed { count.saturating_add(1) } else { 0 };
        *count
    }

    /// Notes how a topic stands now; what is to be told.
    pub(super) fn set(
        &mut self,
        platform: &ComponentAppid,
        topic: Topic,
        trouble: Option<Trouble>,
        now: Timestamp,
    ) -> Vec<Message> {
        let place = (platform.clone(), topic);
        let before = self.open.remove(&place);
        let Some(trouble) = trouble else {
            let over = |open: Open| Message::new(platform, open.trouble, open.since, true);
            return before.map(over).into_iter().collect();
        };
        let known = before
            .as_ref()
            .is_some_and(|open| trouble.is_told_by(&open.trouble));
        let began = trouble.began().unwrap_or(now);
        let since = before.as_ref().map_or(began, |open| open.since);
        let told_at = before.filter(|_| known).map_or(now, |open| open.told_at);
        let open = Open {
            trouble: trouble.clone(),
            since,
            told_at,
        };
        self.open.insert(place, open);
        match known {
            true => Vec::new(),
            false => vec![Message::new(platform, trouble, since, false)],
        }
    }

    /// Open troubles that were told long ago.
    pub(super) fn due_again(&mut self, now: Timestamp) -> Vec<Message> {
        let mut due = Vec::new();
        for ((platform, _), open) in &mut self.open {
            if !is_within(open.told_at, now, AGAIN) {
                open.told_at = now;
                due.push(Message::new(
                    platform,
                    open.trouble.clone(),
                    open.since,
                    false,
                ));
            }
        }
        due
    }
}
