//! Verify tickets: kept while they live, recognised for long after.

use jiff::Timestamp;

use crate::sys::clock::timestamp;
use crate::wechat::secret::Secret;

use super::encryption::{Cipher, Field};
use super::handle::on_engine;
use super::ops::tickets;
use super::record::{Record, RecordKind, Ticket};
use super::records::Reads;
use super::words::words;
use super::{PlatformKey, Store, StoreError};

words! {
    /// Where a ticket came from.
    TicketSource {
        /// WeChat pushed it to the receiver.
        Push => "push",
        /// An operator gave it.
        Set => "set",
        /// The environment held it.
        Environment => "environment",
        /// A `ticket_command` printed it.
        Command => "command",
        /// An SDK keeps it in its Redis.
        Layout => "layout",
    }
}

/// A verify ticket (`component_verify_ticket`) as it was first met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRecord {
    /// The ticket.
    pub ticket: Secret,
    /// When it was first received, or received again after one of the future; a ticket lives for 12
    /// hours.
    pub received_at: Timestamp,
    /// Where it came from.
    pub source: TicketSource,
}

impl TicketRecord {
    /// The ticket as it is stored.
    pub(super) fn stored(&self, cipher: &Cipher) -> Ticket {
        let fingerprint = self.ticket.fingerprint();
        let value = cipher.encrypt(&fingerprint, Field::Ticket, &self.ticket);
        Ticket {
            fingerprint,
            received_at: self.received_at.as_second(),
            source: self.source.to_string(),
            value: Some(value),
        }
    }

    /// A ticket from its record; `None` when its value is no longer stored.
    fn of(ticket: &Ticket, cipher: &Cipher) -> Result<Option<Self>, StoreError> {
        let Some(value) = &ticket.value else {
            return Ok(None);
        };
        let source = TicketSource::from_word(&ticket.source);
        Ok(Some(Self {
            ticket: cipher.decrypt(&ticket.fingerprint, Field::Ticket, value)?,
            received_at: timestamp(ticket.received_at),
            source: source.unwrap_or(TicketSource::Set),
        }))
    }
}

impl Store {
    /// Keeps a ticket, durably, and lets go of those older than 12 hours. `false` when this value
    /// was known already: its first `received_at` and source then stay.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put_ticket(
        &self,
        key: &PlatformKey,
        record: TicketRecord,
    ) -> Result<bool, StoreError> {
        // A ticket of the environment comes with every command: known ones must cost no write.
        let fingerprint = record.ticket.fingerprint();
        if self.ticket_first_seen(key, &fingerprint).await?.is_some() {
            return Ok(false);
        }
        let ticket = record.stored(&self.encrypting(key));
        on_engine!(self, engine => engine.put_ticket(key, ticket))
    }

    /// The tickets not older than 12 hours, the one that arrived last first.
    ///
    /// # Errors
    /// When the store cannot be read, or there are tickets and none can be decrypted.
    pub async fn tickets(&self, key: &PlatformKey) -> Result<Vec<TicketRecord>, StoreError> {
        let stored = on_engine!(self, engine => engine.tickets(key))?;
        let cipher = self.cipher(key).await?;
        let usable = tickets::usable_tickets(stored, self.clock.unix()).into_iter();
        let (mut readable, mut unreadable) = (Vec::new(), None);
        for ticket in usable {
            match TicketRecord::of(&ticket, &cipher) {
                Ok(ticket) => readable.extend(ticket),
                Err(error) => unreadable = Some(error),
            }
        }
        // One that cannot be read does not matter while there is another.
        match unreadable {
            Some(error) if readable.is_empty() => Err(error),
            _ => Ok(readable),
        }
    }

    /// When the ticket with this [fingerprint](Secret::fingerprint) was first received, also if it
    /// is no longer kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn ticket_first_seen(
        &self,
        key: &PlatformKey,
        fingerprint: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let name = (RecordKind::Tickets, fingerprint.to_owned());
        let records = self.load(key, Reads::named([name])).await?;
        Ok(match records.named.into_values().next() {
            Some(Record::Ticket(ticket)) => Some(timestamp(ticket.received_at)),
            _ => None,
        })
    }
}
