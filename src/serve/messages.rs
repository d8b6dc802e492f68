//! The message URL (消息与事件接收URL): what authorized accounts receive (spec events.md §1, §5.6).
//!
//! Messages are answered at once and counted; they are kept, and passed on, where the operator asks
//! for it; one that WeChat repeats is taken once. Whatever the backend answers comes too late for a passive reply.

use std::time::{Duration, Instant};

use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use hyper::body::Bytes;
use tokio::time::timeout;

use crate::store::{MessageRecord, StoreError};
use crate::wechat::event::Event;
use crate::wechat::id::{Appid, UserName};
use crate::wechat::message::Message;
use crate::wechat::push::Received;

use super::opening::{Incoming, explained, success};
use super::shared::Shared;
use super::{Hosted, Notice, events, forward, release_check};

const ROUTE: &str = "messages";
const HELP: &str = "This is the message and event URL (消息与事件接收URL) of a WeChat third-party \
                    platform. WeChat sends its accounts' messages here.\n";
/// How long the answer waits for the store: a count is not worth an alarm at WeChat.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn receive(
    State(shared): State<Shared>,
    params: RawPathParams,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::POST {
        return explained(&method, HELP);
    }
    let incoming = Incoming::new(&params, query, &headers, body);
    let (hosted, received) = match incoming.open(&shared) {
        Ok(opened) => opened,
        Err(refused) => return refused.answer(&shared, ROUTE),
    };
    // Both URLs put in each other's place: an event of the platform must not be lost.
    if received.envelope.appid.is_some() && Event::parse(&received.message).is_ok() {
        return events::accept(&shared, hosted, received, incoming).await;
    }
    take(&shared, hosted, received, incoming).await
}

/// Takes a message that is authentic, whatever it says, and answers.
pub(super) async fn take(
    shared: &Shared,
    hosted: &Hosted,
    received: Received,
    incoming: Incoming,
) -> Response {
    let message = Message::parse(&received.message).ok();
    let account = account_of(&incoming, &received, message.as_ref());
    let what = message.as_ref().map_or_else(
        || "unreadable".to_owned(),
        |message| match &message.event {
            Some(event) if message.msg_type == "event" => format!("event/{event}"),
            _ => message.msg_type.clone(),
        },
    );
    let checked = message
        .as_ref()
        .filter(|_| shared.options().release_check)
        .and_then(|message| release_check::answer(shared, hosted, &received, message));
    // What is answered with a reply is answered so again: the first answer may be lost.
    let repeats = &shared.inner.repeats;
    if checked.is_none()
        && repeats.came_before(
            hosted.appid(),
            message.as_ref(),
            &received.message,
            Instant::now(),
        )
    {
        return success();
    }
    let kept = keep(shared, hosted, &account, &what, &received);
    match timeout(PATIENCE, kept).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => store_failed(shared, hosted, error.to_string()),
        Err(_) => store_failed(shared, hosted, "it did not answer in time".to_owned()),
    }
    if checked.is_none()
        && let Some(forwarder) = shared.forwarder()
    {
        let parcel = forward::message_parcel(
            forwarder.options(),
            hosted.appid(),
            &account,
            &what,
            message.as_ref(),
            &received.message,
            &incoming,
        );
        forwarder.message(shared, hosted.appid(), parcel);
    }
    shared.tell(&Notice::MessageTaken {
        platform: hosted.appid().clone(),
        account,
        what,
        release_check: checked.is_some(),
    });
    checked.unwrap_or_else(success)
}

/// The account: the appid that stands in the path for `$APPID$`, else the original id. The path is
/// not signed, so that only what looks like an id is believed.
fn account_of(incoming: &Incoming, received: &Received, message: Option<&Message>) -> String {
    let path = incoming.account.as_deref().unwrap_or_default();
    if path.parse::<Appid>().is_ok() || path.parse::<UserName>().is_ok() {
        return path.to_owned();
    }
    message
        .map(|message| message.to.clone())
        .or_else(|| received.envelope.to_user_name.clone())
        .unwrap_or_default()
}

async fn keep(
    shared: &Shared,
    hosted: &Hosted,
    account: &str,
    what: &str,
    received: &Received,
) -> Result<(), StoreError> {
    let platform = &hosted.platform;
    let now = platform.clock().now();
    let store = platform.store().until(Instant::now() + PATIENCE);
    store
        .count_message(platform.key(), account, what, now)
        .await?;
    if !shared.options().keep_bodies {
        return Ok(());
    }
    let record = MessageRecord {
        id: 0,
        received_at: now,
        account: account.to_owned(),
        what: what.to_owned(),
        body: received.message.clone(),
    };
    store.keep_message(platform.key(), record).await
}

fn store_failed(shared: &Shared, hosted: &Hosted, error: String) {
    shared.tell(&Notice::StoreFailed {
        platform: hosted.appid().clone(),
        error,
    });
}
