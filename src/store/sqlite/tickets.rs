//! Statements on tickets.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::ops::tickets::{self, Arrival, StoredTicket, TICKET_MEMORY};
use crate::store::{PlatformKey, StoreError, TicketRecord, TicketSource};
use crate::sys::clock::timestamp;

use super::{Database, Fault, Session, Weight, platform, roster};

impl Database {
    pub(in crate::store) async fn put_ticket(
        &self,
        key: &PlatformKey,
        record: &TicketRecord,
    ) -> Result<bool, StoreError> {
        let record = record.clone();
        let (key, now) = (key.clone(), self.now());
        self.write(Weight::durable(1), move |connection| {
            put(connection, &key, &record, false, now)
        })
        .await
    }

    pub(in crate::store) async fn tickets(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<TicketRecord>, StoreError> {
        let (key, now) = (key.clone(), self.now());
        self.read(move |connection| usable(connection, &key, now))
            .await
    }

    pub(in crate::store) async fn ticket_first_seen(
        &self,
        key: &PlatformKey,
        fingerprint: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let (key, fingerprint) = (key.clone(), fingerprint.to_owned());
        self.read(move |connection| first_seen(connection, &key, &fingerprint))
            .await
    }
}

pub(super) fn put(
    session: &Session,
    key: &PlatformKey,
    record: &TicketRecord,
    is_current: bool,
    now: i64,
) -> Result<bool, Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write(platform)?;
    let stored = concerned(session, platform, record, now)?;
    let kept = tickets::keep(&stored, first(session)?, record, is_current, now);
    if kept.is_new {
        session
            .prepare_cached(
                "INSERT INTO tickets
                     (id, platform, fingerprint, received_at, source, value_key, value)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (platform, fingerprint) DO UPDATE SET id = excluded.id,
                     received_at = excluded.received_at, source = excluded.source,
                     value_key = excluded.value_key, value = excluded.value",
            )?
            .execute((
                kept.number,
                platform,
                record.ticket.fingerprint(),
                record.received_at.as_second(),
                record.source.as_str(),
                session.key_id(),
                session.bytes(&record.ticket),
            ))?;
    }
    for fingerprint in kept.expired {
        session
            .prepare_cached(
                "UPDATE tickets SET value_key = NULL, value = NULL
                 WHERE platform = ?1 AND fingerprint = ?2",
            )?
            .execute((platform, fingerprint))?;
    }
    for fingerprint in kept.forgotten {
        session
            .prepare_cached("DELETE FROM tickets WHERE platform = ?1 AND fingerprint = ?2")?
            .execute((platform, fingerprint))?;
    }
    Ok(kept.is_new)
}

/// The tickets, without their values, that the arrival of one may concern: itself, the newest one,
/// those with a value, and the oldest.
fn concerned(
    session: &Session,
    platform: i64,
    record: &TicketRecord,
    now: i64,
) -> Result<Vec<StoredTicket>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT fingerprint, id, received_at, source, value IS NOT NULL FROM tickets
         WHERE platform = ?1
           AND (fingerprint = ?2 OR value IS NOT NULL OR received_at < ?3
                OR id = (SELECT max(id) FROM tickets WHERE platform = ?1))",
    )?;
    let forgotten = now - TICKET_MEMORY.as_secs();
    let mut rows = statement.query((platform, record.ticket.fingerprint(), forgotten))?;
    let mut stored = Vec::new();
    while let Some(row) = rows.next()? {
        stored.push(StoredTicket {
            fingerprint: row.get(0)?,
            arrival: Arrival {
                number: row.get(1)?,
                received_at: row.get(2)?,
            },
            source: TicketSource::from_word(roster::text(row, 3)?),
            has_value: row.get(4)?,
        });
    }
    Ok(stored)
}

/// The lowest number given to a ticket, of any platform.
fn first(session: &Session) -> Result<Option<i64>, Fault> {
    Ok(session
        .prepare_cached("SELECT min(id) FROM tickets")?
        .query_row([], |row| row.get(0))?)
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
    let first = first(session)?;
    Ok(tickets::number_of_foreign_ticket(
        received_at,
        newest,
        first,
        now,
    ))
}

fn usable(session: &Session, key: &PlatformKey, now: i64) -> Result<Vec<TicketRecord>, Fault> {
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
    for (arrival, ()) in tickets::usable_tickets(kept, now) {
        let mut rows = statement.query([arrival.number])?;
        let Some(row) = rows.next()? else { continue };
        let secret = session.secret(row, 0);
        let Some(ticket) = secret.map_err(|fault| fault.about(|| "tickets".to_owned()))? else {
            continue;
        };
        records.push(TicketRecord {
            ticket,
            received_at: timestamp(arrival.received_at),
            source: TicketSource::from_word(roster::text(row, 2)?).unwrap_or(TicketSource::Set),
        });
    }
    Ok(records)
}

fn first_seen(
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
