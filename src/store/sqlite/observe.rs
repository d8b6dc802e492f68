//! Storing observations, and the records of an authorizer that operations work on.

use rusqlite::Connection;

use crate::store::ops::authorizers::{self, AuthorizerRecords};
use crate::store::ops::roster::{KnownRefreshToken, RosterRow};
use crate::store::tokens::record_of;
use crate::store::{Change, Holder, Observation, PlatformKey};
use crate::wechat::id::{Appid, UserName};

use super::{Fault, Session, columns, journal, platform, roster, tokens};

pub(in crate::store) fn batch(
    session: &Session,
    holder: &Holder,
    key: &PlatformKey,
    observations: &[Observation],
    now: i64,
) -> Result<Vec<Change>, Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write(platform)?;
    let mut changes = Vec::with_capacity(observations.len());
    for observation in observations {
        if let Some(appid) = observation.appid() {
            let before = records(session, platform, appid)?;
            let mut after = before.clone();
            let decided = authorizers::observe(&mut after, appid, observation, now);
            put(session, platform, appid, &before, &after)?;
            journal::write_notes(session, platform, holder, appid.as_str(), decided.journal)?;
            changes.push(decided.change);
        }
    }
    Ok(changes)
}

/// What is stored of an authorizer.
pub(super) fn records(
    session: &Session,
    platform: i64,
    appid: &Appid,
) -> Result<AuthorizerRecords, Fault> {
    let mut records = AuthorizerRecords {
        row: row(session, platform, appid)?,
        ..AuthorizerRecords::default()
    };
    let mut statement = session.prepare_cached(
        "SELECT refresh_key, refresh, refresh_as_of, issued_at, expires_at, fence FROM tokens
         WHERE platform = ?1 AND owner = ?2",
    )?;
    let mut rows = statement.query((platform, appid.as_str()))?;
    if let Some(row) = rows.next()? {
        if let Some(as_of) = row.get(2)? {
            let token = session.secret(row, 0);
            let token = token.map_err(|fault| fault.about(|| record_of(appid.as_str())))?;
            records.refresh = token.map(|token| KnownRefreshToken { token, as_of });
        }
        records.issued_at = row.get(3)?;
        records.expires_at = row.get(4)?;
        records.fence = row.get(5)?;
    }
    Ok(records)
}

/// Writes what an operation made different of an authorizer.
pub(super) fn put(
    session: &Session,
    platform: i64,
    appid: &Appid,
    before: &AuthorizerRecords,
    after: &AuthorizerRecords,
) -> Result<(), Fault> {
    if let Some(row) = &after.row
        && after.row != before.row
    {
        put_row(session, platform, appid, row)?;
    }
    if let Some(details) = &after.details {
        session
            .prepare_cached(
                "INSERT INTO authorizer_details (platform, appid, json) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET json = excluded.json WHERE json <> excluded.json",
            )?
            .execute((platform, appid.as_str(), details))?;
    }
    if let Some(KnownRefreshToken { token, as_of }) = &after.refresh
        && after.refresh != before.refresh
    {
        tokens::put_refresh_token(session, platform, appid.as_str(), token, *as_of)?;
    }
    if let Some(access) = &after.access {
        session
            .prepare_cached(
                "UPDATE tokens SET access_key = ?3, access = ?4, lifetime = ?5
                 WHERE platform = ?1 AND owner = ?2",
            )?
            .execute((
                platform,
                appid.as_str(),
                session.key_id(),
                session.bytes(&access.token),
                access.lifetime,
            ))?;
    }
    if (after.issued_at, after.expires_at) != (before.issued_at, before.expires_at) {
        session
            .prepare_cached(
                "UPDATE tokens SET issued_at = ?3, expires_at = ?4
                 WHERE platform = ?1 AND owner = ?2",
            )?
            .execute((platform, appid.as_str(), after.issued_at, after.expires_at))?;
    }
    Ok(())
}

pub(super) fn row(
    session: &Connection,
    platform: i64,
    appid: &Appid,
) -> Result<Option<RosterRow>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT user_name, nick_name, kind, principal_name, status, account_status,
             authorized_at, permission_ids, synced_at, revoked_at, revoked_source, as_of,
             pending_ids, external_id, claimed_external_id
         FROM authorizers WHERE platform = ?1 AND appid = ?2",
    )?;
    let mut rows = statement.query((platform, appid.as_str()))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(RosterRow {
        user_name: row.get::<_, Option<String>>(0)?.map(UserName::from_wire),
        nick_name: row.get(1)?,
        kind: roster::kind(row, 2)?,
        principal_name: row.get(3)?,
        status: roster::status(row, 4)?,
        account_status: roster::account_status(row, 5)?,
        authorized_at: row.get(6)?,
        permission_ids: columns::permission_ids(roster::text(row, 7)?),
        synced_at: row.get(8)?,
        revoked_at: row.get(9)?,
        revoked_source: row.get(10)?,
        as_of: row.get(11)?,
        pending_ids: columns::permission_ids(roster::text(row, 12)?),
        external_id: row.get(13)?,
        claimed_external_id: row.get(14)?,
    }))
}

/// Writes a row but for the external ids, which no observation changes.
pub(super) fn put_row(
    session: &Connection,
    platform: i64,
    appid: &Appid,
    row: &RosterRow,
) -> Result<(), Fault> {
    session
        .prepare_cached(
            "INSERT INTO authorizers (platform, appid, user_name, nick_name, kind, principal_name,
                 status, account_status, authorized_at, permission_ids, synced_at, revoked_at,
                 revoked_source, as_of, pending_ids)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT DO UPDATE SET user_name = excluded.user_name,
                 nick_name = excluded.nick_name, kind = excluded.kind,
                 principal_name = excluded.principal_name, status = excluded.status,
                 account_status = excluded.account_status,
                 authorized_at = excluded.authorized_at,
                 permission_ids = excluded.permission_ids, synced_at = excluded.synced_at,
                 revoked_at = excluded.revoked_at, revoked_source = excluded.revoked_source,
                 as_of = excluded.as_of, pending_ids = excluded.pending_ids",
        )?
        .execute((
            platform,
            appid.as_str(),
            row.user_name.as_ref().map(UserName::as_str),
            &row.nick_name,
            row.kind.as_str(),
            &row.principal_name,
            row.status.as_str(),
            row.account_status.as_str(),
            row.authorized_at,
            columns::permission_text(&row.permission_ids),
            row.synced_at,
            row.revoked_at,
            &row.revoked_source,
            row.as_of,
            columns::permission_text(&row.pending_ids),
        ))?;
    Ok(())
}
