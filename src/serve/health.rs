//! `/healthz`: whether tickets live and stores answer, for load balancers and watchdogs.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::flow::{FlowError, Status};

use super::Hosted;
use super::shared::Shared;

/// A ticket comes every 10 minutes: after this, two are missing (spec rules.md R19).
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(25);
/// How long a store may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Serialize)]
struct Health {
    healthy: bool,
    platforms: Vec<PlatformHealth>,
}

#[derive(Serialize)]
struct PlatformHealth {
    component_appid: String,
    /// Seconds since the newest ticket came.
    ticket_age: Option<i64>,
    ticket: TicketState,
    /// Whether the stored component token lives.
    component_token: bool,
    /// `ok`, `failed` or `silent`; what it says is in the log, not for strangers.
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
}

impl TicketState {
    pub(super) fn of(status: &Status, now: Timestamp) -> Self {
        match &status.ticket {
            None => Self::None,
            Some(ticket) if ticket.expires_at <= now => Self::Dead,
            Some(ticket) if now.duration_since(ticket.received_at) >= LATE => Self::Late,
            Some(_) => Self::Live,
        }
    }
}

/// What the store of a platform says, if it says it in time.
pub(super) async fn status(hosted: &Hosted) -> Option<Result<Status, FlowError>> {
    tokio::time::timeout(PATIENCE, hosted.platform.status())
        .await
        .ok()
}

pub(super) async fn answer(State(shared): State<Shared>) -> Response {
    let mut platforms = Vec::new();
    let mut healthy = true;
    for hosted in &shared.options().platforms {
        let (works, health) = look(hosted).await;
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

async fn look(hosted: &Hosted) -> (bool, PlatformHealth) {
    let now = hosted.platform.clock().now();
    let component_appid = hosted.appid().to_string();
    let status = match status(hosted).await {
        Some(Ok(status)) => status,
        failed => {
            let store = if failed.is_some() { "failed" } else { "silent" };
            let health = PlatformHealth {
                component_appid,
                ticket_age: None,
                ticket: TicketState::None,
                component_token: false,
                store,
            };
            return (false, health);
        }
    };
    let ticket = TicketState::of(&status, now);
    let age = |at: Timestamp| now.duration_since(at).as_secs();
    let token = status.component_token.as_ref();
    let health = PlatformHealth {
        component_appid,
        ticket_age: status.ticket.as_ref().map(|ticket| age(ticket.received_at)),
        ticket,
        component_token: token.is_some_and(|token| token.expires_at.is_some_and(|end| end > now)),
        store: "ok",
    };
    let works = matches!(ticket, TicketState::Live | TicketState::Late) || health.component_token;
    (works, health)
}

/// For every address that is none of ours.
pub(super) async fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, "nothing here\n").into_response()
}
