//! The authorization event URL (授权事件接收URL): tickets, authorizations, and what other services
//! report (spec events.md §3, §4).
//!
//! An event is durable before WeChat is told `success`; what it asks for is done afterwards.

use axum::Extension;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use hyper::body::Bytes;
use tokio::time::timeout_at;

use crate::flow::FlowError;
use crate::store::events::{Accepted, EventOutcome};
use crate::wechat::event::Event;
use crate::wechat::message::Message;
use crate::wechat::push::{KeyUsed, Received};

use super::forward;
use super::messages;
use super::opening::{Arrived, Incoming, NO_ANSWER, Refused, explained, success};
use super::shared::Shared;
use super::writes::Cause;
use super::{Hosted, Notice, Rejection, unreadable};

const ROUTE: &str = "events";
const HELP: &str = "This is the authorization event URL (授权事件接收URL) of a WeChat third-party \
                    platform. WeChat sends its pushes here.\n";

pub(super) async fn receive(
    State(shared): State<Shared>,
    params: RawPathParams,
    RawQuery(query): RawQuery,
    Extension(arrived): Extension<Arrived>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::POST {
        return explained(&method, HELP);
    }
    let incoming = Incoming::new(&params, query, &headers, body, arrived);
    let (hosted, received) = match incoming.open(&shared) {
        Ok(opened) => opened,
        Err(refused) => return refused.answer(&shared, ROUTE),
    };
    // Both URLs on one path, or put in each other's place: users' messages are no events.
    if received.envelope.appid.is_none() && Message::parse(&received.message).is_ok() {
        return messages::take(&shared, hosted, received, incoming).await;
    }
    accept(&shared, hosted, received, incoming).await
}

/// Keeps an event that is authentic, whatever it says, and answers.
pub(super) async fn accept(
    shared: &Shared,
    hosted: &Hosted,
    received: Received,
    incoming: Incoming,
) -> Response {
    if let Err(refused) = incoming.in_time(hosted.appid()) {
        return refused.answer(shared, ROUTE);
    }
    let event = Event::parse(&received.message)
        .unwrap_or_else(|_| unreadable::event(hosted.appid(), &received.message));
    let forward = shared
        .forwarder()
        .map(|forwarder| forward::event_payload(forwarder.options(), &event, &incoming));
    let answered_by = incoming.answered_by();
    // A task of its own: that the sender hangs up, or that nobody waits any more, must not lose what
    // comes after the store's act.
    let task = {
        let (shared, hosted) = (shared.clone(), hosted.clone());
        tokio::spawn(async move {
            let accepted = hosted
                .platform
                .until(incoming.deadline())
                .accept_event(&event, &received.message, hosted.exchange, forward)
                .await?;
            let (id, repeated) = match accepted {
                Accepted::New { id, .. } => (id, false),
                Accepted::Repeat { id } => (id, true),
            };
            shared.push_written(&hosted);
            shared.tell(&Notice::EventAccepted {
                platform: hosted.appid().clone(),
                id,
                appid: event.about().cloned(),
                info_type: event.info_type,
                repeated,
                previous_key: received.key == KeyUsed::Previous,
                elapsed: incoming.arrived.elapsed(),
            });
            hand_on(&shared, &hosted, accepted);
            Ok::<_, FlowError>(())
        })
    };
    match timeout_at(answered_by.into(), task).await {
        Ok(Ok(Ok(()))) => success(),
        Ok(Ok(Err(error))) => {
            let cause = match &error {
                FlowError::Store(error) => Cause::of(error),
                _ => Cause::Push,
            };
            not_kept(shared, hosted, cause, error.to_string())
        }
        Ok(Err(error)) => not_kept(shared, hosted, Cause::Push, error.to_string()),
        // What is written later is no loss: WeChat sends it again, and it counts once.
        Err(_) => not_kept(shared, hosted, Cause::Store, NO_ANSWER.to_owned()),
    }
}

fn hand_on(shared: &Shared, hosted: &Hosted, accepted: Accepted) {
    // Whoever took the first one is at it, or a look at the store finds it.
    let Accepted::New { id, outcome } = accepted else {
        return;
    };
    if outcome == EventOutcome::Pending {
        shared.worker().event(hosted.appid().clone(), id);
    }
    if let Some(forwarder) = shared.forwarder() {
        forwarder.wake();
    }
}

fn not_kept(shared: &Shared, hosted: &Hosted, cause: Cause, error: String) -> Response {
    shared.push_not_written(hosted, cause, error.clone());
    let refused = Refused {
        platform: Some(hosted.appid().clone()),
        why: Rejection::Store(error),
    };
    refused.answer(shared, ROUTE)
}
