//! Access tokens of the platform and of its authorizers, as stored.

use jiff::Timestamp;

use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::handle::on_engine;
use super::{PlatformKey, Store, StoreError};

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TokenOwner {
    /// The platform's own (`component_access_token`).
    Component,
    /// An authorizer's (`authorizer_access_token`).
    Authorizer(Appid),
}

impl TokenOwner {
    /// The owner's place in the store; the platform's is empty.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Component => "",
            Self::Authorizer(appid) => appid.as_str(),
        }
    }

    /// The owner that is kept under this name.
    pub(super) fn from_name(name: String) -> Self {
        match name.as_str() {
            "" => Self::Component,
            _ => Self::Authorizer(Appid::from_wire(name)),
        }
    }

    /// What its record is called in messages: as its key in Redis, without what all keys have.
    pub(super) fn record(&self) -> String {
        record_of(self.as_str())
    }
}

/// [`TokenOwner::record`] of the owner that is kept under this name.
pub(in crate::store) fn record_of(owner: &str) -> String {
    match owner {
        "" => "token".to_owned(),
        appid => format!("token:{appid}"),
    }
}

/// What is stored of a token. Before the first refresh there is a refresh token only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredToken {
    /// The access token.
    pub access_token: Option<Secret>,
    /// The refresh token; the platform's own token has none.
    pub refresh_token: Option<Secret>,
    /// When the access token ends.
    pub expires_at: Option<Timestamp>,
    /// When the access token was asked for.
    pub issued_at: Option<Timestamp>,
    /// For how many seconds it counted as valid then, whatever became of it since.
    pub lifetime: Option<i64>,
    /// Grows with each token that is stored for this owner: by one in a file, in a Redis to the number
    /// of the lease it was made under, so that a failover never gives a number twice.
    pub generation: u64,
    /// When a call began that may end this token and of whose end the store was not told.
    pub unsettled_since: Option<Timestamp>,
}

/// A token that WeChat just gave.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token that came with it; an absent or empty one leaves the stored one alone.
    pub refresh_token: Option<Secret>,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// When it was asked for.
    pub issued_at: Timestamp,
    /// Whether an earlier call may still be under way, so that its token would replace this one:
    /// the intent then stays open, from `issued_at` on.
    pub contested: bool,
}

impl NewToken {
    /// For how many seconds it counts as valid from when it was asked for.
    pub(super) fn lifetime(&self) -> i64 {
        self.expires_at.duration_since(self.issued_at).as_secs()
    }
}

/// Whether a write under a lease was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// It is stored.
    Accepted {
        /// The owner's generation now.
        generation: u64,
    },
    /// Nothing was stored: the fence is no longer the newest.
    Refused,
}

impl Store {
    /// The token stored for `owner`, whatever its age; `None` when there is nothing at all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn token(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
    ) -> Result<Option<StoredToken>, StoreError> {
        on_engine!(self, engine => engine.token(key, owner))
    }

    /// Notes that an authorizer's token was handed out at `at`, to the hour: no write while what is
    /// noted is less than an hour older, or when no token is stored. A power cut may take it back.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn touch_token(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, engine => engine.touch_token(key, appid, at))
    }

    /// Lets the stored token end at `at` at the latest, durably.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn cap_expiry(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, engine => engine.cap_expiry(key, owner, at))
    }
}
