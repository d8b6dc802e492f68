//! Everything about a platform at a glance, offline.

use jiff::Timestamp;

use crate::store::{Counts, StoredToken, TicketSource, TokenOwner};

use super::ticket::LIFE;
use super::{FlowError, Platform};

/// The newest ticket.
#[derive(Clone, Debug)]
pub struct TicketStatus {
    /// When it was received.
    pub received_at: Timestamp,
    /// When WeChat stops taking it.
    pub expires_at: Timestamp,
    /// Where it came from.
    pub source: TicketSource,
    /// What may be shown of it.
    pub masked: String,
}

/// What the store knows, nothing asked of anybody.
#[derive(Clone, Debug)]
pub struct Status {
    /// The newest ticket, dead or alive.
    pub ticket: Option<TicketStatus>,
    /// The stored component token, dead or alive.
    pub component_token: Option<StoredToken>,
    /// Merchants and their tokens by state.
    pub counts: Counts,
    /// The last complete sync: when, and how many merchants WeChat's list held.
    pub last_sync: Option<(Timestamp, u64)>,
}

impl Platform {
    /// Reads the store; calls nobody, not even the operator's own programs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn status(&self) -> Result<Status, FlowError> {
        let now = self.clock().now();
        Ok(Status {
            ticket: self.ticket_status().await?,
            component_token: self
                .store()
                .token(self.key(), &TokenOwner::Component)
                .await?,
            counts: self.store().counts(self.key(), now).await?,
            last_sync: self.store().last_sync(self.key()).await?,
        })
    }

    /// The newest ticket, dead or alive: cheap, whatever the size of the roster.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ticket_status(&self) -> Result<Option<TicketStatus>, FlowError> {
        let newest = self.newest_ticket().await?;
        Ok(newest.map(|record| TicketStatus {
            received_at: record.received_at,
            expires_at: record.received_at + LIFE,
            source: record.source,
            masked: record.ticket.mask(),
        }))
    }
}
