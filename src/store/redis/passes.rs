//! Passes over the account list: one hash, by number.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use redis::Value;

use crate::store::ops::syncs::{self, StoredPass};
use crate::store::{PlatformKey, StoreError, SyncRun};

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// What was read of all passes.
pub(super) struct Passes {
    last: Option<String>,
    pub(super) all: Vec<StoredPass>,
    /// Their texts as they were read, by number.
    texts: HashMap<i64, String>,
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
        let mut attempts = 0;
        loop {
            let passes = self.read_passes(&names).await?;
            let unfinished = syncs::unfinished(&passes.all, full, now.as_second(), resume_window);
            if let Some(run) = unfinished {
                return Ok(run);
            }
            let pass = StoredPass {
                id: passes.next_number(now.as_second()),
                complete: full,
                started_at: now.as_second(),
                finished_at: None,
                total: None,
            };
            let mut plan = Plan::new(&names);
            self.plan_new_pass(&mut plan, &names, &passes, &pass)?;
            if self.apply(&plan, false).await?.is_some() {
                return Ok(SyncRun::begun(pass.id, now));
            }
            self.again(&mut attempts).await?;
        }
    }

    /// Plans to keep a pass under the number that it has.
    pub(super) fn plan_new_pass(
        &self,
        plan: &mut Plan,
        names: &Names,
        passes: &Passes,
        pass: &StoredPass,
    ) -> Result<(), StoreError> {
        let (hash, id) = (names.passes(), pass.id.to_string());
        plan.expect(&names.pass_count(), passes.last.as_deref());
        plan.set(&names.pass_count(), &id);
        plan.set_field(&hash, &id, &self.json(&hash, pass)?);
        Ok(())
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
            let passes = self.read_passes(&names).await?;
            let finished = syncs::finish(&passes.all, run.id, total, self.now());
            let mut plan = Plan::new(&names);
            if let Some(pass) = finished.pass {
                let (field, text) = (pass.id.to_string(), passes.texts.get(&pass.id));
                plan.expect_field(&hash, &field, text.map(String::as_str));
                plan.set_field(&hash, &field, &self.json(&hash, &pass)?);
            }
            for id in finished.dropped {
                plan.delete_field(&hash, &id.to_string());
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
        let last = syncs::last(&passes.all);
        Ok(last.map(|(pass, ended)| (ended, pass.total.unwrap_or(0))))
    }

    pub(super) async fn read_passes(&self, names: &Names) -> Result<Passes, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2);
        pipeline.cmd("GET").arg(names.pass_count());
        pipeline.cmd("HGETALL").arg(names.passes());
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let last = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
        let texts: HashMap<i64, String> =
            self.redis().read(answers.next().unwrap_or(Value::Nil))?;
        let mut all = Vec::with_capacity(texts.len());
        for (id, text) in &texts {
            let pass: StoredPass =
                serde_json::from_str(text).map_err(|error| self.damaged(&names.passes(), error))?;
            all.push(StoredPass { id: *id, ..pass });
        }
        Ok(Passes { last, all, texts })
    }
}

impl Passes {
    /// The number of another pass. Not below the time: a pass that began before all was forgotten
    /// must not end this one.
    pub(super) fn next_number(&self, started_at: i64) -> i64 {
        let last: Option<i64> = self.last.as_ref().and_then(|last| last.parse().ok());
        last.map_or(started_at, |last| last.saturating_add(1).max(started_at))
    }
}
