//! Records as rows.

use std::borrow::Cow;

use rusqlite::{Connection, params};

use crate::store::record::{Entry, Event, Launch, Record, Row, Token};
use crate::wechat::secret::Secret;

use super::super::{Fault, Session, columns, tickets};

/// Key id and bytes of a secret, as a pair of columns has them.
fn pair<'act>(
    session: &'act Session,
    secret: Option<&'act Secret>,
) -> (Option<&'act str>, Option<Cow<'act, [u8]>>) {
    let key_id = secret.map(|_| session.key_id());
    (key_id, secret.map(|secret| session.bytes(secret)))
}

/// Stores a record in the place of one of the same identity; leases and claims stay untouched.
pub(super) fn record(
    session: &Session,
    platform: i64,
    record: &Record,
    now: i64,
) -> Result<(), Fault> {
    match record {
        Record::Ticket(ticket) => {
            let (key_id, value) = pair(session, ticket.value.as_ref());
            let number = tickets::foreign_number(session, platform, ticket.received_at, now)?;
            session
                .prepare_cached(
                    "INSERT INTO tickets
                         (id, platform, fingerprint, received_at, source, value_key, value)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT (platform, fingerprint) DO UPDATE SET
                         received_at = excluded.received_at, source = excluded.source,
                         value_key = excluded.value_key, value = excluded.value",
                )?
                .execute((
                    number,
                    platform,
                    &ticket.fingerprint,
                    ticket.received_at,
                    &ticket.source,
                    key_id,
                    value,
                ))?;
        }
        Record::Token(token) => write_token(session, platform, token)?,
        Record::Authorizer(row) => write_authorizer(session, platform, row)?,
        Record::RedeemedCode(code) => {
            session
                .prepare_cached(
                    "INSERT OR IGNORE INTO redeemed_codes
                         (platform, fingerprint, appid, redeemed_at) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((platform, &code.fingerprint, &code.appid, code.redeemed_at))?;
        }
        Record::Sync(pass) => {
            session
                .prepare_cached(
                    "INSERT INTO passes (platform, complete, started_at, finished_at, total)
                     VALUES (?1, 1, ?2, ?3, ?4)",
                )?
                .execute((platform, pass.started_at, pass.finished_at, pass.total))?;
        }
        Record::Journal(entry) => write_entry(session, platform, entry)?,
        Record::Event(event) => {
            write_event(session, platform, event)?;
        }
        Record::MessageCount(count) => {
            session
                .prepare_cached(
                    "INSERT OR REPLACE INTO message_counts (platform, account, what, count, last_at)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute((platform, &count.account, &count.what, count.count, count.last_at))?;
        }
        Record::Message(message) => {
            session
                .prepare_cached(
                    "INSERT INTO messages (platform, received_at, account, what, body)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute((
                    platform,
                    message.received_at,
                    &message.account,
                    &message.what,
                    &message.body,
                ))?;
        }
        Record::Launch(launch) => write_launch(session, platform, launch)?,
    }
    Ok(())
}

fn write_token(session: &Session, platform: i64, token: &Token) -> Result<(), Fault> {
    let (access_key, access) = pair(session, token.access.as_ref());
    let (refresh_key, refresh) = pair(session, token.refresh.as_ref());
    // An intent of nobody: whoever holds the lease next asks what became of it.
    let intent = token.unsettled_since.map(|_| 0);
    session
        .prepare_cached(
            "INSERT INTO tokens (platform, owner, access_key, access, refresh_key, refresh,
                 refresh_as_of, issued_at, expires_at, generation, intent_fence, intent_at, used_at,
                 lifetime)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT DO UPDATE SET access_key = excluded.access_key, access = excluded.access,
                 refresh_key = excluded.refresh_key, refresh = excluded.refresh,
                 refresh_as_of = excluded.refresh_as_of, issued_at = excluded.issued_at,
                 expires_at = excluded.expires_at, generation = excluded.generation,
                 intent_fence = iif(intent_at IS excluded.intent_at, intent_fence,
                     excluded.intent_fence),
                 intent_at = excluded.intent_at, used_at = excluded.used_at,
                 lifetime = excluded.lifetime",
        )?
        .execute((
            platform,
            &token.owner,
            access_key,
            access,
            refresh_key,
            refresh,
            token.refresh_as_of,
            token.issued_at,
            token.expires_at,
            token.generation,
            intent,
            token.unsettled_since,
            token.used_at,
            token.lifetime,
        ))?;
    Ok(())
}

fn write_authorizer(session: &Session, platform: i64, row: &Row) -> Result<(), Fault> {
    session
        .prepare_cached(
            "INSERT OR REPLACE INTO authorizers (platform, appid, user_name, nick_name,
                 external_id, claimed_external_id, kind, principal_name, status, account_status,
                 authorized_at, permission_ids, pending_ids, synced_at, revoked_at, revoked_source,
                 as_of)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .execute(params![
            platform,
            row.appid,
            row.user_name,
            row.nick_name,
            row.external_id,
            row.claimed_external_id,
            row.account_kind,
            row.principal_name,
            row.status,
            row.account_status,
            row.authorized_at,
            columns::permission_text(&row.permission_ids),
            columns::permission_text(&row.pending_ids),
            row.synced_at,
            row.revoked_at,
            row.revoked_source,
            row.as_of,
        ])?;
    if let Some(details) = &row.details {
        session
            .prepare_cached(
                "INSERT OR REPLACE INTO authorizer_details (platform, appid, json)
                 VALUES (?1, ?2, ?3)",
            )?
            .execute((platform, &row.appid, details))?;
    }
    Ok(())
}

/// Writes an event; its number.
pub(in crate::store::sqlite) fn write_event(
    session: &Session,
    platform: i64,
    event: &Event,
) -> Result<i64, Fault> {
    let (code_key, code) = pair(session, event.code.as_ref());
    let detail = (!event.detail.is_null()).then(|| event.detail.to_string());
    let id = session
        .prepare_cached(
            "INSERT INTO events (platform, fingerprint, received_at, created_at, info_type, appid,
                 fields, outcome, detail, finished_at, repeats, code_key, code, code_expires_at,
                 pre_auth_code_fingerprint, forward, forward_detail, forward_after,
                 forward_payload, forward_early)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, ?19, ?20)
             ON CONFLICT (platform, fingerprint) DO UPDATE SET outcome = excluded.outcome,
                 detail = excluded.detail, finished_at = excluded.finished_at,
                 repeats = excluded.repeats, code_key = excluded.code_key, code = excluded.code,
                 forward = excluded.forward, forward_detail = excluded.forward_detail,
                 forward_after = excluded.forward_after,
                 forward_payload = excluded.forward_payload
             RETURNING id",
        )?
        .query_row(
            params![
                platform,
                event.fingerprint,
                event.received_at,
                event.created_at,
                event.info_type,
                event.appid,
                event.fields.to_string(),
                event.outcome,
                detail,
                event.finished_at,
                event.repeats,
                code_key,
                code,
                event.code_expires_at,
                event.pre_auth_code_fingerprint,
                event.forward,
                event.forward_detail,
                event.forward_after,
                event
                    .forward_payload
                    .as_deref()
                    .map(|payload| session.text(payload)),
                event.forward_early,
            ],
            |row| row.get(0),
        )?;
    Ok(id)
}

pub(in crate::store::sqlite) fn write_launch(
    session: &Session,
    platform: i64,
    launch: &Launch,
) -> Result<(), Fault> {
    session
        .prepare_cached(
            "INSERT OR REPLACE INTO launches (platform, pre_auth_code_fingerprint, made_at,
                 expires_at, external_id, claimed_external_id, only_appid, permission_ids,
                 source, state, appid)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute((
            platform,
            &launch.pre_auth_code_fingerprint,
            launch.made_at,
            launch.expires_at,
            &launch.external_id,
            &launch.claimed_external_id,
            &launch.only,
            columns::permission_text(&launch.permission_ids),
            &launch.source,
            &launch.state,
            &launch.appid,
        ))?;
    Ok(())
}

pub(in crate::store::sqlite) fn write_entry(
    connection: &Connection,
    platform: i64,
    entry: &Entry,
) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO journal (platform, at, who, host, command, appid, what, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            platform,
            entry.at,
            &entry.who,
            &entry.host,
            &entry.command,
            &entry.appid,
            &entry.what,
            entry.detail.to_string(),
        ))?;
    Ok(())
}
