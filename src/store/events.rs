//! Events that WeChat pushed: accepted once, worked on once, listed and counted.

use jiff::Timestamp;

use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::encryption::{Cipher, Field, StoredSecret};
use super::handle::on_engine;
use super::ops::events;
use super::record::Event;
use super::tickets::{TicketRecord, TicketSource};
use super::validity::push_time;
use super::words::words;
use super::{PlatformKey, Store, StoreError};

words! {
    /// What became of an event.
    EventOutcome {
        /// The work that it asks for is not done yet.
        Pending => "pending",
        /// All that it asks for is done.
        Done => "done",
        /// It is older than what is stored and changed nothing.
        Ignored => "ignored",
        /// The work that it asks for cannot be done.
        Failed => "failed",
    }
}

words! {
    /// What became of an event on its way to the operator's own backend.
    ForwardState {
        /// It is to be sent.
        Pending => "pending",
        /// The backend took it.
        Delivered => "delivered",
        /// The backend refused it, or was not there, too often.
        Failed => "failed",
        /// It was never sent: too many waited.
        Dropped => "dropped",
    }
}

/// An event as it arrived, spec/events.md §3 and §4.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// When it arrived.
    pub received_at: Timestamp,
    /// When WeChat made it (`CreateTime`).
    pub created_at: Option<Timestamp>,
    /// What it tells (`InfoType`).
    pub info_type: String,
    /// The authorizer that it is about.
    pub appid: Option<Appid>,
    /// The fingerprint of the decrypted text: repeats and replays have the same.
    pub fingerprint: String,
    /// What it said, without secrets.
    pub fields: serde_json::Value,
    /// The verify ticket in it.
    pub ticket: Option<Secret>,
    /// The authorization code in it.
    pub code: Option<Secret>,
    /// When that code ends.
    pub code_expires_at: Option<Timestamp>,
    /// The [fingerprint](Secret::fingerprint) of the pre-auth code in it.
    pub pre_auth_code_fingerprint: Option<String>,
    /// Whether there is work to do: the outcome then begins as pending, else as done.
    pub needs_work: bool,
    /// What is to be sent untouched, still encrypted; empty when it is made from the record;
    /// `None` when nothing is forwarded.
    pub forward: Option<String>,
    /// Whether it may be forwarded before the work on it is done.
    pub forward_early: bool,
}

impl NewEvent {
    /// How it begins.
    pub(super) fn first_outcome(&self) -> EventOutcome {
        match self.needs_work {
            true => EventOutcome::Pending,
            false => EventOutcome::Done,
        }
    }

    /// Whether WeChat made it just now, and this machine's clock agrees.
    pub(super) fn is_current(&self) -> bool {
        push_time(self.created_at, self.received_at).is_some()
    }

    /// The ticket in it, as it is stored.
    pub(super) fn ticket_record(&self) -> Option<TicketRecord> {
        self.ticket.as_ref().map(|ticket| TicketRecord {
            ticket: ticket.clone(),
            received_at: self.received_at,
            source: TicketSource::Push,
        })
    }
}

/// Whether an event was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is kept now.
    New {
        /// Its number.
        id: i64,
        /// How it begins.
        outcome: EventOutcome,
    },
    /// It was kept before; that it came again is counted.
    Repeat {
        /// The number of the first.
        id: i64,
    },
}

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// Its number, growing in the order of arrival.
    pub id: i64,
    /// When it arrived first.
    pub received_at: Timestamp,
    /// When WeChat made it (`CreateTime`).
    pub created_at: Option<Timestamp>,
    /// What it tells (`InfoType`).
    pub info_type: String,
    /// The authorizer that it is about.
    pub appid: Option<Appid>,
    /// What it said, without secrets.
    pub fields: serde_json::Value,
    /// What became of it.
    pub outcome: EventOutcome,
    /// More about the outcome; null while there is nothing to tell.
    pub detail: serde_json::Value,
    /// When the work on it ended.
    pub finished_at: Option<Timestamp>,
    /// The authorization code in it, until it is spent or expired; never in a list.
    pub code: Option<Secret>,
    /// When that code ends.
    pub code_expires_at: Option<Timestamp>,
    /// The [fingerprint](Secret::fingerprint) of the pre-auth code in it.
    pub pre_auth_code_fingerprint: Option<String>,
    /// What became of it on its way to the backend; `None` when it is not forwarded.
    pub forward: Option<ForwardState>,
    /// More about the forwarding.
    pub forward_detail: Option<String>,
    /// What is to be sent, as in [`NewEvent::forward`], until it was sent; never in a list.
    pub forward_payload: Option<String>,
    /// How often it came again.
    pub repeats: u64,
}

impl EventRecord {
    /// An event from its record, with its secrets.
    fn decrypt(id: i64, event: Event, cipher: &Cipher) -> Result<Option<Self>, StoreError> {
        let decrypt = |field, secret: &Option<StoredSecret>| {
            let secret = secret.as_ref();
            secret
                .map(|secret| cipher.decrypt(&event.fingerprint, field, secret))
                .transpose()
        };
        let code = decrypt(Field::Code, &event.code)?;
        let payload = decrypt(Field::ForwardPayload, &event.forward_payload)?;
        Ok(Self::of(id, event).map(|record| Self {
            code,
            forward_payload: payload.map(|payload| payload.expose().to_owned()),
            ..record
        }))
    }

    /// An event from its record, without its secrets; `None` for an outcome that only a newer program
    /// knows.
    fn of(id: i64, event: Event) -> Option<Self> {
        let forward = event.forward.as_deref();
        Some(Self {
            id,
            received_at: timestamp(event.received_at),
            created_at: event.created_at.map(timestamp),
            info_type: event.info_type,
            appid: event.appid.map(Appid::from_wire),
            fields: event.fields,
            outcome: EventOutcome::from_word(&event.outcome)?,
            detail: event.detail,
            finished_at: event.finished_at.map(timestamp),
            code: None,
            code_expires_at: event.code_expires_at.map(timestamp),
            pre_auth_code_fingerprint: event.pre_auth_code_fingerprint,
            forward: forward.and_then(ForwardState::from_word),
            forward_detail: event.forward_detail,
            forward_payload: None,
            repeats: u64::try_from(event.repeats).unwrap_or(0),
        })
    }
}

/// Which events to read; empty parts let all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Those that tell this.
    pub info_type: Option<String>,
    /// Those about this authorizer.
    pub appid: Option<Appid>,
    /// Those of which this became.
    pub outcome: Option<EventOutcome>,
    /// Those that arrived at or after this time.
    pub since: Option<Timestamp>,
    /// Those with a lower number: the next page.
    pub before: Option<i64>,
    /// Those with a higher number, the oldest first: to follow.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

impl Store {
    /// Keeps an event, durably, and with it the ticket that it brings. One with a known fingerprint
    /// is a repeat, of which only the count grows. A known ticket is not stored again, unless the
    /// newest was received in the future.
    ///
    /// # Errors
    /// When the store cannot be written; nothing of it happened then.
    pub async fn accept_event(
        &self,
        key: &PlatformKey,
        event: NewEvent,
    ) -> Result<Accepted, StoreError> {
        let cipher = self.encrypting(key);
        let (record, is_current) = (events::accept(&event, &cipher), event.is_current());
        let ticket = event.ticket_record().map(|ticket| ticket.stored(&cipher));
        on_engine!(self, engine => engine.accept_event(key, record, ticket, is_current))
    }

    /// One event.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn event(
        &self,
        key: &PlatformKey,
        id: i64,
    ) -> Result<Option<EventRecord>, StoreError> {
        let found = on_engine!(self, engine => engine.event(key, id))?;
        self.with_secrets(key, found).await
    }

    /// Reads events, the newest first; with [`EventFilter::after`] the oldest first. Those of
    /// outcomes that this program does not know are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn events(
        &self,
        key: &PlatformKey,
        filter: &EventFilter,
    ) -> Result<Vec<EventRecord>, StoreError> {
        let found = on_engine!(self, engine => engine.events(key, filter))?.into_iter();
        Ok(found
            .filter_map(|(id, event)| EventRecord::of(id, event))
            .collect())
    }

    /// The latest event that a link's pre-auth code, given by its fingerprint, led to.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn event_of_link(
        &self,
        key: &PlatformKey,
        pre_auth_code_fingerprint: &str,
    ) -> Result<Option<EventRecord>, StoreError> {
        let code = pre_auth_code_fingerprint;
        let found = on_engine!(self, engine => engine.event_of_link(key, code))?;
        self.with_secrets(key, found).await
    }

    /// An event with its secrets; `None` for an outcome that this program does not know.
    pub(super) async fn with_secrets(
        &self,
        key: &PlatformKey,
        found: Option<(i64, Event)>,
    ) -> Result<Option<EventRecord>, StoreError> {
        match found {
            Some((id, event)) => EventRecord::decrypt(id, event, &self.cipher(key).await?),
            None => Ok(None),
        }
    }

    /// Events that were claimed, with their secrets. One that cannot be read is left out, so that the
    /// others do not suffer by it; its claim runs out.
    pub(super) async fn all_with_secrets(
        &self,
        key: &PlatformKey,
        found: Vec<(i64, Event)>,
    ) -> Result<Vec<EventRecord>, StoreError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let cipher = self.cipher(key).await?;
        let mut records = Vec::with_capacity(found.len());
        for (id, event) in found {
            match EventRecord::decrypt(id, event, &cipher) {
                Ok(record) => records.extend(record),
                Err(error) => {
                    tracing::warn!(id, %error, "an event that cannot be read is left out");
                }
            }
        }
        Ok(records)
    }

    /// How many events are kept of each `InfoType` and outcome.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn event_totals(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(String, EventOutcome, u64)>, StoreError> {
        on_engine!(self, engine => engine.event_totals(key))
    }

    /// Drops events, kept messages and launches from before `before`, then the oldest events while
    /// there are more than `keep_rows`; of these, those with work to do stay, and those of the
    /// last day that are to be forwarded. Takes codes past their life out of the events that stay. How many events were dropped.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was dropped until then stays dropped.
    pub async fn prune_events(
        &self,
        key: &PlatformKey,
        before: Timestamp,
        keep_rows: u64,
    ) -> Result<u64, StoreError> {
        on_engine!(self, engine => engine.prune_events(key, before, keep_rows))
    }
}
