//! One exchange with WeChat under a lease, and what its failures mean.

use jiff::Timestamp;

use crate::api::ApiError;
use crate::store::backend::BackendLock;
use crate::store::leases::{Lease, OpenIntent};
use crate::store::tokens::{Commit, NewToken, StoredToken, TokenOwner};
use crate::sys::crash;
use crate::wechat::errcode;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::another_holder::{Suspicion, is_token_accepted};
use super::bulk::Turn;
use super::held::{OVERLAP, lifetime_end};
use super::lend::number;
use super::shared::HandedOver;
use super::{FlowError, Happening, HeldToken, Platform, TokenOrigin};

/// What came of a mint.
pub(super) enum Minted {
    /// A token, durably stored.
    Token(HeldToken),
    /// Nothing was asked: the lease ran short while the SDK's lock was waited for.
    Again,
    /// WeChat gave a token, but the lease had passed to somebody else: it is not ours to store.
    LeaseLost {
        /// The generation that stood when we began.
        generation: u64,
    },
}

/// A call whose intent is recorded.
pub(super) struct Intended {
    /// The generation that stood when it was.
    pub(super) generation: u64,
    pub(super) started_at: Timestamp,
    /// What a former holder left open.
    pub(super) open: Option<OpenIntent>,
    /// The SDK's lock, where what is minted is written back.
    pub(super) lock: Option<BackendLock>,
}

/// What can be done about a failed exchange.
enum Remedy {
    /// Something was mended: the same exchange once more.
    AskAgain,
    /// The lease has passed to somebody else.
    LeaseLost,
}

/// Remedies that were tried already.
#[derive(Default)]
struct Tried {
    repeated: bool,
    /// An answer did not come in time: WeChat may still be at that call.
    timed_out: bool,
    other_component_token: bool,
    other_refresh_token: bool,
    /// What the refusal of the first component token suggests.
    suspicion: Option<Suspicion>,
}

/// What is sent to WeChat to get a token.
enum Proof {
    Component {
        appsecret: Secret,
        ticket: Secret,
    },
    Authorizer {
        appid: Appid,
        refresh_token: Secret,
        component: HeldToken,
    },
}

impl Platform {
    /// Replaces the token under `lease`, whose present state is `stored`; `open` is a call of a
    /// former holder whose end is unknown.
    pub(super) async fn mint(
        &self,
        lease: Lease,
        stored: Option<StoredToken>,
        open: Option<OpenIntent>,
        lock: Option<BackendLock>,
    ) -> Result<Minted, FlowError> {
        let generation = stored.as_ref().map_or(0, |token| token.generation);
        let proof = match self.proof(lease.owner(), stored.as_ref()).await {
            Ok(proof) => proof,
            Err(error) => {
                self.store().release(lease).await?;
                return Err(error);
            }
        };
        let started_at = self.clock().now();
        if let Commit::Refused = self.store().begin(&lease, started_at).await? {
            return Ok(Minted::LeaseLost { generation });
        }
        crash::point("refresh:intended");
        let call = Intended {
            generation,
            started_at,
            open,
            lock,
        };
        self.mint_intended(lease, call, proof, &mut None).await
    }

    /// The same for a lease whose intent is recorded already, as bulk work does in batches.
    pub(super) async fn mint_claimed(
        &self,
        lease: Lease,
        stored: &StoredToken,
        started_at: Timestamp,
        open: Option<OpenIntent>,
        turn: &mut Option<Turn>,
    ) -> Result<Minted, FlowError> {
        let ready = async {
            self.store().stand_by(&lease).await?;
            self.proof(lease.owner(), Some(stored)).await
        };
        match ready.await {
            Ok(proof) => {
                let generation = stored.generation;
                let call = Intended {
                    generation,
                    started_at,
                    open,
                    lock: None,
                };
                self.mint_intended(lease, call, proof, turn).await
            }
            Err(error) => {
                self.give_back(lease, open.as_ref()).await?;
                Err(error)
            }
        }
    }

    async fn proof(
        &self,
        owner: &TokenOwner,
        stored: Option<&StoredToken>,
    ) -> Result<Proof, FlowError> {
        match owner {
            TokenOwner::Component => {
                let ticket = Box::pin(self.live_ticket()).await?;
                let appsecret = self
                    .options()
                    .credentials
                    .appsecret
                    .read()
                    .await?
                    .ok_or(FlowError::NoAppsecret)?;
                Ok(Proof::Component { appsecret, ticket })
            }
            TokenOwner::Authorizer(appid) => {
                let theirs = match self.options().mint.sharing() {
                    Some(_) => Box::pin(self.lent_refresh_token(owner)).await?,
                    None => None,
                };
                let refresh_token = theirs
                    .or_else(|| stored.and_then(|token| token.refresh_token.clone()))
                    .ok_or_else(|| FlowError::NoRefreshToken {
                        appid: appid.clone(),
                    })?;
                let component = match self.component_token_at_hand() {
                    Some(token) => token,
                    None => self.nested_component_token().await?,
                };
                Ok(Proof::Authorizer {
                    appid: appid.clone(),
                    refresh_token,
                    component,
                })
            }
        }
    }

    async fn mint_intended(
        &self,
        lease: Lease,
        call: Intended,
        mut proof: Proof,
        turn: &mut Option<Turn>,
    ) -> Result<Minted, FlowError> {
        let generation = call.generation;
        let mut tried = Tried::default();
        loop {
            // A call that outlives its lease could end a token somebody else has just stored.
            if lease.remaining() <= self.api().call_time_limit() {
                self.give_back(lease, call.open.as_ref()).await?;
                return Ok(Minted::LeaseLost { generation });
            }
            let asked_at = self.clock().now();
            let error = match self.exchange(&proof).await {
                Ok(answer) => {
                    crash::point("refresh:answered");
                    // The next call need not wait until this one's token is stored.
                    drop(turn.take());
                    // The clock may have been set back meanwhile: then it was asked for now at the latest.
                    let mut token = answer.issued(asked_at.min(self.clock().now()));
                    token.contested = tried.timed_out || self.may_be_under_way(call.open.as_ref());
                    let minted = self.keep(lease, call, token).await;
                    if tried.suspicion.is_some() {
                        Box::pin(self.confirm(tried.suspicion.take())).await;
                    }
                    return minted;
                }
                Err(error) => error,
            };
            if tried.suspicion.is_some() && is_token_accepted(error.errcode()) {
                Box::pin(self.confirm(tried.suspicion.take())).await;
            }
            if error.may_have_taken_effect() {
                // WeChat may have replaced the stored token: what stands has five minutes.
                self.cap_after(lease.owner(), call.started_at).await?;
            }
            // Boxed, as everything that few exchanges come to: bulk work has many of these at once.
            let remedy = Box::pin(self.remedy(&lease, &mut proof, &mut tried, error));
            match remedy.await {
                Ok(Remedy::AskAgain) => {}
                Ok(Remedy::LeaseLost) => return Ok(Minted::LeaseLost { generation }),
                Err(error) => {
                    self.give_back(lease, call.open.as_ref()).await?;
                    return Err(error);
                }
            }
        }
    }

    /// What to do about a failed exchange; each remedy is tried once.
    async fn remedy(
        &self,
        lease: &Lease,
        proof: &mut Proof,
        tried: &mut Tried,
        error: ApiError,
    ) -> Result<Remedy, FlowError> {
        if error.may_have_taken_effect() {
            tried.timed_out |= error.timed_out();
            if std::mem::replace(&mut tried.repeated, true) {
                return Err(error.into());
            }
            self.tell(Happening::AnswerLost {
                owner: lease.owner().clone(),
            });
            return Ok(Remedy::AskAgain);
        }
        let Proof::Authorizer {
            component,
            appid,
            refresh_token,
        } = proof
        else {
            return Err(error.into());
        };
        match error.errcode() {
            Some(errcode) if errcode::is_stale_token(errcode) => {
                if std::mem::replace(&mut tried.other_component_token, true) {
                    return Err(error.into());
                }
                let owner = TokenOwner::Component;
                tried.suspicion = self.suspect(&owner, component, errcode).await;
                self.tell(Happening::TokenRefused { owner, errcode });
                let newer = self.nested_replacement(component).await?;
                if newer.token == component.token {
                    return Err(error.into());
                }
                *component = newer;
                Ok(Remedy::AskAgain)
            }
            Some(errcode::INVALID_REFRESH_TOKEN) => {
                let appid = appid.clone();
                let other = match std::mem::replace(&mut tried.other_refresh_token, true) {
                    false => self.nested_refresh_token(&appid).await,
                    true => Ok(None),
                };
                let other = match other {
                    Err(FlowError::Api(error))
                        if error.errcode() == Some(errcode::NOT_AUTHORIZED) =>
                    {
                        return self.ended_or(&appid, error).await;
                    }
                    other => other?,
                };
                let Some(other) = other.filter(|other| other != refresh_token) else {
                    return Err(FlowError::RefreshTokenDead { appid });
                };
                if let Commit::Refused = self
                    .store()
                    .replace_refresh_token(lease, other.clone())
                    .await?
                {
                    return Ok(Remedy::LeaseLost);
                }
                self.tell(Happening::RefreshTokenReplaced { appid });
                *refresh_token = other;
                Ok(Remedy::AskAgain)
            }
            Some(errcode::NOT_AUTHORIZED) => {
                let appid = appid.clone();
                self.ended_or(&appid, error).await
            }
            _ => Err(error.into()),
        }
    }

    /// [`FlowError::Ended`] when WeChat confirms it, else `error` as it is.
    async fn ended_or(&self, appid: &Appid, error: ApiError) -> Result<Remedy, FlowError> {
        match self.nested_confirmation(appid).await? {
            true => Err(FlowError::Ended {
                appid: appid.clone(),
            }),
            false => Err(error.into()),
        }
    }

    /// Whether a call of a former holder may yet be done by WeChat, and so replace a newer token:
    /// a process that died leaves a request behind that travels on without it.
    fn may_be_under_way(&self, open: Option<&OpenIntent>) -> bool {
        let longest = self.lease_life();
        open.is_some_and(|open| {
            let since = self.clock().now().duration_since(open.started_at);
            let recent = since.unsigned_abs() < longest;
            // Of a holder that died only the deadline tells that its last call is over.
            recent || (open.holder_died() && !open.ran_out)
        })
    }

    /// Frees the lease and clears the intent: WeChat minted nothing, or what stands is capped. An
    /// intent that was `open` before and may yet come true stays.
    pub(super) async fn give_back(
        &self,
        lease: Lease,
        open: Option<&OpenIntent>,
    ) -> Result<(), FlowError> {
        if !self.may_be_under_way(open) {
            self.store().clear_intent(&lease).await?;
        }
        self.store().release(lease).await?;
        Ok(())
    }

    async fn exchange(&self, proof: &Proof) -> Result<Answer, ApiError> {
        let platform = self.component_appid();
        match proof {
            Proof::Component { appsecret, ticket } => {
                let answer = self
                    .api()
                    .component_token(platform, appsecret, ticket)
                    .await?;
                Ok(Answer {
                    access_token: answer.component_access_token,
                    refresh_token: None,
                    expires_in: answer.expires_in,
                })
            }
            Proof::Authorizer {
                appid,
                refresh_token,
                component,
            } => {
                let answer = self
                    .api()
                    .authorizer_token(platform, &component.token, appid, refresh_token)
                    .await?;
                Ok(Answer {
                    access_token: answer.authorizer_access_token,
                    refresh_token: answer.authorizer_refresh_token,
                    expires_in: answer.expires_in,
                })
            }
        }
    }

    /// Stores what WeChat gave, if the lease is still ours.
    async fn keep(
        &self,
        lease: Lease,
        call: Intended,
        token: NewToken,
    ) -> Result<Minted, FlowError> {
        let access_token = token.access_token.clone();
        let (lease, token) = match call.lock {
            None => (lease, token),
            Some(_) => match Box::pin(self.hand_over(lease, &call, token)).await? {
                HandedOver::Done(lease, token) => (lease, token),
                HandedOver::Refused(minted) => return Ok(minted),
            },
        };
        let issued_at = token.issued_at;
        let certain = issued_at + OVERLAP;
        let expires_at = match token.contested {
            true => certain.min(token.expires_at),
            false => token.expires_at,
        };
        match self.store().commit_refresh(&lease, token).await? {
            Commit::Accepted { generation } => {
                crash::point("refresh:committed");
                Ok(Minted::Token(HeldToken {
                    expires_at: Some(expires_at),
                    issued_at: Some(issued_at),
                    generation: (call.lock).map_or(generation, |_| number(&access_token)),
                    token: access_token,
                    origin: TokenOrigin::Refreshed,
                }))
            }
            Commit::Refused => {
                self.cap_after(lease.owner(), call.started_at).await?;
                let standing = self.store().token(self.key(), lease.owner()).await?;
                let generation = standing.map_or(call.generation, |token| token.generation);
                Ok(Minted::LeaseLost { generation })
            }
        }
    }
}

struct Answer {
    access_token: Secret,
    refresh_token: Option<Secret>,
    expires_in: i64,
}

impl Answer {
    fn issued(self, asked_at: Timestamp) -> NewToken {
        NewToken {
            access_token: self.access_token,
            refresh_token: self.refresh_token,
            expires_at: lifetime_end(asked_at, self.expires_in),
            issued_at: asked_at,
            contested: false,
        }
    }
}
