//! Statements on passes over the account list.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::store::ops::syncs::{self, StoredPass};
use crate::store::{PlatformKey, SyncRun};

use super::{Fault, columns, platform};

pub(in crate::store) fn begin(
    connection: &Connection,
    key: &PlatformKey,
    full: bool,
    now: Timestamp,
    resume_window: Duration,
) -> Result<SyncRun, Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let passes = passes(connection, platform)?;
    if let Some(run) = syncs::unfinished(&passes, full, now.as_second(), resume_window) {
        return Ok(run);
    }
    let id = connection
        .prepare_cached(
            "INSERT INTO passes (platform, complete, started_at) VALUES (?1, ?2, ?3) RETURNING id",
        )?
        .query_row((platform, full, now.as_second()), |row| row.get(0))?;
    Ok(SyncRun::begun(id, now))
}

pub(in crate::store) fn finish(
    connection: &Connection,
    key: &PlatformKey,
    run: SyncRun,
    total: u64,
    now: i64,
) -> Result<(), Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let finished = syncs::finish(&passes(connection, platform)?, run.id, total, now);
    if let Some(pass) = finished.pass {
        let total = pass
            .total
            .map(|total| i64::try_from(total).unwrap_or(i64::MAX));
        connection
            .prepare_cached("UPDATE passes SET finished_at = ?2, total = ?3 WHERE id = ?1")?
            .execute((pass.id, pass.finished_at, total))?;
    }
    for id in finished.dropped {
        connection
            .prepare_cached("DELETE FROM passes WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(())
}

pub(in crate::store) fn last(
    connection: &Connection,
    key: &PlatformKey,
) -> Result<Option<(Timestamp, u64)>, Fault> {
    let Some(platform) = platform::number(connection, key)? else {
        return Ok(None);
    };
    let passes = passes(connection, platform)?;
    Ok(syncs::last(&passes).map(|(pass, ended)| (ended, pass.total.unwrap_or(0))))
}

fn passes(connection: &Connection, platform: i64) -> Result<Vec<StoredPass>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT id, complete, started_at, finished_at, total FROM passes WHERE platform = ?1",
    )?;
    let passes = statement.query_map([platform], |row| {
        Ok(StoredPass {
            id: row.get(0)?,
            complete: row.get(1)?,
            started_at: row.get(2)?,
            finished_at: row.get(3)?,
            total: row.get::<_, Option<i64>>(4)?.map(columns::unsigned),
        })
    })?;
    Ok(passes.collect::<Result<_, _>>()?)
}
