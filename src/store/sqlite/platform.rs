//! Platforms by number, and the fences they give out.

use rusqlite::{Connection, OptionalExtension};

use crate::store::{PlatformKey, StoreError};

use super::{Database, Fault};

impl Database {
    pub(in crate::store) async fn last_fence(&self, key: &PlatformKey) -> Result<i64, StoreError> {
        let key = key.clone();
        self.read(move |connection| last_fence(connection, &key))
            .await
    }
}

/// The number of a platform; `None` while nothing is stored of it.
pub(super) fn number(connection: &Connection, key: &PlatformKey) -> Result<Option<i64>, Fault> {
    Ok(connection
        .prepare_cached("SELECT id FROM platforms WHERE realm = ?1 AND component_appid = ?2")?
        .query_row((&key.realm, key.component_appid.as_str()), |row| row.get(0))
        .optional()?)
}

/// The number of a platform, given one now if it has none.
pub(super) fn ensure_number(connection: &Connection, key: &PlatformKey) -> Result<i64, Fault> {
    if let Some(number) = number(connection, key)? {
        return Ok(number);
    }
    Ok(connection
        .prepare_cached(
            "INSERT INTO platforms (realm, component_appid) VALUES (?1, ?2) RETURNING id",
        )?
        .query_row((&key.realm, key.component_appid.as_str()), |row| row.get(0))?)
}

/// The fence given out last; 0 before the first.
fn last_fence(connection: &Connection, key: &PlatformKey) -> Result<i64, Fault> {
    Ok(connection
        .prepare_cached("SELECT fence FROM platforms WHERE realm = ?1 AND component_appid = ?2")?
        .query_row((&key.realm, key.component_appid.as_str()), |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

/// The next fence: one count for all owners of a platform, so that forgetting one resets nothing.
pub(super) fn next_fence(connection: &Connection, platform: i64) -> Result<i64, Fault> {
    next_fences(connection, platform, 1)
}

/// The first of the next `count` fences, which are all given out now.
pub(super) fn next_fences(
    connection: &Connection,
    platform: i64,
    count: usize,
) -> Result<i64, Fault> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Ok(connection
        .prepare_cached(
            "UPDATE platforms SET fence = fence + ?2 WHERE id = ?1 RETURNING fence + 1 - ?2",
        )?
        .query_row([platform, count], |row| row.get(0))?)
}
