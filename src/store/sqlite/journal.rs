//! Statements on the journal.

use crate::store::journal::{JournalEntry, JournalFilter};
use crate::store::record::{Record, RecordKind};
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::Appid;

use super::{Database, Fault, Session, columns, records};

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
    session: &Session,
    platform: i64,
    filter: &JournalFilter,
) -> Result<Vec<JournalEntry>, Fault> {
    // One statement for each shape, so that either walks its index from the end.
    let of_one = match filter.appid {
        Some(_) => "appid = ?2",
        None => "?2 IS NULL",
    };
    let mut statement = session.prepare_cached(&records::select(
        RecordKind::Journal,
        &format!("AND {of_one} AND id < ?3 AND at >= ?4 ORDER BY id DESC"),
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
        if let Record::Journal(entry) = records::read(RecordKind::Journal, row)? {
            entries.extend(JournalEntry::of(row.get(0)?, entry));
        }
    }
    Ok(entries)
}
