//! Messages that came before: WeChat sends one up to three times when an answer is late.
//!
//! Kept in memory and bounded: after a restart, or past thousands of others, a repeat counts again.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::wechat::id::ComponentAppid;
use crate::wechat::message::Message;

/// Messages remembered at most.
const REMEMBERED: usize = 10_000;
/// WeChat repeats within seconds.
const AGE: Duration = Duration::from_secs(600);

/// Marks of the latest messages.
#[derive(Default)]
pub(super) struct Repeats {
    hasher: RandomState,
    latest: Mutex<Latest>,
}

#[derive(Default)]
struct Latest {
    known: HashSet<u64>,
    order: VecDeque<(Instant, u64)>,
}

impl Repeats {
    /// Whether this message came before; from now on it did. A `MsgId` tells it, else the whole
    /// text: an event has none, and its repeat says the same.
    pub(super) fn came_before(
        &self,
        platform: &ComponentAppid,
        message: Option<&Message>,
        text: &str,
        now: Instant,
    ) -> bool {
        let id = message.and_then(|message| {
            let id = message.msg_id.as_deref().filter(|id| !id.is_empty())?;
            Some((message.to.as_str(), id))
        });
        let told_by = id.unwrap_or(("", text));
        let mark = self.hasher.hash_one((platform.as_str(), told_by));
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((at, mark)) = latest.order.front().copied()
            && (now.duration_since(at) > AGE || latest.order.len() >= REMEMBERED)
        {
            latest.order.pop_front();
            latest.known.remove(&mark);
        }
        let new = latest.known.insert(mark);
        if new {
            latest.order.push_back((now, mark));
        }
        !new
    }
}
