//! Refresh the tokens of one merchant, of several, or of all that are due.

use std::collections::VecDeque;

use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::store::{Claim, TokenOwner};
use crate::wechat::id::Appid;

use super::bulk::Pace;
use super::mint::Minted;
use super::token::OVERLAP;
use super::{BulkLimits, Failed, FlowError, Freshness, Happening, MintPolicy, Platform, Wanted};

/// Claims taken from the store at once, at most.
const BATCH: usize = 500;

/// Whose tokens.
#[derive(Clone, Debug)]
pub enum RefreshTargets {
    /// These, whether due or not.
    Named(Vec<Appid>),
    /// Active merchants whose token has less life left than this.
    Due(SignedDuration),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Tokens replaced and durably stored.
    pub refreshed: u64,
    /// Left alone: another process is refreshing them, or bulk work stopped before their turn.
    pub skipped: u64,
    /// Not replaced, and why.
    pub failed: Vec<Failed>,
    /// Whether bulk work stopped early; running it again goes on with the rest.
    pub stopped: bool,
}

impl Platform {
    /// Refreshes tokens, each durable before it counts.
    ///
    /// # Errors
    /// What ends the whole work: the store, `mint = "never"`, no component token. What fails for
    /// one merchant is in [`Refreshed::failed`].
    pub async fn refresh(
        &self,
        targets: RefreshTargets,
        limits: BulkLimits,
    ) -> Result<Refreshed, FlowError> {
        if let MintPolicy::Never { .. } = self.options().mint {
            return Err(FlowError::NotMinting(Wanted::Refresh));
        }
        let mut queue = Queue::new(self, targets, limits).await?;
        if queue.total == 0 {
            return Ok(Refreshed::default());
        }
        self.component_token().await?;
        self.tell(Happening::Planned {
            calls: queue.total,
            quota_left: self.quota_left("/cgi-bin/component/api_authorizer_token").await,
        });
        let pace = Pace::new(limits);
        let mut running = JoinSet::new();
        let mut outcome = Refreshed::default();
        let mut done = 0;
        loop {
            while let Some(finished) = running.try_join_next() {
                outcome.count(&pace, finished);
                done += 1;
            }
            if outcome.stopped {
                break;
            }
            let Some(claim) = queue.next(self).await? else { break };
            let permit = pace.turn().await;
            let platform = self.clone();
            running.spawn(async move {
                let appid = claim.appid.clone();
                let work = platform.clone();
                // The turn ends with the call's answer and its commit: what is counted is stored.
                let minted =
                    platform.uninterrupted(async move { work.refresh_claimed(claim).await }).await;
                drop(permit);
                (appid, minted)
            });
            self.tell(Happening::Progress { done, total: queue.total });
        }
        while let Some(finished) = running.join_next().await {
            outcome.count(&pace, finished);
            done += 1;
            self.tell(Happening::Progress { done, total: queue.total });
        }
        outcome.skipped = queue.total.saturating_sub(done);
        queue.release(self).await?;
        Ok(outcome)
    }

    async fn refresh_claimed(&self, claim: Claim) -> Result<(), FlowError> {
        let owner = TokenOwner::Authorizer(claim.appid.clone());
        if let Some(intent) = &claim.open_intent {
            self.store().cap_expiry(self.key(), &owner, intent.started_at + OVERLAP).await?;
        }
        // A claim that waited too long in the queue could be outlived by its call.
        let generation = if claim.lease.remaining() > self.api().call_time_limit() {
            match self.mint_claimed(claim.lease, &claim.token, claim.started_at).await? {
                Minted::Token(_) => return Ok(()),
                Minted::LeaseLost { generation } => generation,
            }
        } else {
            self.store().clear_intent(&claim.lease).await?;
            self.store().release(claim.lease).await?;
            claim.token.generation
        };
        self.token(&owner, Freshness::Newer(generation)).await.map(drop)
    }

    /// What WeChat says is left of today's calls of `path`, where it says so.
    pub(super) async fn quota_left(&self, path: &str) -> Option<i64> {
        let quota = self
            .with_component_token(|token| async move { self.api().api_quota(&token, path).await })
            .await;
        quota.ok().and_then(|quota| i64::try_from(quota.remain).ok())
    }
}

impl Refreshed {
    fn count(
        &mut self,
        pace: &Pace,
        finished: Result<(Appid, Result<(), FlowError>), tokio::task::JoinError>,
    ) {
        let Ok((appid, result)) = finished else { return };
        self.stopped |= pace.should_stop(&result);
        match result {
            Ok(()) => self.refreshed += 1,
            Err(error) => self.failed.push(Failed { appid, error }),
        }
    }
}

/// Claims, fetched in batches ahead of their turn.
struct Queue {
    targets: RefreshTargets,
    total: u64,
    batch: usize,
    after: Option<Appid>,
    exhausted: bool,
    claims: VecDeque<Claim>,
}

impl Queue {
    async fn new(
        platform: &Platform,
        targets: RefreshTargets,
        limits: BulkLimits,
    ) -> Result<Self, FlowError> {
        let total = match &targets {
            RefreshTargets::Named(appids) => appids.len() as u64,
            RefreshTargets::Due(life) => {
                let due_before = platform.clock().now() + *life;
                platform.store().count_due(platform.key(), due_before).await?
            }
        };
        // A slow pace must not let leases age in the queue: ten seconds' worth.
        let batch = match limits.rate {
            0 => BATCH,
            rate => (rate as usize * 10).clamp(limits.concurrency.max(1), BATCH),
        };
        let claims = VecDeque::new();
        Ok(Self { targets, total, batch, after: None, exhausted: total == 0, claims })
    }

    async fn next(&mut self, platform: &Platform) -> Result<Option<Claim>, FlowError> {
        while self.claims.is_empty() && !self.exhausted {
            self.fill(platform).await?;
        }
        Ok(self.claims.pop_front())
    }

    async fn fill(&mut self, platform: &Platform) -> Result<(), FlowError> {
        let (store, key) = (platform.store(), platform.key());
        let (life, now) = (platform.lease_life(), platform.clock().now());
        let claims = match &mut self.targets {
            RefreshTargets::Named(appids) => {
                let rest = appids.split_off(appids.len().min(self.batch));
                let batch = std::mem::replace(appids, rest);
                self.exhausted = appids.is_empty();
                store.claim(key, &batch, life, now).await?
            }
            RefreshTargets::Due(margin) => {
                let due_before = now + *margin;
                let after = self.after.as_ref();
                let claims = store.claim_due(key, due_before, after, self.batch, life, now).await?;
                self.exhausted = claims.len() < self.batch;
                self.after = claims.last().map(|claim| claim.appid.clone());
                claims
            }
        };
        self.claims.extend(claims);
        Ok(())
    }

    /// Gives back what was claimed and never begun.
    async fn release(self, platform: &Platform) -> Result<(), FlowError> {
        for claim in self.claims {
            platform.store().clear_intent(&claim.lease).await?;
            platform.store().release(claim.lease).await?;
        }
        Ok(())
    }
}
