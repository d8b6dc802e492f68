//! Statements that drop what is old.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::ops::events;

use super::{Fault, Session, event_work, roster};

/// How many rows are dropped in one act at most.
pub(in crate::store) const STEP: usize = 400;

/// What makes an event stale.
#[derive(Clone, Copy)]
pub(in crate::store) struct Terms {
    /// Having arrived before this.
    pub(in crate::store) before: Timestamp,
    /// A number not above this, when no work is left and it is not on its way to the backend.
    pub(in crate::store) floor: i64,
    /// Now, in Unix seconds, for codes past their life.
    pub(in crate::store) now: i64,
}

/// An event to drop, or of which the code alone is to go.
#[derive(Clone, Copy)]
pub(in crate::store) struct Stale {
    pub(in crate::store) id: i64,
    whole: bool,
}

/// The number of the newest event beyond the newest `keep_rows`; 0 when there are not so many.
pub(super) fn floor(session: &Session, platform: i64, keep_rows: u64) -> Result<i64, Fault> {
    let found: Option<i64> = session
        .prepare_cached(
            "SELECT id FROM events NOT INDEXED WHERE platform = ?1
             ORDER BY id DESC LIMIT 1 OFFSET ?2",
        )?
        .query_row(
            (platform, i64::try_from(keep_rows).unwrap_or(i64::MAX)),
            |row| row.get(0),
        )
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// The next stale events after the number `after`.
pub(super) fn stale(
    session: &Session,
    platform: i64,
    terms: Terms,
    after: i64,
) -> Result<Vec<Stale>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT id, received_at, outcome, forward, code IS NOT NULL, code_expires_at
         FROM events NOT INDEXED WHERE platform = ?1 AND id > ?2 ORDER BY id",
    )?;
    let mut rows = statement.query([platform, after])?;
    let mut stale = Vec::new();
    while stale.len() < STEP
        && let Some(row) = rows.next()?
    {
        let (id, received_at): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (outcome, forward) = (roster::text(row, 2)?, row.get_ref(3)?.as_str_or_null());
        let forward = forward.map_err(rusqlite::Error::from)?;
        let whole = received_at < terms.before.as_second()
            || (id <= terms.floor && !events::is_needed(outcome, forward, received_at, terms.now));
        let has_code: bool = row.get(4)?;
        if whole || (has_code && events::code_end(received_at, row.get(5)?) < terms.now) {
            stale.push(Stale { id, whole });
        }
    }
    Ok(stale)
}

/// Drops what is stale; how many whole events went.
pub(super) fn drop_stale(session: &Session, platform: i64, stale: &[Stale]) -> Result<u64, Fault> {
    let mut dropped = 0;
    for event in stale {
        if event.whole {
            dropped += session
                .prepare_cached("DELETE FROM events WHERE platform = ?1 AND id = ?2")?
                .execute([platform, event.id])?;
        } else {
            event_work::take_code_out(session, platform, event.id)?;
        }
    }
    Ok(dropped as u64)
}

/// Drops kept messages and launches from before `before`; whether there were any, so that there may
/// be more.
pub(super) fn others(session: &Session, platform: i64, before: Timestamp) -> Result<bool, Fault> {
    let mut dropped = 0;
    for statement in [
        "DELETE FROM messages WHERE id IN (SELECT id FROM messages NOT INDEXED
             WHERE platform = ?1 AND received_at < ?2 ORDER BY id LIMIT ?3)",
        "DELETE FROM launches WHERE platform = ?1 AND pre_auth_code_fingerprint IN (
             SELECT pre_auth_code_fingerprint FROM launches
             WHERE platform = ?1 AND made_at < ?2 LIMIT ?3)",
    ] {
        dropped += session.prepare_cached(statement)?.execute((
            platform,
            before.as_second(),
            (STEP / 2) as i64,
        ))?;
    }
    Ok(dropped > 0)
}
