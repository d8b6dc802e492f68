//! The message URL (消息与事件接收URL): what authorized accounts receive (spec events.md §1, §5.6).
//!
//! Messages are answered at once and counted; they are kept, and passed on, where the operator asks
//! for it. One that WeChat repeats, or that somebody replays, counts once and is passed on once: the
//! store remembers it (`store/messages.rs`). While the store fails each is passed on, because none
//! must be lost. Whatever the backend answers comes too late for a passive reply.

use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use hyper::body::Bytes;
use tokio::time::timeout_at;

use crate::store::StoreError;
use crate::store::messages::{MessageMark, MessageOutcome, MessageRecord, NewMessage};
use crate::wechat::event::Event;
use crate::wechat::id::{Appid, UserName};
use crate::wechat::message::Message;
use crate::wechat::push::Received;

use super::opening::{Arrived, Incoming, NO_ANSWER, explained, success};
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
    if let Err(refused) = incoming.in_time(hosted.appid()) {
        return refused.answer(shared, ROUTE);
    }
    let message = Message::parse(&received.message).ok();
    let checked = message
        .as_ref()
        .filter(|_| shared.options().release_check)
        .and_then(|message| release_check::answer(shared, hosted, &received, message));
    let is_check = checked.is_some();
    // A task of its own: that the sender hangs up must not lose what comes after the store's act.
    let task = {
        let (shared, hosted) = (shared.clone(), hosted.clone());
        let count = async move {
            count(
                &shared,
                &hosted,
                message.as_ref(),
                &received,
                incoming,
                is_check,
            )
            .await;
        };
        tokio::spawn(count)
    };
    // That it failed is no reason for WeChat to send it again, nor to count a failure.
    let _ = task.await;
    // What is answered with a reply is answered so again: the first answer may be lost.
    checked.unwrap_or_else(success)
}

/// Counts a message and passes it on, unless it came before.
async fn count(
    shared: &Shared,
    hosted: &Hosted,
    message: Option<&Message>,
    received: &Received,
    incoming: Incoming,
    is_check: bool,
) {
    let deadline = incoming.answered_by().min(Instant::now() + PATIENCE);
    let account = account_of(shared, hosted, &incoming, received, message, deadline).await;
    let what = message.map_or_else(
        || "unreadable".to_owned(),
        |message| match &message.event {
            Some(event) if message.msg_type == "event" => format!("event/{event}"),
            _ => message.msg_type.clone(),
        },
    );
    let new = NewMessage {
        mark: mark_of(message, &received.message),
        created_at: message.and_then(|message| message.created_at),
        received_at: hosted.platform.clock().now(),
        account: account.clone(),
        what: what.clone(),
    };
    let kept = keep(shared, hosted, new, received, deadline);
    let kept = timeout_at(deadline.into(), kept).await;
    let outcome = match kept {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => not_counted(shared, hosted, error.to_string()),
        Err(_) => not_counted(shared, hosted, NO_ANSWER.to_owned()),
    };
    if outcome == MessageOutcome::New
        && !is_check
        && let Some(forwarder) = shared.forwarder()
    {
        let parcel = forward::message_parcel(
            forwarder.options(),
            hosted.appid(),
            &account,
            &what,
            message,
            &received.message,
            &incoming,
        );
        forwarder.message(shared, hosted.appid(), parcel);
    }
    shared.tell(&Notice::MessageTaken {
        platform: hosted.appid().clone(),
        account,
        what,
        outcome,
        release_check: is_check,
    });
}

/// What a message is recognized by when it comes again, whatever path it comes on: its `MsgId` with
/// the account that it is for, else the whole text: an event has no `MsgId`, and its repeat says the
/// same. All of it was encrypted.
fn mark_of(message: Option<&Message>, text: &str) -> MessageMark {
    let id = message.and_then(|message| {
        let id = message.msg_id.as_deref().filter(|id| !id.is_empty())?;
        Some((message, id))
    });
    match id {
        Some((message, id)) => {
            let event = message.event.as_deref().unwrap_or_default();
            MessageMark::of(&[&message.to, &message.msg_type, event, id])
        }
        None => MessageMark::of(&[text]),
    }
}

/// The account: its appid, else its original id. An unreadable text names none; then it is what the
/// path or the envelope says, if that looks like an id.
async fn account_of(
    shared: &Shared,
    hosted: &Hosted,
    incoming: &Incoming,
    received: &Received,
    message: Option<&Message>,
    deadline: Instant,
) -> String {
    let path = incoming.account.as_deref();
    if let Some(message) = message {
        let accounts = &shared.inner.accounts;
        return accounts.named(hosted, path, &message.to, deadline).await;
    }
    let path = path.unwrap_or_default();
    if path.parse::<Appid>().is_ok() || path.parse::<UserName>().is_ok() {
        return path.to_owned();
    }
    received.envelope.to_user_name.clone().unwrap_or_default()
}

/// Counts a message and, where bodies are kept, keeps it if it is new.
async fn keep(
    shared: &Shared,
    hosted: &Hosted,
    message: NewMessage,
    received: &Received,
    deadline: Instant,
) -> Result<MessageOutcome, StoreError> {
    let platform = &hosted.platform;
    let store = platform.store().until(deadline);
    let record = MessageRecord {
        id: 0,
        received_at: message.received_at,
        account: message.account.clone(),
        what: message.what.clone(),
        body: received.message.clone(),
    };
    let outcome = store.count_message(platform.key(), message).await?;
    if shared.options().keep_bodies && outcome == MessageOutcome::New {
        store.keep_message(platform.key(), record).await?;
    }
    Ok(outcome)
}

/// Reports that the store failed. Whether the message came before is unknown then: it is taken as
/// new. Whether the store can be written is for the next test write to show: a slow count does not
/// show it.
fn not_counted(shared: &Shared, hosted: &Hosted, error: String) -> MessageOutcome {
    shared.inner.writes.set_doubtful(hosted.appid());
    shared.tell(&Notice::MessageNotCounted {
        platform: hosted.appid().clone(),
        error,
    });
    MessageOutcome::New
}
