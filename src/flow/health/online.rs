//! The store beside WeChat's own list, read with a token that is there already.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::api::ListWalk;
use crate::flow::bulk::Pace;
use crate::flow::survey::standing;
use crate::flow::{BulkLimits, FlowError, Freshness, MintPolicy, Platform};
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::wechat::id::Appid;
use crate::wechat::release_check;
use crate::wechat::secret::Secret;
use crate::wechat::wire::ListPage;

use super::{Finding, Means, Outcome, Verdict};

/// WeChat's account list.
const LIST: &str = "account_list";

impl Platform {
    /// A component token that is there already: stored and alive, or lent by the operator's own
    /// program. WeChat is never asked for one.
    ///
    /// # Errors
    /// When that program fails.
    pub(in crate::flow) async fn token_at_hand(
        &self,
        stored: Option<&StoredToken>,
    ) -> Result<Option<Secret>, FlowError> {
        match &self.options().mint {
            mint if mint.is_without_lender() => Ok(None),
            MintPolicy::Never { .. } => Ok(Some(self.component_token().await?.token)),
            MintPolicy::Shared { backend } => {
                let owner = TokenOwner::Component;
                let held = self.lend_fit(backend, &owner, Freshness::Usable).await?;
                Ok(held.map(|held| held.token))
            }
            MintPolicy::Wxauth => {
                let means = Means {
                    ticket: None,
                    token: stored,
                    lent: None,
                    now: self.clock().now(),
                };
                let token = stored.and_then(|stored| stored.access_token.clone());
                Ok(token.filter(|_| means.token_lives()))
            }
        }
    }

    /// Whether WeChat refused the stored token as another program would bring about.
    pub(super) async fn judge_list(
        &self,
        stored: Option<&StoredToken>,
        look: &mut impl FnMut(Verdict),
    ) -> Result<bool, FlowError> {
        let mut told = |outcome, finding| look(Verdict::platform(LIST, outcome, finding));
        let token = match self.token_at_hand(stored).await {
            Ok(Some(token)) => token,
            Ok(None) => {
                told(Outcome::Unknown, Finding::ListNeedsToken);
                return Ok(false);
            }
            Err(
                error @ (FlowError::Command(_) | FlowError::NotLent { .. } | FlowError::Backend(_)),
            ) => {
                told(Outcome::Fail, Finding::ListNotLent(Arc::new(error)));
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let pace = Pace::new(BulkLimits::default());
        let (mut listed, mut walk) = (BTreeSet::new(), ListWalk::default());
        loop {
            let page = {
                let _turn = pace.turn().await;
                let (platform, offset) = (self.component_appid(), walk.offset());
                let page = self
                    .api()
                    .authorizer_list(platform, &token, offset, ListPage::LIMIT);
                let page = page.await;
                page.and_then(|page| Ok((walk.take(&page)?, page)))
            };
            let (more, page) = match page {
                Ok(taken) => taken,
                Err(error) => {
                    let refused = stored.map(|stored| (stored.generation, &token));
                    let refused_early = match refused.zip(error.errcode()) {
                        Some((refused, errcode)) => {
                            let owner = TokenOwner::Component;
                            let found = Box::pin(self.refused_early(&owner, refused, errcode));
                            found.await.is_some()
                        }
                        None => false,
                    };
                    told(Outcome::Fail, Finding::ListRefused(error));
                    return Ok(refused_early);
                }
            };
            listed.extend(page.list.into_iter().map(|row| row.appid));
            if !more {
                let moved = walk.first_total() != Some(page.total_count);
                let whole = !moved && listed.len() as u64 == page.total_count;
                if !whole {
                    told(Outcome::Unknown, Finding::ListMoved);
                    return Ok(false);
                }
                break;
            }
        }
        listed.retain(|appid: &Appid| !release_check::is_check_account(appid.as_str()));
        let mut stored = BTreeSet::new();
        self.survey(&standing(), |row| {
            stored.insert(row.appid);
        })
        .await?;
        let total = listed.len() as u64;
        let mut about = |appid: &Appid, outcome, finding| {
            look(Verdict::about(appid, LIST, outcome, finding));
        };
        for appid in stored.difference(&listed) {
            about(appid, Outcome::Fail, Finding::NotListed);
        }
        for appid in listed.difference(&stored) {
            about(appid, Outcome::Warn, Finding::NotStored);
        }
        if stored == listed {
            look(Verdict::platform(
                LIST,
                Outcome::Pass,
                Finding::ListAgrees(total),
            ));
        }
        Ok(false)
    }
}
