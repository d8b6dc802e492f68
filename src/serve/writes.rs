//! Whether the stores can be written: what the last write of each platform showed.
//!
//! Pushes show it while they come. A test write shows it without them: once a minute, and every few
//! seconds while the last write failed, so that `/healthz` changes back without a restart.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::wechat::id::ComponentAppid;

use super::server::{Stop, stopped};
use super::shared::Shared;
use super::{Hosted, Notice, health};

/// How often a store is tested that could be written.
const TEST: Duration = Duration::from_secs(60);
/// How often one is tested that could not.
const TEST_AGAIN: Duration = Duration::from_secs(5);

/// The platforms whose last write failed.
#[derive(Default)]
pub(super) struct Writes {
    failed: Mutex<BTreeSet<ComponentAppid>>,
}

impl Writes {
    /// Whether the last write failed.
    pub(super) fn failed(&self, platform: &ComponentAppid) -> bool {
        self.with(|failed| failed.contains(platform))
    }

    /// A write succeeded; whether the one before failed.
    fn set_succeeded(&self, platform: &ComponentAppid) -> bool {
        self.with(|failed| failed.remove(platform))
    }

    /// A write failed; whether the one before succeeded.
    fn set_failed(&self, platform: &ComponentAppid) -> bool {
        self.with(|failed| failed.insert(platform.clone()))
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeSet<ComponentAppid>) -> T) -> T {
        act(&mut self.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    /// What a push brought was written.
    pub(super) fn written(&self, hosted: &Hosted) {
        if self.inner.writes.set_succeeded(hosted.appid()) {
            self.tell(&Notice::StoreRecovered {
                platform: hosted.appid().clone(),
            });
        }
    }

    /// What a push brought was not written.
    pub(super) fn not_written(&self, hosted: &Hosted, error: String) {
        self.inner.writes.set_failed(hosted.appid());
        self.tell(&Notice::StoreFailed {
            platform: hosted.appid().clone(),
            error,
        });
    }

    /// The same of a test write, of which there may be many: only the first failure is reported.
    fn test_not_written(&self, hosted: &Hosted, error: String) {
        if self.inner.writes.set_failed(hosted.appid()) {
            self.tell(&Notice::StoreFailed {
                platform: hosted.appid().clone(),
                error,
            });
        }
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
        if is_due || shared.inner.writes.failed(hosted.appid()) {
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
        Ok(Ok(())) => shared.written(hosted),
        Ok(Err(error)) => shared.test_not_written(hosted, error.to_string()),
        Err(_) => shared.test_not_written(hosted, super::opening::NO_ANSWER.to_owned()),
    }
}
