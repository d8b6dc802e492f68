//! Leases: who may ask WeChat for a token, and what becomes of the answer.

use std::time::Duration;

use jiff::Timestamp;

use crate::sys::clock;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::encryption::Cipher;
use super::engine::Durability;
use super::handle::{AnyEngine, on_engine};
use super::ops::tokens;
use super::records::{AuthorizerPart, Reads, Records};
use super::tokens::{Commit, NewToken, StoredToken, TokenOwner};
use super::validity::latest_believed;
use super::{PlatformKey, Store, StoreError};

/// The most authorizers that one claim takes.
pub(super) const CLAIM_LIMIT: usize = 500;

/// The right to ask WeChat for one owner's token. It ends with [`Store::release`] or
/// [`Store::commit_refresh`], at its deadline, or with its holder's process.
#[derive(Debug)]
pub struct Lease {
    pub(super) key: PlatformKey,
    pub(super) owner: TokenOwner,
    pub(super) fence: i64,
    /// Milliseconds on the machine's clock.
    pub(super) until: i64,
}

impl Lease {
    /// The fence number: it only grows for one platform and owner.
    #[must_use]
    pub fn fence(&self) -> u64 {
        u64::try_from(self.fence).unwrap_or(0)
    }

    /// Whose token it is about.
    #[must_use]
    pub fn owner(&self) -> &TokenOwner {
        &self.owner
    }

    /// The time left until the lease ends by itself.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        remaining(self.until)
    }

    /// What a statement needs of it.
    pub(super) fn stub(&self) -> Self {
        Self {
            key: self.key.clone(),
            owner: self.owner.clone(),
            fence: self.fence,
            until: self.until,
        }
    }
}

/// The time left until a deadline on the machine's clock.
pub(super) fn remaining(until: i64) -> Duration {
    let left = until - clock::machine_milliseconds();
    Duration::from_millis(u64::try_from(left).unwrap_or(0))
}

/// A call to WeChat that began and of whose end the store was never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenIntent {
    /// The fence of the last lease that left it open; 0 when a contested token was stored since.
    pub fence: u64,
    /// When the first call whose end is unknown began; or when the contested token was asked for.
    pub started_at: Timestamp,
    /// Whether the last holder's lease ran until its deadline, which is later than the end of any
    /// call made under it.
    pub ran_out: bool,
}

impl OpenIntent {
    /// Whether the last holder ended without telling how its call did.
    #[must_use]
    pub fn holder_died(&self) -> bool {
        self.fence != 0
    }
}

/// What came of asking for a lease.
#[derive(Debug)]
pub enum LeaseAttempt {
    /// It is taken.
    Granted {
        /// The lease.
        lease: Lease,
        /// The token, read again under the lease.
        token: Option<StoredToken>,
        /// A call that a former holder left open.
        open_intent: Option<OpenIntent>,
    },
    /// A living holder has it.
    Held {
        /// The holder's command.
        holder: String,
        /// The holder's machine.
        host: String,
        /// The holder's process id on that machine.
        process_id: u32,
        /// The time until the lease ends at the latest.
        remaining: Duration,
    },
}

/// Which tokens are due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Those that end before this or never were.
    pub before: Timestamp,
    /// The present moment: also those whose times lie in the future, so that they are not valid.
    pub now: Timestamp,
    /// Only those handed out at or after this, see [`Store::touch_token`].
    pub used_since: Option<Timestamp>,
    /// Never those of these.
    pub except: Vec<Appid>,
}

/// What is claimed, and how.
pub(super) struct Terms {
    pub(super) due: Due,
    pub(super) limit: usize,
    pub(super) ttl: Duration,
    /// When the calls begin.
    pub(super) started_at: Timestamp,
    pub(super) cipher: Cipher,
}

/// An authorizer whose lease was taken and whose intent is recorded.
#[derive(Debug)]
pub struct Claim {
    /// The lease.
    pub lease: Lease,
    /// Who it is about.
    pub appid: Appid,
    /// The token, read under the lease; its refresh token is there.
    pub token: StoredToken,
    /// A call that a former holder left open.
    pub open_intent: Option<OpenIntent>,
}

impl Due {
    /// The latest time that can be believed, in Unix seconds.
    pub(super) fn latest(&self) -> i64 {
        latest_believed(self.now.as_second())
    }
}

impl Store {
    /// Asks for the lease on `owner`'s token for at most `ttl`.
    ///
    /// # Errors
    /// When the store, or the folder of holders beside it, cannot be written.
    pub async fn lease(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
        ttl: Duration,
    ) -> Result<LeaseAttempt, StoreError> {
        let cipher = self.cipher(key).await?;
        on_engine!(self, engine => engine.lease(key, owner, ttl, cipher))
    }

    /// Records, durably, that a call to WeChat begins.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn begin(&self, lease: &Lease, started_at: Timestamp) -> Result<Commit, StoreError> {
        on_engine!(self, engine => engine.begin(lease, started_at))
    }

    /// Stores what WeChat answered, in one durable act: token, refresh token, expiry, the next
    /// generation, no open intent unless the token is contested, lease released. Refused when the
    /// fence is no longer the newest.
    ///
    /// # Errors
    /// When the store cannot be written; nothing of it happened then.
    pub async fn commit_refresh(
        &self,
        lease: &Lease,
        token: NewToken,
    ) -> Result<Commit, StoreError> {
        let cipher = self.encrypting(&lease.key);
        let token = tokens::refreshed(&lease.owner, &token, &cipher);
        on_engine!(self, engine => engine.commit_refresh(lease, token))
    }

    /// Forgets the intent, because WeChat surely made no token: it refused with an errcode.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn clear_intent(&self, lease: &Lease) -> Result<(), StoreError> {
        on_engine!(self, engine => engine.clear_intent(lease))
    }

    /// Gives the lease up; an open intent stays for the next holder to see.
    ///
    /// # Errors
    /// When the store cannot be written; the lease then ends at its deadline.
    pub async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        on_engine!(self, engine => engine.release(&lease))
    }

    /// Stores the refresh token that the account list has, after 61023, under the lease.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn replace_refresh_token(
        &self,
        lease: &Lease,
        refresh_token: Secret,
    ) -> Result<Commit, StoreError> {
        let TokenOwner::Authorizer(appid) = lease.owner.clone() else {
            return Ok(Commit::Refused);
        };
        let reads = Reads::authorizer(&appid, AuthorizerPart::Token);
        let (fence, cipher) = (lease.fence, self.encrypting(&lease.key));
        let decide = move |records: &mut Records, now| {
            let token = &refresh_token;
            let commit = tokens::replace_refresh_token(records, &appid, fence, token, &cipher, now);
            Ok(commit)
        };
        self.transact(&lease.key, reads, Durability::Durable, decide)
            .await
    }

    /// Claims active authorizers that have a refresh token and whose token is due: leases for `ttl`
    /// and intents from `started_at`, in one durable act. Sorted by appid, from the one after
    /// `after`, at most `limit` and at most 500; those that a living holder leases are passed over.
    /// Empty when there are no more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn claim_due(
        &self,
        key: &PlatformKey,
        due: Due,
        after: Option<&Appid>,
        limit: usize,
        ttl: Duration,
        started_at: Timestamp,
    ) -> Result<Vec<Claim>, StoreError> {
        let terms = Terms {
            due,
            limit: limit.min(CLAIM_LIMIT),
            ttl,
            started_at,
            cipher: self.cipher(key).await?,
        };
        on_engine!(self, engine => engine.claim_due(key, terms, after))
    }

    /// Whether a call that was claimed may begin: not while a failover may lose what it brings, as far
    /// as that is known without asking.
    ///
    /// # Errors
    /// When it may not.
    #[cfg_attr(
        not(feature = "redis"),
        allow(unused_variables, reason = "a file is in no doubt")
    )]
    pub async fn stand_by(&self, lease: &Lease) -> Result<(), StoreError> {
        match &self.engine {
            AnyEngine::Sqlite(_) => Ok(()),
            #[cfg(feature = "redis")]
            AnyEngine::Redis(redis) => Box::pin(redis.stand_by(lease)).await,
        }
    }

    /// How many authorizers [`Store::claim_due`] would find after `after`, leased ones included.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count_due(
        &self,
        key: &PlatformKey,
        due: Due,
        after: Option<&Appid>,
    ) -> Result<u64, StoreError> {
        on_engine!(self, engine => engine.count_due(key, &due, after))
    }
}
