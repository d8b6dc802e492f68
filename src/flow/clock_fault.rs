//! Times that were stored with a clock that was ahead, or are read with one that is behind.

use jiff::{SignedDuration, Timestamp};

use crate::store::tokens::StoredToken;
use crate::store::validity::is_ahead;

use super::{Status, TicketStatus};

/// What is stored with a time in the future. Nothing is concluded from such a time: a token with it is
/// not valid, and the age of a ticket with it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockFault {
    /// How far the latest of these times lies in the future; `None` where only tokens of authorizers
    /// have them.
    pub ahead: Option<SignedDuration>,
    /// The newest ticket is among it.
    pub ticket: bool,
    /// The component token is among it.
    pub component_token: bool,
    /// So many access tokens of authorizers are among it.
    pub authorizer_tokens: u64,
    /// The end of the last sync is among it.
    pub last_sync: bool,
}

impl ClockFault {
    /// What the newest ticket, received then, and the component token tell; `None` when their times can
    /// be believed.
    #[must_use]
    pub fn of(
        ticket_at: Option<Timestamp>,
        token: Option<&StoredToken>,
        now: Timestamp,
    ) -> Option<Self> {
        Self::found(ticket_at, token, 0, None, now)
    }

    fn found(
        ticket_at: Option<Timestamp>,
        token: Option<&StoredToken>,
        authorizer_tokens: u64,
        sync_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Self> {
        let ticket_at = ticket_at.filter(|at| is_ahead(*at, now));
        let token = token.filter(|token| token.is_ahead(now));
        let token_at = token.and_then(|token| token.issued_at.or(token.expires_at));
        let sync_at = sync_at.filter(|at| is_ahead(*at, now));
        let latest = [ticket_at, token_at, sync_at].into_iter().flatten().max();
        let fault = Self {
            ahead: latest.map(|at| at.duration_since(now)),
            ticket: ticket_at.is_some(),
            component_token: token.is_some(),
            authorizer_tokens,
            last_sync: sync_at.is_some(),
        };
        (latest.is_some() || token.is_some() || authorizer_tokens > 0).then_some(fault)
    }
}

impl Status {
    /// What of it is stored with a time in the future.
    #[must_use]
    pub fn clock_fault(&self, now: Timestamp) -> Option<ClockFault> {
        ClockFault::found(
            self.ticket.as_ref().map(|ticket| ticket.received_at),
            self.component_token.as_ref(),
            self.counts.tokens_ahead,
            self.last_sync.map(|(at, _)| at),
            now,
        )
    }
}

impl TicketStatus {
    /// How old the ticket is; `None` when it was stored with a time in the future.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        let age = now.duration_since(self.received_at);
        (!is_ahead(self.received_at, now)).then(|| age.max(SignedDuration::ZERO))
    }
}
