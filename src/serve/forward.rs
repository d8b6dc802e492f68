//! Passing on to the operator's own backend.
//!
//! Events are passed on durably: they wait in the store and are tried ten times within about an hour.
//! They go after the work on them, or at once where codes are left to the backend: the work is not
//! for it then, and its codes live an hour. Those about one account go in the order of arrival: a later one
//! waits until the backend took the earlier, or all tries failed; a failed try holds nobody else up.
//! What is older than an hour at the start is given up. Messages wait in memory, a thousand at
//! most, and are tried three times. The backend took it when it answers 2xx; an event may reach it
//! twice, and has the same `X-Wxauth-Event-Id` then.

mod events;
mod messages;
mod parcel;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::{Notify, mpsc};
use tokio::time::sleep;

use crate::sys::http::{self, HttpClientError, HttpOptions};
use crate::wechat::id::ComponentAppid;

use super::server::{Stop, stopped};
use super::shared::Shared;
use super::{ForwardOptions, ForwardResult, Notice};

pub(super) use parcel::{Parcel, event_payload, message_parcel};

/// Time for the backend to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How old an event may be that a start still passes on.
const WORTH: SignedDuration = SignedDuration::from_hours(1);
/// How many messages may wait.
const QUEUE: usize = 1_000;
/// Time for what waits when the server ends: messages are lost then, events kept in the store.
const FAREWELL: Duration = Duration::from_secs(3);

/// Takes what is to be passed on.
pub(super) struct Forwarder {
    options: ForwardOptions,
    client: reqwest::Client,
    events: Arc<Notify>,
    messages: mpsc::Sender<(ComponentAppid, Parcel)>,
}

/// The other end of a [`Forwarder`].
pub(super) struct Parcels(mpsc::Receiver<(ComponentAppid, Parcel)>);

impl Forwarder {
    pub(super) fn new(
        options: &ForwardOptions,
        ca_file: Option<&Path>,
    ) -> Result<(Self, Parcels), HttpClientError> {
        let http = HttpOptions {
            timeout: TIMEOUT,
            ca_file: ca_file.map(Path::to_owned),
            ..HttpOptions::default()
        };
        let (messages, parcels) = mpsc::channel(QUEUE);
        let forwarder = Self {
            client: http::client(&options.url, &http)?,
            options: options.clone(),
            events: Arc::new(Notify::new()),
            messages,
        };
        Ok((forwarder, Parcels(parcels)))
    }

    pub(super) fn options(&self) -> &ForwardOptions {
        &self.options
    }

    /// An event may be ready in the store.
    pub(super) fn wake(&self) {
        self.events.notify_one();
    }

    /// A message to be passed on, if there is room for it.
    pub(super) fn message(&self, shared: &Shared, platform: &ComponentAppid, parcel: Parcel) {
        if self.messages.try_send((platform.clone(), parcel)).is_err() {
            dropped(shared, platform.clone());
        }
    }

    /// One try; the status of whoever took it, or why nobody did. No URL is in it: its query may
    /// hold a key.
    async fn send(&self, parcel: &Parcel, event: Option<i64>) -> Result<u16, String> {
        let mut url = self.options.url.clone();
        if let Some(query) = &parcel.query {
            let query = match url.query().filter(|own| !own.is_empty()) {
                Some(own) => format!("{own}&{query}"),
                None => query.clone(),
            };
            url.set_query(Some(&query));
        }
        let mut request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, &parcel.content_type)
            .body(parcel.body.clone());
        if let Some(id) = event {
            request = request.header("X-Wxauth-Event-Id", id);
        }
        let answer = request.send().await.map_err(http::innermost)?;
        let status = answer.status();
        if status.is_success() {
            Ok(status.as_u16())
        } else {
            Err(format!("it answered {status}"))
        }
    }
}

/// Gives up what waited in the store for longer than its tries would have taken, while nobody passed
/// it on: codes in it are dead, and after a long night the backend would be flooded.
async fn give_up(shared: &Shared) {
    for hosted in &shared.options().platforms {
        let before = hosted.platform.clock().now() - WORTH;
        let (store, key) = (hosted.platform.store(), hosted.platform.key());
        if let Err(error) = store.give_up_forwards(key, before).await {
            shared.tell(&Notice::StoreFailed {
                platform: hosted.appid().clone(),
                error: error.to_string(),
            });
        }
    }
}

/// Passes on until it is to stop; then what waits, for a few seconds.
pub(super) async fn run(shared: Shared, parcels: Option<Parcels>, mut stop: Stop) {
    give_up(&shared).await;
    let (Some(_), Some(Parcels(parcels))) = (shared.forwarder(), parcels) else {
        return;
    };
    let messages = messages::run(shared.clone(), parcels, stop.clone());
    let events = events::run(shared.clone(), stop.clone());
    let end = async {
        stopped(&mut stop).await;
        sleep(FAREWELL).await;
    };
    let events = async {
        tokio::select! {
            () = events => {}
            () = end => {}
        }
    };
    tokio::join!(messages, events);
}

fn dropped(shared: &Shared, platform: ComponentAppid) {
    shared.tell(&Notice::Forwarded {
        platform,
        event: None,
        result: ForwardResult::Dropped,
        tries: 0,
    });
}
