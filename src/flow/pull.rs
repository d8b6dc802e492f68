//! Reading WeChat's account list: row by row, details where they are due, a writer behind both.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::store::{
    AuthorizationStatus, Change, ChangeKind, ChangeSource, Known, Listed, Observation,
};
use crate::wechat::id::Appid;
use crate::wechat::wire::ListPage;

use super::bulk::Pace;
use super::{Failed, FlowError, Happening, Platform, SyncOptions, Synced, observe};

/// Observations written in one transaction.
const BATCH: usize = 500;

type Looked = (Appid, Result<(), FlowError>);

/// The list being read, details being asked for, and a writer behind both.
pub(super) struct Pull<'a> {
    platform: &'a Platform,
    due_before: Timestamp,
    pace: Pace,
    pub(super) seen: HashSet<Appid>,
    pub(super) synced: Synced,
    looking: JoinSet<Looked>,
    observations: mpsc::Sender<Observation>,
    writer: tokio::task::JoinHandle<Result<Vec<Change>, FlowError>>,
    done: u64,
}

impl<'a> Pull<'a> {
    pub(super) fn start(
        platform: &'a Platform,
        options: SyncOptions,
        due_before: Timestamp,
    ) -> Self {
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
    pub(super) async fn pass(&mut self, known: &HashMap<Appid, Known>) -> Result<bool, FlowError> {
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
                            .authorizer_list(appid, &token, offset, ListPage::LIMIT)
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

    pub(super) async fn finish(mut self) -> Result<(HashSet<Appid>, Synced), FlowError> {
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
