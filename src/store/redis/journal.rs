//! The journal: a sorted set of `number JSON`, by number.

use crate::store::journal::{JournalEntry, JournalFilter};
use crate::store::record::Entry;
use crate::store::{PlatformKey, StoreError};

use super::RedisStore;

/// How many entries are read at a time.
const PAGE: usize = 500;

impl RedisStore {
    pub(in crate::store) async fn journal(
        &self,
        key: &PlatformKey,
        filter: &JournalFilter,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let names = self.names(key);
        let mut before = filter.before;
        let mut entries = Vec::new();
        loop {
            let page: Vec<(i64, Entry)> = self
                .log_before(&names, &names.journal(), before, PAGE)
                .await?;
            let is_last = page.len() < PAGE;
            for (id, entry) in page {
                before = Some(id);
                let wanted = filter
                    .since
                    .is_none_or(|since| entry.at >= since.as_second())
                    && filter
                        .appid
                        .as_ref()
                        .is_none_or(|appid| entry.appid.as_deref() == Some(appid.as_str()));
                let entry = wanted.then(|| JournalEntry::of(id, entry));
                let Some(entry) = entry.flatten() else {
                    continue;
                };
                if entries.len() == filter.limit {
                    return Ok(entries);
                }
                entries.push(entry);
            }
            if is_last {
                return Ok(entries);
            }
        }
    }
}
