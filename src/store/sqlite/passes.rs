//! Statements on passes over the account list.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::store::validity::latest_believed;
use crate::store::{PlatformKey, SyncRun};
use crate::sys::clock::timestamp;

use super::{Fault, columns, platform};

pub(in crate::store) fn begin(
    connection: &Connection,
    key: &PlatformKey,
    full: bool,
    now: Timestamp,
    resume_window: Duration,
) -> Result<SyncRun, Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let window = i64::try_from(resume_window.as_secs()).unwrap_or(i64::MAX);
    let oldest = now.as_second().saturating_sub(window);
    let latest = latest_believed(now.as_second());
    let unfinished = connection
        .prepare_cached(
            "SELECT id, started_at FROM passes
             WHERE platform = ?1 AND complete = ?2 AND finished_at IS NULL
                 AND started_at BETWEEN ?3 AND ?4
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row((platform, full, oldest, latest), |row| {
            Ok(SyncRun {
                id: row.get(0)?,
                started_at: timestamp(row.get(1)?),
                resumed: true,
            })
        })
        .optional()?;
    if let Some(run) = unfinished {
        return Ok(run);
    }
    let id = connection
        .prepare_cached(
            "INSERT INTO passes (platform, complete, started_at) VALUES (?1, ?2, ?3) RETURNING id",
        )?
        .query_row((platform, full, now.as_second()), |row| row.get(0))?;
    Ok(SyncRun {
        id,
        started_at: timestamp(now.as_second()),
        resumed: false,
    })
}

pub(in crate::store) fn finish(
    connection: &Connection,
    key: &PlatformKey,
    run: SyncRun,
    total: u64,
    now: i64,
) -> Result<(), Fault> {
    let platform = platform::ensure_number(connection, key)?;
    connection
        .prepare_cached(
            "UPDATE passes SET finished_at = ?3, total = ?4 WHERE platform = ?1 AND id = ?2",
        )?
        .execute((
            platform,
            run.id,
            now,
            i64::try_from(total).unwrap_or(i64::MAX),
        ))?;
    connection
        .prepare_cached("DELETE FROM passes WHERE platform = ?1 AND id < ?2")?
        .execute((platform, run.id))?;
    Ok(())
}

pub(in crate::store) fn last(
    connection: &Connection,
    key: &PlatformKey,
) -> Result<Option<(Timestamp, u64)>, Fault> {
    let Some(platform) = platform::number(connection, key)? else {
        return Ok(None);
    };
    Ok(connection
        .prepare_cached(
            "SELECT finished_at, total FROM passes
             WHERE platform = ?1 AND finished_at IS NOT NULL
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([platform], |row| {
            Ok((timestamp(row.get(0)?), columns::unsigned(row.get(1)?)))
        })
        .optional()?)
}
