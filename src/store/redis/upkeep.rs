//! Changes of single roster rows, and forgetting.

use jiff::Timestamp;
use redis::Value;

use crate::store::ops::upkeep;
use crate::store::{ChangeSource, PlatformKey, StoreError};
use crate::wechat::id::Appid;

use super::RedisStore;
use super::merchant::named_by;
use super::names::{Names, by_name};
use super::plan::Plan;

/// How many keys the server looks at before it answers, while all of a platform are sought.
const LOOK: usize = 1000;

impl RedisStore {
    pub(in crate::store) async fn mark_revoked(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        at: Timestamp,
        source: ChangeSource,
    ) -> Result<bool, StoreError> {
        let (names, at) = (self.names(key), at.as_second());
        let mut attempts = 0;
        loop {
            let mut merchants = self.merchants(&names, std::iter::once(appid)).await?;
            let Some(merchant) = merchants.get_mut(appid) else {
                return Ok(false);
            };
            let records = &mut merchant.records;
            let Some(row) = &mut records.row else {
                return Ok(false);
            };
            let expires_at = &mut records.expires_at;
            let Some(note) = upkeep::revoke(row, expires_at, at, source, self.now()) else {
                return Ok(false);
            };
            let mut plan = Plan::new(&names);
            self.plan_merchant(&mut plan, &names, merchant)?;
            self.plan_notes(&mut plan, &names, appid.as_str(), vec![note])?;
            if self.apply(&plan, true).await?.is_some() {
                return Ok(true);
            }
            self.again(&mut attempts).await?;
        }
    }

    pub(in crate::store) async fn set_external_id(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        external_id: Option<&str>,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let index = names.external_ids();
        let mut attempts = 0;
        loop {
            let mut plan = Plan::new(&names);
            let mut owner = None;
            if let Some(id) = external_id {
                let mut read = redis::cmd("HGET");
                read.arg(&index).arg(id);
                let holder: Option<String> = self.redis().ask(names.tag(), read).await?;
                plan.expect_field(&index, id, holder.as_deref());
                let other = holder.map(Appid::from_wire).filter(|other| other != appid);
                // What an index says counts only when the row says it too.
                if let Some(other) = other
                    && let Some(row) = self.row(&names, &other).await?
                    && row.external_id.as_deref() == Some(id)
                {
                    owner = Some(other);
                }
                plan.set_field(&index, id, appid.as_str());
            }
            let mut merchants = self.merchants(&names, std::iter::once(appid)).await?;
            let row = merchants
                .get_mut(appid)
                .and_then(|merchant| merchant.records.row.as_mut());
            let before = row.as_ref().and_then(|row| row.external_id.clone());
            let note = upkeep::set_external_id(row, appid, external_id, owner, self.now())?;
            if let Some(before) = before.as_deref()
                && external_id != Some(before)
            {
                plan.delete_field(&index, before);
            }
            for merchant in merchants.values() {
                self.plan_merchant(&mut plan, &names, merchant)?;
            }
            self.plan_notes(&mut plan, &names, appid.as_str(), vec![note])?;
            if self.apply(&plan, true).await?.is_some() {
                return Ok(());
            }
            self.again(&mut attempts).await?;
        }
    }

    pub(in crate::store) async fn claim_external_id(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        claimed: &str,
        source: ChangeSource,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let mut attempts = 0;
        loop {
            let mut merchants = self.merchants(&names, std::iter::once(appid)).await?;
            let row = merchants
                .get_mut(appid)
                .and_then(|merchant| merchant.records.row.as_mut());
            let now = self.now();
            let Some(note) = upkeep::claim_external_id(row, appid, claimed, source, now)? else {
                return Ok(());
            };
            let mut plan = Plan::new(&names);
            for merchant in merchants.values() {
                self.plan_merchant(&mut plan, &names, merchant)?;
            }
            self.plan_notes(&mut plan, &names, appid.as_str(), vec![note])?;
            if self.apply(&plan, true).await?.is_some() {
                return Ok(());
            }
            self.again(&mut attempts).await?;
        }
    }

    pub(in crate::store) async fn forget(
        &self,
        key: &PlatformKey,
        appid: &Appid,
    ) -> Result<bool, StoreError> {
        let names = self.names(key);
        let (row, details) = (names.authorizer(appid), names.details(appid));
        let token = names.token_of(appid);
        let mut attempts = 0;
        loop {
            let mut pipeline = redis::Pipeline::with_capacity(2);
            pipeline.cmd("GET").arg(&row);
            pipeline.cmd("EXISTS").arg(&[&details, &token]);
            let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
            let text: Option<String> = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
            let others: u64 = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
            if text.is_none() && others == 0 {
                return Ok(false);
            }
            let mut plan = Plan::new(&names);
            plan.expect(&row, text.as_deref());
            for key in [&row, &details, &token] {
                plan.delete(key);
            }
            plan.unrank(&names.roster(), appid.as_str());
            plan.unrank(&names.due(), appid.as_str());
            plan.delete_field(&names.refusals(), appid.as_str());
            // A damaged record can be forgotten too: indexes count only where a row agrees.
            if let Some(record) = text.and_then(|text| self.parse_record(&names, appid, &text).ok())
            {
                for (index, name) in named_by(&names, &record.row).into_iter().flatten() {
                    plan.unrank(&index, &by_name(name, appid));
                }
                if let Some(external_id) = &record.row.external_id {
                    plan.delete_field(&names.external_ids(), external_id);
                }
            }
            let note = upkeep::forgotten(self.now());
            self.plan_notes(&mut plan, &names, appid.as_str(), vec![note])?;
            if self.apply(&plan, true).await?.is_some() {
                return Ok(true);
            }
            self.again(&mut attempts).await?;
        }
    }

    /// Not one act: the server must not be kept from others for long. Indexes go last, so that
    /// wherever this ends early nothing is left that no list shows.
    pub(in crate::store) async fn forget_platform(
        &self,
        key: &PlatformKey,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let indexes = [
            names.roster(),
            names.due(),
            names.user_names(),
            names.nick_names(),
            names.external_ids(),
        ];
        let mut kept = indexes.to_vec();
        // Numbers that were given stay given.
        kept.extend([names.fence(), names.event_count()]);
        while self.unlink_all_but(&names, &kept).await? {}
        let mut unlink = redis::cmd("UNLINK");
        unlink.arg(&indexes);
        let _: u64 = self.redis().ask(names.tag(), unlink).await?;
        Ok(())
    }

    /// Drops the keys that are met on one way through the whole server; whether there were any.
    async fn unlink_all_but(&self, names: &Names, kept: &[String]) -> Result<bool, StoreError> {
        // In a cluster a command with a key finds the node, one without does not.
        let mut find = redis::cmd("EXISTS");
        find.arg(names.fence());
        let _: u64 = self.redis().ask(names.tag(), find).await?;
        let pattern = format!("{}*", literally(&names.key("")));
        let (mut cursor, mut were_any) = ("0".to_owned(), false);
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(&cursor).arg("MATCH").arg(&pattern);
            scan.arg("COUNT").arg(LOOK);
            let keys: Vec<String>;
            (cursor, keys) = self.redis().ask(names.tag(), scan).await?;
            let gone: Vec<String> = keys.into_iter().filter(|key| !kept.contains(key)).collect();
            if !gone.is_empty() {
                were_any = true;
                let mut unlink = redis::cmd("UNLINK");
                unlink.arg(&gone);
                let _: u64 = self.redis().ask(names.tag(), unlink).await?;
            }
            if cursor == "0" {
                return Ok(were_any);
            }
        }
    }
}

/// A text in a pattern of `MATCH`.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if "*?[]^-\\".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
