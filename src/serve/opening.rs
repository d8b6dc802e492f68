//! From a request to a push that was checked and opened, or to the answer of one that was not.
//!
//! | what is wrong | status | what WeChat counts |
//! |---|---|---|
//! | a query parameter is missing; the body is no envelope | 400 | a failure |
//! | the signature is wrong | 403 | a failure |
//! | it cannot be decrypted, or is for another platform | 400 | a failure |
//! | no such platform is served | 404 | a failure |
//! | the body is too large, too slow | 413, 408 | a failure |
//! | the store fails | 500 | a failure: right, for nothing is kept |
//!
//! Whatever is authentic and kept is answered `success`: unknown types, repeats, replays and
//! events that nobody can read.

use std::time::{Duration, Instant};

use axum::extract::RawPathParams;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Bytes;

use crate::wechat::id::ComponentAppid;
use crate::wechat::push::{Envelope, PushError, PushQuery, Received};

use super::shared::Shared;
use super::{Hosted, Notice, Rejection};

/// Within this time of its head a push is answered, whatever its body and the store do: WeChat hangs
/// up after 5 s.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(4);
/// How long before that the store gives up: its reason says more than that it gave none.
const MARGIN: Duration = Duration::from_secs(1);
/// The reason when the store gave none.
pub(super) const NO_ANSWER: &str = "the store did not answer in time";

/// When the head of a request was there.
#[derive(Clone, Copy)]
pub(super) struct Arrived(pub(super) Instant);

/// A request with a push, unchecked.
pub(super) struct Incoming {
    /// The platform and the account that the path names.
    pub(super) platform: Option<String>,
    pub(super) account: Option<String>,
    /// As it stands.
    pub(super) query: String,
    pub(super) content_type: Option<String>,
    pub(super) body: Bytes,
    pub(super) arrived: Instant,
}

/// A push that is not taken.
pub(super) struct Refused {
    pub(super) platform: Option<ComponentAppid>,
    pub(super) why: Rejection,
}

impl Incoming {
    pub(super) fn new(
        params: &RawPathParams,
        query: Option<String>,
        headers: &HeaderMap,
        body: Bytes,
        Arrived(arrived): Arrived,
    ) -> Self {
        let of = |wanted: &str| {
            let found = params.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| value.to_owned())
        };
        let content_type = headers.get(header::CONTENT_TYPE);
        Self {
            platform: of("component_appid"),
            account: of("account"),
            query: query.unwrap_or_default(),
            content_type: content_type
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            body,
            arrived,
        }
    }

    /// When it is answered at the latest.
    pub(super) fn answered_by(&self) -> Instant {
        self.arrived + ANSWER_LIMIT
    }

    /// Until when what it brings may wait for the store.
    pub(super) fn deadline(&self) -> Instant {
        self.answered_by() - MARGIN
    }

    /// Finds out for which platform this is and opens it with its keys.
    pub(super) fn open<'a>(&self, shared: &'a Shared) -> Result<(&'a Hosted, Received), Refused> {
        let refused = |why| Refused {
            platform: None,
            why,
        };
        let candidates = match (&self.platform, shared.only()) {
            (Some(appid), _) => match shared.platform(appid) {
                Some(hosted) => vec![hosted],
                None => return Err(refused(Rejection::UnknownPlatform(appid.clone()))),
            },
            (None, Some(only)) => vec![only],
            (None, None) => {
                let envelope = Envelope::parse(&self.body).map_err(|error| refused(why(error)))?;
                let named = envelope.appid.and_then(|appid| shared.platform(&appid));
                match named {
                    Some(hosted) => vec![hosted],
                    None => shared.options().platforms.iter().collect(),
                }
            }
        };
        let query = PushQuery::parse(&self.query).map_err(|error| refused(why(error)))?;
        let mut worst = refused(Rejection::Signature);
        for hosted in candidates {
            match hosted.keys.open(hosted.appid(), &query, &self.body) {
                Ok(received) => return Ok((hosted, received)),
                // It was signed for another of them, mostly.
                Err(PushError::Signature) => {}
                Err(error) => {
                    worst = Refused {
                        platform: Some(hosted.appid().clone()),
                        why: why(error),
                    };
                }
            }
        }
        if worst.platform.is_none() {
            worst.platform = shared.only().map(|only| only.appid().clone());
        }
        Err(worst)
    }
}

fn why(error: PushError) -> Rejection {
    match error {
        PushError::MissingQuery { name } => Rejection::Query(name),
        PushError::Signature => Rejection::Signature,
        PushError::Open(error) => Rejection::Decryption(error.to_string()),
        PushError::ForeignAppid { found, .. } => Rejection::ForeignAppid(found),
        PushError::NotText | PushError::Xml(_) | PushError::Json | PushError::NoEncrypt => {
            Rejection::Envelope(error.to_string())
        }
    }
}

impl Refused {
    /// Tells of it and answers it. What is wrong is for the log: a stranger learns the kind alone.
    pub(super) fn answer(self, shared: &Shared, route: &'static str) -> Response {
        let (status, text) = match &self.why {
            Rejection::Signature => (StatusCode::FORBIDDEN, "the signature is wrong\n"),
            Rejection::Decryption(_) => (StatusCode::BAD_REQUEST, "this cannot be decrypted\n"),
            Rejection::ForeignAppid(_) => {
                (StatusCode::BAD_REQUEST, "this is for another platform\n")
            }
            Rejection::UnknownPlatform(_) => (StatusCode::NOT_FOUND, "no such platform\n"),
            Rejection::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "this was not kept\n"),
            Rejection::TooLarge
            | Rejection::TooSlow
            | Rejection::TooMany
            | Rejection::TooLong
            | Rejection::Busy
            | Rejection::Query(_)
            | Rejection::Envelope(_) => (StatusCode::BAD_REQUEST, "this is no push\n"),
        };
        shared.tell(&Notice::Rejected {
            platform: self.platform,
            route,
            why: self.why,
        });
        plain(status, text)
    }
}

/// What WeChat is told when a push was taken: this and nothing more.
pub(super) fn success() -> Response {
    plain(StatusCode::OK, "success")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], text).into_response()
}

/// The answer to whoever comes with another method than POST: a browser is told what this is.
pub(super) fn explained(method: &Method, text: &'static str) -> Response {
    if method == Method::GET || method == Method::HEAD {
        return plain(StatusCode::OK, text);
    }
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "send a push with POST\n");
    let allow = HeaderValue::from_static("GET, HEAD, POST");
    response.headers_mut().insert(header::ALLOW, allow);
    response
}
