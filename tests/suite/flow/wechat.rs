//! A WeChat that answers as usual, but for what a test tells it to.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::{Value, json};
use wxauth::flow::FlowError;

use crate::api::server::{Seen, Step};

/// Calls by the last part of their path.
pub const COMPONENT: &str = "api_component_token";
pub const TOKEN: &str = "api_authorizer_token";
pub const LIST: &str = "api_get_authorizer_list";
pub const INFO: &str = "api_get_authorizer_info";
pub const EXCHANGE: &str = "api_query_auth";

/// What WeChat answers.
#[derive(Default)]
pub struct WeChat {
    /// The next answers of a call; after them the usual ones.
    pub next: HashMap<String, VecDeque<Step>>,
    /// The one answer of a call from now on.
    pub always: HashMap<String, Step>,
    /// The rows of the account list, by appid.
    pub listed: BTreeMap<String, Value>,
    /// What info says, by appid; 61003 for all others.
    pub infos: HashMap<String, Value>,
    tokens: u64,
}

impl WeChat {
    pub fn answer(&mut self, seen: &Seen) -> Step {
        let call = call_of(seen);
        if let Some(step) = self.next.get_mut(&call).and_then(VecDeque::pop_front) {
            return step;
        }
        if let Some(step) = self.always.get(&call) {
            return step.clone();
        }
        let answer = match call.as_str() {
            COMPONENT => {
                json!({"component_access_token": self.token("component"), "expires_in": 7200})
            }
            TOKEN => json!({"authorizer_access_token": self.token("access"), "expires_in": 7200}),
            LIST => self.page(&seen.json()),
            INFO => {
                let asked = seen.json()["authorizer_appid"].clone();
                let known = self.infos.get(asked.as_str().unwrap());
                known
                    .cloned()
                    .unwrap_or_else(|| json!({"errcode": 61003, "errmsg": "not authorized"}))
            }
            _ => json!({"errcode": 48001, "errmsg": "api unauthorized"}),
        };
        Step::Json(answer.to_string())
    }

    fn token(&mut self, kind: &str) -> String {
        self.tokens += 1;
        format!("{kind}-{}", self.tokens)
    }

    fn page(&self, asked: &Value) -> Value {
        let number = |name: &str| asked[name].as_u64().unwrap() as usize;
        let rows = self.listed.values().skip(number("offset"));
        let rows: Vec<_> = rows.take(number("count")).collect();
        json!({"total_count": self.listed.len(), "list": rows})
    }
}

/// The last part of the path that was called.
pub fn call_of(seen: &Seen) -> String {
    let path = seen.target().split('?').next().unwrap();
    path.rsplit('/').next().unwrap().to_owned()
}

/// `func_info` with these sets.
pub fn granted(ids: &[u32]) -> Value {
    ids.iter()
        .map(|id| json!({"funcscope_category": {"id": id}}))
        .collect()
}

/// A refusal.
pub fn refused(errcode: i64) -> Step {
    Step::Json(json!({"errcode": errcode, "errmsg": "refused"}).to_string())
}

/// The errcode of a refusal.
#[track_caller]
pub fn errcode(error: &FlowError) -> i64 {
    match error {
        FlowError::Api(error) => error.errcode().unwrap(),
        error => panic!("not a refusal: {error:?}"),
    }
}
