//! Statements on tickets.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::validity::{
    Arrival, number_of_foreign_ticket, ticket_expired_before, ticket_forgotten_before,
    usable_tickets,
};
use crate::store::{PlatformKey, TicketRecord, TicketSource};
use crate::sys::clock::timestamp;

use super::{Fault, Session, platform};

pub(in crate::store) fn put(
    session: &Session,
    key: &PlatformKey,
    record: &TicketRecord,
    now: i64,
) -> Result<bool, Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write(platform)?;
    let received_at = record.received_at.as_second();
    let number = match record.source {
        TicketSource::Layout => foreign_number(session, platform, received_at, now)?,
        _ => None,
    };
    let added = session
        .prepare_cached(
            "INSERT INTO tickets (id, platform, fingerprint, received_at, source, value_key, value)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute((
            number,
            platform,
            record.ticket.fingerprint(),
            received_at,
            record.source.as_str(),
            session.key_id(),
            session.bytes(&record.ticket),
        ))?;
    let expired = session
        .prepare_cached(
            "UPDATE tickets SET value_key = NULL, value = NULL
             WHERE platform = ?1 AND received_at < ?2 AND value IS NOT NULL AND fingerprint <> ?3",
        )?
        .execute((
            platform,
            ticket_expired_before(now),
            record.ticket.fingerprint(),
        ))?;
    if expired > 0 {
        session
            .prepare_cached(
                "DELETE FROM tickets WHERE platform = ?1 AND received_at < ?2 AND source = ?3",
            )?
            .execute((
                platform,
                ticket_forgotten_before(now),
                TicketSource::Push.as_str(),
            ))?;
    }
    Ok(added > 0)
}

/// The number of a ticket that was received elsewhere, where it is not the next one.
pub(super) fn foreign_number(
    session: &Session,
    platform: i64,
    received_at: i64,
    now: i64,
) -> Result<Option<i64>, Fault> {
    let newest = session
        .prepare_cached(
            "SELECT id, received_at FROM tickets WHERE platform = ?1 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([platform], |row| {
            Ok(Arrival {
                number: row.get(0)?,
                received_at: row.get(1)?,
            })
        })
        .optional()?;
    let first: Option<i64> = session
        .prepare_cached("SELECT min(id) FROM tickets")?
        .query_row([], |row| row.get(0))?;
    Ok(number_of_foreign_ticket(received_at, newest, first, now))
}

pub(in crate::store) fn usable(
    session: &Session,
    key: &PlatformKey,
    now: i64,
) -> Result<Vec<TicketRecord>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Vec::new());
    };
    let mut kept = session.prepare_cached(
        "SELECT id, received_at FROM tickets WHERE platform = ?1 AND value IS NOT NULL",
    )?;
    let kept = kept.query_map([platform], |row| {
        let arrival = Arrival {
            number: row.get(0)?,
            received_at: row.get(1)?,
        };
        Ok((arrival, ()))
    })?;
    let kept = kept.collect::<Result<Vec<_>, _>>()?;
    let mut statement =
        session.prepare_cached("SELECT value_key, value, source FROM tickets WHERE id = ?1")?;
    let mut records = Vec::new();
    for (arrival, ()) in usable_tickets(kept, now) {
        let mut rows = statement.query([arrival.number])?;
        let Some(row) = rows.next()? else { continue };
        let secret = session.secret(row, 0);
        let Some(ticket) = secret.map_err(|fault| fault.about(|| "tickets".to_owned()))? else {
            continue;
        };
        let source = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        records.push(TicketRecord {
            ticket,
            received_at: timestamp(arrival.received_at),
            source: TicketSource::from_word(source).unwrap_or(TicketSource::Set),
        });
    }
    Ok(records)
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
