//! Whether the stores can be written: what the last write of each platform showed.
//!
//! Pushes show it while they come. A test write shows it without them: once a minute, and every few
//! seconds while the last write failed, so that `/healthz` changes back without a restart. It touches
//! little, so that it ends only failures that it would have met itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::store::StoreError;
use crate::sys::sync::lock;
use crate::wechat::id::ComponentAppid;

use super::server::{Stop, stopped};
use super::shared::Shared;
use super::{Hosted, Notice, health};

/// How often a store is tested that could be written.
const TEST: Duration = Duration::from_secs(60);
/// How often one is tested that could not.
const TEST_AGAIN: Duration = Duration::from_secs(5);

/// What a failed write says about others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// The store takes no writes at all, which a test write meets as well.
    Store,
    /// Something that only pushes touch: only a push that is written shows that it is over.
    Push,
}

impl Cause {
    /// The cause of this failure of a push.
    pub(super) fn of(error: &StoreError) -> Self {
        match error.fails_every_write() {
            true => Self::Store,
            false => Self::Push,
        }
    }
}

/// The platforms whose last write failed.
#[derive(Default)]
pub(super) struct Writes {
    failed: Mutex<BTreeMap<ComponentAppid, Cause>>,
    /// Those to be tested although their time has not come.
    doubtful: Mutex<BTreeSet<ComponentAppid>>,
}

impl Writes {
    /// Whether the last write failed.
    pub(super) fn failed(&self, platform: &ComponentAppid) -> bool {
        lock(&self.failed).contains_key(platform)
    }

    /// Makes the next test due at the next turn.
    pub(super) fn set_doubtful(&self, platform: &ComponentAppid) {
        lock(&self.doubtful).insert(platform.clone());
    }

    /// Whether a test is due although its time has not come; the doubt ends with the test.
    fn take_doubtful(&self, platform: &ComponentAppid) -> bool {
        lock(&self.doubtful).remove(platform)
    }

    /// A push was written; whether the write before failed.
    fn push_succeeded(&self, platform: &ComponentAppid) -> bool {
        lock(&self.failed).remove(platform).is_some()
    }

    /// A test write succeeded; whether that ends a failure.
    fn test_succeeded(&self, platform: &ComponentAppid) -> bool {
        let mut failed = lock(&self.failed);
        let ends = failed.get(platform) == Some(&Cause::Store);
        if ends {
            failed.remove(platform);
        }
        ends
    }

    /// A write failed; whether the one before succeeded. What only a push ends stays so.
    fn set_failed(&self, platform: &ComponentAppid, cause: Cause) -> bool {
        let mut failed = lock(&self.failed);
        let before = failed.get(platform).copied();
        failed.insert(platform.clone(), before.map_or(cause, |old| old.max(cause)));
        before.is_none()
    }
}

impl Shared {
    /// What a push brought was written.
    pub(super) fn push_written(&self, hosted: &Hosted) {
        if self.inner.writes.push_succeeded(hosted.appid()) {
            self.recovered(hosted);
        }
    }

    /// What a push brought was not written.
    pub(super) fn push_not_written(&self, hosted: &Hosted, cause: Cause, error: String) {
        self.inner.writes.set_failed(hosted.appid(), cause);
        self.failed(hosted, error);
    }

    fn test_written(&self, hosted: &Hosted) {
        if self.inner.writes.test_succeeded(hosted.appid()) {
            self.recovered(hosted);
        }
    }

    /// Of test writes there may be many: only the first failure is reported.
    fn test_not_written(&self, hosted: &Hosted, error: String) {
        if self.inner.writes.set_failed(hosted.appid(), Cause::Store) {
            self.failed(hosted, error);
        }
    }

    fn recovered(&self, hosted: &Hosted) {
        self.tell(&Notice::StoreRecovered {
            platform: hosted.appid().clone(),
        });
    }

    fn failed(&self, hosted: &Hosted, error: String) {
        self.tell(&Notice::StoreFailed {
            platform: hosted.appid().clone(),
            error,
        });
    }
}

/// Tests the stores of all platforms until `stop` says so.
pub(super) async fn run(shared: Shared, stop: Stop) {
    let mut platforms = JoinSet::new();
    for index in 0..shared.options().platforms.len() {
        platforms.spawn(test_regularly(shared.clone(), index, stop.clone()));
    }
    while platforms.join_next().await.is_some() {}
}

async fn test_regularly(shared: Shared, index: usize, mut stop: Stop) {
    let hosted = &shared.options().platforms[index];
    let mut turns = interval(TEST_AGAIN);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tested: Option<Instant> = None;
    loop {
        tokio::select! {
            _ = turns.tick() => {}
            () = stopped(&mut stop) => return,
        }
        let is_due = tested.is_none_or(|at| at.elapsed() >= TEST);
        let writes = &shared.inner.writes;
        let is_doubtful = writes.take_doubtful(hosted.appid());
        if is_due || is_doubtful || writes.failed(hosted.appid()) {
            tokio::select! {
                () = test(&shared, hosted) => {}
                () = stopped(&mut stop) => return,
            }
            tested = Some(Instant::now());
        }
    }
}

async fn test(shared: &Shared, hosted: &Hosted) {
    let platform = &hosted.platform;
    let store = platform.store().until(Instant::now() + health::PATIENCE);
    // A disk that hangs knows no deadline.
    let limit = health::PATIENCE + Duration::from_secs(1);
    match timeout(limit, store.test_write(platform.key())).await {
        Ok(Ok(())) => shared.test_written(hosted),
        Ok(Err(error)) => shared.test_not_written(hosted, error.to_string()),
        Err(_) => shared.test_not_written(hosted, super::opening::NO_ANSWER.to_owned()),
    }
}
