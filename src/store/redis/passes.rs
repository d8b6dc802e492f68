//! Passes over the account list: one hash, by number.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use redis::Value;
use serde::{Deserialize, Serialize};

use crate::store::validity::latest_believed;
use crate::store::{PlatformKey, StoreError, SyncRun};
use crate::sys::clock::timestamp;

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// A pass as it is kept. Times are Unix seconds.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct Kept {
    pub(super) complete: bool,
    pub(super) started_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) finished_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<u64>,
}

/// What was read of all passes.
pub(super) struct Passes {
    pub(super) last: Option<String>,
    /// By number, with the text as it was read.
    pub(super) all: Vec<(i64, Kept, String)>,
}

impl RedisStore {
    pub(in crate::store) async fn begin_sync(
        &self,
        key: &PlatformKey,
        full: bool,
        now: Timestamp,
        resume_window: Duration,
    ) -> Result<SyncRun, StoreError> {
        let names = self.names(key);
        let window = i64::try_from(resume_window.as_secs()).unwrap_or(i64::MAX);
        let now = now.as_second();
        let window = now.saturating_sub(window)..=latest_believed(now);
        let mut attempts = 0;
        loop {
            let passes = self.read_passes(&names).await?;
            let unfinished = passes
                .all
                .iter()
                .filter(|(_, pass, _)| {
                    pass.complete == full
                        && pass.finished_at.is_none()
                        && window.contains(&pass.started_at)
                })
                .max_by_key(|(id, ..)| *id);
            if let Some((id, pass, _)) = unfinished {
                return Ok(SyncRun {
                    id: *id,
                    started_at: timestamp(pass.started_at),
                    resumed: true,
                });
            }
            let last: Option<i64> = passes.last.as_ref().and_then(|last| last.parse().ok());
            // Not below the time: a pass that began before all was forgotten must not end this one.
            let id = last.map_or(now, |last| last.saturating_add(1).max(now));
            let pass = Kept {
                complete: full,
                started_at: now,
                finished_at: None,
                total: None,
            };
            let mut plan = Plan::new(&names);
            plan.expect(&names.pass_count(), passes.last.as_deref());
            plan.set(&names.pass_count(), &id.to_string());
            let text = self.json(&names.passes(), &pass)?;
            plan.set_field(&names.passes(), &id.to_string(), &text);
            if self.apply(&plan, false).await?.is_some() {
                return Ok(SyncRun {
                    id,
                    started_at: timestamp(now),
                    resumed: false,
                });
            }
            self.again(&mut attempts).await?;
        }
    }

    pub(in crate::store) async fn finish_sync(
        &self,
        key: &PlatformKey,
        run: SyncRun,
        total: u64,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let hash = names.passes();
        let mut attempts = 0;
        loop {
            let mut plan = Plan::new(&names);
            for (id, pass, text) in self.read_passes(&names).await?.all {
                let field = id.to_string();
                if id == run.id {
                    let pass = Kept {
                        finished_at: Some(self.now()),
                        total: Some(total),
                        ..pass
                    };
                    plan.expect_field(&hash, &field, Some(&text));
                    plan.set_field(&hash, &field, &self.json(&hash, &pass)?);
                } else if id < run.id {
                    plan.delete_field(&hash, &field);
                }
            }
            if plan.is_empty() || self.apply(&plan, true).await?.is_some() {
                return Ok(());
            }
            self.again(&mut attempts).await?;
        }
    }

    pub(in crate::store) async fn last_sync(
        &self,
        key: &PlatformKey,
    ) -> Result<Option<(Timestamp, u64)>, StoreError> {
        let passes = self.read_passes(&self.names(key)).await?;
        let last = passes
            .all
            .iter()
            .filter_map(|(id, pass, _)| Some((*id, pass.finished_at?, pass.total)))
            .max();
        Ok(last.map(|(_, finished_at, total)| (timestamp(finished_at), total.unwrap_or(0))))
    }

    pub(super) async fn read_passes(&self, names: &Names) -> Result<Passes, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2);
        pipeline.cmd("GET").arg(names.pass_count());
        pipeline.cmd("HGETALL").arg(names.passes());
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let last = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
        let kept: HashMap<i64, String> = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
        let mut all = Vec::with_capacity(kept.len());
        for (id, text) in kept {
            let pass = serde_json::from_str(&text)
                .map_err(|error| self.damaged(&names.passes(), error))?;
            all.push((id, pass, text));
        }
        Ok(Passes { last, all })
    }
}
