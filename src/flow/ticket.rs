//! The newest live component_verify_ticket, wherever it came from.

use jiff::Timestamp;

use crate::store::tickets::{TicketRecord, TicketSource};
use crate::store::validity::TICKET_LIFE;
use crate::wechat::secret::Secret;
use crate::wechat::wire::PushTicketState;

use super::{FlowError, Platform, SecretSource, TicketStatus};

impl Platform {
    /// Stores a ticket given by the operator; `false` when this very ticket was known.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_ticket(
        &self,
        ticket: Secret,
        source: TicketSource,
    ) -> Result<bool, FlowError> {
        let record = TicketRecord {
            ticket,
            received_at: self.clock().now(),
            source,
        };
        Ok(self.store().put_ticket(self.key(), record).await?)
    }

    /// The ticket that arrived last, expired or not, without asking any program.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn newest_ticket(&self) -> Result<Option<TicketRecord>, FlowError> {
        if let SecretSource::Value(ticket) = &self.options().credentials.ticket {
            self.note_outside_ticket(ticket.clone()).await?;
        }
        if let Some(stored) = self.store().tickets(self.key()).await?.into_iter().next() {
            return Ok(Some(stored));
        }
        Ok(match &self.options().credentials.ticket {
            // It is too old to be kept, but its age is still worth telling.
            SecretSource::Value(ticket) => {
                let seen = self
                    .store()
                    .ticket_first_seen(self.key(), &ticket.fingerprint())
                    .await?;
                seen.map(|received_at| TicketRecord {
                    ticket: ticket.clone(),
                    received_at,
                    source: self.options().credentials.ticket_source,
                })
            }
            _ => None,
        })
    }

    /// A ticket WeChat still takes.
    ///
    /// # Errors
    /// [`FlowError::NoTicket`], [`FlowError::TicketDead`], or what the store or the
    /// `ticket_command` says.
    pub(super) async fn live_ticket(&self) -> Result<Secret, FlowError> {
        if let SecretSource::Command(_) = &self.options().credentials.ticket
            && let Some(ticket) = self.options().credentials.ticket.read().await?
        {
            self.note_outside_ticket(ticket).await?;
        }
        let lent = self.note_lent_ticket().await?;
        let newest = self.newest_ticket().await?;
        let newest = newest.ok_or_else(|| no_ticket(lent))?;
        if newest.received_at + TICKET_LIFE <= self.clock().now() {
            return Err(FlowError::TicketDead {
                received_at: newest.received_at,
            });
        }
        Ok(newest.ticket)
    }

    async fn note_outside_ticket(&self, ticket: Secret) -> Result<(), FlowError> {
        let source = self.options().credentials.ticket_source;
        let now = self.clock().now();
        self.note_ticket(ticket, source, now).await
    }

    /// A ticket that a backend keeps, received then.
    pub(super) async fn note_layout_ticket(
        &self,
        ticket: Secret,
        received_at: Timestamp,
    ) -> Result<(), FlowError> {
        self.note_ticket(ticket, TicketSource::Layout, received_at)
            .await
    }

    async fn note_ticket(
        &self,
        ticket: Secret,
        source: TicketSource,
        received_at: Timestamp,
    ) -> Result<(), FlowError> {
        let first_seen: Option<Timestamp> = self
            .store()
            .ticket_first_seen(self.key(), &ticket.fingerprint())
            .await?;
        if first_seen.is_none() && !ticket.is_empty() {
            let record = TicketRecord {
                ticket,
                received_at,
                source,
            };
            self.store().put_ticket(self.key(), record).await?;
        }
        Ok(())
    }
}

/// That there is no ticket, although the backend may have a dead one.
fn no_ticket(lent: Option<Timestamp>) -> FlowError {
    match lent {
        Some(received_at) => FlowError::TicketDead { received_at },
        None => FlowError::NoTicket,
    }
}

impl Platform {
    /// The newest ticket at a glance, the backend's looked up first.
    ///
    /// # Errors
    /// [`FlowError::NoTicket`], [`FlowError::TicketDead`] when all there is is the backend's dead
    /// one, or what the stores say.
    pub async fn known_ticket(&self) -> Result<TicketStatus, FlowError> {
        let lent = self.note_lent_ticket().await?;
        let status = self.ticket_status().await?;
        status.ok_or_else(|| no_ticket(lent))
    }

    /// Asks WeChat to start pushing tickets; when it pushes already, the answer says so.
    ///
    /// # Errors
    /// [`FlowError::NoAppsecret`], or what WeChat says.
    pub async fn request_tickets(&self) -> Result<PushTicketState, FlowError> {
        let appsecret = self
            .options()
            .credentials
            .appsecret
            .read()
            .await?
            .ok_or(FlowError::NoAppsecret)?;
        Ok(self
            .api()
            .start_push_ticket(self.component_appid(), &appsecret)
            .await?)
    }
}
