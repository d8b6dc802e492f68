//! Storing observations, in pieces: each is read in one go and written by one plan.

use crate::store::merge;
use crate::store::{Change, ChangeKind, ChangeSource, Observation, PlatformKey, StoreError};

use super::RedisStore;
use super::merchant::Merchant;
use super::names::Names;
use super::plan::Plan;
use super::record::{Record, mark};

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
                let appid = observation.appid();
                if let Some(merchant) = appid.and_then(|appid| merchants.get_mut(appid)) {
                    let told_by = observation.source;
                    let change = self.take(&mut plan, names, merchant, observation, told_by)?;
                    changes.push(change);
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

    /// Takes one observation over into `merchant`, and plans its journal; the journal names
    /// `told_by` as its source.
    pub(super) fn take(
        &self,
        plan: &mut Plan,
        names: &Names,
        merchant: &mut Merchant,
        observation: &Observation,
        told_by: ChangeSource,
    ) -> Result<Change, StoreError> {
        let appid = merchant.appid.clone();
        let standing = merchant.record.as_ref().map(|record| &record.row);
        let Some(mut merged) =
            merge::merge(standing, merchant.known.as_ref(), observation, self.now())
        else {
            return Ok(Change {
                appid,
                kind: ChangeKind::Outdated,
                sets_added: Vec::new(),
                sets_removed: Vec::new(),
            });
        };
        let as_of = observation.as_of.as_second();
        // What a former authorization gave is dead in the present one, however long it had to live.
        let authorized_at = merged.row.authorized_at;
        if authorized_at > standing.and_then(|row| row.authorized_at)
            && merchant
                .issued_at
                .is_some_and(|at| Some(at) < authorized_at)
        {
            merchant.expires_at = merchant.expires_at.map(|at| at.min(as_of));
        }
        if let Some(refresh_token) = merged.refresh_token.take() {
            self.take_refresh_token(merchant, refresh_token, as_of);
        }
        let mut record = match merchant.record.take() {
            Some(record) => Record {
                row: merged.row.clone(),
                ..record
            },
            None => Record {
                row: merged.row.clone(),
                external_id: None,
                claimed_external_id: None,
                details: None,
            },
        };
        let profile = observation.profile.as_ref();
        if let Some(details) = profile.and_then(|profile| profile.details.as_ref()) {
            record.details = Some(mark(details.get()));
            merchant.details = Some(details.get().to_owned());
        }
        merchant.record = Some(record);
        let by_exchange = observation.source == ChangeSource::Redeem;
        let note = self.note_of(as_of, told_by.as_str());
        for (what, detail) in merged.journal(by_exchange) {
            note.plan(plan, names, Some(appid.as_str()), what, &detail)?;
        }
        Ok(Change {
            appid,
            kind: merged.kind,
            sets_added: merged.sets_added,
            sets_removed: merged.sets_removed,
        })
    }
}
