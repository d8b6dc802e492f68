//! Changes of single roster rows, and forgetting.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::store::ops::roster::RosterRow;
use crate::store::ops::upkeep;
use crate::store::{ChangeSource, Holder, PlatformKey};
use crate::wechat::id::Appid;

use super::{Fault, journal, observe, platform};

pub(in crate::store) fn mark_revoked(
    connection: &Connection,
    holder: &Holder,
    key: &PlatformKey,
    appid: &Appid,
    at: Timestamp,
    source: ChangeSource,
    now: i64,
) -> Result<bool, Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let Some(mut row) = observe::row(connection, platform, appid)? else {
        return Ok(false);
    };
    let token = (platform, appid.as_str());
    let before: Option<i64> = connection
        .prepare_cached("SELECT expires_at FROM tokens WHERE platform = ?1 AND owner = ?2")?
        .query_row(token, |row| row.get(0))
        .optional()?
        .flatten();
    let mut expires_at = before;
    let at = at.as_second();
    let Some(note) = upkeep::revoke(&mut row, &mut expires_at, at, source, now) else {
        return Ok(false);
    };
    // Its other columns may hold words of a newer program.
    connection
        .prepare_cached(
            "UPDATE authorizers SET status = ?3, revoked_at = ?4, revoked_source = ?5, as_of = ?6
             WHERE platform = ?1 AND appid = ?2",
        )?
        .execute((
            platform,
            appid.as_str(),
            row.status.as_str(),
            row.revoked_at,
            row.revoked_source,
            row.as_of,
        ))?;
    if expires_at != before {
        connection
            .prepare_cached("UPDATE tokens SET expires_at = ?3 WHERE platform = ?1 AND owner = ?2")?
            .execute((platform, appid.as_str(), expires_at))?;
    }
    journal::write_notes(connection, platform, holder, appid.as_str(), vec![note])?;
    Ok(true)
}

pub(in crate::store) fn set_external_id(
    connection: &Connection,
    holder: &Holder,
    key: &PlatformKey,
    appid: &Appid,
    external_id: Option<&str>,
    now: i64,
) -> Result<(), Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let owner: Option<String> = connection
        .prepare_cached("SELECT appid FROM authorizers WHERE platform = ?1 AND external_id = ?2")?
        .query_row((platform, external_id), |row| row.get(0))
        .optional()?;
    let owner = owner.map(Appid::from_wire);
    let mut row = observe::row(connection, platform, appid)?;
    let note = upkeep::set_external_id(row.as_mut(), appid, external_id, owner, now)?;
    put_external_ids(connection, platform, appid, row)?;
    journal::write_notes(connection, platform, holder, appid.as_str(), vec![note])
}

/// `by` is who notes it, what brought it, and when.
pub(in crate::store) fn claim_external_id(
    connection: &Connection,
    by: (&Holder, ChangeSource, i64),
    key: &PlatformKey,
    appid: &Appid,
    claimed: &str,
) -> Result<(), Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let mut row = observe::row(connection, platform, appid)?;
    let (holder, source, now) = by;
    let note = upkeep::claim_external_id(row.as_mut(), appid, claimed, source, now)?;
    let Some(note) = note else {
        return Ok(());
    };
    put_external_ids(connection, platform, appid, row)?;
    journal::write_notes(connection, platform, holder, appid.as_str(), vec![note])
}

fn put_external_ids(
    connection: &Connection,
    platform: i64,
    appid: &Appid,
    row: Option<RosterRow>,
) -> Result<(), Fault> {
    let ids = row.map(|row| (row.external_id, row.claimed_external_id));
    let (external_id, claimed) = ids.unwrap_or_default();
    connection
        .prepare_cached(
            "UPDATE authorizers SET external_id = ?3, claimed_external_id = ?4
             WHERE platform = ?1 AND appid = ?2",
        )?
        .execute((platform, appid.as_str(), external_id, claimed))?;
    Ok(())
}

pub(in crate::store) fn forget(
    connection: &Connection,
    holder: &Holder,
    key: &PlatformKey,
    appid: &Appid,
    now: i64,
) -> Result<bool, Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let mut forgotten = 0;
    for statement in [
        "DELETE FROM authorizers WHERE platform = ?1 AND appid = ?2",
        "DELETE FROM authorizer_details WHERE platform = ?1 AND appid = ?2",
        "DELETE FROM tokens WHERE platform = ?1 AND owner = ?2",
        "DELETE FROM refusals WHERE platform = ?1 AND owner = ?2",
    ] {
        forgotten += connection
            .prepare_cached(statement)?
            .execute((platform, appid.as_str()))?;
    }
    if forgotten > 0 {
        let note = upkeep::forgotten(now);
        journal::write_notes(connection, platform, holder, appid.as_str(), vec![note])?;
    }
    Ok(forgotten > 0)
}

pub(in crate::store) fn forget_platform(
    connection: &Connection,
    key: &PlatformKey,
) -> Result<(), Fault> {
    let Some(platform) = platform::number(connection, key)? else {
        return Ok(());
    };
    for table in [
        "tickets",
        "tokens",
        "refusals",
        "authorizers",
        "authorizer_details",
        "redeemed_codes",
        "passes",
        "events",
        "message_counts",
        "message_marks",
        "message_memory",
        "messages",
        "launches",
        "journal",
    ] {
        connection.execute(
            &format!("DELETE FROM {table} WHERE platform = ?1"),
            [platform],
        )?;
    }
    Ok(())
}
