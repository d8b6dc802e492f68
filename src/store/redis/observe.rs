//! Storing observations, in pieces: each is read in one go and written by one plan.

use crate::store::ops::authorizers;
use crate::store::{Change, Observation, PlatformKey, StoreError};

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// How many observations one plan takes over: its script must not keep the server from others for
/// long.
const PIECE: usize = 100;

impl RedisStore {
    pub(in crate::store) async fn observe(
        &self,
        key: &PlatformKey,
        observations: &[Observation],
    ) -> Result<Vec<Change>, StoreError> {
        let names = self.names(key);
        let mut changes = Vec::with_capacity(observations.len());
        for piece in observations.chunks(PIECE) {
            changes.extend(self.observe_piece(&names, piece).await?);
        }
        Ok(changes)
    }

    async fn observe_piece(
        &self,
        names: &Names,
        observations: &[Observation],
    ) -> Result<Vec<Change>, StoreError> {
        let mut attempts = 0;
        loop {
            let appids = observations.iter().filter_map(Observation::appid);
            let mut merchants = self.merchants(names, appids).await?;
            let mut plan = Plan::new(names);
            let mut changes = Vec::with_capacity(observations.len());
            for observation in observations {
                if let Some(appid) = observation.appid()
                    && let Some(merchant) = merchants.get_mut(appid)
                {
                    let records = &mut merchant.records;
                    let decided = authorizers::observe(records, appid, observation, self.now());
                    self.plan_notes(&mut plan, names, appid.as_str(), decided.journal)?;
                    changes.push(decided.change);
                }
            }
            for merchant in merchants.values() {
                self.plan_merchant(&mut plan, names, merchant)?;
            }
            if plan.is_empty() || self.apply(&plan, false).await?.is_some() {
                return Ok(changes);
            }
            self.again(&mut attempts).await?;
        }
    }
}
