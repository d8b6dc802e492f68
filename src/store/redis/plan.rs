//! One act: what it rests on and what it writes.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::store::StoreError;
use crate::sys::redis::Script;

use super::RedisStore;
use super::names::Names;

static APPLY: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(
        include_str!("once.lua"),
        include_str!("plan.lua"),
        include_str!("apply.lua")
    ))
});

/// What an act rests on and what it writes, all under one platform.
pub(super) struct Plan {
    tag: String,
    keys: Vec<String>,
    numbers: HashMap<String, usize>,
    body: Body,
}

#[derive(Default, Serialize)]
struct Body {
    checks: Vec<Json>,
    writes: Vec<Json>,
}

impl Plan {
    pub(super) fn new(names: &Names) -> Self {
        Self {
            tag: names.tag().to_owned(),
            keys: Vec::new(),
            numbers: HashMap::new(),
            body: Body::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.body.writes.is_empty()
    }

    /// What the slot of its keys is computed from.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// The keys that it names, in the order in which a script numbers them.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The plan as `plan.lua` reads it.
    pub(super) fn text(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&self.body)
    }

    /// Names a key, in turn; Lua counts from one.
    pub(super) fn number(&mut self, key: &str) -> usize {
        if let Some(number) = self.numbers.get(key) {
            return *number;
        }
        self.keys.push(key.to_owned());
        self.numbers.insert(key.to_owned(), self.keys.len());
        self.keys.len()
    }

    /// Rests on a text being what was read.
    pub(super) fn expect(&mut self, key: &str, found: Option<&str>) {
        let number = self.number(key);
        self.body.checks.push(json!(["GET", number, absent(found)]));
    }

    /// Rests on a field of a hash being what was read.
    pub(super) fn expect_field(&mut self, key: &str, field: &str, found: Option<&str>) {
        let number = self.number(key);
        let check = json!(["HGET", number, field, absent(found)]);
        self.body.checks.push(check);
    }

    /// Writes by a command of Redis whose first argument is a key.
    pub(super) fn write(&mut self, command: &str, key: &str, arguments: &[&str]) {
        let number = self.number(key);
        let mut write = vec![json!(command), json!(number)];
        write.extend(arguments.iter().map(|argument| json!(argument)));
        self.body.writes.push(Json::Array(write));
    }

    pub(super) fn set(&mut self, key: &str, text: &str) {
        self.write("SET", key, &[text]);
    }

    pub(super) fn delete(&mut self, key: &str) {
        self.write("DEL", key, &[]);
    }

    pub(super) fn set_field(&mut self, key: &str, field: &str, text: &str) {
        self.write("HSET", key, &[field, text]);
    }

    pub(super) fn delete_field(&mut self, key: &str, field: &str) {
        self.write("HDEL", key, &[field]);
    }

    /// Puts a member into a sorted set, or moves it.
    pub(super) fn rank(&mut self, key: &str, member: &str, score: i64) {
        self.write("ZADD", key, &[&score.to_string(), member]);
    }

    pub(super) fn unrank(&mut self, key: &str, member: &str) {
        self.write("ZREM", key, &[member]);
    }

    /// Gives a token a new fence and the next generation and takes the lease off it, so that no
    /// refresh in flight can be committed.
    pub(super) fn supersede(&mut self, fence: &str, token: &str) {
        let (fence, token) = (self.number(fence), self.number(token));
        self.body.writes.push(json!(["SUPERSEDE", fence, token]));
    }

    /// Appends to a log: the next number of `counter` becomes the score of `number text` in `log`.
    /// [`RedisStore::apply`] returns the numbers in the order of these calls.
    pub(super) fn log(&mut self, counter: &str, log: &str, text: &str) {
        let (counter, log) = (self.number(counter), self.number(log));
        self.body.writes.push(json!(["LOG", counter, log, text]));
    }
}

fn absent(found: Option<&str>) -> Json {
    found.map_or(Json::Bool(false), |text| json!(text))
}

impl RedisStore {
    /// Writes a plan as one act; the numbers of its log entries, or `None` when something it rests
    /// on is different by now: read again and make another plan.
    ///
    /// `durable`: not before a replica, where there is one, has it too; that it did not confirm in
    /// time is noted in the log only, because the act has happened.
    pub(super) async fn apply(
        &self,
        plan: &Plan,
        durable: bool,
    ) -> Result<Option<Vec<u64>>, StoreError> {
        let body = plan.text().map_err(|error| self.damaged("plan", error))?;
        let tag = &plan.tag;
        let mut keys = plan.keys.clone();
        keys.push(Names::act_under(tag));
        let keys = keys.as_slice();
        self.know_platform(tag).await?;
        let answer: Vec<u64> = if durable {
            let (answer, confirmed) = self
                .redis()
                .run_replicated(tag, &APPLY, keys, &[body])
                .await?;
            if !confirmed {
                tracing::warn!("no replica confirmed a write: a failover may lose it");
            }
            answer
        } else {
            self.redis().run(tag, &APPLY, keys, &[body]).await?
        };
        if answer.first() != Some(&1) {
            return Ok(None);
        }
        Ok(Some(answer.into_iter().skip(1).collect()))
    }
}
