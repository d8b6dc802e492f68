//! Another program that requests tokens of this platform, noticed by what it does to ours.
//!
//! WeChat keeps one token of each owner. When it refuses one before its expiry as not the newest, and no
//! process on this store replaced it, another program did. What else explains a refusal does not count:
//! a clock that is wrong, a request of ours whose outcome is not known, an authorization that was
//! renewed, a call that takes another kind of token, a token that is too new to have been ended.

use jiff::Timestamp;

use crate::store::refusals::Refusals;
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::wechat::errcode;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::doctor::SKEW_HARMFUL;
use super::held::OVERLAP;
use super::{FlowError, HeldToken, MARGIN, MintPolicy, Platform};

/// Another program requests tokens of this platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnotherHolder {
    /// When WeChat refused the first token.
    pub since: Timestamp,
    /// When it refused the last one.
    pub latest: Timestamp,
    /// What was refused, by owner; at least one.
    pub refusals: Vec<Refusals>,
}

impl AnotherHolder {
    fn of(refusals: Vec<Refusals>) -> Option<Self> {
        Some(Self {
            since: refusals.iter().map(|refusals| refusals.since).min()?,
            latest: refusals.iter().map(|refusals| refusals.latest).max()?,
            refusals,
        })
    }

    /// Whether the component token is among what was refused.
    #[must_use]
    pub fn component_token(&self) -> bool {
        let mut owners = self.refusals.iter().map(|refusals| &refusals.owner);
        owners.any(|owner| *owner == TokenOwner::Component)
    }

    /// The authorizers whose tokens were refused.
    #[must_use]
    pub fn authorizers(&self) -> Vec<Appid> {
        let appid = |refusals: &Refusals| match &refusals.owner {
            TokenOwner::Authorizer(appid) => Some(appid.clone()),
            TokenOwner::Component => None,
        };
        self.refusals.iter().filter_map(appid).collect()
    }
}

/// A token that WeChat refused for no reason that is known here.
pub(super) struct Suspicion {
    owner: TokenOwner,
    generation: u64,
    /// The refresh token of then: with another one the authorization is another one.
    refresh_token: Option<Secret>,
}

impl Platform {
    /// Who else requests tokens of this platform, as far as it showed in the last 24 hours; `None` as
    /// well where others request them by agreement.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn another_holder(&self) -> Result<Option<AnotherHolder>, FlowError> {
        if !matches!(self.options().mint, MintPolicy::Wxauth) {
            return Ok(None);
        }
        let now = self.clock().now();
        let refusals = self.store().refusals(self.key(), now).await?;
        Ok(AnotherHolder::of(refusals))
    }

    /// What to think of WeChat's refusal of `held`, before it is replaced: `None` when it is explained.
    pub(super) async fn suspect(
        &self,
        owner: &TokenOwner,
        held: &HeldToken,
        errcode: i64,
    ) -> Option<Suspicion> {
        let refused = (held.generation, &held.token);
        let stored = self.refused_early(owner, refused, errcode).await?;
        Some(Suspicion {
            owner: owner.clone(),
            generation: stored.generation,
            refresh_token: stored.refresh_token,
        })
    }

    /// The stored token, when it is the one of this generation that WeChat refused with `errcode`, and
    /// nothing that is known here explains that.
    pub(super) async fn refused_early(
        &self,
        owner: &TokenOwner,
        (generation, token): (u64, &Secret),
        errcode: i64,
    ) -> Option<StoredToken> {
        if !matches!(self.options().mint, MintPolicy::Wxauth)
            || !errcode::is_replaced_token(errcode)
            || self.is_clock_wrong()
        {
            return None;
        }
        let stored = self.store().token(self.key(), owner).await.ok()??;
        let is_newest =
            stored.generation == generation && stored.access_token.as_ref() == Some(token);
        (is_newest && is_certain(&stored, self.clock().now())).then_some(stored)
    }

    /// Notes a suspicion, once WeChat accepted the token that replaced the refused one. That it cannot
    /// be noted fails nothing.
    pub(super) async fn confirm(&self, suspicion: Option<Suspicion>) {
        let Some(suspicion) = suspicion else { return };
        let Suspicion {
            owner,
            generation,
            refresh_token,
        } = suspicion;
        let noted = async {
            let stored = self.store().token(self.key(), &owner).await?;
            if stored.and_then(|stored| stored.refresh_token) != refresh_token {
                return Ok(());
            }
            let now = self.clock().now();
            let store = self.store();
            store
                .note_refusal(self.key(), &owner, generation, now)
                .await
        };
        if let Err(error) = noted.await {
            tracing::debug!(%error, "the refusal of a token is not noted");
        }
    }

    fn is_clock_wrong(&self) -> bool {
        let ahead = self.api().clock_ahead();
        ahead.is_some_and(|ahead| ahead.abs() > SKEW_HARMFUL)
    }
}

/// Whether a call that WeChat answered with `errcode` shows that it accepted the token of that call.
pub(super) fn is_token_accepted(errcode: Option<i64>) -> bool {
    errcode.is_some_and(|errcode| !errcode::is_stale_token(errcode))
}

/// Whether only another program can have ended this token. WeChat accepts a replaced one for
/// [`OVERLAP`]: a refusal within that time has another reason, such as a new token that WeChat does not
/// know everywhere yet. It has more time left than one is given after a request of ours whose outcome is
/// not known, and no such request is open.
fn is_certain(stored: &StoredToken, now: Timestamp) -> bool {
    let age = stored.issued_at.map(|at| now.duration_since(at));
    !stored.is_ahead(now)
        && age.is_some_and(|age| age > OVERLAP)
        && stored.unsettled_since.is_none()
        && stored.expires_at.is_some_and(|end| end > now + MARGIN)
}
