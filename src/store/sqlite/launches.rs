//! Statements on launches.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::ops::launches;
use crate::store::record::{self, Record, RecordKind};
use crate::store::{Launch, LaunchSource, PlatformKey};
use crate::wechat::id::Appid;

use super::{Fault, Session, columns, platform, transfer};

pub(in crate::store) fn put(
    session: &Session,
    key: &PlatformKey,
    launch: &record::Launch,
) -> Result<(), Fault> {
    let platform = platform::ensure_number(session, key)?;
    transfer::write_launch(session, platform, launch)
}

pub(in crate::store) fn by_code(
    session: &Session,
    key: &PlatformKey,
    fingerprint: &str,
) -> Result<Option<Launch>, Fault> {
    match platform::number(session, key)? {
        Some(platform) => Ok(record(session, platform, fingerprint)?.and_then(Launch::of)),
        None => Ok(None),
    }
}

pub(in crate::store) fn by_state(
    session: &Session,
    key: &PlatformKey,
    state: &str,
) -> Result<Option<Launch>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(None);
    };
    // Without being told to, SQLite walks all launches of the platform.
    let found: Option<String> = session
        .prepare_cached(
            "SELECT pre_auth_code_fingerprint FROM launches INDEXED BY launches_state
             WHERE platform = ?1 AND state = ?2 ORDER BY made_at DESC LIMIT 1",
        )?
        .query_row((platform, state), |row| row.get(0))
        .optional()?;
    match found {
        Some(fingerprint) => by_code(session, key, &fingerprint),
        None => Ok(None),
    }
}

fn record(
    session: &Session,
    platform: i64,
    fingerprint: &str,
) -> Result<Option<record::Launch>, Fault> {
    let found = transfer::find(session, platform, RecordKind::Launches, fingerprint)?;
    Ok(found.and_then(|record| match record {
        Record::Launch(launch) => Some(launch),
        _ => None,
    }))
}

pub(in crate::store) fn settle(
    session: &Session,
    key: &PlatformKey,
    fingerprint: &str,
    appid: &Appid,
) -> Result<(), Fault> {
    if let Some(platform) = platform::number(session, key)?
        && let Some(launch) = record(session, platform, fingerprint)?
        && let Some(settled) = launches::settle(launch, appid)
    {
        transfer::write_launch(session, platform, &settled)?;
    }
    Ok(())
}

pub(in crate::store) fn count(
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
