//! Statements on launches.

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use crate::store::validity::latest_believed;
use crate::store::{Launch, LaunchSource, PlatformKey};
use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;

use super::{Fault, columns, platform, roster};

/// The columns that [`read`] takes.
const COLUMNS: &str = "pre_auth_code_fingerprint, made_at, expires_at, external_id, only_appid,
    permission_ids, source, state, appid, claimed_external_id";

pub(in crate::store) fn put(
    connection: &Connection,
    key: &PlatformKey,
    launch: &Launch,
) -> Result<(), Fault> {
    let platform = platform::ensure_number(connection, key)?;
    connection
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO launches (platform, {COLUMNS})
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        ))?
        .execute((
            platform,
            &launch.pre_auth_code_fingerprint,
            launch.made_at.as_second(),
            launch.expires_at.as_second(),
            &launch.external_id,
            launch.only.as_ref().map(Appid::as_str),
            columns::permission_text(&launch.permission_ids),
            launch.source.as_str(),
            &launch.state,
            launch.appid.as_ref().map(Appid::as_str),
            &launch.claimed_external_id,
        ))?;
    Ok(())
}

pub(in crate::store) fn by_code(
    connection: &Connection,
    key: &PlatformKey,
    fingerprint: &str,
) -> Result<Option<Launch>, Fault> {
    find(
        connection,
        key,
        "WHERE platform = ?1 AND pre_auth_code_fingerprint = ?2",
        fingerprint,
    )
}

pub(in crate::store) fn by_state(
    connection: &Connection,
    key: &PlatformKey,
    state: &str,
) -> Result<Option<Launch>, Fault> {
    // Without being told to, SQLite walks all launches of the platform.
    let clause = "INDEXED BY launches_state WHERE platform = ?1 AND state = ?2";
    find(connection, key, clause, state)
}

fn find(
    connection: &Connection,
    key: &PlatformKey,
    clause: &str,
    value: &str,
) -> Result<Option<Launch>, Fault> {
    let Some(platform) = platform::number(connection, key)? else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM launches {clause} ORDER BY made_at DESC LIMIT 1"
    ))?;
    let mut rows = statement.query((platform, value))?;
    match rows.next()? {
        Some(row) => read(row),
        None => Ok(None),
    }
}

pub(in crate::store) fn settle(
    connection: &Connection,
    key: &PlatformKey,
    fingerprint: &str,
    appid: &Appid,
) -> Result<(), Fault> {
    if let Some(platform) = platform::number(connection, key)? {
        connection
            .prepare_cached(
                "UPDATE launches SET appid = ?3
                 WHERE platform = ?1 AND pre_auth_code_fingerprint = ?2 AND appid IS NULL",
            )?
            .execute((platform, fingerprint, appid.as_str()))?;
    }
    Ok(())
}

pub(in crate::store) fn count(
    connection: &Connection,
    key: &PlatformKey,
    source: LaunchSource,
    since: Timestamp,
    now: i64,
) -> Result<u64, Fault> {
    let Some(platform) = platform::number(connection, key)? else {
        return Ok(0);
    };
    let count: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM launches
             WHERE platform = ?1 AND source = ?2 AND made_at BETWEEN ?3 AND ?4",
        )?
        .query_row(
            (
                platform,
                source.as_str(),
                since.as_second(),
                latest_believed(now),
            ),
            |row| row.get(0),
        )?;
    Ok(columns::unsigned(count))
}

/// A launch from [`COLUMNS`]; `None` for a source that only a newer program knows.
fn read(row: &Row<'_>) -> Result<Option<Launch>, Fault> {
    let Some(source) = LaunchSource::from_word(roster::text(row, 6)?) else {
        return Ok(None);
    };
    Ok(Some(Launch {
        pre_auth_code_fingerprint: row.get(0)?,
        made_at: timestamp(row.get(1)?),
        expires_at: timestamp(row.get(2)?),
        external_id: row.get(3)?,
        only: row.get::<_, Option<String>>(4)?.map(Appid::from_wire),
        permission_ids: columns::permission_ids(roster::text(row, 5)?),
        source,
        state: row.get(7)?,
        appid: row.get::<_, Option<String>>(8)?.map(Appid::from_wire),
        claimed_external_id: row.get(9)?,
    }))
}
