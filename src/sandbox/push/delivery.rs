//! Handing a push over, and judging the answer as WeChat does.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use url::{Position, Url};

use crate::sys::sync::lock;

use super::envelope::Letter;
use super::reply;
use crate::sandbox::state::platform::Platform;
use crate::sandbox::state::pushing::{Outcome, Problem, Push, Target};
use crate::sys::http::{self, HttpOptions};

/// How long a receiver has.
const LIMIT: Duration = Duration::from_secs(5);
/// How much of an answer is read.
const READ: usize = 64 << 10;
/// How much of an answer is kept.
const SAMPLE: usize = 500;

/// HTTP clients by the base they speak to.
#[derive(Default)]
pub struct Clients {
    known: Mutex<HashMap<String, reqwest::Client>>,
}

impl Clients {
    fn client(&self, url: &Url) -> Result<reqwest::Client, Problem> {
        let base = url[..Position::BeforePath].to_owned();
        let mut known = lock(&self.known);
        if let Some(client) = known.get(&base) {
            return Ok(client.clone());
        }
        let options = HttpOptions {
            connect_timeout: LIMIT,
            timeout: LIMIT,
            ..HttpOptions::default()
        };
        let client = http::client(url, &options)
            .map_err(|error| problem("not_reached", Some(error.to_string())))?;
        known.insert(base, client.clone());
        Ok(client)
    }
}

/// A problem of this kind.
pub fn problem(kind: &str, detail: Option<String>) -> Problem {
    Problem {
        kind: kind.to_owned(),
        detail,
    }
}

struct Answer {
    status: u16,
    location: Option<String>,
    body: Vec<u8>,
    too_long: bool,
}

/// Sends a letter and judges the answer; the reply to a message is opened with the platform's keys.
pub async fn deliver(
    clients: &Clients,
    letter: &Letter,
    push: &Push,
    platform: &Platform,
) -> Outcome {
    let began = Instant::now();
    let result = send(clients, letter).await;
    let elapsed = began.elapsed().as_secs_f64();
    match result {
        Ok(answer) => judge(&answer, push, platform, elapsed),
        Err(problem) => Outcome {
            delivered: false,
            http_status: None,
            body: None,
            reply: None,
            elapsed,
            problems: vec![problem],
        },
    }
}

async fn send(clients: &Clients, letter: &Letter) -> Result<Answer, Problem> {
    let request = (clients.client(&letter.url)?)
        .post(letter.url.clone())
        .header("content-type", letter.content_type)
        .body(letter.body.clone());
    let mut response = request.send().await.map_err(failure)?;
    let location = response.headers().get("location");
    let mut answer = Answer {
        status: response.status().as_u16(),
        location: location.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        body: Vec::new(),
        too_long: false,
    };
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        answer.body.extend_from_slice(&chunk);
        if answer.body.len() > READ {
            answer.too_long = true;
            break;
        }
    }
    Ok(answer)
}

fn failure(error: reqwest::Error) -> Problem {
    if error.is_timeout() {
        return problem("timeout", Some(format!("{} s", LIMIT.as_secs())));
    }
    let kind = if error.is_connect() {
        "not_reached"
    } else {
        "broken_off"
    };
    problem(kind, Some(http::innermost(error)))
}

fn judge(answer: &Answer, push: &Push, platform: &Platform, elapsed: f64) -> Outcome {
    let text = String::from_utf8_lossy(&answer.body);
    let mut outcome = Outcome {
        delivered: false,
        http_status: Some(answer.status),
        body: Some(text.chars().take(SAMPLE).collect()),
        reply: None,
        elapsed,
        problems: Vec::new(),
    };
    if (300..400).contains(&answer.status) {
        let detail = answer.location.clone();
        outcome.problems.push(problem("redirect", detail));
    } else if answer.status != 200 {
        let detail = Some(answer.status.to_string());
        outcome.problems.push(problem("status", detail));
    } else if answer.too_long {
        let detail = Some(format!("more than {READ} bytes"));
        outcome.problems.push(problem("too_long", detail));
    } else {
        match judge_body(&answer.body, push.target) {
            Ok(odd) => {
                outcome.delivered = true;
                outcome.problems.extend(odd);
            }
            // What else is said to a message must be an encrypted reply.
            Err(kind) if push.target == Target::Messages && kind != "byte_order_mark" => {
                match reply::open(platform, &text) {
                    Ok(message) => {
                        outcome.delivered = true;
                        outcome.reply = Some(message);
                    }
                    Err(error) => {
                        let detail = Some(error.to_string());
                        outcome.problems.push(problem("reply", detail));
                    }
                }
            }
            Err(kind) => outcome.problems.push(problem(kind, None)),
        }
    }
    outcome
}

/// Whether a body says success (and what is odd about it), or why not.
fn judge_body(body: &[u8], target: Target) -> Result<Option<Problem>, &'static str> {
    let trimmed = body.trim_ascii();
    if trimmed == b"success" {
        let odd = trimmed.len() < body.len();
        return Ok(odd.then(|| problem("white_space", None)));
    }
    if trimmed.is_empty() {
        return match target {
            Target::Events => Err("empty"),
            Target::Messages => Ok(None),
        };
    }
    if trimmed.starts_with(b"\xef\xbb\xbf") {
        return Err("byte_order_mark");
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(trimmed).is_ok() {
        return Err("json");
    }
    Err("other_body")
}
