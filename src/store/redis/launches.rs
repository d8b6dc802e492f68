//! Launches: a text each, by the fingerprint of the pre-auth code; by time in sorted sets.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::validity::latest_believed;
use crate::store::{Launch, LaunchSource, PlatformKey, StoreError};
use crate::sys::clock::timestamp;
use crate::wechat::id::{Appid, PermissionSetId};

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// A launch as it is kept. Times are Unix seconds.
#[derive(Deserialize, Serialize)]
pub(super) struct Kept {
    pub(super) made_at: i64,
    pub(super) expires_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) claimed_external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) only: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) permission_ids: Vec<u32>,
    pub(super) source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) appid: Option<String>,
}

impl RedisStore {
    pub(in crate::store) async fn put_launch(
        &self,
        key: &PlatformKey,
        launch: &Launch,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let owned = |appid: &Option<Appid>| appid.as_ref().map(|appid| appid.as_str().to_owned());
        let kept = Kept {
            made_at: launch.made_at.as_second(),
            expires_at: launch.expires_at.as_second(),
            external_id: launch.external_id.clone(),
            claimed_external_id: launch.claimed_external_id.clone(),
            only: owned(&launch.only),
            permission_ids: launch.permission_ids.iter().map(|id| id.0).collect(),
            source: launch.source.as_str().to_owned(),
            state: launch.state.clone(),
            appid: owned(&launch.appid),
        };
        let mut plan = Plan::new(&names);
        self.plan_launch(&mut plan, &names, &launch.pre_auth_code_fingerprint, &kept)?;
        // It rests on nothing, so that nothing can get in its way.
        self.apply(&plan, true).await.map(|_| ())
    }

    /// Plans to keep a launch, and where it is found.
    pub(super) fn plan_launch(
        &self,
        plan: &mut Plan,
        names: &Names,
        fingerprint: &str,
        kept: &Kept,
    ) -> Result<(), StoreError> {
        let name = names.launch(fingerprint);
        plan.set(&name, &self.json(&name, kept)?);
        plan.rank(&names.launches(), fingerprint, kept.made_at);
        for source in LaunchSource::ALL {
            if source.as_str() == kept.source {
                plan.rank(&names.launches_of(*source), fingerprint, kept.made_at);
            } else {
                plan.unrank(&names.launches_of(*source), fingerprint);
            }
        }
        if let Some(state) = &kept.state {
            plan.set_field(&names.launch_states(), state, fingerprint);
        }
        Ok(())
    }

    pub(in crate::store) async fn launch(
        &self,
        key: &PlatformKey,
        fingerprint: &str,
    ) -> Result<Option<Launch>, StoreError> {
        let found = self.kept_launch(&self.names(key), fingerprint).await?;
        Ok(found.and_then(|(_, kept)| {
            // None for a source that only a newer program knows.
            let source = LaunchSource::from_word(&kept.source)?;
            let ids = kept.permission_ids.into_iter();
            Some(Launch {
                pre_auth_code_fingerprint: fingerprint.to_owned(),
                made_at: timestamp(kept.made_at),
                expires_at: timestamp(kept.expires_at),
                external_id: kept.external_id,
                claimed_external_id: kept.claimed_external_id,
                only: kept.only.map(Appid::from_wire),
                permission_ids: ids.map(PermissionSetId).collect(),
                source,
                state: kept.state,
                appid: kept.appid.map(Appid::from_wire),
            })
        }))
    }

    pub(in crate::store) async fn launch_by_state(
        &self,
        key: &PlatformKey,
        state: &str,
    ) -> Result<Option<Launch>, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("HGET");
        read.arg(names.launch_states()).arg(state);
        let found: Option<String> = self.redis().ask(names.tag(), read).await?;
        let Some(fingerprint) = found else {
            return Ok(None);
        };
        let launch = self.launch(key, &fingerprint).await?;
        Ok(launch.filter(|launch| launch.state.as_deref() == Some(state)))
    }

    pub(in crate::store) async fn settle_launch(
        &self,
        key: &PlatformKey,
        fingerprint: &str,
        appid: &Appid,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let name = names.launch(fingerprint);
        let mut attempts = 0;
        loop {
            let Some((text, mut kept)) = self.kept_launch(&names, fingerprint).await? else {
                return Ok(());
            };
            if kept.appid.is_some() {
                return Ok(());
            }
            kept.appid = Some(appid.as_str().to_owned());
            let mut plan = Plan::new(&names);
            plan.expect(&name, Some(&text));
            plan.set(&name, &self.json(&name, &kept)?);
            if self.apply(&plan, true).await?.is_some() {
                return Ok(());
            }
            self.again(&mut attempts).await?;
        }
    }

    pub(in crate::store) async fn count_launches(
        &self,
        key: &PlatformKey,
        source: LaunchSource,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("ZCOUNT");
        read.arg(names.launches_of(source));
        read.arg(since.as_second()).arg(latest_believed(self.now()));
        Ok(self.redis().ask(names.tag(), read).await?)
    }

    /// Drops the launches from before `before`.
    pub(super) async fn prune_launches(
        &self,
        names: &Names,
        before: Timestamp,
    ) -> Result<(), StoreError> {
        loop {
            let set = names.launches();
            let old = self.oldest(names, &set, before.as_second()).await?;
            if old.is_empty() {
                return Ok(());
            }
            let mut plan = Plan::new(names);
            for fingerprint in &old {
                let found = self.kept_launch(names, fingerprint).await?;
                if let Some(state) = found.and_then(|(_, kept)| kept.state) {
                    plan.delete_field(&names.launch_states(), &state);
                }
                plan.delete(&names.launch(fingerprint));
                plan.unrank(&names.launches(), fingerprint);
                for source in LaunchSource::ALL {
                    plan.unrank(&names.launches_of(*source), fingerprint);
                }
            }
            self.apply(&plan, false).await?;
        }
    }

    /// A launch with its text, on which what is written instead rests.
    pub(super) async fn kept_launch(
        &self,
        names: &Names,
        fingerprint: &str,
    ) -> Result<Option<(String, Kept)>, StoreError> {
        let name = names.launch(fingerprint);
        let mut read = redis::cmd("GET");
        read.arg(&name);
        let Some(text): Option<String> = self.redis().ask(names.tag(), read).await? else {
            return Ok(None);
        };
        match serde_json::from_str(&text) {
            Ok(kept) => Ok(Some((text, kept))),
            Err(error) => Err(self.damaged(&name, error)),
        }
    }
}
