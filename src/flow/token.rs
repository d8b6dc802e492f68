//! The refresh protocol, for component and authorizer tokens alike.
//!
//! 1. Read; fresh beyond the margin: return it.
//! 2. Take the lease. A held lease is waited for, visibly, until the lock timeout.
//! 3. Re-read under the lease; if another holder refreshed meanwhile, return that.
//! 4. Record the intent, call WeChat with the re-read credentials (`mint`).
//! 5. Commit, accepted only while our fence is the newest.
//!
//! A late write that is refused, or a lease found dead with an intent open, means that WeChat may
//! have ended the stored token: its life is capped at five minutes after that moment, and a new
//! one is minted under a new lease. WeChat may even do the lost call after that one, and so end the
//! newer token too: that one is stored as contested, its intent stays open, and five minutes of it
//! are certain until it is replaced in its turn.

use std::pin::Pin;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::api::ApiError;
use crate::store::leases::{LeaseAttempt, OpenIntent};
use crate::store::observations::ChangeSource;
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::sys::{command, crash};
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::held::{OVERLAP, REMNANT, certain_end, margin};
use super::mint::Minted;
use super::{
    Caller, Credentials, FlowError, Freshness, Happening, HeldToken, MARGIN, MintPolicy, Platform,
    TokenOrigin,
};

impl Platform {
    /// A component token that is valid now.
    ///
    /// # Errors
    /// See [`FlowError`]: no ticket, no secret, a held lease, WeChat's refusal.
    pub async fn component_token(&self) -> Result<HeldToken, FlowError> {
        if let Some(token) = self.component_token_at_hand() {
            return Ok(token);
        }
        let token = match &self.options().mint {
            MintPolicy::Wxauth | MintPolicy::Shared { .. } => {
                self.token(&TokenOwner::Component, Freshness::Usable)
                    .await?
            }
            MintPolicy::Never { .. } => {
                self.borrow(&TokenOwner::Component, Freshness::Usable)
                    .await?
            }
        };
        self.remember(&token);
        Ok(token)
    }

    /// The component token of this process's last calls, while it is valid.
    pub(super) fn component_token_at_hand(&self) -> Option<HeldToken> {
        let now = self.clock().now();
        self.remembered_component_token()
            .filter(|token| token.lasts_beyond(now + MARGIN, now))
    }

    /// A token of this merchant that is valid now.
    ///
    /// # Errors
    /// As [`Platform::component_token`], and what became of the authorization.
    pub async fn authorizer_token(
        &self,
        appid: &Appid,
        freshness: Freshness,
    ) -> Result<HeldToken, FlowError> {
        let owner = TokenOwner::Authorizer(appid.clone());
        match &self.options().mint {
            MintPolicy::Wxauth => {
                let held = self.token(&owner, freshness).await?;
                // A refresher keeps fresh what is in use. That this cannot be noted, on a full disk
                // for example, takes no valid token away from anybody.
                let now = self.clock().now();
                if let Err(error) = self.store().touch_token(self.key(), appid, now).await {
                    tracing::debug!(%error, "the token's use is not noted");
                }
                Ok(held)
            }
            MintPolicy::Shared { backend } if backend.layout().takes_authorizer_tokens() => {
                self.token(&owner, freshness).await
            }
            MintPolicy::Never { .. } | MintPolicy::Shared { .. } => {
                self.borrow(&owner, freshness).await
            }
        }
    }

    /// Makes one call with the component token; when WeChat says that the token is stale, once
    /// more with another.
    pub(super) async fn with_component_token<T, C, F>(&self, call: C) -> Result<T, FlowError>
    where
        C: Fn(Secret) -> F,
        F: Future<Output = Result<T, ApiError>>,
    {
        self.as_caller(&Caller::Component, call).await
    }

    /// Another component token than `held`, which WeChat refused.
    pub(super) async fn replace_component_token(
        &self,
        held: &HeldToken,
    ) -> Result<HeldToken, FlowError> {
        // Somebody else in this process may have replaced it already.
        if let Some(remembered) = self.remembered_component_token()
            && remembered.token != held.token
        {
            return Ok(remembered);
        }
        self.remember_component_token(None);
        let freshness = Freshness::Newer(held.generation);
        let newer = match &self.options().mint {
            MintPolicy::Wxauth | MintPolicy::Shared { .. } => {
                self.token(&TokenOwner::Component, freshness).await?
            }
            MintPolicy::Never { .. } => self.borrow(&TokenOwner::Component, freshness).await?,
        };
        self.remember(&newer);
        Ok(newer)
    }

    /// Keeps a component token for this process's next calls, unless a backend may replace it any
    /// time.
    fn remember(&self, token: &HeldToken) {
        if token.expires_at.is_some() || self.options().mint.backend().is_none() {
            self.remember_component_token(Some(token.clone()));
        }
    }

    /// Whether `stored` may be used as it is.
    fn satisfies(&self, stored: &StoredToken, freshness: Freshness) -> bool {
        let now = self.clock().now();
        let beyond = |end: Option<Timestamp>, margin| end.is_some_and(|end| end > now + margin);
        let certain_end = certain_end(stored, now);
        let usable = || {
            beyond(stored.expires_at, margin(stored.lifetime))
                && (stored.unsettled_since.is_none() || beyond(certain_end, REMNANT))
        };
        stored.access_token.is_some()
            && !stored.is_ahead(now)
            && match freshness {
                Freshness::Usable => usable(),
                Freshness::AtLeast(life) => beyond(certain_end, life),
                Freshness::Newer(refused) => stored.generation > refused && usable(),
            }
    }

    /// Steps 1 to 6 for one token.
    pub(super) async fn token(
        &self,
        owner: &TokenOwner,
        freshness: Freshness,
    ) -> Result<HeldToken, FlowError> {
        if let Some(held) = self.stored_token(owner, freshness).await? {
            return Ok(held);
        }
        let (platform, owner) = (self.clone(), owner.clone());
        // While it waits for another holder the work may be given up: `caller` tells by its end.
        let (_caller, gone) = oneshot::channel();
        // From the lease on a dropped caller or a first Ctrl-C must not lose what WeChat answers.
        self.uninterrupted(async move { platform.token_under_lease(&owner, freshness, gone).await })
            .await
    }

    async fn stored_token(
        &self,
        owner: &TokenOwner,
        freshness: Freshness,
    ) -> Result<Option<HeldToken>, FlowError> {
        if let Some(backend) = self.options().mint.sharing() {
            return self.lend_fit(backend, owner, freshness).await;
        }
        let stored = self.store().token(self.key(), owner).await?;
        Ok(stored
            .filter(|stored| self.satisfies(stored, freshness))
            .and_then(|stored| {
                HeldToken::from_stored(stored, TokenOrigin::Cache, self.clock().now())
            }))
    }

    async fn token_under_lease(
        &self,
        owner: &TokenOwner,
        mut freshness: Freshness,
        mut caller_gone: oneshot::Receiver<()>,
    ) -> Result<HeldToken, FlowError> {
        let started = Instant::now();
        let mut told = false;
        loop {
            let (lease, token, open_intent) = match self
                .store()
                .lease(self.key(), owner, self.lease_life())
                .await?
            {
                LeaseAttempt::Granted {
                    lease,
                    token,
                    open_intent,
                } => (lease, token, open_intent),
                LeaseAttempt::Held {
                    holder,
                    host,
                    process_id,
                    remaining,
                } => {
                    let waited = started.elapsed();
                    if waited >= self.options().lock_timeout {
                        let owner = owner.clone();
                        return Err(FlowError::LockTimeout {
                            owner,
                            holder,
                            host,
                            process_id,
                            waited,
                        });
                    }
                    // Short waits are everyday life; only longer ones are worth a word.
                    if !told && waited > Duration::from_millis(500) {
                        told = true;
                        let owner = owner.clone();
                        self.tell(Happening::WaitingForHolder {
                            owner,
                            host,
                            process_id,
                            remaining,
                        });
                    }
                    let nap = Duration::from_millis(fastrand::u64(20..80));
                    tokio::select! {
                        () = tokio::time::sleep(nap) => {}
                        _ = &mut caller_gone => return Err(FlowError::Abandoned),
                    }
                    if let Some(held) = self.stored_token(owner, freshness).await? {
                        return Ok(held);
                    }
                    continue;
                }
            };
            crash::point("refresh:leased");
            let sharing = self.options().mint.sharing().cloned();
            if sharing.is_none()
                && let Some(token) = &token
                && self.satisfies(token, freshness)
            {
                let now = self.clock().now();
                let held = HeldToken::from_stored(token.clone(), TokenOrigin::Cache, now);
                self.store().release(lease).await?;
                if let Some(held) = held {
                    return Ok(held);
                }
                continue;
            }
            if let Some(intent) = &open_intent {
                if intent.holder_died() {
                    let owner = owner.clone();
                    self.tell(Happening::HolderDied { owner });
                }
                self.cap(owner, intent).await?;
            }
            let minted = match &sharing {
                None => self.mint(lease, token, open_intent, None).await?,
                Some(backend) => {
                    let call = (lease, token, open_intent);
                    self.mint_shared(backend, call, freshness, started).await?
                }
            };
            match minted {
                Minted::Token(held) => return Ok(held),
                Minted::Again => {}
                Minted::LeaseLost { generation } => {
                    // Whatever is stored now may be ended by what WeChat gave us: a newer one.
                    freshness = Freshness::Newer(generation);
                }
            }
        }
    }

    /// Lets the stored token end when the call behind `intent` may have ended it.
    pub(super) async fn cap(
        &self,
        owner: &TokenOwner,
        intent: &OpenIntent,
    ) -> Result<(), FlowError> {
        self.cap_after(owner, intent.started_at).await
    }

    /// Lets the stored token end when a call that began at `started_at` may have ended it.
    pub(super) async fn cap_after(
        &self,
        owner: &TokenOwner,
        started_at: Timestamp,
    ) -> Result<(), FlowError> {
        // The clock may have been set back since.
        let end = started_at.min(self.clock().now()) + OVERLAP;
        Ok(self.store().cap_expiry(self.key(), owner, end).await?)
    }

    /// How long a lease is taken for: two calls to WeChat at their slowest, the operator's own
    /// programs where they are asked for secrets, and some air.
    pub(super) fn lease_life(&self) -> Duration {
        let Credentials {
            appsecret, ticket, ..
        } = &self.options().credentials;
        let programs = [appsecret, ticket]
            .into_iter()
            .filter(|source| source.is_program())
            .count();
        let programs = command::TIME_LIMIT * u32::try_from(programs).unwrap_or(u32::MAX);
        self.api().call_time_limit() * 2 + programs + Duration::from_secs(10)
    }
}

/// A mint may need another one first: an authorizer token needs a component token. The boxes give
/// the compiler an end to that circle.
pub(super) type Nested<'a, T> = Pin<Box<dyn Future<Output = Result<T, FlowError>> + Send + 'a>>;

impl Platform {
    pub(super) fn nested_component_token(&self) -> Nested<'_, HeldToken> {
        Box::pin(self.component_token())
    }

    pub(super) fn nested_replacement<'a>(&'a self, held: &'a HeldToken) -> Nested<'a, HeldToken> {
        Box::pin(self.replace_component_token(held))
    }

    pub(super) fn nested_refresh_token<'a>(
        &'a self,
        appid: &'a Appid,
    ) -> Nested<'a, Option<Secret>> {
        Box::pin(self.refresh_token_at_wechat(appid))
    }

    pub(super) fn nested_confirmation<'a>(&'a self, appid: &'a Appid) -> Nested<'a, bool> {
        Box::pin(self.confirm_ended(appid, ChangeSource::Refresh))
    }
}
