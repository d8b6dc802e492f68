//! The records of an authorizer that operations work on.

use rusqlite::{Connection, OptionalExtension};

use crate::store::encryption::StoredSecret;
use crate::store::ops::authorizers::{AuthorizerRecords, StoredRefreshToken};
use crate::store::ops::roster::RosterRow;
use crate::store::records::AuthorizerPart;
use crate::wechat::id::{Appid, UserName};

use super::{Fault, Session, columns, platform, roster};

/// The tables that have rows of an authorizer, with the column that has its appid.
const TABLES: [(&str, &str); 4] = [
    ("authorizers", "appid"),
    ("authorizer_details", "appid"),
    ("tokens", "owner"),
    ("refusals", "owner"),
];

/// A part of what is stored of an authorizer.
pub(super) fn read(
    session: &Session,
    platform: i64,
    appid: &Appid,
    part: AuthorizerPart,
) -> Result<AuthorizerRecords, Fault> {
    let mut records = AuthorizerRecords::default();
    if part != AuthorizerPart::Token {
        records.row = row(session, platform, appid)?;
    }
    let mut statement = session.prepare_cached(
        "SELECT refresh, refresh_as_of, issued_at, expires_at, fence, generation
         FROM tokens WHERE platform = ?1 AND owner = ?2",
    )?;
    let mut rows = statement.query((platform, appid.as_str()))?;
    if let Some(row) = rows.next()? {
        if part != AuthorizerPart::Row
            && let Some(as_of) = row.get(1)?
        {
            let token: Option<StoredSecret> = row.get(0)?;
            records.refresh = token.map(|token| StoredRefreshToken { token, as_of });
        }
        records.issued_at = row.get(2)?;
        records.expires_at = row.get(3)?;
        records.fence = row.get(4)?;
        records.generation = row.get(5)?;
    }
    Ok(records)
}

/// Writes what an operation made different of an authorizer.
pub(super) fn write(
    session: &Session,
    platform: i64,
    appid: &Appid,
    before: Option<&AuthorizerRecords>,
    after: &AuthorizerRecords,
) -> Result<(), Fault> {
    let none = AuthorizerRecords::default();
    let before = before.unwrap_or(&none);
    if let Some(row) = &after.row
        && after.row != before.row
    {
        write_row(session, platform, appid, before.row.as_ref(), row)?;
    }
    if after.is_superseded {
        supersede(session, platform, appid)?;
    }
    if let Some(details) = &after.details {
        session
            .prepare_cached(
                "INSERT INTO authorizer_details (platform, appid, json) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET json = excluded.json WHERE json <> excluded.json",
            )?
            .execute((platform, appid.as_str(), details))?;
    }
    if let Some(StoredRefreshToken { token, as_of }) = &after.refresh
        && after.refresh != before.refresh
    {
        session
            .prepare_cached(
                "INSERT INTO tokens (platform, owner, refresh, refresh_as_of)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET refresh = excluded.refresh,
                     refresh_as_of = excluded.refresh_as_of",
            )?
            .execute((platform, appid.as_str(), token, as_of))?;
    }
    if let Some(access) = &after.access {
        session
            .prepare_cached(
                "UPDATE tokens SET access = ?3, lifetime = ?4 WHERE platform = ?1 AND owner = ?2",
            )?
            .execute((platform, appid.as_str(), &access.token, access.lifetime))?;
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

fn row(session: &Connection, platform: i64, appid: &Appid) -> Result<Option<RosterRow>, Fault> {
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

/// Writes a row in the place of `before`. Where kind and status of the account are the same as before,
/// their columns may hold words of a newer program and stay as they are.
fn write_row(
    session: &Connection,
    platform: i64,
    appid: &Appid,
    before: Option<&RosterRow>,
    row: &RosterRow,
) -> Result<(), Fault> {
    let before = before.map(|row| (row.kind, row.account_status));
    let (kind_before, account_status_before) = before.unzip();
    session
        .prepare_cached(
            "INSERT INTO authorizers (platform, appid, user_name, nick_name, kind, principal_name,
                 status, account_status, authorized_at, permission_ids, synced_at, revoked_at,
                 revoked_source, as_of, pending_ids, external_id, claimed_external_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
             ON CONFLICT DO UPDATE SET user_name = excluded.user_name,
                 nick_name = excluded.nick_name, kind = iif(?18, kind, excluded.kind),
                 principal_name = excluded.principal_name, status = excluded.status,
                 account_status = iif(?19, account_status, excluded.account_status),
                 authorized_at = excluded.authorized_at,
                 permission_ids = excluded.permission_ids, synced_at = excluded.synced_at,
                 revoked_at = excluded.revoked_at, revoked_source = excluded.revoked_source,
                 as_of = excluded.as_of, pending_ids = excluded.pending_ids,
                 external_id = excluded.external_id,
                 claimed_external_id = excluded.claimed_external_id",
        )?
        .execute(rusqlite::params![
            platform,
            appid.as_str(),
            row.user_name.as_ref().map(UserName::as_str),
            row.nick_name,
            row.kind.as_str(),
            row.principal_name,
            row.status.as_str(),
            row.account_status.as_str(),
            row.authorized_at,
            columns::permission_text(&row.permission_ids),
            row.synced_at,
            row.revoked_at,
            row.revoked_source,
            row.as_of,
            columns::permission_text(&row.pending_ids),
            row.external_id,
            row.claimed_external_id,
            kind_before == Some(row.kind),
            account_status_before == Some(row.account_status),
        ])?;
    Ok(())
}

/// Gives the token the next generation and a new fence, and takes the lease off it.
fn supersede(session: &Session, platform: i64, appid: &Appid) -> Result<(), Fault> {
    let fence = platform::next_fence(session, platform)?;
    session
        .prepare_cached(
            "INSERT INTO tokens (platform, owner, fence, generation) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT DO UPDATE SET fence = excluded.fence, generation = generation + 1,
                 lease_holder = NULL, lease_until = NULL",
        )?
        .execute((platform, appid.as_str(), fence))?;
    Ok(())
}

/// The authorizer to which the operator gave this id.
pub(super) fn owner_of(
    session: &Session,
    platform: i64,
    external_id: &str,
) -> Result<Option<Appid>, Fault> {
    let owner: Option<String> = session
        .prepare_cached("SELECT appid FROM authorizers WHERE platform = ?1 AND external_id = ?2")?
        .query_row((platform, external_id), |row| row.get(0))
        .optional()?;
    Ok(owner.map(Appid::from_wire))
}

/// Whether anything is stored of an authorizer.
pub(super) fn has_anything(session: &Session, platform: i64, appid: &Appid) -> Result<bool, Fault> {
    for (table, owner) in TABLES {
        let statement = format!("SELECT 1 FROM {table} WHERE platform = ?1 AND {owner} = ?2");
        let mut statement = session.prepare_cached(&statement)?;
        if statement.exists((platform, appid.as_str()))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Drops all that is stored of an authorizer.
pub(super) fn drop_all(session: &Session, platform: i64, appid: &Appid) -> Result<(), Fault> {
    for (table, owner) in TABLES {
        let statement = format!("DELETE FROM {table} WHERE platform = ?1 AND {owner} = ?2");
        let mut statement = session.prepare_cached(&statement)?;
        statement.execute((platform, appid.as_str()))?;
    }
    Ok(())
}
