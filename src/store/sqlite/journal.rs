//! Statements on the journal.

use rusqlite::{Connection, Row};

use crate::store::journal::{JournalEntry, JournalFilter};
use crate::store::record::Entry;
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::Appid;

use super::{Database, Fault, columns, roster};

impl Database {
    pub(in crate::store) async fn journal(
        &self,
        key: &PlatformKey,
        filter: &JournalFilter,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let filter = filter.clone();
        self.read_of(key, move |session, platform| {
            read(session, platform, &filter)
        })
        .await
    }
}

fn read(
    connection: &Connection,
    platform: i64,
    filter: &JournalFilter,
) -> Result<Vec<JournalEntry>, Fault> {
    // One statement for each shape, so that either walks its index from the end.
    let of_one = if filter.appid.is_some() {
        "appid = ?2"
    } else {
        "?2 IS NULL"
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, at, who, host, command, appid, what, detail FROM journal
         WHERE platform = ?1 AND {of_one} AND id < ?3 AND at >= ?4 ORDER BY id DESC"
    ))?;
    let mut rows = statement.query((
        platform,
        filter.appid.as_ref().map(Appid::as_str),
        filter.before.unwrap_or(i64::MAX),
        columns::seconds(filter.since).unwrap_or(i64::MIN),
    ))?;
    let mut entries = Vec::new();
    while entries.len() < filter.limit
        && let Some(row) = rows.next()?
    {
        entries.extend(JournalEntry::of(row.get(0)?, entry(row)?));
    }
    Ok(entries)
}

/// An entry from the columns that follow on its number.
pub(super) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    Ok(Entry {
        at: row.get(1)?,
        who: row.get(2)?,
        host: row.get(3)?,
        command: row.get(4)?,
        appid: row.get(5)?,
        what: row.get(6)?,
        detail: serde_json::from_str(roster::text(row, 7)?).unwrap_or_default(),
    })
}
