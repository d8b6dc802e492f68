//! Minting in a backend's place: under its SDK's own lock, and written back in its form.

use std::time::{Duration, Instant};

use crate::store::backend::{Backend, BackendLock, Minted as MintedForBackend, WriteBack};
use crate::store::layouts::Slot;
use crate::store::leases::{Lease, OpenIntent};
use crate::store::tokens::{NewToken, StoredToken, TokenOwner};
use crate::sys::crash;
use crate::wechat::secret::Secret;

use super::held::{OVERLAP, safety};
use super::lend::{earlier, not_lent, slot};
use super::mint::{Intended, Minted};
use super::{FlowError, Freshness, Happening, HeldToken, Platform};

/// What came of asking for the SDK's lock.
pub(super) enum Turn {
    /// It is ours.
    Ours(BackendLock),
    /// Our own lease ran short while we waited.
    LeaseShort,
}

/// What came of writing a token among the SDK's keys.
pub(super) enum HandedOver {
    /// It is there, or nobody shares it: now it is our store's turn.
    Done(Lease, NewToken),
    /// Somebody else had written one meanwhile.
    Refused(Minted),
}

impl Platform {
    /// Gives what was minted to the backend first, where it is shared.
    pub(super) async fn hand_over(
        &self,
        lease: Lease,
        call: &Intended,
        token: NewToken,
    ) -> Result<HandedOver, FlowError> {
        let (Some(backend), Some(lock)) = (self.options().mint.sharing(), &call.lock) else {
            return Ok(HandedOver::Done(lease, token));
        };
        let written = self.write_back(backend, lock, lease.owner(), &token).await;
        crash::point("refresh:written_back");
        match written {
            Ok(WriteBack::Written) => Ok(HandedOver::Done(lease, token)),
            Ok(WriteBack::Refused) => {
                let theirs = self.written_by_others(backend, lease.owner()).await;
                let owner = lease.owner().clone();
                // Ours was made, whichever was made last: the intent stays open, and so theirs counts
                // for its certain five minutes and is replaced then.
                self.store().release(lease).await?;
                self.cap_after(&owner, call.started_at).await?;
                Ok(HandedOver::Refused(match theirs? {
                    Some(held) => Minted::Token(held),
                    None => Minted::LeaseLost {
                        generation: call.generation,
                    },
                }))
            }
            // At least a refresh token that WeChat renewed is not lost; what the backend still has
            // ends in five minutes.
            Err(error) => {
                let token = NewToken {
                    contested: true,
                    ..token
                };
                self.store().commit_refresh(&lease, token).await?;
                Err(error)
            }
        }
    }

    /// Takes the SDK's lock under our own `lease`, waiting for others until `started` is longer ago
    /// than the lock timeout.
    pub(super) async fn sdk_lock(
        &self,
        backend: &Backend,
        lease: &Lease,
        started: Instant,
    ) -> Result<Turn, FlowError> {
        let slot = slot(lease.owner());
        let mut told = false;
        loop {
            // It must not end before our own lease does.
            let life = lease.remaining();
            let taken = backend.lock(&slot, self.component_appid(), life).await;
            let taken = taken.map_err(|error| not_lent(backend, slot.clone(), error))?;
            if let Some(lock) = taken {
                return Ok(Turn::Ours(lock));
            }
            let (key, waited) = (
                backend.lock_key(&slot).unwrap_or_default(),
                started.elapsed(),
            );
            if waited >= self.options().lock_timeout {
                return Err(FlowError::SdkLockTimeout { key, waited });
            }
            if lease.remaining() <= self.api().call_time_limit() + Duration::from_secs(2) {
                return Ok(Turn::LeaseShort);
            }
            if !told && waited > Duration::from_millis(500) {
                told = true;
                self.tell(Happening::WaitingForSdk { key });
            }
            tokio::time::sleep(Duration::from_millis(fastrand::u64(50..150))).await;
        }
    }

    /// Replaces the backend's token under both locks: what was read before may be old by now.
    pub(super) async fn mint_shared(
        &self,
        backend: &Backend,
        (lease, token, open): (Lease, Option<StoredToken>, Option<OpenIntent>),
        freshness: Freshness,
        started: Instant,
    ) -> Result<Minted, FlowError> {
        let lock = match self.sdk_lock(backend, &lease, started).await {
            Ok(Turn::Ours(lock)) => lock,
            Ok(Turn::LeaseShort) => {
                self.store().release(lease).await?;
                return Ok(Minted::Again);
            }
            Err(error) => {
                self.store().release(lease).await?;
                return Err(error);
            }
        };
        let minted = match self.lend_fit(backend, lease.owner(), freshness).await {
            Ok(Some(held)) => {
                self.store().release(lease).await?;
                Ok(Minted::Token(held))
            }
            Ok(None) => self.mint(lease, token, open, Some(lock.clone())).await,
            Err(error) => {
                self.store().release(lease).await?;
                Err(error)
            }
        };
        self.give_back_sdk_lock(backend, lock).await;
        minted
    }

    /// Gives it back. What fails here ends by itself within a minute.
    pub(super) async fn give_back_sdk_lock(&self, backend: &Backend, lock: BackendLock) {
        if let Err(error) = backend.unlock(lock).await {
            tracing::debug!(%error, "the SDK's lock is not given back");
        }
    }

    /// Writes what was minted among the SDK's keys.
    pub(super) async fn write_back(
        &self,
        backend: &Backend,
        lock: &BackendLock,
        owner: &TokenOwner,
        token: &NewToken,
    ) -> Result<WriteBack, FlowError> {
        let slot = slot(owner);
        let counted = token.expires_at.duration_since(token.issued_at);
        let life = counted + safety(Some(counted.as_secs()));
        let minted = MintedForBackend {
            token: &token.access_token,
            expires_in: life.as_secs(),
            refresh_token: token.refresh_token.as_ref(),
        };
        let written = backend
            .write_back(lock, &slot, self.component_appid(), minted)
            .await;
        written.map_err(|error| not_lent(backend, slot, error))
    }

    /// After a write that was refused: what somebody else wrote, which ours may have ended.
    pub(super) async fn written_by_others(
        &self,
        backend: &Backend,
        owner: &TokenOwner,
    ) -> Result<Option<HeldToken>, FlowError> {
        self.tell(Happening::WriteRefused {
            owner: owner.clone(),
        });
        let end = self.clock().now() + OVERLAP;
        let theirs = self.lend_fit(backend, owner, Freshness::Usable).await?;
        Ok(theirs.map(|held| HeldToken {
            expires_at: earlier(held.expires_at, Some(end)),
            ..held
        }))
    }

    /// The refresh token that the backend keeps; none where it keeps none.
    pub(super) async fn lent_refresh_token(
        &self,
        owner: &TokenOwner,
    ) -> Result<Option<Secret>, FlowError> {
        let (TokenOwner::Authorizer(appid), Some(backend)) = (owner, self.options().mint.sharing())
        else {
            return Ok(None);
        };
        if !backend.layout().keeps_refresh_tokens() {
            return Ok(None);
        }
        let slot = Slot::RefreshToken(appid.clone());
        match self.look_up(backend, slot, Default::default()).await {
            Ok(lent) => Ok(Some(lent.secret)),
            Err(FlowError::NotLent { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
