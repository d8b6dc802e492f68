//! What takes time, after WeChat has its answer: exchanges, confirmations, the release check.
//!
//! Events wait in the store; the queue here only says that one is there. Whatever the queue has no
//! room for, a dead process left, or is to be tried again, is found by a look at the store.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::flow::EventWork;
use crate::store::events::EventOutcome;
use crate::wechat::id::{Appid, ComponentAppid};
use crate::wechat::secret::Secret;

use super::server::{Stop, stopped};
use super::shared::Shared;
use super::{Hosted, Notice};

/// How many pieces of work may wait.
const QUEUE: usize = 1_000;
/// How many are done at once.
const AT_ONCE: usize = 8;
/// Between two looks at the store.
const LOOK: Duration = Duration::from_secs(30);
/// Between two rounds of throwing old events away.
const PRUNE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long events are kept.
const KEEP: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many events are kept.
const KEEP_ROWS: u64 = 200_000;

/// Takes work; clones give to the same.
pub(super) struct Worker {
    queue: mpsc::Sender<Piece>,
}

/// The other end of a [`Worker`].
pub(super) struct Work(mpsc::Receiver<Piece>);

enum Piece {
    Event(ComponentAppid, i64),
    Check(Check),
}

/// The part of the release check that follows after the answer.
pub(super) struct Check {
    pub(super) platform: ComponentAppid,
    /// The account that was written to.
    pub(super) appid: Appid,
    /// Who wrote.
    pub(super) openid: String,
    /// What is to be exchanged.
    pub(super) code: Secret,
}

impl Worker {
    pub(super) fn new() -> (Self, Work) {
        let (queue, work) = mpsc::channel(QUEUE);
        (Self { queue }, Work(work))
    }

    /// An event waits in the store.
    pub(super) fn event(&self, platform: ComponentAppid, id: i64) {
        // Without room for it, the next look at the store finds it.
        let _ = self.queue.try_send(Piece::Event(platform, id));
    }

    /// WeChat waits for a text.
    pub(super) fn check(&self, check: Check) {
        let _ = self.queue.try_send(Piece::Check(check));
    }
}

/// Works until it is to stop and nothing waits any more.
pub(super) async fn run(shared: Shared, Work(mut work): Work, mut stop: Stop) {
    let (mut look, mut prune) = (interval(LOOK), interval(PRUNE));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let told = stop.clone();
    let (mut pieces, mut looks, mut prunes) = (JoinSet::new(), JoinSet::new(), JoinSet::new());
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(piece) = work.recv(), if pieces.len() < AT_ONCE => {
                pieces.spawn(done(shared.clone(), piece));
            }
            Some(_) = pieces.join_next() => {}
            Some(_) = looks.join_next() => {}
            Some(_) = prunes.join_next() => {}
            _ = look.tick(), if looks.is_empty() => {
                looks.spawn(look_at_all(shared.clone(), told.clone()));
            }
            _ = prune.tick(), if prunes.is_empty() => {
                prunes.spawn(prune_all(shared.clone()));
            }
        }
    }
    // What waits in the queue is soon done; a check of WeChat's waits nowhere else.
    while let Ok(piece) = work.try_recv() {
        if pieces.len() >= AT_ONCE {
            pieces.join_next().await;
        }
        pieces.spawn(done(shared.clone(), piece));
    }
    while pieces.join_next().await.is_some() {}
    while looks.join_next().await.is_some() {}
    // What is not thrown away today is thrown away tomorrow.
    prunes.abort_all();
}

async fn done(shared: Shared, piece: Piece) {
    match piece {
        Piece::Event(platform, id) => {
            let Some(hosted) = shared.platform(platform.as_str()) else {
                return;
            };
            let worked = hosted
                .platform
                .work_event(id, hosted.exchange, &hosted.required)
                .await;
            match worked {
                // Nothing, when another process has it.
                Ok(work) => work
                    .into_iter()
                    .for_each(|work| tell(&shared, hosted, work)),
                Err(error) => store_failed(&shared, hosted, error.to_string()),
            }
        }
        Piece::Check(check) => {
            let Some(hosted) = shared.platform(check.platform.as_str()) else {
                return;
            };
            let answered = hosted
                .platform
                .answer_release_check(&check.appid, &check.code, &check.openid)
                .await;
            shared.tell(&Notice::ReleaseCheckAnswered {
                platform: check.platform,
                appid: check.appid,
                error: answered.err().map(|error| error.to_string()),
            });
        }
    }
}

/// Works off what is left in the store.
async fn look_at_all(shared: Shared, stop: Stop) {
    for hosted in &shared.options().platforms {
        loop {
            if *stop.borrow() {
                return;
            }
            let worked = hosted
                .platform
                .work_event_left(hosted.exchange, &hosted.required)
                .await;
            match worked {
                Ok(None) => break,
                Ok(Some(work)) => tell(&shared, hosted, work),
                Err(error) => {
                    store_failed(&shared, hosted, error.to_string());
                    break;
                }
            }
        }
    }
}

async fn prune_all(shared: Shared) {
    for hosted in &shared.options().platforms {
        let platform = &hosted.platform;
        let before = platform.clock().now() - KEEP;
        let pruned = platform
            .store()
            .prune_events(platform.key(), before, KEEP_ROWS)
            .await;
        if let Err(error) = pruned {
            store_failed(&shared, hosted, error.to_string());
        }
    }
}

fn tell(shared: &Shared, hosted: &Hosted, work: EventWork) {
    if work.outcome != EventOutcome::Pending
        && let Some(forwarder) = shared.forwarder()
    {
        forwarder.wake();
    }
    shared.tell(&Notice::EventWorked {
        platform: hosted.appid().clone(),
        id: work.id,
        info_type: work.info_type,
        appid: work.appid,
        outcome: work.outcome,
        code: work.code,
        error: work.error.map(|error| error.to_string()),
    });
}

fn store_failed(shared: &Shared, hosted: &Hosted, error: String) {
    shared.tell(&Notice::StoreFailed {
        platform: hosted.appid().clone(),
        error,
    });
}
