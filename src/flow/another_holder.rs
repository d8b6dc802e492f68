//! Another program that requests tokens of this platform, noticed by what it does to ours.
//!
//! WeChat keeps one token of each owner. When it refuses one before its expiry as not the newest, and no
//! process on this store replaced it, somebody else did. What else explains a refusal does not count:
//! a clock that is wrong, a request of ours whose outcome is not known, an authorization that was
//! renewed, a call that takes another kind of token.

use jiff::Timestamp;

use crate::store::{Refusals, StoredToken, TokenOwner};
use crate::wechat::errcode;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::doctor::SKEW_HARMFUL;
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
        if !matches!(self.options().mint, MintPolicy::Wxauth)
            || !errcode::is_replaced_token(errcode)
            || self.is_clock_wrong()
        {
            return None;
        }
        let stored = self.store().token(self.key(), owner).await.ok()??;
        let is_newest = stored.generation == held.generation
            && stored.access_token.as_ref() == Some(&held.token);
        let suspicion = Suspicion {
            owner: owner.clone(),
            generation: stored.generation,
            refresh_token: stored.refresh_token.clone(),
        };
        (is_newest && is_certain(&stored, self.clock().now())).then_some(suspicion)
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

/// Whether nothing that the store knows of can have ended this token: it has more time left than one is
/// given after a request of ours whose outcome is not known, and no such request is open.
fn is_certain(stored: &StoredToken, now: Timestamp) -> bool {
    !stored.is_ahead(now)
        && stored.unsettled_since.is_none()
        && stored.expires_at.is_some_and(|end| end > now + MARGIN)
}
