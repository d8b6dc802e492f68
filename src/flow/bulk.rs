//! Many calls to WeChat: bounded, paced, stopped when going on is pointless.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::api::ApiError;
use crate::store::tokens::TokenOwner;
use crate::wechat::errcode;
use crate::wechat::id::Appid;

use super::{FlowError, Platform};

/// Failures to reach WeChat in a row after which bulk work stops.
const PATIENCE: u32 = 10;

/// How hard bulk work may press WeChat.
#[derive(Clone, Copy, Debug)]
pub struct BulkLimits {
    /// Calls in flight at once; at least 1.
    pub concurrency: usize,
    /// Calls begun a second; 0 is no limit.
    pub rate: u32,
}

impl Default for BulkLimits {
    fn default() -> Self {
        Self {
            concurrency: 8,
            rate: 50,
        }
    }
}

/// One merchant that bulk work failed for.
#[derive(Debug)]
pub struct Failed {
    /// Which.
    pub appid: Appid,
    /// Why.
    pub error: FlowError,
}

/// The right to have one call under way.
pub(super) type Turn = OwnedSemaphorePermit;

/// Hands out turns to call WeChat.
#[derive(Clone)]
pub(super) struct Pace {
    permits: Arc<Semaphore>,
    interval: Option<Duration>,
    next: Arc<Mutex<Instant>>,
    unreachable_in_a_row: Arc<AtomicU32>,
    stopped: Arc<AtomicBool>,
}

impl Pace {
    pub(super) fn new(limits: BulkLimits) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(limits.concurrency.max(1))),
            interval: (limits.rate > 0).then(|| Duration::from_secs(1) / limits.rate),
            next: Arc::new(Mutex::new(Instant::now())),
            unreachable_in_a_row: Arc::default(),
            stopped: Arc::default(),
        }
    }

    /// Waits for a turn; it is over when the permit is dropped.
    pub(super) async fn turn(&self) -> Turn {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        if let Some(interval) = self.interval {
            let slot = {
                let mut next = self.next.lock().await;
                let slot = (*next).max(Instant::now());
                *next = slot + interval;
                slot
            };
            tokio::time::sleep_until(slot).await;
        }
        #[allow(
            clippy::expect_used,
            reason = "the semaphore lives in self and is never closed"
        )]
        permit.expect("an open semaphore")
    }

    /// Takes note of an outcome, before its turn ends: whoever has the next turn must know.
    pub(super) fn heed<T>(&self, outcome: &Result<T, FlowError>) {
        if self.ends_the_work(outcome) {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Whether going on is pointless or would do harm.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// The quota is used up, every call must fail as this one did, nothing can be stored, or WeChat
    /// cannot be reached time after time.
    fn ends_the_work<T>(&self, outcome: &Result<T, FlowError>) -> bool {
        let unreachable = match outcome {
            Ok(_) => false,
            Err(FlowError::Api(ApiError::Refused { refusal, .. })) => {
                let code = refusal.errcode;
                return code == errcode::QUOTA_USED_UP
                    || code == errcode::ADDRESS_NOT_LISTED
                    || errcode::is_credential(code);
            }
            Err(FlowError::Api(error)) => {
                matches!(
                    error,
                    ApiError::Unreachable { .. } | ApiError::AnswerLost { .. }
                )
            }
            Err(
                FlowError::Store(_)
                | FlowError::ExchangeNotStored { .. }
                | FlowError::Command(_)
                | FlowError::NoTicket
                | FlowError::TicketDead { .. }
                | FlowError::NoAppsecret
                | FlowError::NotMinting(_)
                | FlowError::LockTimeout {
                    owner: TokenOwner::Component,
                    ..
                },
            ) => return true,
            Err(_) => false,
        };
        if !unreachable {
            self.unreachable_in_a_row.store(0, Ordering::Relaxed);
        }
        unreachable && self.unreachable_in_a_row.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE
    }
}

/// Pieces of bulk work under way, one for a merchant. Each is carried to its end, also when nobody
/// waits for it any more: what WeChat answers must be stored.
#[derive(Default)]
pub(super) struct Running {
    tasks: JoinSet<Result<(), FlowError>>,
    appids: HashMap<Id, Appid>,
}

/// Whose piece is over, and how it ended.
pub(super) type Ended = (Appid, Result<(), FlowError>);

impl Running {
    /// How many are under way, or over and not asked for.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Begins the work for `appid`, which [`Platform::settled`] waits for.
    pub(super) fn begin(
        &mut self,
        platform: &Platform,
        appid: Appid,
        // Boxed, because a task is moved a dozen times on its way, whole each time.
        work: Pin<Box<impl Future<Output = Result<(), FlowError>> + Send + 'static>>,
    ) {
        let unfinished = platform.begin_unfinished();
        let task = self.tasks.spawn(async move {
            let outcome = work.await;
            drop(unfinished);
            outcome
        });
        self.appids.insert(task.id(), appid);
    }

    /// The next piece that is over; `None` when none is under way.
    pub(super) async fn next(&mut self) -> Option<Ended> {
        let ended = self.tasks.join_next_with_id().await?;
        self.ended(ended)
    }

    /// A piece that is over by now, if there is one.
    pub(super) fn next_over(&mut self) -> Option<Ended> {
        let ended = self.tasks.try_join_next_with_id()?;
        self.ended(ended)
    }

    fn ended(&mut self, ended: Result<(Id, Result<(), FlowError>), JoinError>) -> Option<Ended> {
        let (id, outcome) = ended.unwrap_or_else(|error| {
            let detail = error.to_string();
            (error.id(), Err(FlowError::Broken { detail }))
        });
        Some((self.appids.remove(&id)?, outcome))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.detach_all();
    }
}
