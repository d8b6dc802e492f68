//! Statements on launches.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::ops::launches;
use crate::store::record::{self, Record, RecordKind};
use crate::store::records::LaunchRead;
use crate::store::{LaunchSource, PlatformKey, StoreError};

use super::{Database, Fault, Session, columns, platform, transfer};

impl Database {
    pub(in crate::store) async fn count_launches(
        &self,
        key: &PlatformKey,
        source: LaunchSource,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let (key, now) = (key.clone(), self.now());
        self.read(move |connection| count(connection, &key, source, since, now))
            .await
    }
}

/// A launch, found by its code or its state.
pub(super) fn read(
    session: &Session,
    platform: i64,
    read: &LaunchRead,
) -> Result<Option<record::Launch>, Fault> {
    let code = match read {
        LaunchRead::Code(code) => Some(code.clone()),
        // Without the hint SQLite scans all launches of the platform.
        LaunchRead::State(state) => session
            .prepare_cached(
                "SELECT pre_auth_code_fingerprint FROM launches INDEXED BY launches_state
                 WHERE platform = ?1 AND state = ?2 ORDER BY made_at DESC LIMIT 1",
            )?
            .query_row((platform, state), |row| row.get(0))
            .optional()?,
    };
    let Some(code) = code else { return Ok(None) };
    let found = transfer::find(session, platform, RecordKind::Launches, &code)?;
    Ok(found.and_then(|record| match record {
        Record::Launch(launch) => Some(launch),
        _ => None,
    }))
}

fn count(
    session: &Session,
    key: &PlatformKey,
    source: LaunchSource,
    since: Timestamp,
    now: i64,
) -> Result<u64, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(0);
    };
    let made = launches::counted(since, now);
    let count: i64 = session
        .prepare_cached(
            "SELECT count(*) FROM launches
             WHERE platform = ?1 AND source = ?2 AND made_at BETWEEN ?3 AND ?4",
        )?
        .query_row(
            (platform, source.as_str(), made.start(), made.end()),
            |row| row.get(0),
        )?;
    Ok(columns::unsigned(count))
}
