//! The merchants as WeChat knows them, brought into the store.
//!
//! A merchant counts as ended only after a complete pass over the list with an unchanged total
//! **and** WeChat's 61003 to an info call. When more than 1 % (at least 5) would go, the sync
//! stops and asks instead.

use std::collections::HashMap;
use std::time::Duration;

use crate::store::observations::{ChangeSource, Listed};
use crate::store::roster::{AuthorizationStatus, Known};
use crate::sys::crash;
use crate::wechat::errcode;
use crate::wechat::id::Appid;
use jiff::{SignedDuration, Timestamp};

use super::bulk::Pace;
use super::listing::Listing;
use super::pull::Pull;
use super::{BulkLimits, Failed, FlowError, Happening, Platform};

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
        crash::point("sync:begun");
        let known = self.load_known().await?;
        let believable = believable(&known);
        let pace = Pace::new(options.limits);
        let listing = self
            .read_list(&pace, |listing| {
                missing(&known, listing).len() as u64 <= believable
            })
            .await?;
        let (complete, missing) = (listing.complete, missing(&known, &listing));
        let (total, listed) = (listing.total, listing.rows.len() as u64);
        let due_before = match (options.full, run.resumed) {
            // Moments are kept in seconds: one that equals the beginning may be older.
            (true, false) => Timestamp::MAX,
            (true, true) => run.started_at,
            (false, _) => began - options.max_age,
        };
        let mut synced = self.pull(listing, &known, due_before, &pace).await?;
        if synced.stopped {
            return Ok(synced);
        }
        if !complete {
            return Err(FlowError::ListUnstable {
                total,
                seen: listed,
            });
        }
        if !options.allow_shrink && missing.len() as u64 > believable {
            return Err(FlowError::Shrinking {
                missing,
                known: standing(&known),
            });
        }
        self.end_confirmed(missing, &pace, &mut synced).await?;
        if !synced.stopped {
            crash::point("sync:finishing");
            self.store()
                .finish_sync(self.key(), run, synced.total)
                .await?;
        }
        Ok(synced)
    }

    /// Stores every row of the list, with details where they are due. In the order of appids, which
    /// is the store's own: a hundred thousand rows in any other order cost it many times the work.
    async fn pull(
        &self,
        listing: Listing,
        known: &HashMap<Appid, Known>,
        due_before: Timestamp,
        pace: &Pace,
    ) -> Result<Synced, FlowError> {
        let stands = |row: &Listed| {
            known.get(&row.appid).is_some_and(|known| {
                known.status != AuthorizationStatus::Revoked
                    && known.authorized_at >= row.authorized_at
                    && known.synced_at.is_some_and(|at| at >= due_before)
            })
        };
        let calls = listing.rows.iter().filter(|row| !stands(row)).count() as u64;
        if calls > 0 {
            let quota_left = self
                .quota_left("/cgi-bin/component/api_get_authorizer_info")
                .await;
            self.tell(Happening::Planned { calls, quota_left });
        }
        let mut pull = Pull::start(self, pace, listing.total);
        for row in listing.rows {
            if stands(&row) {
                pull.keep(row, listing.as_of).await;
            } else {
                pull.look(row, listing.as_of).await;
            }
            if pull.stopped() {
                break;
            }
        }
        pull.finish().await
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
        pace: &Pace,
        synced: &mut Synced,
    ) -> Result<(), FlowError> {
        for appid in missing {
            let _turn = pace.turn().await;
            let asked_at = self.clock().now();
            let outcome = self.look_at(&appid, ChangeSource::Sync).await;
            pace.heed(&outcome);
            match outcome {
                Err(FlowError::Api(error)) if error.errcode() == Some(errcode::NOT_AUTHORIZED) => {
                    self.mark_ended(&appid, asked_at, ChangeSource::Sync)
                        .await?;
                    synced.revoked.push(appid);
                }
                Err(error) => synced.failed.push(Failed { appid, error }),
                // It stands, though the list left it out.
                Ok(()) => synced.unchanged += 1,
            }
            if pace.is_stopped() {
                synced.stopped = true;
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

/// Merchants that stand in the store and are not in the list, sorted.
fn missing(known: &HashMap<Appid, Known>, listing: &Listing) -> Vec<Appid> {
    let mut missing: Vec<_> = known
        .values()
        .filter(|row| row.status != AuthorizationStatus::Revoked)
        .filter(|row| !listing.has(&row.appid))
        .map(|row| row.appid.clone())
        .collect();
    missing.sort_unstable();
    missing
}
