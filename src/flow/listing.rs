//! WeChat's account list, read whole.
//!
//! The list comes in pages while merchants come and go. A pass is complete when the total is the
//! same at its start and its end and as many different accounts were seen; what other passes saw
//! is kept too.

use jiff::Timestamp;

use crate::api::ListWalk;
use crate::store::observations::Listed;
use crate::wechat::id::Appid;
use crate::wechat::wire::ListPage;

use super::bulk::Pace;
use super::{FlowError, Happening, Platform, observe};

/// Passes over a list that moves before giving up.
const PASSES: usize = 4;

/// The account list.
pub(super) struct Listing {
    /// Every account seen, once, sorted by appid.
    pub(super) rows: Vec<Listed>,
    /// What the list said it holds, last.
    pub(super) total: u64,
    /// When the first request began.
    pub(super) as_of: Timestamp,
    /// Whether one pass was whole and held still.
    pub(super) complete: bool,
}

impl Listing {
    /// Whether the account was seen.
    pub(super) fn has(&self, appid: &Appid) -> bool {
        self.rows
            .binary_search_by(|row| row.appid.cmp(appid))
            .is_ok()
    }

    /// Adds what another pass saw, which counts more than what was seen before.
    fn add(&mut self, mut seen: Vec<Listed>) {
        seen.append(&mut self.rows);
        sort(&mut seen);
        self.rows = seen;
    }
}

/// By appid, the first of each alone.
fn sort(rows: &mut Vec<Listed>) {
    rows.sort_by(|a, b| a.appid.cmp(&b.appid));
    rows.dedup_by(|later, first| later.appid == first.appid);
}

impl Platform {
    /// Reads the list until a pass is complete; an implausible first one is read again.
    ///
    /// # Errors
    /// What WeChat or the component token says.
    pub(super) async fn read_list(
        &self,
        pace: &Pace,
        plausible: impl Fn(&Listing) -> bool,
    ) -> Result<Listing, FlowError> {
        let as_of = self.clock().now();
        let mut listing = Listing {
            rows: Vec::new(),
            total: 0,
            as_of,
            complete: false,
        };
        for pass in 0..PASSES {
            let complete = self.read_pass(pace, &mut listing).await?;
            // One odd answer, an empty list for example, must not end anybody: look twice.
            if complete && (pass > 0 || plausible(&listing)) {
                listing.complete = true;
                break;
            }
        }
        Ok(listing)
    }

    /// Reads the list once; `true` when it was whole and held still.
    async fn read_pass(&self, pace: &Pace, listing: &mut Listing) -> Result<bool, FlowError> {
        let mut walk = ListWalk::default();
        let mut moved = false;
        let mut seen = Vec::new();
        loop {
            let page = {
                let _turn = pace.turn().await;
                self.list_page(walk.offset()).await?
            };
            let more = walk.take(&page)?;
            let after = page.total_count;
            let before = walk.first_total().unwrap_or(after);
            // The last total may be the first again by chance.
            moved |= before != after;
            listing.total = after;
            seen.extend(page.list.into_iter().map(observe::listed));
            self.tell(Happening::Listed {
                rows: walk.offset(),
                total: after,
            });
            if !more {
                sort(&mut seen);
                let complete = !moved && seen.len() as u64 == after;
                listing.add(seen);
                if !complete {
                    self.tell(Happening::ListMoved { before, after });
                }
                return Ok(complete);
            }
        }
    }

    /// A page of the list.
    pub(super) async fn list_page(&self, offset: u64) -> Result<ListPage, FlowError> {
        self.with_component_token(|token| async move {
            self.api()
                .authorizer_list(self.component_appid(), &token, offset, ListPage::LIMIT)
                .await
        })
        .await
    }
}
