//! Reading and writing the records of operations: what was read must still be there when it is written.

use std::collections::{BTreeMap, HashMap};

use redis::Value;

use crate::store::encryption::StoredSecret;
use crate::store::engine::{Durability, Engine};
use crate::store::ops::authorizers::AuthorizerRecords;
use crate::store::ops::refusals::StoredRefusals;
use crate::store::ops::syncs::StoredPass;
use crate::store::records::{Passes, Reads, Records};
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::Appid;

use super::RedisStore;
use super::authorizers::{Anything, FoundAuthorizer};
use super::names::Names;
use super::plan::Plan;
use super::records;

/// What was read, word for word: what a plan rests on.
#[derive(Default)]
struct Found {
    authorizers: BTreeMap<Appid, FoundAuthorizer>,
    external_ids: BTreeMap<String, Option<String>>,
    named: records::Found,
    encryption_run: Option<String>,
    refusals: HashMap<String, String>,
    passes: FoundPasses,
    anything: Option<Anything>,
}

/// All passes as they were read.
#[derive(Default)]
pub(super) struct FoundPasses {
    last: Option<String>,
    /// By number.
    texts: HashMap<i64, String>,
}

impl Engine for RedisStore {
    const BATCH: usize = 100;

    async fn load(&self, key: &PlatformKey, reads: Reads) -> Result<Records, StoreError> {
        let (_, records) = self.find(&self.names(key), &reads).await?;
        Ok(records)
    }

    async fn transact<T: Send + 'static>(
        &self,
        key: &PlatformKey,
        reads: Reads,
        durability: Durability,
        mut decide: impl FnMut(&mut Records, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (store, key, names) = (self.clone(), key.clone(), self.names(key));
        let is_durable = durability == Durability::Durable;
        let act = async move {
            let mut attempts = 0;
            loop {
                let (mut found, before) = store.find(&names, &reads).await?;
                let mut after = before.clone();
                let answer = decide(&mut after, store.now())?;
                if !reads.is_conversion && after.has_new_secrets(&before) {
                    store.may_write_secrets(&names).await?;
                }
                let plan = store.plan(&names, &reads, &mut found, &before, &after)?;
                if plan.is_empty() || store.apply(&plan, is_durable).await?.is_some() {
                    for (before, record) in before.named_changes(&reads, &after) {
                        store
                            .write_event(&key, &found.named, before, record)
                            .await?;
                    }
                    return Ok(answer);
                }
                store.again(&mut attempts).await?;
            }
        };
        if is_durable {
            self.to_the_end(act).await
        } else {
            act.await
        }
    }
}

impl RedisStore {
    async fn find(&self, names: &Names, reads: &Reads) -> Result<(Found, Records), StoreError> {
        let (mut found, mut records) = (Found::default(), Records::default());
        if !reads.named.is_empty() {
            (found.named, records.named) = self.find_named(names, &reads.named).await?;
        }
        if reads.encryption_run {
            let mut read = redis::cmd("GET");
            read.arg(names.encryption_run());
            found.encryption_run = self.redis().ask(names.tag(), read).await?;
            let run = found.encryption_run.clone();
            records.encryption_run = run.map(StoredSecret::from_text);
        }
        for id in &reads.external_ids {
            let text = self.field(names, &names.external_ids(), id).await?;
            let owner = text.clone().map(Appid::from_wire);
            // What an index says counts only when the row says it too.
            if let Some(owner) = owner
                && let Some(row) = self.row(names, &owner).await?
                && row.external_id.as_ref() == Some(id)
            {
                records.external_ids.insert(id.clone(), owner);
            }
            found.external_ids.insert(id.clone(), text);
        }
        let authorizers = self
            .read_authorizers(names, &reads.authorizers, reads.part)
            .await?;
        for (appid, (read, authorizer)) in authorizers {
            found.authorizers.insert(appid.clone(), read);
            records.authorizers.insert(appid, authorizer);
        }
        if reads.refusals.is_some() {
            let mut read = redis::cmd("HGETALL");
            read.arg(names.refusals());
            found.refusals = self.redis().ask(names.tag(), read).await?;
            let refusals = found.refusals.iter().filter_map(|(owner, text)| {
                let refusals: StoredRefusals = serde_json::from_str(text).ok()?;
                Some((owner.clone(), refusals))
            });
            records.refusals = refusals.collect();
        }
        if reads.passes {
            (found.passes, records.passes) = self.read_passes(names).await?;
        }
        if let Some(appid) = &reads.anything_of {
            found.anything = self.anything_of(names, appid).await?;
            records.has_anything = found.anything.is_some();
        }
        Ok((found, records))
    }

    /// Plans what is different by now. Records are compared as they are understood, so that what only a
    /// newer program writes in them is left alone.
    fn plan(
        &self,
        names: &Names,
        reads: &Reads,
        found: &mut Found,
        before: &Records,
        after: &Records,
    ) -> Result<Plan, StoreError> {
        let mut plan = Plan::new(names);
        for (before, record) in before.named_changes(reads, after) {
            self.plan_named(&mut plan, names, &mut found.named, before, record)?;
        }
        for (id, owner) in &found.external_ids {
            let index = names.external_ids();
            plan.expect_field(&index, id, owner.as_deref());
            let has_id = |records: &AuthorizerRecords| {
                let row = records.row.as_ref();
                row.is_some_and(|row| row.external_id.as_ref() == Some(id))
            };
            let mut authorizers = after.authorizers.iter();
            if let Some((appid, _)) = authorizers.find(|(_, records)| has_id(records))
                && owner.as_deref() != Some(appid.as_str())
            {
                plan.set_field(&index, id, appid.as_str());
            }
        }
        for (appid, read) in &found.authorizers {
            let records = (before.authorizers.get(appid), after.authorizers.get(appid));
            if let (Some(before), Some(after)) = records {
                self.plan_authorizer(&mut plan, names, appid, read, before, after)?;
            }
        }
        self.plan_refusals(&mut plan, names, found, before, after)?;
        let (passes_before, passes) = (&before.passes, &after.passes);
        self.plan_passes(&mut plan, names, &found.passes, passes_before, passes)?;
        if let Some(anything) = found.anything.as_ref().filter(|_| !after.has_anything) {
            self.plan_drop(&mut plan, names, anything);
        }
        if after.encryption_run != before.encryption_run {
            let key = names.encryption_run();
            plan.expect(&key, found.encryption_run.as_deref());
            match &after.encryption_run {
                Some(run) => plan.set(&key, run.text()),
                None => plan.delete(&key),
            }
        }
        for record in &after.appended {
            self.plan_appended(&mut plan, names, record)?;
        }
        Ok(plan)
    }

    fn plan_refusals(
        &self,
        plan: &mut Plan,
        names: &Names,
        found: &Found,
        before: &Records,
        after: &Records,
    ) -> Result<(), StoreError> {
        let hash = names.refusals();
        for (owner, text) in &found.refusals {
            if !after.refusals.contains_key(owner) {
                plan.expect_field(&hash, owner, Some(text));
                plan.delete_field(&hash, owner);
            }
        }
        for (owner, refusals) in &after.refusals {
            if before.refusals.get(owner) != Some(refusals) {
                let text = found.refusals.get(owner).map(String::as_str);
                plan.expect_field(&hash, owner, text);
                plan.set_field(&hash, owner, &self.json(&hash, refusals)?);
            }
        }
        Ok(())
    }

    /// A field of a hash.
    pub(super) async fn field(
        &self,
        names: &Names,
        hash: &str,
        field: &str,
    ) -> Result<Option<String>, StoreError> {
        let mut read = redis::cmd("HGET");
        read.arg(hash).arg(field);
        Ok(self.redis().ask(names.tag(), read).await?)
    }

    /// All passes over the account list: one hash, by number.
    pub(super) async fn read_passes(
        &self,
        names: &Names,
    ) -> Result<(FoundPasses, Passes), StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2);
        pipeline.cmd("GET").arg(names.pass_count());
        pipeline.cmd("HGETALL").arg(names.passes());
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Value::Nil);
        let last: Option<String> = self.redis().read(next())?;
        let texts: HashMap<i64, String> = self.redis().read(next())?;
        let mut all = Vec::with_capacity(texts.len());
        for (id, text) in &texts {
            let pass: StoredPass =
                serde_json::from_str(text).map_err(|error| self.damaged(&names.passes(), error))?;
            all.push(StoredPass { id: *id, ..pass });
        }
        let passes = Passes {
            last: last.as_ref().and_then(|last| last.parse().ok()),
            all,
        };
        Ok((FoundPasses { last, texts }, passes))
    }

    pub(super) fn plan_passes(
        &self,
        plan: &mut Plan,
        names: &Names,
        found: &FoundPasses,
        before: &Passes,
        after: &Passes,
    ) -> Result<(), StoreError> {
        let hash = names.passes();
        if let Some(last) = after.last.filter(|_| after.last != before.last) {
            plan.expect(&names.pass_count(), found.last.as_deref());
            plan.set(&names.pass_count(), &last.to_string());
        }
        for pass in &after.all {
            if !before.all.contains(pass) {
                let (id, text) = (pass.id.to_string(), found.texts.get(&pass.id));
                plan.expect_field(&hash, &id, text.map(String::as_str));
                plan.set_field(&hash, &id, &self.json(&hash, pass)?);
            }
        }
        for pass in &before.all {
            if !after.all.iter().any(|other| other.id == pass.id) {
                plan.delete_field(&hash, &pass.id.to_string());
            }
        }
        Ok(())
    }
}
