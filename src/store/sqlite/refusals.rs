//! Statements on refusals of tokens.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::store::validity::refusals_reported;
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
    let (from, to) = refusals_reported(at);
    connection
        .prepare_cached(
            "DELETE FROM refusals WHERE platform = ?1 AND (latest < ?2 OR latest > ?3)",
        )?
        .execute((platform, from, to))?;
    connection
        .prepare_cached(
            "INSERT INTO refusals (platform, owner, since, latest, count, generation)
             VALUES (?1, ?2, ?3, ?3, 1, ?4)
             ON CONFLICT DO UPDATE SET latest = excluded.latest, count = count + 1,
                 generation = excluded.generation
             WHERE generation <> excluded.generation",
        )?
        .execute((
            platform,
            owner.as_str(),
            at,
            i64::try_from(generation).unwrap_or(i64::MAX),
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
    let (from, to) = refusals_reported(now.as_second());
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
