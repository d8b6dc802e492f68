//! Statements on refusals of tokens.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::store::ops::{self, refusals::StoredRefusals};
use crate::store::{PlatformKey, Refusals, TokenOwner};
use crate::sys::clock::timestamp;

use super::{Fault, columns, platform};

pub(in crate::store) fn note(
    connection: &Connection,
    key: &PlatformKey,
    owner: &TokenOwner,
    generation: u64,
    at: Timestamp,
) -> Result<(), Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let at = at.as_second();
    let (from, to) = ops::refusals::reported(at);
    connection
        .prepare_cached(
            "DELETE FROM refusals WHERE platform = ?1 AND (latest < ?2 OR latest > ?3)",
        )?
        .execute((platform, from, to))?;
    let stored = connection
        .prepare_cached(
            "SELECT since, latest, count, generation FROM refusals
             WHERE platform = ?1 AND owner = ?2",
        )?
        .query_row((platform, owner.as_str()), |row| {
            Ok(StoredRefusals {
                since: row.get(0)?,
                latest: row.get(1)?,
                count: columns::unsigned(row.get(2)?),
                generation: columns::unsigned(row.get(3)?),
            })
        })
        .optional()?;
    let Some(noted) = ops::refusals::note(stored, generation, at) else {
        return Ok(());
    };
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO refusals (platform, owner, since, latest, count, generation)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            platform,
            owner.as_str(),
            noted.since,
            noted.latest,
            signed(noted.count),
            signed(noted.generation),
        ))?;
    Ok(())
}

pub(in crate::store) fn list(
    connection: &Connection,
    key: &PlatformKey,
    now: Timestamp,
) -> Result<Vec<Refusals>, Fault> {
    let Some(platform) = platform::number(connection, key)? else {
        return Ok(Vec::new());
    };
    let (from, to) = ops::refusals::reported(now.as_second());
    let mut statement = connection.prepare_cached(
        "SELECT owner, since, latest, count FROM refusals
         WHERE platform = ?1 AND latest >= ?2 AND latest <= ?3 ORDER BY owner",
    )?;
    let mut rows = statement.query((platform, from, to))?;
    let mut refusals = Vec::new();
    while let Some(row) = rows.next()? {
        refusals.push(Refusals {
            owner: TokenOwner::from_name(row.get(0)?),
            since: timestamp(row.get(1)?),
            latest: timestamp(row.get(2)?),
            count: columns::unsigned(row.get(3)?),
        });
    }
    Ok(refusals)
}
