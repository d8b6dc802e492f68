//! Asking for the details of merchants, with a writer behind that stores what comes in batches.

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle, JoinSet};

use crate::store::observations::{ChangeKind, ChangeSource, Listed, Observation, Profile};
use crate::sys::crash;
use crate::wechat::id::Appid;

use super::bulk::Pace;
use super::{Failed, FlowError, Happening, Platform, Synced, observe};

/// Observations written in one transaction.
const BATCH: usize = 500;

type Looked = (Appid, Result<(), FlowError>);

/// Details being asked for, and the writer.
pub(super) struct Pull {
    platform: Platform,
    pace: Pace,
    looking: JoinSet<Looked>,
    observations: mpsc::Sender<Observation>,
    writer: JoinHandle<Result<Changes, FlowError>>,
    done: u64,
    synced: Synced,
}

impl Pull {
    pub(super) fn start(platform: &Platform, pace: &Pace, total: u64) -> Self {
        let (observations, received) = mpsc::channel(2 * BATCH);
        Self {
            platform: platform.clone(),
            pace: pace.clone(),
            looking: JoinSet::new(),
            observations,
            writer: tokio::spawn(write(platform.clone(), received)),
            done: 0,
            synced: Synced {
                total,
                ..Synced::default()
            },
        }
    }

    /// Whether going on is pointless.
    pub(super) fn stopped(&self) -> bool {
        self.synced.stopped || self.pace.is_stopped()
    }

    /// Stores a row of the list whose details are known well enough.
    pub(super) async fn keep(&mut self, row: Listed, as_of: Timestamp) {
        let source = ChangeSource::Sync;
        let seen = Observation {
            listed: Some(row),
            profile: None,
            as_of,
            source,
        };
        // A closed channel means that the writer failed: `finish` says why.
        self.synced.stopped |= self.observations.send(seen).await.is_err();
        self.done += 1;
    }

    /// Asks for the details behind a row that was read at `as_of`, and stores both.
    pub(super) async fn look(&mut self, row: Listed, as_of: Timestamp) {
        let turn = self.pace.turn().await;
        while let Some(finished) = self.looking.try_join_next() {
            self.count(finished);
        }
        if self.stopped() {
            return;
        }
        let pace = self.pace.clone();
        let (platform, observations) = (self.platform.clone(), self.observations.clone());
        // Boxed, because a task is moved a dozen times on its way, whole each time.
        self.looking.spawn(Box::pin(async move {
            let appid = row.appid.clone();
            let asked_at = platform.clock().now();
            let outcome = platform.info(&appid).await;
            let (profile, outcome) = match outcome {
                Ok(info) => (Some(observe::profile(&appid, info)), Ok(())),
                Err(error) => (None, Err(error)),
            };
            for seen in both(row, as_of, profile, asked_at) {
                let _ = observations.send(seen).await;
            }
            pace.heed(&outcome);
            // Only now: a slow writer must slow the calls, or answers pile up in memory.
            drop(turn);
            (appid, outcome)
        }));
    }

    fn count(&mut self, finished: Result<Looked, JoinError>) {
        self.done += 1;
        let (done, total) = (self.done, self.synced.total);
        self.platform.tell(Happening::Progress { done, total });
        let Ok((appid, outcome)) = finished else {
            return;
        };
        if let Err(error) = outcome {
            self.synced.failed.push(Failed { appid, error });
        }
    }

    /// Waits for what is under way and is being written.
    pub(super) async fn finish(mut self) -> Result<Synced, FlowError> {
        while let Some(finished) = self.looking.join_next().await {
            self.count(finished);
        }
        self.synced.stopped = self.stopped();
        drop(self.observations);
        let changes = self.writer.await.map_err(|error| FlowError::Broken {
            detail: error.to_string(),
        })??;
        self.synced.added = changes.added;
        self.synced.updated = changes.updated;
        let Synced { added, updated, .. } = &mut self.synced;
        added.sort_unstable();
        // A row whose list and details came apart changed twice and is told once.
        updated.retain(|appid| added.binary_search(appid).is_err());
        updated.sort_unstable();
        updated.dedup();
        self.synced.failed.sort_by(|a, b| a.appid.cmp(&b.appid));
        let told = |appid: &Appid| {
            let Synced { added, updated, .. } = &self.synced;
            added.binary_search(appid).is_ok() || updated.binary_search(appid).is_ok()
        };
        let failed = self
            .synced
            .failed
            .iter()
            .filter(|failed| !told(&failed.appid))
            .count();
        let changed = self.synced.added.len() + self.synced.updated.len() + failed;
        self.synced.unchanged = self.done.saturating_sub(changed as u64);
        Ok(self.synced)
    }
}

/// What list and details said, each with its own time: the list may have been read long before.
fn both(
    mut row: Listed,
    as_of: Timestamp,
    profile: Option<Profile>,
    asked_at: Timestamp,
) -> impl Iterator<Item = Observation> {
    let source = ChangeSource::Sync;
    let told = profile
        .as_ref()
        .is_some_and(|profile| profile.refresh_token.is_some());
    if told {
        // Mostly one observation is enough: nothing of the list's row but who is left then.
        row.refresh_token = None;
        let seen = Observation {
            listed: Some(row),
            profile,
            as_of: asked_at,
            source,
        };
        return [Some(seen), None].into_iter().flatten();
    }
    // Without details, or with those of older shapes, the row's refresh token must not be lost.
    let listed = Observation {
        listed: Some(row),
        profile: None,
        as_of,
        source,
    };
    let told = Observation {
        listed: None,
        profile,
        as_of: asked_at,
        source,
    };
    [Some(listed), told.profile.is_some().then_some(told)]
        .into_iter()
        .flatten()
}

/// What the writer did: who and what, by the hundred thousand, and no more.
#[derive(Default)]
struct Changes {
    added: Vec<Appid>,
    updated: Vec<Appid>,
}

/// Writes observations in batches, as they come.
async fn write(
    platform: Platform,
    mut received: mpsc::Receiver<Observation>,
) -> Result<Changes, FlowError> {
    let mut changes = Changes::default();
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if received.recv_many(&mut batch, BATCH).await == 0 {
            return Ok(changes);
        }
        for change in platform.store().observe(platform.key(), batch).await? {
            match change.kind {
                ChangeKind::Added => changes.added.push(change.appid),
                ChangeKind::Updated | ChangeKind::Reauthorized => {
                    changes.updated.push(change.appid);
                }
                ChangeKind::Unchanged | ChangeKind::Outdated => {}
            }
        }
        crash::point("sync:observed");
    }
}
