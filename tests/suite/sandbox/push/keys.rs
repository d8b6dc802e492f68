//! The platform's keys in the client's hands, and how a story waits for pushes.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use wxauth::wechat::event::Event;
use wxauth::wechat::push::{PushError, PushKeys, PushQuery, Received};
use wxauth::wechat::secret::Secret;

use super::receiver::{Heard, PATIENCE, Receiver};
use crate::sandbox::stage::{Stage, text};

/// The platform's own keys, in the client's hands.
pub struct Keys {
    pub appid: String,
    pub keys: PushKeys,
}

impl Keys {
    /// Those of a platform's card.
    pub fn of(card: &Value) -> Self {
        let secret = |name: &str| card[name].as_str().map(Secret::new);
        let present = secret("encoding_aes_key").expect("a key");
        let previous = secret("previous_encoding_aes_key");
        let token = secret("token").expect("a token");
        Self {
            appid: text(card, "component_appid"),
            keys: PushKeys::new(token, &present, previous.as_ref()).expect("keys"),
        }
    }

    /// Opens a push as the client does.
    pub fn open(&self, heard: &Heard) -> Result<Received, PushError> {
        let query = PushQuery::parse(&heard.query).expect("a query");
        let appid = self.appid.parse().expect("an appid");
        self.keys.open(&appid, &query, &heard.body)
    }

    /// Opens an authorization event; its fields.
    pub fn event(&self, heard: &Heard) -> Value {
        let opened = self.open(heard).expect("a push for this platform");
        let event = Event::parse(&opened.message).expect("an event");
        event.to_json()
    }
}

impl Stage {
    /// Lets the first platform push to `receiver`.
    pub async fn push_to(&self, receiver: &Receiver) {
        let urls =
            json!({"events_url": receiver.events_url(), "messages_url": receiver.messages_url()});
        self.order("platform", urls).await;
    }

    /// The first platform's keys as they are now.
    pub async fn keys(&self) -> Keys {
        Keys::of(&self.control("status").await)
    }

    /// Moves the clock to just behind a change of tickets.
    pub async fn just_after_a_new_ticket(&self) {
        let now: jiff::Timestamp = text(&self.control("status").await, "now")
            .parse()
            .expect("a time");
        let step = 1200 - now.as_second() % 1200 + 5;
        self.order("clock", json!({ "offset": step })).await;
    }

    /// The finished pushes, once `count` are there.
    pub async fn pushes(&self, count: usize) -> Vec<Value> {
        let looking = async {
            loop {
                let pushes = self.control("pushes").await;
                let pushes = pushes.as_array().expect("an array");
                if pushes.len() >= count {
                    return pushes.clone();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let found = timeout(PATIENCE, looking).await;
        found.expect("as many pushes in time")
    }
}
