//! A platform's receiving end: it hears pushes, opens them with the client's own code, and answers
//! as the story wants.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::keys::Keys;

/// How long a story waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

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
