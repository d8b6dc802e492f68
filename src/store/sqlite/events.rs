//! Statements on events.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use crate::store::ops;
use crate::store::{
    Accepted, EventFilter, EventOutcome, EventRecord, ForwardState, NewEvent, PlatformKey,
    StoreError,
};
use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;

use super::{
    Database, Fault, Session, Weight, columns, platform, prune, roster, tickets, transfer,
};

impl Database {
    pub(in crate::store) async fn accept_event(
        &self,
        key: &PlatformKey,
        event: &NewEvent,
    ) -> Result<Accepted, StoreError> {
        let event = event.clone();
        let (key, now) = (key.clone(), self.now());
        self.write(Weight::durable(1), move |connection| {
            accept(connection, &key, &event, now)
        })
        .await
    }

    pub(in crate::store) async fn event(
        &self,
        key: &PlatformKey,
        id: i64,
    ) -> Result<Option<EventRecord>, StoreError> {
        let key = key.clone();
        self.read(move |connection| one(connection, &key, id)).await
    }

    pub(in crate::store) async fn events(
        &self,
        key: &PlatformKey,
        filter: &EventFilter,
    ) -> Result<Vec<EventRecord>, StoreError> {
        let (key, filter) = (key.clone(), filter.clone());
        self.read(move |connection| list(connection, &key, &filter))
            .await
    }

    pub(in crate::store) async fn event_of_link(
        &self,
        key: &PlatformKey,
        pre_auth_code_fingerprint: &str,
    ) -> Result<Option<EventRecord>, StoreError> {
        let (key, fingerprint) = (key.clone(), pre_auth_code_fingerprint.to_owned());
        self.read(move |connection| of_link(connection, &key, &fingerprint))
            .await
    }

    pub(in crate::store) async fn event_totals(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(String, EventOutcome, u64)>, StoreError> {
        let key = key.clone();
        self.read(move |connection| totals(connection, &key)).await
    }

    pub(in crate::store) async fn prune_events(
        &self,
        key: &PlatformKey,
        before: Timestamp,
        keep_rows: u64,
    ) -> Result<u64, StoreError> {
        let (now, mut dropped, mut after) = (self.now(), 0, 0);
        // The long search runs beside the writer, which then gets the rows to drop.
        let reader = key.clone();
        let floor = self
            .read(move |connection| prune::floor(connection, &reader, keep_rows))
            .await?;
        let terms = prune::Terms { before, floor, now };
        loop {
            let reader = key.clone();
            let stale = self
                .read(move |connection| prune::stale(connection, &reader, terms, after))
                .await?;
            let Some(last) = stale.last() else { break };
            after = last.id;
            let key = key.clone();
            dropped += self
                .write(Weight::cached(stale.len()), move |connection| {
                    prune::drop_stale(connection, &key, &stale)
                })
                .await?;
        }
        let mut more = true;
        while more {
            let key = key.clone();
            more = self
                .write(Weight::cached(prune::STEP), move |connection| {
                    prune::others(connection, &key, before)
                })
                .await?;
        }
        Ok(dropped)
    }
}

/// The columns that [`read`] takes.
pub(super) const COLUMNS: &str = "id, received_at, created_at, info_type, appid, fields, outcome,
    detail, finished_at, code_key, code, code_expires_at, pre_auth_code_fingerprint, forward,
    forward_detail, forward_payload, repeats";

fn accept(
    session: &Session,
    key: &PlatformKey,
    event: &NewEvent,
    now: i64,
) -> Result<Accepted, Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write(platform)?;
    let known = session
        .prepare_cached(
            "UPDATE events SET repeats = repeats + 1 WHERE platform = ?1 AND fingerprint = ?2
             RETURNING id",
        )?
        .query_row((platform, &event.fingerprint), |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(Accepted::Repeat { id });
    }
    let id = transfer::write_event(session, platform, &ops::events::accept(event))?;
    if let Some(record) = event.ticket_record() {
        tickets::put(session, key, &record, event.is_current(), now)?;
    }
    let outcome = event.first_outcome();
    Ok(Accepted::New { id, outcome })
}

fn one(session: &Session, key: &PlatformKey, id: i64) -> Result<Option<EventRecord>, Fault> {
    match platform::number(session, key)? {
        Some(platform) => by_number(session, platform, id),
        None => Ok(None),
    }
}

pub(super) fn by_number(
    session: &Session,
    platform: i64,
    id: i64,
) -> Result<Option<EventRecord>, Fault> {
    let mut statement = session.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events WHERE platform = ?1 AND id = ?2"
    ))?;
    let mut rows = statement.query([platform, id])?;
    match rows.next()? {
        Some(row) => read(session, row),
        None => Ok(None),
    }
}

fn of_link(
    session: &Session,
    key: &PlatformKey,
    fingerprint: &str,
) -> Result<Option<EventRecord>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(None);
    };
    let mut statement = session.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events
         WHERE platform = ?1 AND pre_auth_code_fingerprint = ?2 ORDER BY id DESC LIMIT 1"
    ))?;
    let mut rows = statement.query((platform, fingerprint))?;
    match rows.next()? {
        Some(row) => read(session, row),
        None => Ok(None),
    }
}

fn list(
    session: &Session,
    key: &PlatformKey,
    filter: &EventFilter,
) -> Result<Vec<EventRecord>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Vec::new());
    };
    let order = if filter.after.is_some() {
        "ASC"
    } else {
        "DESC"
    };
    // Walked by number: any other index would have to be sorted as a whole.
    let mut statement = session.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events NOT INDEXED
         WHERE platform = ?1 AND id > ?2 AND id < ?3 AND received_at >= ?4
           AND (?5 IS NULL OR info_type = ?5) AND (?6 IS NULL OR appid = ?6)
           AND (?7 IS NULL OR outcome = ?7)
         ORDER BY id {order}"
    ))?;
    let mut rows = statement.query((
        platform,
        filter.after.unwrap_or(i64::MIN),
        filter.before.unwrap_or(i64::MAX),
        columns::seconds(filter.since).unwrap_or(i64::MIN),
        &filter.info_type,
        filter.appid.as_ref().map(Appid::as_str),
        filter.outcome.map(EventOutcome::as_str),
    ))?;
    let mut records = Vec::new();
    while records.len() < filter.limit
        && let Some(row) = rows.next()?
    {
        records.extend(read(session, row)?);
    }
    Ok(records)
}

fn totals(session: &Session, key: &PlatformKey) -> Result<Vec<(String, EventOutcome, u64)>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Vec::new());
    };
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

/// An event from [`COLUMNS`]; `None` for an outcome that only a newer program knows.
fn read(session: &Session, row: &Row<'_>) -> Result<Option<EventRecord>, Fault> {
    let Some(outcome) = EventOutcome::from_word(roster::text(row, 6)?) else {
        return Ok(None);
    };
    let detail: Option<String> = row.get(7)?;
    let forward: Option<String> = row.get(13)?;
    let id: i64 = row.get(0)?;
    let of_event = |fault: Fault| fault.about(|| format!("event:{id}"));
    Ok(Some(EventRecord {
        id,
        received_at: timestamp(row.get(1)?),
        created_at: columns::time(row, 2)?,
        info_type: row.get(3)?,
        appid: row.get::<_, Option<String>>(4)?.map(Appid::from_wire),
        fields: serde_json::from_str(roster::text(row, 5)?).unwrap_or_default(),
        outcome,
        detail: detail
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
        finished_at: columns::time(row, 8)?,
        code: session.secret(row, 9).map_err(of_event)?,
        code_expires_at: columns::time(row, 11)?,
        pre_auth_code_fingerprint: row.get(12)?,
        forward: forward.and_then(|word| ForwardState::from_word(&word)),
        forward_detail: row.get(14)?,
        forward_payload: session.read_text(row, 15).map_err(of_event)?,
        repeats: columns::unsigned(row.get(16)?),
    }))
}
