//! Tickets: one hash, by fingerprint.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::{PlatformKey, StoreError, TicketRecord, TicketSource};
use crate::sys::clock::timestamp;

use super::RedisStore;
use super::plan::Plan;

/// How long a ticket lives.
const LIFE_SECONDS: i64 = 12 * 3600;
/// How long a pushed ticket is recognised; those that people and programs keep for ever.
const MEMORY_SECONDS: i64 = 90 * 24 * 3600;

/// A ticket as it is kept. Times are Unix seconds.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Kept {
    pub(super) received_at: i64,
    pub(super) source: String,
    /// The latest `CreateTime` of the pushes that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) created_at: Option<i64>,
    /// Absent once it is too old to be of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
}

impl RedisStore {
    pub(in crate::store) async fn put_ticket(
        &self,
        key: &PlatformKey,
        record: &TicketRecord,
    ) -> Result<bool, StoreError> {
        let names = self.names(key);
        let mut attempts = 0;
        loop {
            let kept = self.kept_tickets(key).await?;
            let mut plan = Plan::new(&names);
            let added = self.plan_ticket(&mut plan, &names.tickets(), &kept, record, None)?;
            if self.apply(&plan, true).await?.is_some() {
                return Ok(added);
            }
            self.again(&mut attempts).await?;
        }
    }

    /// Plans to keep a ticket and to let go of the old ones; whether it is a new one.
    pub(super) fn plan_ticket(
        &self,
        plan: &mut Plan,
        tickets: &str,
        kept: &HashMap<String, String>,
        record: &TicketRecord,
        created_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let fingerprint = record.ticket.fingerprint();
        let standing = kept.get(&fingerprint);
        plan.expect_field(tickets, &fingerprint, standing.map(String::as_str));
        let mut ticket = match standing {
            Some(text) => self.ticket(&fingerprint, text)?,
            None => Kept {
                received_at: record.received_at.as_second(),
                source: record.source.as_str().to_owned(),
                created_at: None,
                value: Some(self.keyring().to_text(&record.ticket)),
            },
        };
        ticket.created_at = ticket.created_at.max(created_at.map(Timestamp::as_second));
        plan.set_field(tickets, &fingerprint, &self.json(tickets, &ticket)?);
        let now = self.now();
        for (other, text) in kept.iter().filter(|(other, _)| **other != fingerprint) {
            let mut old = self.ticket(other, text)?;
            let pushed = old.source == TicketSource::Push.as_str();
            if old.received_at < now - MEMORY_SECONDS && pushed {
                plan.delete_field(tickets, other);
            } else if old.received_at < now - LIFE_SECONDS && old.value.take().is_some() {
                plan.set_field(tickets, other, &self.json(tickets, &old)?);
            }
        }
        Ok(standing.is_none())
    }

    pub(super) async fn kept_tickets(
        &self,
        key: &PlatformKey,
    ) -> Result<HashMap<String, String>, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("HGETALL");
        read.arg(names.tickets());
        Ok(self.redis().ask(names.tag(), read).await?)
    }

    pub(super) fn ticket(&self, fingerprint: &str, text: &str) -> Result<Kept, StoreError> {
        serde_json::from_str(text).map_err(|error| self.damaged(fingerprint, error))
    }

    pub(in crate::store) async fn tickets(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<TicketRecord>, StoreError> {
        let mut found = Vec::new();
        let oldest = self.now() - LIFE_SECONDS;
        for (fingerprint, text) in self.kept_tickets(key).await? {
            let kept = self.ticket(&fingerprint, &text)?;
            let Some(value) = kept.value.filter(|_| kept.received_at >= oldest) else {
                continue;
            };
            let record = TicketRecord {
                ticket: self
                    .keyring()
                    .unseal_text(&value)
                    .map_err(|error| error.about(|| "tickets".to_owned()))?,
                received_at: timestamp(kept.received_at),
                source: TicketSource::from_word(&kept.source).unwrap_or(TicketSource::Set),
            };
            found.push(((kept.received_at, kept.created_at), fingerprint, record));
        }
        found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        Ok(found.into_iter().map(|(_, _, record)| record).collect())
    }

    pub(in crate::store) async fn ticket_first_seen(
        &self,
        key: &PlatformKey,
        fingerprint: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("HGET");
        read.arg(names.tickets()).arg(fingerprint);
        let found: Option<String> = self.redis().ask(names.tag(), read).await?;
        let kept = found
            .map(|text| self.ticket(fingerprint, &text))
            .transpose()?;
        Ok(kept.map(|kept| timestamp(kept.received_at)))
    }
}
