//! From a request to a push that was checked and opened, or to the answer of one that was not.
//!
//! | what is wrong | status | what WeChat counts |
//! |---|---|---|
//! | a query parameter is missing; the body is no envelope | 400 | a failure |
//! | the signature is wrong | 403 | a failure |
//! | it cannot be decrypted, or is for another platform | 400 | a failure |
//! | no such platform is served | 404 | a failure |
//! | the body is too large, too slow | 413, 408 | a failure |
//! | it was not looked at in time | 408 | a failure: right, for nothing is kept |
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
const ANSWER_LIMIT: Duration = Duration::from_secs(4);
/// What the store has of that, however slowly the body came.
const STORE_SHARE: Duration = Duration::from_secs(2);
/// Time for the body of a push.
pub(super) const BODY_LIMIT: Duration = ANSWER_LIMIT.saturating_sub(STORE_SHARE);
/// How long before the answer the store gives up where it had its share by then: its reason says
/// more than that it gave none.
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
    /// When the body was there.
    complete: Instant,
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
            complete: Instant::now(),
        }
    }

    /// When it is answered at the latest.
    pub(super) fn answered_by(&self) -> Instant {
        self.arrived + ANSWER_LIMIT
    }

    /// Until when what it brings may wait for the store.
    pub(super) fn deadline(&self) -> Instant {
        let share = self.complete + STORE_SHARE;
        share
            .max(self.answered_by() - MARGIN)
            .min(self.answered_by())
    }

    /// Refuses what was looked at so late that the store would have next to no time, for which it is
    /// not to blame: WeChat sends it again.
    pub(super) fn in_time(&self, platform: &ComponentAppid) -> Result<(), Refused> {
        if Instant::now() + STORE_SHARE / 2 <= self.deadline() {
            return Ok(());
        }
        Err(Refused {
            platform: Some(platform.clone()),
            why: Rejection::TooSlow,
        })
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
            Rejection::TooSlow => (StatusCode::REQUEST_TIMEOUT, "this was not read in time\n"),
            Rejection::TooLarge
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A push whose head came so long ago, and whose body is there now.
    fn after(age: Duration) -> Incoming {
        let now = Instant::now();
        Incoming {
            platform: None,
            account: None,
            query: String::new(),
            content_type: None,
            body: Bytes::new(),
            arrived: now.checked_sub(age).expect("the machine runs for longer"),
            complete: now,
        }
    }

    #[test]
    fn the_store_has_its_share_after_the_slowest_body() {
        for age in [Duration::ZERO, BODY_LIMIT / 2, BODY_LIMIT] {
            let incoming = after(age);
            assert!(incoming.deadline() - incoming.complete >= STORE_SHARE);
            assert!(incoming.deadline() <= incoming.answered_by());
        }
    }

    #[test]
    fn what_comes_too_late_for_the_store_is_too_slow() {
        let platform = "wx0000000000000001".parse().expect("an appid");
        assert!(after(BODY_LIMIT).in_time(&platform).is_ok());
        for age in [ANSWER_LIMIT, ANSWER_LIMIT - MARGIN / 2] {
            let refused = after(age).in_time(&platform).err();
            let why = refused.map(|refused| refused.why);
            assert_eq!(why, Some(Rejection::TooSlow));
        }
    }
}
