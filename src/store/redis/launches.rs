//! Launches: a text each, by the fingerprint of the pre-auth code; by time in sorted sets.

use jiff::Timestamp;

use crate::store::launches::LaunchSource;
use crate::store::ops::launches;
use crate::store::record;
use crate::store::{PlatformKey, StoreError};

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

impl RedisStore {
    /// Plans to store a launch in the place of `before`, and where it is found.
    pub(super) fn plan_launch(
        &self,
        plan: &mut Plan,
        names: &Names,
        before: Option<&record::Launch>,
        launch: &record::Launch,
    ) -> Result<(), StoreError> {
        let fingerprint = &launch.pre_auth_code_fingerprint;
        let name = names.launch(fingerprint);
        plan.set(&name, &self.json(&name, launch)?);
        let found_by =
            |launch: &record::Launch| (launch.made_at, launch.source.clone(), launch.state.clone());
        if before.map(found_by) == Some(found_by(launch)) {
            return Ok(());
        }
        plan.rank(&names.launches(), fingerprint, launch.made_at);
        for source in LaunchSource::ALL {
            if source.as_str() == launch.source {
                plan.rank(&names.launches_of(*source), fingerprint, launch.made_at);
            } else {
                plan.unrank(&names.launches_of(*source), fingerprint);
            }
        }
        if let Some(state) = &launch.state {
            plan.set_field(&names.launch_states(), state, fingerprint);
        }
        Ok(())
    }

    /// The pre-auth code, by its fingerprint, of the latest launch with this state; what an index says,
    /// which may be of before.
    pub(in crate::store) async fn launch_of_state(
        &self,
        key: &PlatformKey,
        state: &str,
    ) -> Result<Option<String>, StoreError> {
        let names = self.names(key);
        self.field(&names, &names.launch_states(), state).await
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
        let made = launches::counted(since, self.now());
        read.arg(made.start()).arg(made.end());
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
                if let Some(state) = found.and_then(|(_, launch)| launch.state) {
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
    ) -> Result<Option<(String, record::Launch)>, StoreError> {
        let name = names.launch(fingerprint);
        let mut read = redis::cmd("GET");
        read.arg(&name);
        let Some(text): Option<String> = self.redis().ask(names.tag(), read).await? else {
            return Ok(None);
        };
        let mut launch: record::Launch =
            serde_json::from_str(&text).map_err(|error| self.damaged(&name, error))?;
        fingerprint.clone_into(&mut launch.pre_auth_code_fingerprint);
        Ok(Some((text, launch)))
    }
}
