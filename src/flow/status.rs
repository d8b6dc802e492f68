//! Everything about a platform at a glance, offline.

use jiff::Timestamp;

use crate::store::StoreError;
use crate::store::layouts::{Gap, Layout};
use crate::store::reencryption::SecretCount;
use crate::store::roster::Counts;
use crate::store::tickets::TicketSource;
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::store::validity::TICKET_LIFE;

use super::lend::earlier;
use super::{AnotherHolder, FlowError, MintPolicy, Platform};

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

/// What a backend's Redis holds, read and no more.
#[derive(Clone, Debug)]
pub struct LentStatus {
    /// Whose keys.
    pub layout: Layout,
    /// Where the Redis is, without its password.
    pub address: String,
    /// The ticket, if there is one to be read.
    pub ticket: Option<LentTicket>,
    /// The component token.
    pub component_token: LentToken,
}

/// A backend's ticket.
#[derive(Clone, Debug)]
pub struct LentTicket {
    /// What may be shown of it.
    pub masked: String,
    /// When it was received, where the life of its key or the store tells.
    pub received_at: Option<Timestamp>,
    /// When WeChat stops taking it, as far as that is known.
    pub expires_at: Option<Timestamp>,
}

/// A backend's token.
#[derive(Clone, Debug)]
pub enum LentToken {
    /// It is there, and ends then, where that is known.
    There(Option<Timestamp>),
    /// It is not to be had there.
    Gap(Gap),
    /// The Redis could not be asked.
    Failed(StoreError),
}

impl LentStatus {
    /// When the token's key ends.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self.component_token {
            LentToken::There(end) => end,
            _ => None,
        }
    }
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
    /// What the backend that tokens are borrowed from holds; none where a program prints them.
    pub lent: Option<LentStatus>,
    /// How many of the platform's secrets are encrypted with which key, those in plain text first.
    pub secrets: Vec<SecretCount>,
    /// The last complete sync: when, and how many merchants WeChat's list held.
    pub last_sync: Option<(Timestamp, u64)>,
    /// Another program that requests tokens of the platform, as far as it showed.
    pub another_holder: Option<AnotherHolder>,
}

impl Platform {
    /// Reads the store, and the Redis that tokens are borrowed from; calls nobody else, not even the
    /// operator's own programs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn status(&self) -> Result<Status, FlowError> {
        let now = self.clock().now();
        Ok(Status {
            lent: self.lent_status().await?,
            ticket: self.ticket_status().await?,
            component_token: self
                .store()
                .token(self.key(), &TokenOwner::Component)
                .await?,
            counts: self.store().counts(self.key(), now).await?,
            secrets: self.store().secret_counts(self.key()).await?,
            last_sync: self.store().last_sync(self.key()).await?,
            another_holder: self.another_holder().await?,
        })
    }

    async fn lent_status(&self) -> Result<Option<LentStatus>, FlowError> {
        let backend = match &self.options().mint {
            MintPolicy::Never {
                token_command: Some(_),
                ..
            } => None,
            mint => mint.backend(),
        };
        let Some(backend) = backend else {
            return Ok(None);
        };
        let component_token = match self.lend(backend, &TokenOwner::Component).await {
            Ok(held) => LentToken::There(held.expires_at),
            Err(FlowError::NotLent { gap, .. }) => LentToken::Gap(gap),
            Err(FlowError::Backend(error)) => LentToken::Failed(error),
            Err(error) => return Err(error),
        };
        let ticket = match self.lent_ticket(backend).await {
            Ok(Some(lent)) => {
                let fingerprint = lent.secret.fingerprint();
                let seen = self.store().ticket_first_seen(self.key(), &fingerprint);
                let received_at = earlier(seen.await?, lent.received_at);
                Some(LentTicket {
                    masked: lent.secret.mask(),
                    received_at,
                    expires_at: received_at.map(|at| at + TICKET_LIFE),
                })
            }
            // What is wrong is told of the token.
            Ok(None) | Err(FlowError::NotLent { .. } | FlowError::Backend(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(Some(LentStatus {
            ticket,
            layout: backend.layout(),
            address: backend.address(),
            component_token,
        }))
    }

    /// The newest ticket, dead or alive: cheap, whatever the size of the roster.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ticket_status(&self) -> Result<Option<TicketStatus>, FlowError> {
        let newest = self.newest_ticket().await?;
        Ok(newest.map(|record| TicketStatus {
            received_at: record.received_at,
            expires_at: record.received_at + TICKET_LIFE,
            source: record.source,
            masked: record.ticket.mask(),
        }))
    }
}
