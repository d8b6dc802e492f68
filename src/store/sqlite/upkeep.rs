//! Changes of single roster rows, and forgetting.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use serde_json::json;

use crate::store::validity::knows_later;
use crate::store::{
    AuthorizationStatus, ChangeSource, Holder, JournalKind, PlatformKey, StoreError,
};
use crate::wechat::id::Appid;

use super::{Fault, journal, platform};

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
    let revoked = AuthorizationStatus::Revoked.as_str();
    let as_of: Option<i64> = connection
        .prepare_cached(
            "SELECT as_of FROM authorizers WHERE platform = ?1 AND appid = ?2 AND status <> ?3",
        )?
        .query_row((platform, appid.as_str(), revoked), |row| row.get(0))
        .optional()?;
    if as_of.is_none_or(|as_of| knows_later(as_of, at.as_second(), now)) {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "UPDATE authorizers SET status = ?4, revoked_at = ?3, revoked_source = ?5, as_of = ?3
             WHERE platform = ?1 AND appid = ?2",
        )?
        .execute((
            platform,
            appid.as_str(),
            at.as_second(),
            revoked,
            source.as_str(),
        ))?;
    // A token that WeChat no longer takes must not be handed out as fresh.
    connection
        .prepare_cached(
            "UPDATE tokens SET expires_at = min(expires_at, ?3)
             WHERE platform = ?1 AND owner = ?2 AND expires_at IS NOT NULL",
        )?
        .execute((platform, appid.as_str(), at.as_second()))?;
    let note = journal::Note {
        platform,
        at: at.as_second(),
        who: source.as_str(),
        holder,
    };
    note.write(connection, appid.as_str(), JournalKind::Revoked, "{}")?;
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
    let other: Option<String> = connection
        .prepare_cached(
            "SELECT appid FROM authorizers
             WHERE platform = ?1 AND external_id = ?3 AND appid <> ?2",
        )?
        .query_row((platform, appid.as_str(), external_id), |row| row.get(0))
        .optional()?;
    if let Some(other) = other {
        let appid = Appid::from_wire(other);
        return Err(StoreError::Taken { appid }.into());
    }
    let changed = connection
        .prepare_cached(
            "UPDATE authorizers SET external_id = ?3 WHERE platform = ?1 AND appid = ?2",
        )?
        .execute((platform, appid.as_str(), external_id))?;
    if changed == 0 {
        let appid = appid.clone();
        return Err(StoreError::UnknownAuthorizer { appid }.into());
    }
    let detail = json!({ "external_id": external_id }).to_string();
    operator(platform, holder, now).write(
        connection,
        appid.as_str(),
        JournalKind::ExternalIdSet,
        &detail,
    )
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
    let before: Option<Option<String>> = connection
        .prepare_cached(
            "SELECT claimed_external_id FROM authorizers WHERE platform = ?1 AND appid = ?2",
        )?
        .query_row((platform, appid.as_str()), |row| row.get(0))
        .optional()?;
    match before {
        None => {
            let appid = appid.clone();
            return Err(StoreError::UnknownAuthorizer { appid }.into());
        }
        Some(before) if before.as_deref() == Some(claimed) => return Ok(()),
        Some(_) => {}
    }
    connection
        .prepare_cached(
            "UPDATE authorizers SET claimed_external_id = ?3 WHERE platform = ?1 AND appid = ?2",
        )?
        .execute((platform, appid.as_str(), claimed))?;
    let (holder, source, now) = by;
    let note = journal::Note {
        platform,
        at: now,
        who: source.as_str(),
        holder,
    };
    let detail = json!({ "claimed_external_id": claimed }).to_string();
    note.write(
        connection,
        appid.as_str(),
        JournalKind::ExternalIdClaimed,
        &detail,
    )
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
        let note = operator(platform, holder, now);
        note.write(connection, appid.as_str(), JournalKind::Forgotten, "{}")?;
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

fn operator(platform: i64, holder: &Holder, now: i64) -> journal::Note<'_> {
    journal::Note {
        platform,
        at: now,
        who: ChangeSource::Operator.as_str(),
        holder,
    }
}
