//! Verify tickets: kept while they live, recognised for long after.

use jiff::Timestamp;

use crate::wechat::secret::Secret;

use super::handle::on_engine;
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
        on_engine!(self, engine => engine.put_ticket(key, &record))
    }

    /// The tickets not older than 12 hours, the one that arrived last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tickets(&self, key: &PlatformKey) -> Result<Vec<TicketRecord>, StoreError> {
        on_engine!(self, engine => engine.tickets(key))
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
        on_engine!(self, engine => engine.ticket_first_seen(key, fingerprint))
    }
}
