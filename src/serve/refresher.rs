//! Keeps tokens fresh while the server runs.
//!
//! A round every minute: the component token, then tokens of merchants that end soon, those used in
//! the last day or, within a budget, all. The budget of 24 hours is counted in memory: a restart
//! begins a new one.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::flow::{BulkLimits, DueTokens, FlowError, RefreshTargets};
use crate::wechat::id::Appid;

use super::shared::Shared;
use super::{Hosted, Notice, RefreshPlan};

const ROUND: Duration = Duration::from_secs(60);
/// Tokens with less life than this are due.
const DUE: SignedDuration = SignedDuration::from_mins(20);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long merchants are left alone after a failure: what failed is still due, and asking for it
/// every minute would spend the budget. Still less than [`DUE`] less the margin of a usable token.
const REST: SignedDuration = SignedDuration::from_mins(8);
/// Tokens refreshed before the refresher looks again whether it is to stop.
const PORTION: u64 = 100;

/// Runs until `stop` says so; a portion that was begun is finished.
pub(super) async fn run(shared: Shared, stop: watch::Receiver<bool>) {
    if shared.options().refresh == RefreshPlan::Off {
        return;
    }
    let mut platforms = JoinSet::new();
    for index in 0..shared.options().platforms.len() {
        platforms.spawn(keep_fresh(shared.clone(), index, stop.clone()));
    }
    while platforms.join_next().await.is_some() {}
}

async fn keep_fresh(shared: Shared, index: usize, mut stop: watch::Receiver<bool>) {
    let hosted = &shared.options().platforms[index];
    let mut sweeper = Sweeper::default();
    let mut failing = false;
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            _ = stop.wait_for(|stopped| *stopped) => return,
        }
        let mut round = Round::default();
        let rested = match sweeper.round(&shared, hosted, &stop, &mut round).await {
            Ok(rested) => rested,
            // Whoever mints elsewhere keeps the tokens fresh, too.
            Err(FlowError::NotMinting(_)) => false,
            Err(error) => {
                round.error = Some(error.to_string());
                false
            }
        };
        if rested {
            continue;
        }
        let failed = round.error.is_some() || round.failed > 0;
        // A quiet round is told only when it ends a bad time.
        if failed || failing || round.refreshed > 0 {
            shared.tell(&Notice::Refreshed {
                platform: hosted.appid().clone(),
                refreshed: round.refreshed,
                failed: round.failed,
                dead: round.dead,
                error: round.error,
            });
        }
        failing = failed;
    }
}

/// What one round brought.
#[derive(Default)]
struct Round {
    refreshed: u64,
    failed: u64,
    dead: Vec<Appid>,
    error: Option<String>,
}

/// The refresher's memory of one platform.
#[derive(Default)]
struct Sweeper {
    spent: Spent,
    /// How many failed in the last sweep: they come first in the next one, too.
    in_vain: u64,
    rest_until: Option<Timestamp>,
}

impl Sweeper {
    /// One round; `true` when merchants were left alone because the last sweep had failures.
    async fn round(
        &mut self,
        shared: &Shared,
        hosted: &Hosted,
        stop: &watch::Receiver<bool>,
        round: &mut Round,
    ) -> Result<bool, FlowError> {
        let platform = &hosted.platform;
        platform.component_token().await?;
        if self
            .rest_until
            .is_some_and(|until| platform.clock().now() < until)
        {
            return Ok(true);
        }
        self.rest_until = None;
        loop {
            let now = platform.clock().now();
            let portion = PORTION + self.in_vain;
            let (used_since, at_most) = match shared.options().refresh {
                RefreshPlan::Off => return Ok(false),
                RefreshPlan::Used => (Some(now - DAY), portion),
                RefreshPlan::All { daily_budget } => {
                    let left = daily_budget.saturating_sub(self.spent.since(now - DAY));
                    shared.options().metrics.budget_left(hosted.appid(), left);
                    (None, left.min(portion))
                }
            };
            if at_most == 0 || *stop.borrow() {
                return Ok(false);
            }
            let due = DueTokens {
                life: DUE,
                used_since,
                at_most: Some(at_most),
            };
            let done = platform
                .refresh(RefreshTargets::Due(due), BulkLimits::default())
                .await?;
            self.in_vain = done.failed.len() as u64;
            self.spent.add(now, done.refreshed + self.in_vain);
            round.refreshed += done.refreshed;
            round.failed += self.in_vain;
            for failed in done.failed {
                if let FlowError::RefreshTokenDead { appid } = failed.error {
                    round.dead.push(appid);
                }
            }
            if self.in_vain > 0 || done.stopped {
                self.rest_until = Some(now + REST);
                return Ok(false);
            }
            if done.refreshed < at_most {
                return Ok(false);
            }
        }
    }
}

/// Calls of the last day.
#[derive(Default)]
struct Spent(VecDeque<(Timestamp, u64)>);

impl Spent {
    fn add(&mut self, at: Timestamp, calls: u64) {
        if calls > 0 {
            self.0.push_back((at, calls));
        }
    }

    fn since(&mut self, moment: Timestamp) -> u64 {
        while self.0.front().is_some_and(|(at, _)| *at < moment) {
            self.0.pop_front();
        }
        self.0.iter().map(|(_, calls)| calls).sum()
    }
}
