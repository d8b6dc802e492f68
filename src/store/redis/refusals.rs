//! Refusals of tokens: one hash, by owner.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::store::ops::{self, refusals::StoredRefusals};
use crate::store::{PlatformKey, Refusals, StoreError, TokenOwner};
use crate::sys::clock::timestamp;

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// Those that can be read and are still reported at `now`; anything else counts for nothing.
fn still_reported(text: &str, now: i64) -> Option<StoredRefusals> {
    let (from, to) = ops::refusals::reported(now);
    let stored: StoredRefusals = serde_json::from_str(text).ok()?;
    (from..=to).contains(&stored.latest).then_some(stored)
}

impl RedisStore {
    pub(in crate::store) async fn note_refusal(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
        generation: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let (name, field) = (names.refusals(), owner.as_str());
        let at = at.as_second();
        let mut attempts = 0;
        loop {
            let all = self.read_refusals(&names).await?;
            let mut plan = Plan::new(&names);
            for (other, text) in &all {
                if other != field && still_reported(text, at).is_none() {
                    plan.expect_field(&name, other, Some(text));
                    plan.delete_field(&name, other);
                }
            }
            let found = all.get(field);
            let stored = found.and_then(|text| still_reported(text, at));
            let Some(noted) = ops::refusals::note(stored, generation, at) else {
                return Ok(());
            };
            plan.expect_field(&name, field, found.map(String::as_str));
            plan.set_field(&name, field, &self.json(&name, &noted)?);
            if self.apply(&plan, false).await?.is_some() {
                return Ok(());
            }
            self.again(&mut attempts).await?;
        }
    }

    pub(in crate::store) async fn refusals(
        &self,
        key: &PlatformKey,
        now: Timestamp,
    ) -> Result<Vec<Refusals>, StoreError> {
        let now = now.as_second();
        let all = self.read_refusals(&self.names(key)).await?.into_iter();
        let mut refusals: Vec<_> = all
            .filter_map(|(owner, text)| {
                let stored = still_reported(&text, now)?;
                Some(Refusals {
                    owner: TokenOwner::from_name(owner),
                    since: timestamp(stored.since),
                    latest: timestamp(stored.latest),
                    count: stored.count,
                })
            })
            .collect();
        refusals.sort_by(|a, b| a.owner.as_str().cmp(b.owner.as_str()));
        Ok(refusals)
    }

    async fn read_refusals(&self, names: &Names) -> Result<HashMap<String, String>, StoreError> {
        let mut read = redis::cmd("HGETALL");
        read.arg(names.refusals());
        Ok(self.redis().ask(names.tag(), read).await?)
    }
}
