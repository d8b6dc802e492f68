//! Passes over WeChat's account list, which may end early and go on later.

use std::time::Duration;

use jiff::Timestamp;

use crate::sys::clock::timestamp;

use super::handle::database_or;
use super::sqlite::{Weight, passes};
use super::{PlatformKey, Store, StoreError};

/// One pass over the account list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncRun {
    /// Its number.
    pub id: i64,
    /// When it began, which is earlier than this process when it is resumed.
    pub started_at: Timestamp,
    /// Whether an unfinished one goes on.
    pub resumed: bool,
}

impl SyncRun {
    /// A pass that begins now.
    pub(super) fn begun(id: i64, now: Timestamp) -> Self {
        Self {
            id,
            started_at: timestamp(now.as_second()),
            resumed: false,
        }
    }
}

impl Store {
    /// Begins a pass, or goes on with the unfinished one of the same kind that began within
    /// `resume_window` before `now`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn begin_sync(
        &self,
        key: &PlatformKey,
        full: bool,
        now: Timestamp,
        resume_window: Duration,
    ) -> Result<SyncRun, StoreError> {
        let database = database_or!(self, redis => redis.begin_sync(key, full, now, resume_window));
        let key = key.clone();
        database
            .write(Weight::cached(1), move |connection| {
                passes::begin(connection, &key, full, now, resume_window)
            })
            .await
    }

    /// Notes that the pass is complete and how many accounts WeChat has. Older unfinished passes
    /// are dropped: this one knows more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn finish_sync(
        &self,
        key: &PlatformKey,
        run: SyncRun,
        total: u64,
    ) -> Result<(), StoreError> {
        let database = database_or!(self, redis => redis.finish_sync(key, run, total));
        let (key, now) = (key.clone(), database.now());
        database
            .write(Weight::durable(1), move |connection| {
                passes::finish(connection, &key, run, total, now)
            })
            .await
    }

    /// When the last complete pass ended, and the total it found.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_sync(
        &self,
        key: &PlatformKey,
    ) -> Result<Option<(Timestamp, u64)>, StoreError> {
        let database = database_or!(self, redis => redis.last_sync(key));
        let key = key.clone();
        database
            .read(move |connection| passes::last(connection, &key))
            .await
    }
}
