//! `/healthz`: whether tickets live, and whether stores answer and can be written, for load balancers
//! and watchdogs. Strangers may ask: it looks at single rows only, and makes nobody count the roster.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::flow::{ClockFault, FlowError, Platform, TicketStatus};
use crate::store::events::EventFilter;
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::store::validity::is_ahead;

use super::Hosted;
use super::shared::Shared;

/// A ticket comes every 10 minutes: after this, two are missing (spec rules.md R19).
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(25);
/// The `InfoType` that brings a ticket.
pub(super) const TICKET_EVENT: &str = "component_verify_ticket";
/// How long a store may take to answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Serialize)]
struct Health {
    healthy: bool,
    platforms: Vec<PlatformHealth>,
}

#[derive(Serialize)]
struct PlatformHealth {
    component_appid: String,
    /// Seconds since the newest ticket came; null when it was stored with a time in the future.
    ticket_age: Option<i64>,
    ticket: TicketState,
    /// Whether the stored component token is valid.
    component_token: bool,
    /// `ok`, or `fault` when ticket or token were stored with a time in the future.
    clock: &'static str,
    /// `ok`; `failed` or `silent` when it cannot be read; `not_writable` when the last write failed.
    /// What it says is in the log, not for strangers.
    store: &'static str,
}

/// How the newest ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TicketState {
    Live,
    Late,
    Dead,
    None,
    /// It was stored with a time in the future: how old it is nobody knows.
    ClockFault,
}

/// What the store says of a platform.
pub(super) struct Standing {
    ticket: Option<TicketStatus>,
    /// The stored component token, dead or alive.
    pub(super) component_token: Option<StoredToken>,
    /// When the newest ticket came, also when it is dead; the store forgets dead tickets, but not
    /// the events that brought them.
    pub(super) ticket_at: Option<Timestamp>,
}

impl Standing {
    async fn of(platform: &Platform) -> Result<Self, FlowError> {
        let ticket = platform.ticket_status().await?;
        let (store, key) = (platform.store(), platform.key());
        let component_token = store.token(key, &TokenOwner::Component).await?;
        let mut ticket_at = ticket.as_ref().map(|ticket| ticket.received_at);
        if ticket_at.is_none() {
            let filter = EventFilter {
                info_type: Some(TICKET_EVENT.to_owned()),
                limit: 1,
                ..EventFilter::default()
            };
            let events = store.events(key, &filter).await?;
            ticket_at = events.first().map(|event| event.received_at);
        }
        Ok(Self {
            ticket,
            component_token,
            ticket_at,
        })
    }

    pub(super) fn ticket(&self, now: Timestamp) -> TicketState {
        let live = |ticket: &TicketStatus| ticket.expires_at > now;
        let lives = self.ticket.as_ref().is_some_and(live);
        match self.ticket_at {
            None => TicketState::None,
            Some(at) if is_ahead(at, now) => TicketState::ClockFault,
            Some(_) if !lives => TicketState::Dead,
            Some(at) if now.duration_since(at) >= LATE => TicketState::Late,
            Some(_) => TicketState::Live,
        }
    }

    /// Whether ticket or component token were stored with a time in the future.
    pub(super) fn clock_fault(&self, now: Timestamp) -> Option<ClockFault> {
        ClockFault::of(self.ticket_at, self.component_token.as_ref(), now)
    }

    /// Seconds since the newest ticket came, where that is known.
    pub(super) fn ticket_age(&self, now: Timestamp) -> Option<i64> {
        let at = self.ticket_at.filter(|at| !is_ahead(*at, now))?;
        Some(now.duration_since(at).as_secs().max(0))
    }

    /// What is left of the stored component token, in seconds.
    pub(super) fn token_left(&self, now: Timestamp) -> Option<i64> {
        let token = self.component_token.as_ref()?;
        let end = token.expires_at.filter(|_| !token.is_ahead(now));
        Some(end.map_or(0, |end| end.duration_since(now).as_secs().max(0)))
    }
}

/// What the store of a platform says, if it says it in time.
pub(super) async fn standing(hosted: &Hosted) -> Option<Result<Standing, FlowError>> {
    tokio::time::timeout(PATIENCE, Standing::of(&hosted.platform))
        .await
        .ok()
}

pub(super) async fn answer(State(shared): State<Shared>) -> Response {
    let mut platforms = Vec::new();
    let mut healthy = true;
    for hosted in &shared.options().platforms {
        let (works, health) = look(&shared, hosted).await;
        healthy &= works;
        platforms.push(health);
    }
    let status = match healthy {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let health = json!(Health { healthy, platforms });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, format!("{health}\n")).into_response()
}

async fn look(shared: &Shared, hosted: &Hosted) -> (bool, PlatformHealth) {
    let now = hosted.platform.clock().now();
    let component_appid = hosted.appid().to_string();
    let standing = match standing(hosted).await {
        Some(Ok(standing)) => standing,
        failed => {
            let store = if failed.is_some() { "failed" } else { "silent" };
            let health = PlatformHealth {
                component_appid,
                ticket_age: None,
                ticket: TicketState::None,
                component_token: false,
                clock: "ok",
                store,
            };
            return (false, health);
        }
    };
    let ticket = standing.ticket(now);
    let clock_fault = standing.clock_fault(now).is_some();
    let is_writable = !shared.inner.writes.failed(hosted.appid());
    let health = PlatformHealth {
        component_appid,
        ticket_age: standing.ticket_age(now),
        ticket,
        component_token: standing.token_left(now).is_some_and(|left| left > 0),
        clock: if clock_fault { "fault" } else { "ok" },
        store: if is_writable { "ok" } else { "not_writable" },
    };
    // The component token outlives the ticket by hours at most: by then it is too late to be told.
    let lives = matches!(ticket, TicketState::Live | TicketState::Late);
    (lives && !clock_fault && is_writable, health)
}

/// For every address that is none of ours.
pub(super) async fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, "nothing here\n").into_response()
}
