//! Refusals of tokens: one hash, by owner.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::validity::refusals_reported;
use crate::store::{PlatformKey, Refusals, StoreError, TokenOwner};
use crate::sys::clock::timestamp;

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// The refusals of one owner's tokens as they are kept. Times are Unix seconds.
#[derive(Deserialize, Serialize)]
struct Kept {
    since: i64,
    latest: i64,
    count: u64,
    /// The last token that was refused: each counts once.
    generation: u64,
}

impl Kept {
    /// One that can be read and is still reported at `now`; anything else counts for nothing.
    fn reported(text: &str, now: i64) -> Option<Self> {
        let (from, to) = refusals_reported(now);
        let kept: Self = serde_json::from_str(text).ok()?;
        (from..=to).contains(&kept.latest).then_some(kept)
    }
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
                if other != field && Kept::reported(text, at).is_none() {
                    plan.expect_field(&name, other, Some(text));
                    plan.delete_field(&name, other);
                }
            }
            let found = all.get(field);
            let kept = match found.and_then(|text| Kept::reported(text, at)) {
                Some(kept) if kept.generation == generation => return Ok(()),
                Some(kept) => Kept {
                    latest: at,
                    count: kept.count.saturating_add(1),
                    generation,
                    ..kept
                },
                None => Kept {
                    since: at,
                    latest: at,
                    count: 1,
                    generation,
                },
            };
            plan.expect_field(&name, field, found.map(String::as_str));
            plan.set_field(&name, field, &self.json(&name, &kept)?);
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
                let kept = Kept::reported(&text, now)?;
                Some(Refusals {
                    owner: TokenOwner::from_name(owner),
                    since: timestamp(kept.since),
                    latest: timestamp(kept.latest),
                    count: kept.count,
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
