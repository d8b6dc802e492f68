//! Request ids of refused calls, for `openapi/rid/get`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::quota::Owner;

/// Seconds a request can be looked up.
pub const RID_SECONDS: i64 = 7 * 86_400;
const KEPT: usize = 1000;

/// A refused call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RidRecord {
    /// Three groups of 8 hexadecimal digits.
    pub rid: String,
    /// Whose token made the call.
    pub owner: Option<Owner>,
    /// Unix seconds.
    pub at: i64,
    /// Path and query.
    pub url: String,
    /// What was sent.
    pub request: String,
    /// What was answered.
    pub response: String,
    /// The caller's address.
    pub client: String,
}

/// The refused calls that can still be looked up.
#[derive(Default)]
pub struct Rids {
    records: VecDeque<RidRecord>,
}

impl Rids {
    /// Keeps a refused call; returns the rid that had to go for it, if one had to.
    pub fn keep(&mut self, record: RidRecord) -> Option<String> {
        self.records.push_back(record);
        if self.records.len() <= KEPT {
            return None;
        }
        self.records.pop_front().map(|old| old.rid)
    }

    /// The call with this rid, while it can be looked up.
    pub fn find(&self, rid: &str, now: i64) -> Option<&RidRecord> {
        self.records
            .iter()
            .find(|record| record.rid == rid && now < record.at + RID_SECONDS)
    }
}

/// Whether `text` has the shape of a rid.
pub fn is_rid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == 3
        && groups.iter().all(|group| {
            group.len() == 8
                && group
                    .bytes()
                    .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
}
