//! The routes, and which platform a request is for.

use axum::Router;
use axum::routing::{any, get};

use super::shared::Shared;
use super::{callback, events, health, launch, messages, metrics};

/// The public routes; each also under `/<component_appid>`.
pub(super) fn public(shared: Shared) -> Router {
    let routes = Router::new()
        .route("/events", any(events::receive))
        .route("/messages/{account}", any(messages::receive))
        .route("/authorize", get(launch::show).post(launch::mint))
        .route("/callback", get(callback::show))
        .route("/logo", get(launch::logo));
    Router::new()
        .merge(routes.clone())
        .nest("/{component_appid}", routes)
        .route("/healthz", get(health::answer))
        .fallback(health::nothing_here)
        .with_state(shared)
}

/// The operator's routes, on an address of their own.
pub(super) fn admin(shared: Shared) -> Router {
    Router::new()
        .route("/metrics", get(metrics::answer))
        .route("/healthz", get(health::answer))
        .fallback(health::nothing_here)
        .with_state(shared)
}

/// The route of a path, for notices.
pub(super) fn route_of(path: &str) -> &'static str {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let known = |segment: &str| ROUTES.into_iter().find(|route| *route == segment);
    // The platform's appid may stand before it.
    let found = segments.next().and_then(known);
    found
        .or_else(|| segments.next().and_then(known))
        .unwrap_or("other")
}

/// Whether only WeChat has a reason to call this path: connections are kept free for it.
pub(super) fn is_for_pushes(path: &str) -> bool {
    matches!(route_of(path), "events" | "messages")
}

const ROUTES: [&str; 6] = [
    "events",
    "messages",
    "authorize",
    "callback",
    "logo",
    "healthz",
];
