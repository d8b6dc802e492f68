//! Statements that drop what is old.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::PlatformKey;

use super::{Fault, Session, event_work, platform};

/// How many rows are dropped in one act at most.
pub(in crate::store) const STEP: usize = 400;
/// How long a code lives whose event does not tell it, in seconds: spec/events.md §3.2.
const CODE_LIFE: i64 = 3600;

/// How long an event that is to be forwarded stays however many there are, in seconds.
const UNDELIVERED: i64 = 24 * 3600;

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
pub(in crate::store) fn floor(
    session: &Session,
    key: &PlatformKey,
    keep_rows: u64,
) -> Result<i64, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(0);
    };
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
pub(in crate::store) fn stale(
    session: &Session,
    key: &PlatformKey,
    terms: Terms,
    after: i64,
) -> Result<Vec<Stale>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Vec::new());
    };
    let mut statement = session.prepare_cached(
        "SELECT id, whole FROM (
             SELECT id, received_at < ?3 OR (id <= ?4 AND outcome <> 'pending'
                     AND (ifnull(forward, '') <> 'pending' OR received_at < ?5 - ?8)) AS whole,
                 code IS NOT NULL AND ifnull(code_expires_at, received_at + ?6) < ?5 AS code_dead
             FROM events NOT INDEXED WHERE platform = ?1 AND id > ?2)
         WHERE whole OR code_dead ORDER BY id LIMIT ?7",
    )?;
    let mut rows = statement.query((
        platform,
        after,
        terms.before.as_second(),
        terms.floor,
        terms.now,
        CODE_LIFE,
        STEP as i64,
        UNDELIVERED,
    ))?;
    let mut stale = Vec::new();
    while let Some(row) = rows.next()? {
        stale.push(Stale {
            id: row.get(0)?,
            whole: row.get(1)?,
        });
    }
    Ok(stale)
}

/// Drops what is stale; how many whole events went.
pub(in crate::store) fn events(
    session: &Session,
    key: &PlatformKey,
    stale: &[Stale],
) -> Result<u64, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(0);
    };
    let mut dropped = 0;
    for event in stale {
        if event.whole {
            dropped += session
                .prepare_cached("DELETE FROM events WHERE platform = ?1 AND id = ?2")?
                .execute([platform, event.id])?;
        } else {
            event_work::take_code_out(session, key, event.id)?;
        }
    }
    Ok(dropped as u64)
}

/// Drops kept messages and launches from before `before`; whether there were any, so that there may
/// be more.
pub(in crate::store) fn others(
    session: &Session,
    key: &PlatformKey,
    before: Timestamp,
) -> Result<bool, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(false);
    };
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
