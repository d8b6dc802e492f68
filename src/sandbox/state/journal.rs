//! The last calls, and exact counters of all of them.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many calls are kept.
pub const KEPT: usize = 10_000;

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was answered.
    Answered,
    /// It was refused with an errcode.
    Refused(i32),
    /// A fault took the answer's place.
    Fault(Cow<'static, str>),
}

impl Outcome {
    fn text(&self) -> Cow<'static, str> {
        match self {
            Self::Answered => Cow::Borrowed("ok"),
            Self::Refused(errcode) => Cow::Owned(errcode.to_string()),
            Self::Fault(name) => name.clone(),
        }
    }

    fn errcode(&self) -> Option<i32> {
        match self {
            Self::Answered => Some(0),
            Self::Refused(errcode) => Some(*errcode),
            Self::Fault(_) => None,
        }
    }
}

/// One call.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Milliseconds of sandbox time since 1970.
    pub at: i64,
    /// The HTTP method.
    pub method: Cow<'static, str>,
    /// The path without its query.
    pub path: Cow<'static, str>,
    /// The platform by number.
    pub platform: Option<u8>,
    /// The account by number.
    pub account: Option<u32>,
    /// How it ended.
    pub outcome: Outcome,
}

/// One call as scripts see it.
#[derive(Serialize, Deserialize)]
pub struct EntryView {
    at: String,
    method: String,
    path: String,
    platform: Option<String>,
    appid: Option<String>,
    outcome: String,
    errcode: Option<i32>,
}

/// The calls of one path with one outcome.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Counter {
    path: String,
    outcome: String,
    count: u64,
}

/// The last [`KEPT`] calls and counters of all.
#[derive(Default)]
pub struct Journal {
    /// What was kept of earlier runs.
    former: VecDeque<String>,
    entries: VecDeque<Entry>,
    counters: HashMap<(Cow<'static, str>, Outcome), u64>,
    former_counters: Vec<Counter>,
    /// Calls noted in this run.
    noted: u64,
    /// Of those, how many a flush has written.
    saved: u64,
}

impl Journal {
    /// The journal of earlier runs, oldest first, each call in its JSON form.
    pub fn restore(former: Vec<String>, counters: Vec<Counter>) -> Self {
        Self {
            former: former.into(),
            former_counters: counters,
            ..Self::default()
        }
    }

    /// Notes a call.
    pub fn note(&mut self, entry: Entry) {
        let key = (entry.path.clone(), entry.outcome.clone());
        *self.counters.entry(key).or_default() += 1;
        if self.entries.len() + self.former.len() >= KEPT && self.former.pop_front().is_none() {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.noted += 1;
    }

    /// The calls, oldest first, of `path` only if one is given; `name` gives appids.
    pub fn view(
        &self,
        path: Option<&str>,
        name: &impl Fn(&Entry) -> (Option<String>, Option<String>),
    ) -> Vec<EntryView> {
        let former = self
            .former
            .iter()
            .filter_map(|text| serde_json::from_str(text).ok());
        former
            .chain(self.entries.iter().map(|entry| view(entry, name)))
            .filter(|entry: &EntryView| path.is_none_or(|path| is_path(&entry.path, path)))
            .collect()
    }

    /// The counters, sorted by path and outcome.
    pub fn counters(&self) -> Vec<Counter> {
        let mut all = self.former_counters.clone();
        for ((path, outcome), count) in &self.counters {
            let outcome = outcome.text();
            match all
                .iter_mut()
                .find(|old| old.path == *path && old.outcome == outcome)
            {
                Some(old) => old.count += count,
                None => all.push(Counter {
                    path: path.clone().into_owned(),
                    outcome: outcome.into_owned(),
                    count: *count,
                }),
            }
        }
        all.sort_by(|a, b| (&a.path, &a.outcome).cmp(&(&b.path, &b.outcome)));
        all
    }

    /// The calls since the last flush that are still kept, in their JSON form.
    pub fn take_unsaved(
        &mut self,
        name: &impl Fn(&Entry) -> (Option<String>, Option<String>),
    ) -> Vec<String> {
        let fresh = usize::try_from(self.noted - self.saved).unwrap_or(usize::MAX);
        self.saved = self.noted;
        let skip = self.entries.len().saturating_sub(fresh);
        self.entries
            .iter()
            .skip(skip)
            .filter_map(|entry| serde_json::to_string(&view(entry, name)).ok())
            .collect()
    }
}

/// Whether `path` is what a filter names: the whole path or its last segment.
pub fn is_path(path: &str, wanted: &str) -> bool {
    path == wanted || (!wanted.contains('/') && path.rsplit('/').next() == Some(wanted))
}

fn view(entry: &Entry, name: &impl Fn(&Entry) -> (Option<String>, Option<String>)) -> EntryView {
    let (platform, appid) = name(entry);
    EntryView {
        at: Timestamp::from_millisecond(entry.at)
            .map_or_else(|_| String::new(), |at| at.to_string()),
        method: entry.method.clone().into_owned(),
        path: entry.path.clone().into_owned(),
        platform,
        appid,
        outcome: entry.outcome.text().into_owned(),
        errcode: entry.outcome.errcode(),
    }
}
