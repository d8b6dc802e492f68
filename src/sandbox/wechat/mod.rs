//! WeChat's side: the documented calls, and a generic answer for every other API path.
//!
//! Checks come in one order for all calls: method, body, token present, ids present, kind of
//! appid, caller's address, token known, expired, of the right kind, other fields, state, quota.

mod authorizers;
mod business;
mod call;
mod codes;
mod diagnosis;
mod gate;
mod info;
mod options;
mod quota;
mod refusal;
mod routes;
mod samples;
mod tokens;

use std::borrow::Cow;

use hyper::Method;
use serde_json::{Map, Value};

use self::call::Call;
use self::refusal::Refusal;
use self::routes::Route;
use self::samples::Answer;
use super::http::{Received, Reply};
use super::state::World;
use super::state::faults::Action;
use super::state::journal::{Entry, Outcome};
use super::state::rids::RidRecord;

pub use routes::lasting_path;

/// A request on its way: what can be done before the world is locked.
pub struct Prepared {
    fields: Result<Map<String, Value>, i32>,
}

impl Prepared {
    /// Reads the body.
    pub fn new(received: &Received) -> Self {
        Self {
            fields: call::fields(received),
        }
    }
}

/// What a fault puts in the place of an answer.
pub enum Instead {
    /// The call is not done; WeChat answers this.
    Refuse(i32),
    /// The call is not done; it is noted under this name.
    Lost(&'static str),
    /// The account list is empty.
    EmptyList,
}

/// Answers a call and notes it in the journal.
pub fn answer(
    world: &mut World,
    received: &Received,
    prepared: &Prepared,
    instead: Option<&Instead>,
) -> Reply {
    let route = routes::find(&received.path);
    let nothing = Map::new();
    let fields = prepared.fields.as_ref().unwrap_or(&nothing);
    let path = route.as_ref().map_or("", Route::path);
    let call = Call::new(world, received, path, fields);
    let (platform, account) = call.parties(world);
    let result = match (instead, &route) {
        (Some(Instead::Refuse(61004)), _) => Err(gate::unregistered_address(&call)),
        (Some(Instead::Refuse(errcode)), _) => Err((*errcode).into()),
        (Some(Instead::Lost(_)), _) => Ok(Answer::Json(Vec::new())),
        (Some(Instead::EmptyList), _) => {
            Ok(Answer::Json(br#"{"total_count":0,"list":[]}"#.to_vec()))
        }
        (None, Some(route)) => perform(world, &call, prepared, route),
        (None, None) => Err(40066.into()),
    };
    let outcome = match (&result, instead) {
        (_, Some(Instead::Lost(name))) => Outcome::Fault(Cow::Borrowed(name)),
        (_, Some(Instead::EmptyList)) => Outcome::Fault(Cow::Borrowed(Action::EmptyList.name())),
        (Ok(_), _) => Outcome::Answered,
        (Err(refusal), _) => Outcome::Refused(refusal.errcode),
    };
    let reply = match result {
        Ok(Answer::Json(body)) => Reply::wechat(0, body),
        Ok(Answer::File {
            content_type,
            name,
            bytes,
        }) => Reply::file(content_type, &name, bytes),
        Err(refusal) => refuse(world, &call, &refusal),
    };
    let journal_path = match &route {
        Some(_) => Cow::Borrowed(path),
        None => Cow::Owned(received.path.clone()),
    };
    let at = world.milliseconds();
    world.journal.note(Entry {
        at,
        method: method_text(&received.method),
        path: journal_path,
        platform,
        account,
        outcome,
    });
    reply
}

fn perform(
    world: &mut World,
    call: &Call<'_>,
    prepared: &Prepared,
    route: &Route,
) -> Result<Answer, Refusal> {
    if call.received.method != *route.method() {
        let post = *route.method() == Method::POST;
        return Err(if post { 43002 } else { 43001 }.into());
    }
    match route {
        Route::Documented(documented) => {
            if let Err(errcode) = prepared.fields {
                return Err(errcode.into());
            }
            (documented.handler)(world, call).map(Answer::Json)
        }
        Route::Business(api) => business::answer(world, call, api),
    }
}

fn refuse(world: &mut World, call: &Call<'_>, refusal: &Refusal) -> Reply {
    let (body, rid) = refusal.body(world, &call.received.path);
    if let Some(rid) = rid {
        let query = call.received.query.as_deref().unwrap_or("");
        let owner = gate::holder(world, call).ok().map(gate::Holder::owner);
        world.keep_rid(RidRecord {
            rid,
            owner,
            at: call.now,
            url: format!("{}?{query}", call.received.path),
            request: String::from_utf8_lossy(&call.received.body).into_owned(),
            response: String::from_utf8_lossy(&body).into_owned(),
            client: call.received.peer.to_string(),
        });
    }
    Reply::wechat(refusal.errcode, body)
}

fn method_text(method: &Method) -> Cow<'static, str> {
    match *method {
        Method::POST => Cow::Borrowed("POST"),
        Method::GET => Cow::Borrowed("GET"),
        _ => Cow::Owned(method.as_str().to_owned()),
    }
}

/// `{"errcode":0,"errmsg":"ok"}`
fn ok() -> Vec<u8> {
    br#"{"errcode":0,"errmsg":"ok"}"#.to_vec()
}

/// Adds a JSON text, quoted and escaped.
fn push_text(into: &mut Vec<u8>, text: &str) {
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(into, text);
}
