//! Sending a push to a receiver and judging its answer as WeChat would: spec events.md §2.

use std::time::{Duration, Instant};

use url::Url;

use crate::sys::http::{self, HttpOptions};
use crate::sys::random;
use crate::wechat::event::unknown_xml;
use crate::wechat::id::ComponentAppid;
use crate::wechat::push::{KeyUsed, PushKeys, PushQuery, Stamp, To};

use super::FlowError;

/// The time a receiver has, from the first byte sent to the last one received.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// The most of an answer that is read.
const BODY_LIMIT: usize = 64 * 1024;

/// What a receiver answered, and what is wrong with it.
#[derive(Debug)]
pub struct Judged {
    /// Its status; `None` when it did not answer.
    pub http_status: Option<u16>,
    /// Its body, or the beginning of it.
    pub body: Vec<u8>,
    /// From the beginning of the request to the end of the answer.
    pub elapsed: Duration,
    /// What is wrong; nothing when WeChat would be content.
    pub problems: Vec<AnswerProblem>,
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerProblem {
    /// No connection: name, port, TLS.
    Unreachable {
        /// What the network said.
        why: String,
    },
    /// It did not answer within 5 s.
    TooSlow,
    /// The connection broke off.
    Broken {
        /// What the network said.
        why: String,
    },
    /// It sent the caller elsewhere, where WeChat does not go.
    Redirect {
        /// Where to.
        location: String,
    },
    /// Its status is not 200.
    Status(u16),
    /// Its body is `success` but for blanks or line ends around it.
    Blanks,
    /// Its body begins with a byte order mark.
    ByteOrderMark,
    /// Its body is another.
    Body,
    /// Plain http on another machine: WeChat takes it, and everybody on the way can read it.
    NotEncrypted,
    /// A port that WeChat does not call.
    Port(u16),
}

impl AnswerProblem {
    /// Whether WeChat would count the push as failed.
    #[must_use]
    pub fn fails(&self) -> bool {
        !matches!(self, Self::NotEncrypted | Self::Port(_))
    }
}

/// The type of a push that no receiver acts on.
pub const PROBE: &str = "wxauth_probe";

/// A sealed push that no receiver acts on, as WeChat would send one now.
///
/// # Errors
/// `None` when `keys` has no present key.
#[must_use]
pub fn harmless_push(
    component_appid: &ComponentAppid,
    keys: &PushKeys,
    now: i64,
) -> Option<(PushQuery, String)> {
    let (mut random, mut nonce) = ([0; 16], [0; 4]);
    random::fill(&mut random);
    random::fill(&mut nonce);
    let stamp = Stamp {
        timestamp: now.to_string(),
        nonce: u32::from_be_bytes(nonce).to_string(),
        random,
    };
    let message = unknown_xml(component_appid, now, PROBE);
    keys.push(
        component_appid,
        KeyUsed::Present,
        &message,
        &stamp,
        To::Platform,
    )
}

/// Posts a push to `url` and judges the answer. Redirects are not followed.
///
/// # Errors
/// [`FlowError::Broken`] when no client can be built.
pub async fn send_push(
    url: &Url,
    query: &PushQuery,
    body: String,
    options: &HttpOptions,
) -> Result<Judged, FlowError> {
    let options = HttpOptions {
        timeout: ANSWER_LIMIT,
        connect_timeout: ANSWER_LIMIT,
        ..options.clone()
    };
    let client = http::client(url, &options).map_err(|error| FlowError::Broken {
        detail: error.to_string(),
    })?;
    let mut target = url.clone();
    let own = url.query().map(|own| format!("{own}&")).unwrap_or_default();
    target.set_query(Some(&format!("{own}{}", query.to_query())));
    let mut problems = about_address(url);
    let started = Instant::now();
    let sent = client
        .post(target)
        .header("content-type", "text/xml")
        .body(body)
        .send()
        .await;
    let response = match sent {
        Ok(response) => response,
        Err(error) => {
            problems.push(failure(error));
            return Ok(Judged {
                http_status: None,
                body: Vec::new(),
                elapsed: started.elapsed(),
                problems,
            });
        }
    };
    let status = response.status();
    let location = response.headers().get("location");
    let location = location.map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
    let mut response = response;
    let mut received = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if received.len() < BODY_LIMIT => received.extend_from_slice(&chunk),
            Ok(_) => break,
            Err(error) => {
                problems.push(failure(error));
                break;
            }
        }
    }
    let elapsed = started.elapsed();
    match location.filter(|_| status.is_redirection()) {
        Some(location) => problems.push(AnswerProblem::Redirect { location }),
        None if status.as_u16() != 200 => problems.push(AnswerProblem::Status(status.as_u16())),
        None => problems.extend(about_body(&received)),
    }
    Ok(Judged {
        http_status: Some(status.as_u16()),
        body: received,
        elapsed,
        problems,
    })
}

fn failure(error: reqwest::Error) -> AnswerProblem {
    if error.is_timeout() {
        return AnswerProblem::TooSlow;
    }
    let connecting = error.is_connect();
    let why = http::innermost(error);
    if connecting {
        AnswerProblem::Unreachable { why }
    } else {
        AnswerProblem::Broken { why }
    }
}

fn about_address(url: &Url) -> Vec<AnswerProblem> {
    let mut problems = Vec::new();
    if http::is_loopback(url) {
        return problems;
    }
    if url.scheme() == "http" {
        problems.push(AnswerProblem::NotEncrypted);
    }
    if let Some(port) = url.port() {
        problems.push(AnswerProblem::Port(port));
    }
    problems
}

fn about_body(body: &[u8]) -> Option<AnswerProblem> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if body == b"success" {
        None
    } else if body.starts_with(MARK) {
        Some(AnswerProblem::ByteOrderMark)
    } else if body.trim_ascii() == b"success" {
        Some(AnswerProblem::Blanks)
    } else {
        Some(AnswerProblem::Body)
    }
}
