//! Statements on tickets.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::{PlatformKey, TicketRecord, TicketSource};
use crate::sys::clock::timestamp;

use super::{Fault, Session, platform};

/// How long a ticket lives.
const LIFE_SECONDS: i64 = 12 * 3600;
/// How long a pushed ticket is recognised. Those that people and programs keep are recognised for
/// ever, because they may be offered again at any time.
const MEMORY_SECONDS: i64 = 90 * 24 * 3600;

pub(in crate::store) fn put(
    session: &Session,
    key: &PlatformKey,
    record: &TicketRecord,
    created_at: Option<Timestamp>,
    now: i64,
) -> Result<bool, Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write(platform)?;
    let added = session
        .prepare_cached(
            "INSERT INTO tickets (platform, fingerprint, received_at, source, value_key, value)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute((
            platform,
            record.ticket.fingerprint(),
            record.received_at.as_second(),
            record.source.as_str(),
            session.key_id(),
            session.bytes(&record.ticket),
        ))?;
    if let Some(created_at) = created_at {
        session
            .prepare_cached(
                "UPDATE tickets SET created_at = max(ifnull(created_at, ?3), ?3)
                 WHERE platform = ?1 AND fingerprint = ?2",
            )?
            .execute((
                platform,
                record.ticket.fingerprint(),
                created_at.as_second(),
            ))?;
    }
    session
        .prepare_cached(
            "UPDATE tickets SET value_key = NULL, value = NULL
             WHERE platform = ?1 AND received_at < ?2 AND value IS NOT NULL",
        )?
        .execute((platform, now - LIFE_SECONDS))?;
    session
        .prepare_cached(
            "DELETE FROM tickets WHERE platform = ?1 AND received_at < ?2 AND source = ?3",
        )?
        .execute((platform, now - MEMORY_SECONDS, TicketSource::Push.as_str()))?;
    Ok(added > 0)
}

pub(in crate::store) fn living(
    session: &Session,
    key: &PlatformKey,
    now: i64,
) -> Result<Vec<TicketRecord>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Vec::new());
    };
    let mut statement = session.prepare_cached(
        "SELECT value_key, value, received_at, source FROM tickets
         WHERE platform = ?1 AND value IS NOT NULL AND received_at >= ?2
         ORDER BY received_at DESC, created_at DESC, fingerprint",
    )?;
    let mut rows = statement.query([platform, now - LIFE_SECONDS])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(ticket) = session
            .secret(row, 0)
            .map_err(|fault| fault.about(|| "tickets".to_owned()))?
        else {
            continue;
        };
        let source = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
        records.push(TicketRecord {
            ticket,
            received_at: timestamp(row.get(2)?),
            source: TicketSource::from_word(source).unwrap_or(TicketSource::Set),
        });
    }
    Ok(records)
}

/// The latest `CreateTime` of a ticket that was pushed.
pub(super) fn newest_push(session: &Session, platform: i64) -> Result<Option<i64>, Fault> {
    Ok(session
        .prepare_cached("SELECT max(created_at) FROM tickets WHERE platform = ?1")?
        .query_row([platform], |row| row.get(0))?)
}

pub(in crate::store) fn first_seen(
    session: &Session,
    key: &PlatformKey,
    fingerprint: &str,
) -> Result<Option<Timestamp>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(None);
    };
    let found: Option<i64> = session
        .prepare_cached("SELECT received_at FROM tickets WHERE platform = ?1 AND fingerprint = ?2")?
        .query_row((platform, fingerprint), |row| row.get(0))
        .optional()?;
    Ok(found.map(timestamp))
}
