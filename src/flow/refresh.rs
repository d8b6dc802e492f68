//! Refresh the tokens of one merchant, of several, or of all that are due.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;

use crate::store::leases::{Claim, Due};
use crate::store::tokens::TokenOwner;
use crate::wechat::id::Appid;

use super::bulk::{Ended, Pace, Running, Turn};
use super::mint::Minted;
use super::{BulkLimits, Failed, FlowError, Freshness, Happening, MintPolicy, Platform, Wanted};

/// Claims taken from the store at once, at most.
const BATCH: usize = 250;
/// Answers of WeChat that the store has not taken yet, at most.
const UNSAVED: usize = 128;

/// Whose tokens.
#[derive(Clone, Debug)]
pub enum RefreshTargets {
    /// These, whether due or not.
    Named(Vec<Appid>),
    /// Active merchants whose token ends soon.
    Due(DueTokens),
}

/// Which tokens are due.
#[derive(Clone, Debug)]
pub struct DueTokens {
    /// Those with less life left than this.
    pub life: SignedDuration,
    /// Those handed out at or after this moment only.
    pub used_since: Option<Timestamp>,
    /// At most so many.
    pub at_most: Option<u64>,
    /// Those after this merchant only, by appid: where an earlier portion ended.
    pub after: Option<Appid>,
    /// Never these.
    pub except: Vec<Appid>,
}

impl DueTokens {
    /// All with less life left than this.
    #[must_use]
    pub const fn within(life: SignedDuration) -> Self {
        Self {
            life,
            used_since: None,
            at_most: None,
            after: None,
            except: Vec::new(),
        }
    }

    fn at(&self, now: Timestamp) -> Due {
        Due {
            before: now + self.life,
            now,
            used_since: self.used_since,
            except: self.except.clone(),
        }
    }
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
    /// The last of the due that was begun: where the next portion goes on.
    pub last: Option<Appid>,
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
        if !matches!(self.options().mint, MintPolicy::Wxauth) {
            return Err(FlowError::NotMinting(Wanted::Refresh));
        }
        let mut queue = Queue::new(self, targets, limits).await?;
        if queue.total == 0 {
            return Ok(Refreshed::default());
        }
        self.component_token().await?;
        self.tell(Happening::Planned {
            calls: queue.total,
            quota_left: self
                .quota_left("/cgi-bin/component/api_authorizer_token")
                .await,
        });
        let pace = Pace::new(limits);
        let mut running = Running::default();
        let mut outcome = Refreshed::default();
        let mut failure = None;
        loop {
            let turn = pace.turn().await;
            while let Some(ended) = running.next_over() {
                failure = failure.or(outcome.count(self, queue.total, ended));
            }
            // Without a store WeChat is asked for nothing more: its answers would be lost.
            if pace.is_stopped() || failure.is_some() {
                break;
            }
            let job = match queue.next(self).await {
                Ok(Some(job)) => job,
                Ok(None) => break,
                Err(error) => {
                    // What is under way is still counted and stored before the work ends.
                    failure = Some(error);
                    break;
                }
            };
            if let Job::Claimed(..) = job {
                outcome.last = Some(job.appid().clone());
            }
            let (platform, pace, mut turn) = (self.clone(), pace.clone(), Some(turn));
            let appid = job.appid().clone();
            let work = async move {
                let result = platform.refresh_one(job, &mut turn).await;
                // Before the turn ends, where it has not ended with WeChat's answer.
                pace.heed(&result);
                result
            };
            running.begin(self, appid, Box::pin(work));
            // What WeChat gave and the store has not taken yet is held in memory: not without end.
            while running.len() > limits.concurrency + UNSAVED {
                if let Some(ended) = running.next().await {
                    failure = failure.or(outcome.count(self, queue.total, ended));
                }
            }
        }
        while let Some(ended) = running.next().await {
            failure = failure.or(outcome.count(self, queue.total, ended));
        }
        outcome.stopped = pace.is_stopped();
        outcome.skipped = queue.total.saturating_sub(outcome.done());
        match failure {
            // The leases end by themselves, at the latest.
            Some(FlowError::Store(error)) => {
                if error.is_unconfirmed() {
                    queue.release(self).await?;
                }
                Err(error.into())
            }
            failure => {
                queue.release(self).await?;
                failure.map_or(Ok(outcome), Err)
            }
        }
    }

    async fn refresh_one(&self, job: Job, turn: &mut Option<Turn>) -> Result<(), FlowError> {
        let (appid, generation) = match job {
            Job::Named(appid) => {
                let owner = TokenOwner::Authorizer(appid.clone());
                let stored = self.store().token(self.key(), &owner).await?;
                (appid, stored.map_or(0, |token| token.generation))
            }
            Job::Claimed(claim, started_at) => {
                let claim = *claim;
                if let Some(intent) = &claim.open_intent {
                    self.cap(claim.lease.owner(), intent).await?;
                }
                let minted = self
                    .mint_claimed(
                        claim.lease,
                        &claim.token,
                        started_at,
                        claim.open_intent,
                        turn,
                    )
                    .await?;
                match minted {
                    Minted::Token(_) => return Ok(()),
                    Minted::LeaseLost { generation } => (claim.appid, generation),
                    // Only where tokens are written back, which no bulk work does.
                    Minted::Again => (claim.appid, claim.token.generation),
                }
            }
        };
        // By the whole protocol. Boxed: hardly any takes it, and all would carry the room for it.
        let owner = TokenOwner::Authorizer(appid);
        Box::pin(self.token(&owner, Freshness::Newer(generation)))
            .await
            .map(drop)
    }

    /// What WeChat says is left of today's calls of `path`, where it says so.
    pub(super) async fn quota_left(&self, path: &str) -> Option<i64> {
        let quota = self
            .with_component_token(|token| async move { self.api().api_quota(&token, path).await })
            .await;
        quota
            .ok()
            .and_then(|quota| i64::try_from(quota.remain).ok())
    }
}

impl Refreshed {
    fn done(&self) -> u64 {
        self.refreshed + self.failed.len() as u64
    }

    /// Takes one outcome over and tells how far the work has come. The answer is what ends the whole
    /// work: a failure of the store.
    fn count(
        &mut self,
        platform: &Platform,
        total: u64,
        (appid, outcome): Ended,
    ) -> Option<FlowError> {
        match outcome {
            Ok(()) => self.refreshed += 1,
            Err(FlowError::Store(error)) if !error.is_about_one() => return Some(error.into()),
            Err(error) => self.failed.push(Failed { appid, error }),
        }
        let done = self.done();
        platform.tell(Happening::Progress { done, total });
        None
    }
}

/// One token to refresh.
#[allow(
    clippy::large_enum_variant,
    reason = "most jobs are claims, and few are kept at once"
)]
enum Job {
    /// Asked for by name: by the whole protocol, waiting for another holder if there is one.
    Named(Appid),
    /// Due, its lease taken and its intent recorded at that moment.
    Claimed(Box<Claim>, Timestamp),
}

impl Job {
    fn appid(&self) -> &Appid {
        match self {
            Self::Named(appid) => appid,
            Self::Claimed(claim, _) => &claim.appid,
        }
    }
}

/// Jobs, those that are due claimed in batches ahead of their turn.
struct Queue {
    jobs: VecDeque<Job>,
    total: u64,
    /// Which tokens are due, while the store may hold more of them.
    due: Option<DueTokens>,
    /// How many more may be claimed.
    left: u64,
    batch: usize,
    /// The batch after the one at hand, being claimed.
    ahead: Option<JoinHandle<Result<VecDeque<Job>, FlowError>>>,
}

impl Queue {
    async fn new(
        platform: &Platform,
        targets: RefreshTargets,
        limits: BulkLimits,
    ) -> Result<Self, FlowError> {
        // A slow pace must not let leases age in the queue: ten seconds' worth.
        let batch = match limits.rate {
            0 => BATCH,
            rate => (rate as usize * 10).clamp(1, BATCH),
        };
        let (jobs, total, due): (VecDeque<Job>, _, _) = match targets {
            RefreshTargets::Named(appids) => {
                let total = appids.len() as u64;
                (appids.into_iter().map(Job::Named).collect(), total, None)
            }
            RefreshTargets::Due(due) => {
                let (now, after) = (platform.clock().now(), due.after.as_ref());
                let total = platform
                    .store()
                    .count_due(platform.key(), due.at(now), after)
                    .await?;
                let total = due.at_most.map_or(total, |most| total.min(most));
                (VecDeque::new(), total, Some(due))
            }
        };
        Ok(Self {
            jobs,
            total,
            due,
            left: total,
            batch,
            ahead: None,
        })
    }

    async fn next(&mut self, platform: &Platform) -> Result<Option<Job>, FlowError> {
        if self.jobs.is_empty()
            && let Some(due) = self.due.clone()
        {
            let claimed = match self.ahead.take() {
                Some(ahead) => ahead.await.unwrap_or_else(|error| {
                    Err(FlowError::Broken {
                        detail: error.to_string(),
                    })
                })?,
                None => {
                    let (after, limit) = (due.after.clone(), self.take(&due));
                    claim(platform.clone(), due.clone(), after, limit).await?
                }
            };
            match claimed.back() {
                Some(last) => {
                    // While these are refreshed the next are claimed.
                    let after = Some(last.appid().clone());
                    let limit = self.take(&due);
                    let next = claim(platform.clone(), due, after, limit);
                    self.ahead = Some(tokio::spawn(next));
                }
                None => self.due = None,
            }
            self.jobs = claimed;
        }
        Ok(self.jobs.pop_front())
    }

    /// How many the next claim may take.
    fn take(&mut self, due: &DueTokens) -> usize {
        if due.at_most.is_none() {
            // Tokens may come to be due while the work goes on.
            return self.batch;
        }
        let limit = self.left.min(self.batch as u64);
        self.left -= limit;
        limit as usize
    }

    /// Gives back what was claimed and never begun.
    async fn release(mut self, platform: &Platform) -> Result<(), FlowError> {
        if let Some(ahead) = self.ahead.take()
            && let Ok(Ok(ahead)) = ahead.await
        {
            self.jobs.extend(ahead);
        }
        for job in self.jobs {
            if let Job::Claimed(claim, _) = job {
                if let Some(intent) = &claim.open_intent {
                    let owner = TokenOwner::Authorizer(claim.appid.clone());
                    platform.cap(&owner, intent).await?;
                }
                platform
                    .give_back(claim.lease, claim.open_intent.as_ref())
                    .await?;
            }
        }
        Ok(())
    }
}

/// The next of those that are due: leased, the intents recorded.
async fn claim(
    platform: Platform,
    due: DueTokens,
    after: Option<Appid>,
    limit: usize,
) -> Result<VecDeque<Job>, FlowError> {
    if limit == 0 {
        return Ok(VecDeque::new());
    }
    let now = platform.clock().now();
    let (store, key) = (platform.store(), platform.key());
    let claims = store
        .claim_due(
            key,
            due.at(now),
            after.as_ref(),
            limit,
            platform.lease_life(),
            now,
        )
        .await?;
    Ok(claims
        .into_iter()
        .map(|claim| Job::Claimed(Box::new(claim), now))
        .collect())
}
