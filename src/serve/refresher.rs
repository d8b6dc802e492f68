//! Keeps tokens fresh while the server runs.
//!
//! A round every minute: the component token, then tokens of merchants that end soon, those used in
//! the last day or, within a budget, all. Each round goes on where the one before ended. Dead refresh
//! tokens are left out, and the budget is spread over the day.

mod budget;
mod dead;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::flow::{BulkLimits, DueTokens, FlowError, RefreshTargets, Refreshed};
use crate::wechat::id::Appid;

use budget::Budget;
use dead::Dead;

use super::shared::Shared;
use super::{Hosted, Notice, RefreshPlan};

const ROUND: Duration = Duration::from_secs(60);
/// Tokens with less life than this are due.
const DUE: SignedDuration = SignedDuration::from_mins(20);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long merchants are left alone after a walk with failures: what failed is still due, and
/// asking for it every minute would spend the budget. Still less than [`DUE`] less the margin of a usable token.
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
    let (mut failing, mut told_dead) = (false, Vec::new());
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
        let dead = sweeper.dead.all();
        // A quiet round is told only when it ends a bad time.
        if failed || failing || round.refreshed > 0 || dead != told_dead {
            shared.tell(&Notice::Refreshed {
                platform: hosted.appid().clone(),
                refreshed: round.refreshed,
                failed: round.failed,
                died: round.died,
                dead: dead.clone(),
                error: round.error,
            });
            told_dead = dead;
        }
        failing = failed;
    }
}

/// What one round brought.
#[derive(Default)]
struct Round {
    refreshed: u64,
    failed: u64,
    died: u64,
    error: Option<String>,
}

/// The refresher's memory of one platform.
#[derive(Default)]
struct Sweeper {
    budget: Budget,
    dead: Dead,
    /// Where the walk over the merchants goes on: after this one.
    after: Option<Appid>,
    /// Whether something failed on this walk that may succeed on the next.
    in_vain: bool,
    rest_until: Option<Timestamp>,
}

impl Sweeper {
    /// One round; `true` when merchants were left alone because the last walk had failures.
    async fn round(
        &mut self,
        shared: &Shared,
        hosted: &Hosted,
        stop: &watch::Receiver<bool>,
        round: &mut Round,
    ) -> Result<bool, FlowError> {
        let platform = &hosted.platform;
        platform.component_token().await?;
        self.dead.look_again(platform).await?;
        if self
            .rest_until
            .is_some_and(|until| lasts(until, platform.clock().now()))
        {
            return Ok(true);
        }
        self.rest_until = None;
        loop {
            let now = platform.clock().now();
            let (used_since, at_most) = match shared.options().refresh {
                RefreshPlan::Off => return Ok(false),
                RefreshPlan::Used => (Some(now - DAY), PORTION),
                RefreshPlan::All { daily_budget } => {
                    let left = self.budget.left(daily_budget, now);
                    shared
                        .options()
                        .metrics
                        .budget_left(hosted.appid(), left.today);
                    (None, left.now.min(PORTION))
                }
            };
            if at_most == 0 || *stop.borrow() {
                return Ok(false);
            }
            let due = DueTokens {
                life: DUE,
                used_since,
                at_most: Some(at_most),
                after: self.after.clone(),
                except: self.dead.left_alone(now),
            };
            let metrics = &shared.options().metrics;
            let calls = metrics.refresh_calls();
            let done = platform
                .refresh(RefreshTargets::Due(due), BulkLimits::default())
                .await;
            // What others in this process ask for meanwhile counts, too: rather too few than too many.
            let calls = metrics.refresh_calls().saturating_sub(calls);
            let known = done.as_ref().map_or(0, worked);
            self.budget.spend(now, calls.max(known));
            let done = done?;
            let at_end = worked(&done) < at_most && !done.stopped;
            round.refreshed += done.refreshed;
            round.failed += done.failed.len() as u64;
            self.in_vain |= done.stopped;
            for failed in done.failed {
                match failed.error {
                    FlowError::RefreshTokenDead { appid } => {
                        round.died += 1;
                        self.dead.add(platform, appid).await?;
                    }
                    _ => self.in_vain = true,
                }
            }
            self.after = match at_end {
                true => None,
                false => done.last.or_else(|| self.after.take()),
            };
            if at_end || done.stopped {
                if std::mem::take(&mut self.in_vain) {
                    self.rest_until = Some(now + REST);
                }
                return Ok(false);
            }
        }
    }
}

/// Whether a rest until then is not over; one that is longer than any began before the clock was set
/// back.
fn lasts(until: Timestamp, now: Timestamp) -> bool {
    let left = until.duration_since(now);
    left > SignedDuration::ZERO && left <= REST
}

fn worked(done: &Refreshed) -> u64 {
    done.refreshed + done.failed.len() as u64
}
