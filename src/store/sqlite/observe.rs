//! Storing observations.

use crate::store::merge::{self, KnownRefreshToken, RosterRow};
use crate::store::tokens::record_of;
use crate::store::{Change, ChangeKind, ChangeSource, Holder, Observation, PlatformKey};
use crate::wechat::id::{Appid, UserName};

use super::{Fault, Session, columns, journal, platform, roster, tokens};

pub(in crate::store) fn batch(
    session: &Session,
    holder: &Holder,
    key: &PlatformKey,
    observations: Vec<Observation>,
    now: i64,
) -> Result<Vec<Change>, Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write(platform)?;
    let mut changes = Vec::with_capacity(observations.len());
    for observation in observations {
        if let Some(appid) = observation.appid().cloned() {
            let told_by = observation.source;
            let note = journal::Note {
                platform,
                at: observation.as_of.as_second(),
                who: told_by.as_str(),
                holder,
            };
            let change = one(session, &note, appid, &observation, now)?;
            changes.push(change);
        }
    }
    Ok(changes)
}

/// Stores one observation about `appid`; `note` is what the journal says of its source.
pub(super) fn one(
    session: &Session,
    note: &journal::Note<'_>,
    appid: Appid,
    observation: &Observation,
    now: i64,
) -> Result<Change, Fault> {
    let platform = note.platform;
    let standing = standing(session, platform, &appid)?;
    let known = refresh_token(session, platform, &appid)?;
    let Some(merged) = merge::merge(standing.as_ref(), known.as_ref(), observation, now) else {
        return Ok(Change {
            appid,
            kind: ChangeKind::Outdated,
            sets_added: Vec::new(),
            sets_removed: Vec::new(),
        });
    };
    let as_of = observation.as_of.as_second();
    if standing.as_ref() != Some(&merged.row) {
        put(session, platform, &appid, &merged.row)?;
    }
    let before = standing.as_ref().and_then(|row| row.authorized_at);
    if let Some(authorized_at) = merged.row.authorized_at
        && merged.row.authorized_at > before
    {
        tokens::end_older(session, platform, appid.as_str(), authorized_at, as_of)?;
    }
    if let Some(refresh_token) = &merged.refresh_token {
        tokens::put_refresh_token(session, platform, appid.as_str(), refresh_token, as_of)?;
    }
    let profile = observation.profile.as_ref();
    if let Some(details) = profile.and_then(|profile| profile.details.as_ref()) {
        session
            .prepare_cached(
                "INSERT INTO authorizer_details (platform, appid, json) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET json = excluded.json WHERE json <> excluded.json",
            )?
            .execute((platform, appid.as_str(), details.get()))?;
    }
    let by_exchange = observation.source == ChangeSource::Redeem;
    for (what, detail) in merged.journal(by_exchange) {
        note.write(session, appid.as_str(), what, &detail)?;
    }
    Ok(Change {
        appid,
        kind: merged.kind,
        sets_added: merged.sets_added,
        sets_removed: merged.sets_removed,
    })
}

fn standing(session: &Session, platform: i64, appid: &Appid) -> Result<Option<RosterRow>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT user_name, nick_name, kind, principal_name, status, account_status,
             authorized_at, permission_ids, synced_at, revoked_at, revoked_source, as_of, pending_ids
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
    }))
}

fn refresh_token(
    session: &Session,
    platform: i64,
    appid: &Appid,
) -> Result<Option<KnownRefreshToken>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT refresh_key, refresh, refresh_as_of FROM tokens
         WHERE platform = ?1 AND owner = ?2 AND refresh_as_of IS NOT NULL",
    )?;
    let mut rows = statement.query((platform, appid.as_str()))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let as_of = row.get(2)?;
    let token = session
        .secret(row, 0)
        .map_err(|fault| fault.about(|| record_of(appid.as_str())))?;
    Ok(token.map(|token| KnownRefreshToken { token, as_of }))
}

fn put(session: &Session, platform: i64, appid: &Appid, row: &RosterRow) -> Result<(), Fault> {
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
