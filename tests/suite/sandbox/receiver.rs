//! A platform's receiving end: it hears pushes, opens them with the client's own code, and answers
//! as the story wants.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use wxauth::wechat::event::Event;
use wxauth::wechat::push::{PushError, PushKeys, PushQuery, Received};
use wxauth::wechat::secret::Secret;

use super::stage::{Stage, text};

/// How long a story waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a receiver answers to a push.
pub type Answering = Arc<dyn Fn(&Heard) -> Said + Send + Sync>;

/// An answer.
#[derive(Clone)]
pub enum Said {
    /// Status and body.
    Body(u16, Vec<u8>),
    /// A redirect to this address.
    Redirect(&'static str),
    /// Nothing, and the connection stays open.
    Nothing,
}

/// A push as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub query: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

pub struct Receiver {
    base: String,
    heard: mpsc::UnboundedReceiver<Heard>,
    answering: Arc<Mutex<Answering>>,
}

/// The answer that WeChat wants.
pub fn success() -> Said {
    said("success")
}

/// Status 200 with this body.
pub fn said(body: &str) -> Said {
    Said::Body(200, body.as_bytes().to_vec())
}

impl Receiver {
    /// A receiver that answers `success` to everything.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (tell, heard) = mpsc::unbounded_channel();
        let answering: Arc<Mutex<Answering>> = Arc::new(Mutex::new(Arc::new(|_| success())));
        let answers = answering.clone();
        let router = Router::new().fallback(
            move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
                let header = headers.get("content-type");
                let push = Heard {
                    path: uri.path().to_owned(),
                    query: uri.query().unwrap_or_default().to_owned(),
                    content_type: header
                        .map(|value| value.to_str().expect("text").to_owned())
                        .unwrap_or_default(),
                    body: body.to_vec(),
                };
                let answer = answers.lock().unwrap().clone();
                let said = answer(&push);
                let _ = tell.send(push);
                respond(said).await
            },
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            base,
            heard,
            answering,
        }
    }

    pub fn events_url(&self) -> String {
        format!("{}/events", self.base)
    }

    pub fn messages_url(&self) -> String {
        format!("{}/messages/$APPID$", self.base)
    }

    /// Answers otherwise from now on.
    pub fn answers(&self, answer: impl Fn(&Heard) -> Said + Send + Sync + 'static) {
        *self.answering.lock().unwrap() = Arc::new(answer);
    }

    /// The next push.
    pub async fn next(&mut self) -> Heard {
        let next = timeout(PATIENCE, self.heard.recv()).await;
        next.expect("a push comes in time").expect("a push")
    }

    /// The next authorization event, opened.
    pub async fn event(&mut self, keys: &Keys) -> Value {
        let heard = self.next().await;
        assert_eq!(heard.path, "/events");
        assert_eq!(heard.content_type, "text/xml");
        keys.event(&heard)
    }

    /// Asserts that nothing was pushed that no story took.
    pub fn heard_nothing_else(&mut self) {
        if let Ok(heard) = self.heard.try_recv() {
            panic!("one push too many: {heard:?}");
        }
    }
}

async fn respond(said: Said) -> Response {
    match said {
        Said::Body(status, body) => {
            (StatusCode::from_u16(status).expect("a status"), body).into_response()
        }
        Said::Redirect(to) => (StatusCode::FOUND, [("location", to)]).into_response(),
        Said::Nothing => std::future::pending().await,
    }
}

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
