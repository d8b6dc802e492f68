//! What was taken over from an SDK's keys, in memory.

use std::collections::BTreeMap;

use crate::store::PlatformKey;

use super::{PAGE, Page};
use crate::store::record::{Record, RecordKind};

/// A platform's records by kind.
pub struct Content {
    key: PlatformKey,
    kinds: BTreeMap<&'static str, Vec<Record>>,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Content").field(&self.key).finish()
    }
}

impl Content {
    pub(super) fn of(key: PlatformKey, kinds: BTreeMap<&'static str, Vec<Record>>) -> Self {
        Self { key, kinds }
    }

    pub(super) fn platform(&self) -> &PlatformKey {
        &self.key
    }

    /// A page as a store gives it.
    pub(super) fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Page {
        let start: usize = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let all = self.kinds.get(kind.as_str()).filter(|_| *key == self.key);
        let all = all.map_or(&[][..], Vec::as_slice);
        let end = (start + PAGE).min(all.len());
        Page {
            records: all.get(start..end).unwrap_or_default().to_vec(),
            next: (end < all.len()).then(|| end.to_string()),
        }
    }
}
