//! Statements on events.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use crate::store::events::{Accepted, EventFilter, EventOutcome};
use crate::store::record::{Event, Record, RecordKind, Ticket};
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::Appid;

use super::{Database, Fault, Session, Weight, columns, platform, prune, records, roster, tickets};

impl Database {
    pub(in crate::store) async fn accept_event(
        &self,
        key: &PlatformKey,
        event: Event,
        ticket: Option<Ticket>,
        is_current: bool,
    ) -> Result<Accepted, StoreError> {
        let (key, now) = (key.clone(), self.now());
        self.write(Weight::durable(1), move |session| {
            let platform = platform::ensure_number(session, &key)?;
            session.may_write_secrets(platform)?;
            let known = session
                .prepare_cached(
                    "UPDATE events SET repeats = repeats + 1
                     WHERE platform = ?1 AND fingerprint = ?2 RETURNING id",
                )?
                .query_row((platform, &event.fingerprint), |row| row.get(0))
                .optional()?;
            if let Some(id) = known {
                return Ok(Accepted::Repeat { id });
            }
            let outcome = EventOutcome::from_word(&event.outcome);
            let id = records::write(session, platform, Record::Event(Box::new(event)), now)?;
            if let Some(ticket) = ticket {
                tickets::put(session, platform, &ticket, is_current, now)?;
            }
            Ok(Accepted::New {
                id: id.unwrap_or_default(),
                outcome: outcome.unwrap_or(EventOutcome::Pending),
            })
        })
        .await
    }

    pub(in crate::store) async fn event(
        &self,
        key: &PlatformKey,
        id: i64,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        self.read_of(key, move |session, platform| {
            by_number(session, platform, id)
        })
        .await
    }

    pub(in crate::store) async fn events(
        &self,
        key: &PlatformKey,
        filter: &EventFilter,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        let filter = filter.clone();
        self.read_of(key, move |session, platform| {
            list(session, platform, &filter)
        })
        .await
    }

    pub(in crate::store) async fn event_of_link(
        &self,
        key: &PlatformKey,
        pre_auth_code_fingerprint: &str,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        let fingerprint = pre_auth_code_fingerprint.to_owned();
        self.read_of(key, move |session, platform| {
            let and = "AND pre_auth_code_fingerprint = ?2 ORDER BY id DESC LIMIT 1";
            let mut statement =
                session.prepare_cached(&records::select(RecordKind::Events, and))?;
            let mut rows = statement.query((platform, fingerprint))?;
            rows.next()?.map(read).transpose()
        })
        .await
    }

    pub(in crate::store) async fn event_totals(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(String, EventOutcome, u64)>, StoreError> {
        self.read_of(key, totals).await
    }

    pub(in crate::store) async fn prune_events(
        &self,
        key: &PlatformKey,
        before: Timestamp,
        keep_rows: u64,
    ) -> Result<u64, StoreError> {
        let (now, mut dropped, mut after) = (self.now(), 0, 0);
        // The long search runs beside the writer, which then gets the rows to drop.
        let floor = self
            .read_of(key, move |session, platform| {
                prune::floor(session, platform, keep_rows)
            })
            .await?;
        let terms = prune::Terms { before, floor, now };
        loop {
            let stale = self
                .read_of(key, move |session, platform| {
                    prune::stale(session, platform, terms, after)
                })
                .await?;
            let Some(last) = stale.last() else { break };
            after = last.id;
            dropped += self
                .write_of(
                    Weight::cached(stale.len()),
                    key,
                    move |session, platform| prune::drop_stale(session, platform, &stale),
                )
                .await?;
        }
        let mut more = true;
        while more {
            more = self
                .write_of(
                    Weight::cached(prune::STEP),
                    key,
                    move |session, platform| prune::others(session, platform, before),
                )
                .await?;
        }
        Ok(dropped)
    }
}

/// One event.
pub(super) fn by_number(
    session: &Session,
    platform: i64,
    id: i64,
) -> Result<Option<(i64, Event)>, Fault> {
    let mut statement =
        session.prepare_cached(&records::select(RecordKind::Events, "AND id = ?2"))?;
    let mut rows = statement.query([platform, id])?;
    rows.next()?.map(read).transpose()
}

fn list(
    session: &Session,
    platform: i64,
    filter: &EventFilter,
) -> Result<Vec<(i64, Event)>, Fault> {
    let order = if filter.after.is_some() {
        "ASC"
    } else {
        "DESC"
    };
    // Walked by number: any other index would have to be sorted as a whole. Outcomes that only a newer
    // program knows are left out.
    let outcomes = EventOutcome::ALL.iter().map(|outcome| outcome.as_str());
    let outcomes: Vec<String> = outcomes.map(|word| format!("'{word}'")).collect();
    let and = format!(
        "AND id > ?2 AND id < ?3 AND received_at >= ?4 AND (?5 IS NULL OR info_type = ?5)
           AND (?6 IS NULL OR appid = ?6) AND (?7 IS NULL OR outcome = ?7)
           AND outcome IN ({}) ORDER BY id {order} LIMIT ?8",
        outcomes.join(", ")
    );
    let sql = records::select_by("NOT INDEXED", RecordKind::Events, &and);
    let mut statement = session.prepare_cached(&sql)?;
    let mut rows = statement.query((
        platform,
        filter.after.unwrap_or(i64::MIN),
        filter.before.unwrap_or(i64::MAX),
        columns::seconds(filter.since).unwrap_or(i64::MIN),
        &filter.info_type,
        filter.appid.as_ref().map(Appid::as_str),
        filter.outcome.map(EventOutcome::as_str),
        i64::try_from(filter.limit).unwrap_or(i64::MAX),
    ))?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(read(row)?);
    }
    Ok(events)
}

/// An event with its number.
fn read(row: &Row<'_>) -> Result<(i64, Event), Fault> {
    match records::read(RecordKind::Events, row)? {
        Record::Event(event) => Ok((row.get(0)?, *event)),
        _ => Err(Fault::Damaged("no event".to_owned())),
    }
}

fn totals(session: &Session, platform: i64) -> Result<Vec<(String, EventOutcome, u64)>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT info_type, outcome, count(*) FROM events INDEXED BY events_by_type
         WHERE platform = ?1 GROUP BY info_type, outcome",
    )?;
    let mut rows = statement.query([platform])?;
    let mut totals = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(outcome) = EventOutcome::from_word(roster::text(row, 1)?) {
            totals.push((row.get(0)?, outcome, columns::unsigned(row.get(2)?)));
        }
    }
    Ok(totals)
}
