//! Tokens that somebody else minted: printed by the operator's own program, or read among the keys
//! of the SDK that holds this platform.

use jiff::{SignedDuration, Timestamp};

use crate::store::backend::{Backend, BackendError, Known as KnownToUs, Lent};
use crate::store::layouts::{Gap, Slot};
use crate::store::tokens::TokenOwner;
use crate::sys::command;
use crate::wechat::limits;
use crate::wechat::secret::Secret;

use super::held::OVERLAP;
use super::{FlowError, Freshness, HeldToken, MintPolicy, Platform, TokenOrigin, Wanted};

/// A backend's token is used while its key has so much life: a call on its way would meet its end.
const LEAST_LIFE: SignedDuration = SignedDuration::from_mins(1);

impl Platform {
    /// A token that somebody else minted.
    pub(super) async fn borrow(
        &self,
        owner: &TokenOwner,
        freshness: Freshness,
    ) -> Result<HeldToken, FlowError> {
        let held = self.borrow_any(owner, freshness).await?;
        match limits::is_token(&held.token) {
            true => Ok(held),
            false => Err(FlowError::NotAToken {
                owner: owner.clone(),
            }),
        }
    }

    async fn borrow_any(
        &self,
        owner: &TokenOwner,
        freshness: Freshness,
    ) -> Result<HeldToken, FlowError> {
        match &self.options().mint {
            MintPolicy::Never {
                token_command: Some(argv),
                ..
            } => self.borrow_from_program(argv, owner).await,
            MintPolicy::Never {
                backend: Some(backend),
                ..
            }
            | MintPolicy::Shared { backend } => {
                let held = self.lend(backend, owner).await?;
                match (freshness, held.expires_at) {
                    (Freshness::AtLeast(life), Some(end)) if end < self.clock().now() + life => {
                        Err(FlowError::LentTooShort {
                            owner: owner.clone(),
                            expires_at: end,
                        })
                    }
                    _ => Ok(held),
                }
            }
            _ => Err(FlowError::NotMinting(match owner {
                TokenOwner::Component => Wanted::ComponentToken,
                TokenOwner::Authorizer(appid) => Wanted::AuthorizerToken(appid.clone()),
            })),
        }
    }

    async fn borrow_from_program(
        &self,
        argv: &[String],
        owner: &TokenOwner,
    ) -> Result<HeldToken, FlowError> {
        let (wanted, appid) = match owner {
            TokenOwner::Component => ("component", self.component_appid().as_str()),
            TokenOwner::Authorizer(appid) => ("authorizer", appid.as_str()),
        };
        let variables = [("WXAUTH_WANTED", wanted), ("WXAUTH_WANTED_APPID", appid)];
        let token = Secret::new(command::secret_line(argv, &variables).await?.as_str());
        Ok(HeldToken {
            token,
            expires_at: None,
            issued_at: None,
            generation: 0,
            origin: TokenOrigin::Borrowed,
        })
    }

    /// The backend's token, whatever life it has left.
    pub(super) async fn lend(
        &self,
        backend: &Backend,
        owner: &TokenOwner,
    ) -> Result<HeldToken, FlowError> {
        let slot = slot(owner);
        let layout = backend.layout();
        let appsecret = match layout.hides_component_token() && slot == Slot::ComponentToken {
            true => self.options().credentials.appsecret.read().await?,
            false => None,
        };
        let stored = self.store().token(self.key(), owner).await?;
        let refresh_token = stored
            .as_ref()
            .and_then(|stored| stored.refresh_token.clone());
        let known = KnownToUs {
            appsecret: appsecret.as_ref(),
            refresh_token: refresh_token.as_ref(),
        };
        let Lent {
            secret, expires_at, ..
        } = self.look_up(backend, slot, known).await?;
        // A call of our own whose end is unknown may have ended it.
        let doubtful = stored.and_then(|stored| stored.unsettled_since);
        let expires_at = earlier(expires_at, doubtful.map(|since| since + OVERLAP));
        Ok(HeldToken {
            generation: number(&secret),
            token: secret,
            expires_at,
            issued_at: Some(self.clock().now()),
            origin: TokenOrigin::Borrowed,
        })
    }

    /// The backend's token, if it is there and fresh enough.
    pub(super) async fn lend_fit(
        &self,
        backend: &Backend,
        owner: &TokenOwner,
        freshness: Freshness,
    ) -> Result<Option<HeldToken>, FlowError> {
        let held = match self.lend(backend, owner).await {
            Ok(held) => held,
            Err(FlowError::NotLent {
                gap: Gap::Absent { .. } | Gap::Ended { .. },
                ..
            }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let now = self.clock().now();
        let beyond = |life| held.expires_at.is_none_or(|end| end > now + life);
        let fit = match freshness {
            // The SDK itself goes on with it for as long as its key lasts.
            Freshness::Usable => beyond(LEAST_LIFE),
            Freshness::AtLeast(life) => beyond(life),
            Freshness::Newer(refused) => held.generation != refused && beyond(LEAST_LIFE),
        };
        Ok(fit.then_some(held))
    }

    /// The ticket that the backend keeps, noted in the store where it is new: as received when the
    /// life of its key tells, else as first seen now. When it was received, where there is one.
    ///
    /// # Errors
    /// When its Redis or the store fails. That the backend has none is no error.
    pub async fn note_lent_ticket(&self) -> Result<Option<Timestamp>, FlowError> {
        let Some(backend) = self.options().mint.backend() else {
            return Ok(None);
        };
        match self.lent_ticket(backend).await {
            Ok(Some(lent)) => {
                let received_at = lent.received_at.unwrap_or_else(|| self.clock().now());
                self.note_layout_ticket(lent.secret, received_at).await?;
                Ok(Some(received_at))
            }
            Ok(None) | Err(FlowError::NotLent { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The ticket that a backend keeps, if its SDK keeps any in Redis.
    pub(super) async fn lent_ticket(&self, backend: &Backend) -> Result<Option<Lent>, FlowError> {
        if !backend.layout().keeps_tickets() {
            return Ok(None);
        }
        let known = KnownToUs::default();
        self.look_up(backend, Slot::Ticket, known).await.map(Some)
    }

    /// What the backend keeps in `slot`.
    pub(super) async fn look_up(
        &self,
        backend: &Backend,
        slot: Slot,
        known: KnownToUs<'_>,
    ) -> Result<Lent, FlowError> {
        let now = self.clock().now();
        let found = backend.look_up(&slot, self.component_appid(), known, now);
        found.await.map_err(|error| not_lent(backend, slot, error))
    }
}

pub(super) fn not_lent(backend: &Backend, wanted: Slot, error: BackendError) -> FlowError {
    match error {
        BackendError::Redis(error) => FlowError::Backend(error),
        BackendError::Gap(gap) => FlowError::NotLent {
            layout: backend.layout(),
            address: backend.address(),
            wanted,
            gap,
        },
    }
}

pub(super) fn slot(owner: &TokenOwner) -> Slot {
    match owner {
        TokenOwner::Component => Slot::ComponentToken,
        TokenOwner::Authorizer(appid) => Slot::AuthorizerToken(appid.clone()),
    }
}

/// A number that tells a backend's token from the one after it: nobody counts them.
pub(super) fn number(token: &Secret) -> u64 {
    let fingerprint = token.fingerprint();
    u64::from_str_radix(&fingerprint[..15], 16).unwrap_or_default()
}

/// The earlier of the two, where they are known.
pub(super) fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
