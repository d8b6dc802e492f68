//! Taking the exchange of an authorization code over.

use serde::{Deserialize, Serialize};

use crate::store::ops::authorizers;
use crate::store::{Change, NewToken, Observation, PlatformKey, StoreError};
use crate::wechat::id::Appid;

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// An exchanged code as it is kept. The time is in Unix seconds.
#[derive(Deserialize, Serialize)]
pub(super) struct Kept {
    pub(super) appid: Appid,
    pub(super) redeemed_at: i64,
}

impl RedisStore {
    pub(in crate::store) async fn commit_redeem(
        &self,
        key: &PlatformKey,
        code_fingerprint: &str,
        observation: &Observation,
        token: Option<&NewToken>,
        since: i64,
    ) -> Result<Change, StoreError> {
        let names = self.names(key);
        let mut attempts = 0;
        loop {
            if let Some(appid) = self.redeemed_by(&names, code_fingerprint).await? {
                return Ok(authorizers::redeemed_before(&appid));
            }
            let (plan, change) = self
                .plan_redeem(&names, code_fingerprint, observation, token, since)
                .await?;
            if self.apply(&plan, true).await?.is_some() {
                return Ok(change);
            }
            self.again(&mut attempts).await?;
        }
    }

    async fn plan_redeem(
        &self,
        names: &Names,
        code_fingerprint: &str,
        observation: &Observation,
        token: Option<&NewToken>,
        since: i64,
    ) -> Result<(Plan, Change), StoreError> {
        let nobody = || self.damaged(&names.codes(), "a redeem without an authorizer");
        let appid = observation.appid().ok_or_else(nobody)?;
        let mut merchants = self.merchants(names, std::iter::once(appid)).await?;
        let merchant = merchants.get_mut(appid).ok_or_else(nobody)?;
        let (now, key) = (self.now(), names.token_of(appid));
        let mut plan = Plan::new(names);

        plan.expect_field(&names.codes(), code_fingerprint, None);
        plan.expect(&names.authorizer(appid), merchant.found.record.as_deref());
        let code = Kept {
            appid: appid.clone(),
            redeemed_at: now,
        };
        let code = self.json(&names.codes(), &code)?;
        plan.set_field(&names.codes(), code_fingerprint, &code);

        plan.expect_field(&key, "fence", merchant.found.fence.as_deref());
        let records = &mut merchant.records;
        let decided = authorizers::redeem(records, appid, observation, token, since, now);
        plan.supersede(&names.fence(), &key);
        self.plan_notes(&mut plan, names, appid.as_str(), decided.journal)?;
        self.plan_merchant(&mut plan, names, merchant)?;
        Ok((plan, decided.change))
    }

    pub(in crate::store) async fn redeemed(
        &self,
        key: &PlatformKey,
        code_fingerprint: &str,
    ) -> Result<Option<Appid>, StoreError> {
        self.redeemed_by(&self.names(key), code_fingerprint).await
    }

    pub(super) async fn redeemed_by(
        &self,
        names: &Names,
        code_fingerprint: &str,
    ) -> Result<Option<Appid>, StoreError> {
        let mut read = redis::cmd("HGET");
        read.arg(names.codes()).arg(code_fingerprint);
        let found: Option<String> = self.redis().ask(names.tag(), read).await?;
        let Some(text) = found else {
            return Ok(None);
        };
        let kept: Kept =
            serde_json::from_str(&text).map_err(|error| self.damaged(&names.codes(), error))?;
        Ok(Some(kept.appid))
    }

    pub(in crate::store) async fn last_fence(&self, key: &PlatformKey) -> Result<i64, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("GET");
        read.arg(names.fence());
        let found: Option<i64> = self.redis().ask(names.tag(), read).await?;
        Ok(found.unwrap_or(0))
    }
}
