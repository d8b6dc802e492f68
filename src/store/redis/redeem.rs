//! Taking the exchange of an authorization code over.

use serde::{Deserialize, Serialize};

use crate::store::merge::{self, REPLACED_TOKEN_LIFE};
use crate::store::validity;
use crate::store::{
    Change, ChangeKind, JournalKind, NewToken, Observation, PlatformKey, StoreError,
};
use crate::sys::clock::timestamp;
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
        observation: Observation,
        token: Option<NewToken>,
        since: i64,
    ) -> Result<Change, StoreError> {
        let names = self.names(key);
        let mut attempts = 0;
        loop {
            if let Some(appid) = self.redeemed_by(&names, code_fingerprint).await? {
                return Ok(Change {
                    appid,
                    kind: ChangeKind::Unchanged,
                    sets_added: Vec::new(),
                    sets_removed: Vec::new(),
                });
            }
            let (plan, change) = self
                .plan_redeem(
                    &names,
                    code_fingerprint,
                    &observation,
                    token.as_ref(),
                    since,
                )
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

        // Whether another exchange was taken over, or a refresh begun, since WeChat was asked.
        plan.expect_field(&key, "fence", merchant.found.fence.as_deref());
        let fence = merchant.found.fence.as_ref();
        let overtaken = fence
            .and_then(|fence| fence.parse::<i64>().ok())
            .is_some_and(|fence| fence > since);
        plan.supersede(&names.fence(), &key);
        let replaced = REPLACED_TOKEN_LIFE;
        let refresh_token = if let Some(token) = token {
            let (issued_at, ends) = (token.issued_at.as_second(), token.expires_at.as_second());
            plan.set_field(&key, "access", &self.keyring().to_text(&token.access_token));
            plan.set_field(&key, "lifetime", &token.lifetime().to_string());
            merchant.issued_at = Some(issued_at);
            merchant.expires_at = Some(if overtaken {
                ends.min(issued_at + replaced)
            } else {
                ends
            });
            token.refresh_token.clone()
        } else {
            // The exchange made an access token that never reached us and ends the one stored here.
            merchant.expires_at = merchant.expires_at.map(|at| at.min(now + replaced));
            None
        };

        let row_as_of = merchant.record.as_ref().map(|record| record.row.as_of);
        let known_as_of = merchant.known.as_ref().map(|known| known.as_of);
        let latest = validity::latest([row_as_of, known_as_of], now);
        let (observation, told_by) =
            merge::exchanged(observation.clone(), timestamp(latest), refresh_token);
        let note = self.note_of(now, told_by.as_str());
        let told = Some(appid.as_str());
        note.plan(&mut plan, names, told, JournalKind::Redeemed, "{}")?;
        let change = self.take(&mut plan, names, merchant, &observation, told_by)?;
        self.plan_merchant(&mut plan, names, merchant)?;
        Ok((plan, change))
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
