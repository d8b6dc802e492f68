//! Statements on tickets.

use rusqlite::OptionalExtension;

use crate::store::ops::tickets::{self, Arrival, StoredTicket, TICKET_MEMORY};
use crate::store::record::{Record, RecordKind, Ticket};
use crate::store::tickets::TicketSource;
use crate::store::{PlatformKey, StoreError};

use super::{Database, Fault, Session, Weight, platform, records, roster};

impl Database {
    pub(in crate::store) async fn put_ticket(
        &self,
        key: &PlatformKey,
        ticket: Ticket,
    ) -> Result<bool, StoreError> {
        let (key, now) = (key.clone(), self.now());
        self.write(Weight::durable(1), move |session| {
            let platform = platform::ensure_number(session, &key)?;
            session.may_write_secrets(platform)?;
            put(session, platform, &ticket, false, now)
        })
        .await
    }

    /// The tickets whose values are stored, in the order of arrival.
    pub(in crate::store) async fn tickets(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.read_of(key, |session, platform| {
            let sql = records::select(RecordKind::Tickets, "AND value IS NOT NULL ORDER BY id");
            let mut statement = session.prepare_cached(&sql)?;
            let mut rows = statement.query([platform])?;
            let mut tickets = Vec::new();
            while let Some(row) = rows.next()? {
                if let Record::Ticket(ticket) = records::read(RecordKind::Tickets, row)? {
                    tickets.push(ticket);
                }
            }
            Ok(tickets)
        })
        .await
    }
}

/// Keeps a ticket that arrives now, and lets go of old ones; whether it arrives as a new one.
pub(super) fn put(
    session: &Session,
    platform: i64,
    ticket: &Ticket,
    is_current: bool,
    now: i64,
) -> Result<bool, Fault> {
    let stored = concerned(session, platform, ticket, now)?;
    let kept = tickets::keep(&stored, first(session)?, ticket, is_current, now);
    if kept.is_new {
        session
            .prepare_cached(
                "INSERT INTO tickets (id, platform, fingerprint, received_at, source, value)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (platform, fingerprint) DO UPDATE SET id = excluded.id,
                     received_at = excluded.received_at, source = excluded.source,
                     value = excluded.value",
            )?
            .execute((
                kept.number,
                platform,
                &ticket.fingerprint,
                ticket.received_at,
                &ticket.source,
                &ticket.value,
            ))?;
    }
    for fingerprint in kept.expired {
        session
            .prepare_cached(
                "UPDATE tickets SET value = NULL
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
    ticket: &Ticket,
    now: i64,
) -> Result<Vec<StoredTicket>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT fingerprint, id, received_at, source, value IS NOT NULL FROM tickets
         WHERE platform = ?1
           AND (fingerprint = ?2 OR value IS NOT NULL OR received_at < ?3
                OR id = (SELECT max(id) FROM tickets WHERE platform = ?1))",
    )?;
    let forgotten = now - TICKET_MEMORY.as_secs();
    let mut rows = statement.query((platform, &ticket.fingerprint, forgotten))?;
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
