//! The merchants as WeChat knows them, brought into the store.
//!
//! A merchant counts as ended only after a complete pass over the list with an unchanged total
//! **and** WeChat's 61003 to an info call. When more than 1 % (at least 5) would go, the sync
//! stops and asks instead.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::store::{
    AuthorizationStatus, Change, ChangeKind, ChangeSource, Known, Listed, Observation,
};
use crate::wechat::errcode;
use crate::wechat::id::Appid;

use super::bulk::Pace;
use super::{BulkLimits, Failed, FlowError, Happening, Platform, observe};

/// Rows asked for per page: the most WeChat gives.
pub(super) const PAGE: u32 = 500;

/// Observations written in one transaction.
const BATCH: usize = 500;

/// Passes over a list that moves before giving up.
const PASSES: usize = 4;

/// An unfinished sync younger than this is taken up again.
const RESUME_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// How to sync.
#[derive(Clone, Copy, Debug)]
pub struct SyncOptions {
    /// Ask for every merchant's details, not only of those that are new, changed or old.
    pub full: bool,
    /// Details older than this are asked for again.
    pub max_age: SignedDuration,
    /// Mark merchants as ended even when they are many.
    pub allow_shrink: bool,
    /// How hard to press WeChat.
    pub limits: BulkLimits,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            full: false,
            max_age: SignedDuration::from_hours(7 * 24),
            allow_shrink: false,
            limits: BulkLimits::default(),
        }
    }
}

/// What a sync found.
#[derive(Debug, Default)]
pub struct Synced {
    /// What WeChat's list says it holds.
    pub total: u64,
    /// Merchants the store did not know.
    pub added: Vec<Appid>,
    /// Merchants that changed, or authorized again.
    pub updated: Vec<Appid>,
    /// Merchants that ended their authorization.
    pub revoked: Vec<Appid>,
    /// Merchants that are as they were.
    pub unchanged: u64,
    /// Merchants whose details could not be had.
    pub failed: Vec<Failed>,
    /// Whether it stopped early; running it again goes on with the rest.
    pub stopped: bool,
}

impl Platform {
    /// Pulls the account list and the details that are due.
    ///
    /// # Errors
    /// What ends the whole work; [`FlowError::Shrinking`] when too many merchants are missing
    /// (what was found until then is stored). What fails for one merchant is in
    /// [`Synced::failed`].
    pub async fn sync(&self, options: SyncOptions) -> Result<Synced, FlowError> {
        let began = self.clock().now();
        let run = self
            .store()
            .begin_sync(self.key(), options.full, began, RESUME_WINDOW)
            .await?;
        if run.resumed {
            self.tell(Happening::Resumed);
        }
        let known = self.load_known().await?;
        let due_before = match (options.full, run.resumed) {
            // Moments are kept in seconds: one that equals the beginning may be older.
            (true, false) => Timestamp::MAX,
            (true, true) => run.started_at,
            (false, _) => began - options.max_age,
        };
        let mut pull = Pull::start(self, options, due_before);
        let mut complete = false;
        for pass in 0..PASSES {
            complete = pull.pass(&known).await?;
            if pull.synced.stopped {
                break;
            }
            // One odd answer, an empty list for example, must not end anybody: look twice.
            let missing = missing(&known, &pull.seen).len() as u64;
            if complete && (pass > 0 || missing <= believable(&known)) {
                break;
            }
        }
        let (seen, mut synced) = pull.finish().await?;
        if synced.stopped {
            return Ok(synced);
        }
        if !complete {
            return Err(FlowError::ListUnstable {
                total: synced.total,
                seen: seen.len() as u64,
            });
        }
        let missing = missing(&known, &seen);
        if !options.allow_shrink && missing.len() as u64 > believable(&known) {
            return Err(FlowError::Shrinking {
                missing,
                known: standing(&known),
            });
        }
        self.end_confirmed(missing, options.limits, &mut synced)
            .await?;
        if !synced.stopped {
            self.store()
                .finish_sync(self.key(), run, synced.total)
                .await?;
        }
        Ok(synced)
    }

    async fn load_known(&self) -> Result<HashMap<Appid, Known>, FlowError> {
        let mut known = HashMap::new();
        let mut after = None;
        loop {
            let page = self
                .store()
                .known(self.key(), after.as_ref(), 5_000)
                .await?;
            let Some(last) = page.last() else {
                return Ok(known);
            };
            after = Some(last.appid.clone());
            known.extend(page.into_iter().map(|row| (row.appid.clone(), row)));
        }
    }

    /// Marks those of `missing` for whom WeChat answers 61003.
    async fn end_confirmed(
        &self,
        missing: Vec<Appid>,
        limits: BulkLimits,
        synced: &mut Synced,
    ) -> Result<(), FlowError> {
        let pace = Pace::new(limits);
        for appid in missing {
            let outcome = {
                let _turn = pace.turn().await;
                self.look_at(&appid, ChangeSource::Sync).await
            };
            if pace.should_stop(&outcome) {
                synced.stopped = true;
            }
            match outcome {
                Err(FlowError::Api(error)) if error.errcode() == Some(errcode::NOT_AUTHORIZED) => {
                    self.mark_ended(&appid, self.clock().now(), ChangeSource::Sync)
                        .await?;
                    synced.revoked.push(appid);
                }
                Err(error) => synced.failed.push(Failed { appid, error }),
                // It stands, though the list left it out.
                Ok(()) => synced.unchanged += 1,
            }
            if synced.stopped {
                break;
            }
        }
        Ok(())
    }
}

fn standing(known: &HashMap<Appid, Known>) -> u64 {
    known
        .values()
        .filter(|row| row.status != AuthorizationStatus::Revoked)
        .count() as u64
}

/// How many merchants may go without asking: 1 %, but five at least.
fn believable(known: &HashMap<Appid, Known>) -> u64 {
    (standing(known) / 100).max(5)
}

fn missing(known: &HashMap<Appid, Known>, seen: &HashSet<Appid>) -> Vec<Appid> {
    let mut missing: Vec<_> = known
        .values()
        .filter(|row| row.status != AuthorizationStatus::Revoked && !seen.contains(&row.appid))
        .map(|row| row.appid.clone())
        .collect();
    missing.sort_unstable();
    missing
}

type Looked = (Appid, Result<(), FlowError>);

/// The list being read, details being asked for, and a writer behind both.
struct Pull<'a> {
    platform: &'a Platform,
    due_before: Timestamp,
    pace: Pace,
    seen: HashSet<Appid>,
    synced: Synced,
    looking: JoinSet<Looked>,
    observations: mpsc::Sender<Observation>,
    writer: tokio::task::JoinHandle<Result<Vec<Change>, FlowError>>,
    done: u64,
}

impl<'a> Pull<'a> {
    fn start(platform: &'a Platform, options: SyncOptions, due_before: Timestamp) -> Self {
        let (observations, received) = mpsc::channel(2 * BATCH);
        let writer = tokio::spawn(write(platform.clone(), received));
        Self {
            platform,
            due_before,
            pace: Pace::new(options.limits),
            seen: HashSet::new(),
            synced: Synced::default(),
            looking: JoinSet::new(),
            observations,
            writer,
            done: 0,
        }
    }

    /// Reads the list once; `true` when it was whole and held still.
    async fn pass(&mut self, known: &HashMap<Appid, Known>) -> Result<bool, FlowError> {
        let mut offset = 0;
        let mut first_total = None;
        let mut in_this_pass = HashSet::new();
        loop {
            let as_of = self.platform.clock().now();
            let platform = self.platform;
            let page = {
                let _turn = self.pace.turn().await;
                platform
                    .with_component_token(|token| async move {
                        let appid = platform.component_appid();
                        platform
                            .api()
                            .authorizer_list(appid, &token, offset, PAGE)
                            .await
                    })
                    .await?
            };
            let total = page.total_count;
            let before = *first_total.get_or_insert(total);
            self.synced.total = total;
            let rows = page.list.len() as u64;
            for row in page.list {
                in_this_pass.insert(row.appid.clone());
                if self.seen.insert(row.appid.clone()) {
                    self.take(observe::listed(row), known, as_of).await?;
                }
                if self.synced.stopped {
                    return Ok(false);
                }
            }
            offset += rows;
            if rows == 0 || offset >= total {
                let complete = before == total && in_this_pass.len() as u64 == total;
                if !complete {
                    self.platform.tell(Happening::ListMoved {
                        before,
                        after: total,
                    });
                }
                return Ok(complete);
            }
        }
    }

    /// One row of the list: asks for details where they are due, else passes the row on.
    async fn take(
        &mut self,
        row: Listed,
        known: &HashMap<Appid, Known>,
        as_of: Timestamp,
    ) -> Result<(), FlowError> {
        while let Some(finished) = self.looking.try_join_next() {
            self.count(finished);
        }
        let stands = known.get(&row.appid).filter(|known| {
            known.status != AuthorizationStatus::Revoked
                && known.authorized_at == row.authorized_at
                && known.synced_at.is_some_and(|at| at >= self.due_before)
        });
        if stands.is_some() {
            self.done += 1;
            let source = ChangeSource::Sync;
            let seen = Observation {
                listed: Some(row),
                profile: None,
                as_of,
                source,
            };
            return self.pass_on(seen).await;
        }
        let turn = self.pace.turn().await;
        let (platform, observations) = (self.platform.clone(), self.observations.clone());
        self.looking.spawn(async move {
            let appid = row.appid.clone();
            let as_of = platform.clock().now();
            let outcome = platform
                .with_component_token(|token| {
                    let (platform, appid) = (&platform, &appid);
                    async move {
                        platform
                            .api()
                            .authorizer_info(platform.component_appid(), &token, appid)
                            .await
                    }
                })
                .await;
            drop(turn);
            let (profile, outcome) = match outcome {
                Ok(info) => (Some(observe::profile(&appid, info)), Ok(())),
                Err(error) => (None, Err(error)),
            };
            let source = ChangeSource::Sync;
            // Even without details the row's refresh token must not be lost.
            let seen = Observation {
                listed: Some(row),
                profile,
                as_of,
                source,
            };
            let _ = observations.send(seen).await;
            (appid, outcome)
        });
        Ok(())
    }

    async fn pass_on(&mut self, observation: Observation) -> Result<(), FlowError> {
        // A closed channel means that the writer failed: `finish` says why.
        if self.observations.send(observation).await.is_err() {
            self.synced.stopped = true;
        }
        Ok(())
    }

    fn count(&mut self, finished: Result<Looked, tokio::task::JoinError>) {
        self.done += 1;
        let (done, total) = (self.done, self.synced.total);
        self.platform.tell(Happening::Progress { done, total });
        let Ok((appid, outcome)) = finished else {
            return;
        };
        self.synced.stopped |= self.pace.should_stop(&outcome);
        if let Err(error) = outcome {
            self.synced.failed.push(Failed { appid, error });
        }
    }

    async fn finish(mut self) -> Result<(HashSet<Appid>, Synced), FlowError> {
        while let Some(finished) = self.looking.join_next().await {
            self.count(finished);
        }
        drop(self.observations);
        let changes = self.writer.await.map_err(|error| FlowError::Broken {
            detail: error.to_string(),
        })??;
        for change in changes {
            match change.kind {
                ChangeKind::Added => self.synced.added.push(change.appid),
                ChangeKind::Unchanged => self.synced.unchanged += 1,
                _ => self.synced.updated.push(change.appid),
            }
        }
        self.synced.added.sort_unstable();
        self.synced.updated.sort_unstable();
        self.synced.failed.sort_by(|a, b| a.appid.cmp(&b.appid));
        Ok((self.seen, self.synced))
    }
}

/// Writes observations in batches, as they come.
async fn write(
    platform: Platform,
    mut received: mpsc::Receiver<Observation>,
) -> Result<Vec<Change>, FlowError> {
    let mut changes = Vec::new();
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if received.recv_many(&mut batch, BATCH).await == 0 {
            return Ok(changes);
        }
        changes.extend(platform.store().observe(platform.key(), batch).await?);
    }
}
