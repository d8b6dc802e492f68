//! Passes over WeChat's account list, which may end early and go on later.

use std::time::Duration;

use jiff::Timestamp;

use super::engine::Durability;
use super::ops::syncs;
use super::records::{Reads, Records};
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
        let now = now.as_second();
        let decide = move |records: &mut Records, _| {
            let passes = &mut records.passes;
            Ok(syncs::begin(passes, full, now, resume_window))
        };
        self.transact(key, all(), Durability::Cached, decide).await
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
        let decide = move |records: &mut Records, now| {
            syncs::finish(&mut records.passes, run.id, total, now);
            Ok(())
        };
        self.transact(key, all(), Durability::Durable, decide).await
    }

    /// When the last complete pass ended, and the total it found.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_sync(
        &self,
        key: &PlatformKey,
    ) -> Result<Option<(Timestamp, u64)>, StoreError> {
        let passes = self.load(key, all()).await?.passes.all;
        let last = syncs::last(&passes);
        Ok(last.map(|(pass, ended)| (ended, pass.total.unwrap_or(0))))
    }
}

fn all() -> Reads {
    Reads {
        passes: true,
        ..Reads::default()
    }
}
