//! Dropping what is old, in pieces, found by sets and not by walking.

use std::sync::LazyLock;

use jiff::Timestamp;

use crate::store::ops::events;
use crate::store::{PlatformKey, StoreError};
use crate::sys::redis::Script;

use super::RedisStore;
use super::event_work::{PIECE, with_queues};
use super::names::Names;

static DROP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(
        include_str!("event_keys.lua"),
        include_str!("drop.lua")
    ))
});

impl RedisStore {
    pub(in crate::store) async fn prune_events(
        &self,
        key: &PlatformKey,
        before: Timestamp,
        keep_rows: u64,
    ) -> Result<u64, StoreError> {
        let names = self.names(key);
        let mut dropped = 0;
        loop {
            let set = names.events_arrived();
            let old = self.oldest(&names, &set, before.as_second()).await?;
            if old.is_empty() {
                break;
            }
            dropped += self.drop_events(&names, "event", &old).await?;
        }
        dropped += self.make_room(&names, keep_rows).await?;
        loop {
            let dead = self
                .oldest(&names, &names.event_codes(), self.now())
                .await?;
            if dead.is_empty() {
                break;
            }
            self.drop_events(&names, "code", &dead).await?;
        }
        self.prune_messages(&names, before).await?;
        self.prune_launches(&names, before).await?;
        Ok(dropped)
    }

    /// Drops the oldest events beyond the newest `keep_rows`, but for those that are still needed.
    async fn make_room(&self, names: &Names, keep_rows: u64) -> Result<u64, StoreError> {
        let mut floor = redis::cmd("ZREVRANGE");
        let index = i64::try_from(keep_rows).unwrap_or(i64::MAX);
        floor.arg(names.events()).arg(index).arg(index);
        floor.arg("WITHSCORES");
        let found: Vec<(String, i64)> = self.redis().ask(names.tag(), floor).await?;
        let Some((_, floor)) = found.into_iter().next() else {
            return Ok(0);
        };
        let (mut after, mut dropped) = (0, 0);
        loop {
            let mut read = redis::cmd("ZRANGEBYSCORE");
            read.arg(names.events()).arg(format!("({after}")).arg(floor);
            read.arg("WITHSCORES").arg("LIMIT").arg(0).arg(PIECE);
            let page: Vec<(String, i64)> = self.redis().ask(names.tag(), read).await?;
            let Some((_, last)) = page.last() else {
                return Ok(dropped);
            };
            after = *last;
            let mut idle = Vec::with_capacity(page.len());
            let mut pipeline = redis::Pipeline::with_capacity(page.len());
            for (fingerprint, _) in &page {
                pipeline.cmd("HMGET").arg(names.event(fingerprint));
                pipeline.arg(&["outcome", "forward", "received_at"]);
            }
            let answers = self.redis().pipe(names.tag(), &pipeline).await?;
            for ((fingerprint, _), answer) in page.into_iter().zip(answers) {
                type Found = (Option<String>, Option<String>, Option<i64>);
                let (outcome, forward, received_at): Found = self.redis().read(answer)?;
                let (outcome, received_at) =
                    (outcome.unwrap_or_default(), received_at.unwrap_or(0));
                if !events::is_needed(&outcome, forward.as_deref(), received_at, self.now()) {
                    idle.push(fingerprint);
                }
            }
            dropped += self.drop_events(names, "event", &idle).await?;
        }
    }

    async fn drop_events(
        &self,
        names: &Names,
        what: &str,
        fingerprints: &[String],
    ) -> Result<u64, StoreError> {
        if fingerprints.is_empty() {
            return Ok(0);
        }
        let about = self.about(names, fingerprints).await?;
        let (keys, flags) = with_queues(names, &about);
        let mut arguments = vec![what.into()];
        arguments.extend(flags);
        Ok(self
            .redis()
            .run(names.tag(), &DROP, &keys, &arguments)
            .await?)
    }
}
