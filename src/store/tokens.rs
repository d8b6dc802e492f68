//! Access tokens of the platform and of its authorizers, as stored.

use jiff::Timestamp;

use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::encryption::{Cipher, Field, StoredSecret};
use super::engine::Durability;
use super::ops::tokens;
use super::record::{Record, RecordKind, Token};
use super::records::{Reads, Records};
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
}

/// What the record of the owner with this name is called in messages: as its key in Redis, without what
/// all keys have.
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

impl StoredToken {
    /// A token from its record; `None` when there is neither an access token nor a refresh token.
    ///
    /// # Errors
    /// When one of them cannot be decrypted.
    pub(super) fn of(record: &Token, cipher: &Cipher) -> Result<Option<Self>, StoreError> {
        let Token {
            access, refresh, ..
        } = &record;
        let decrypt = |field, secret: &Option<StoredSecret>| {
            let secret = secret.as_ref().filter(|secret| !secret.text().is_empty());
            secret
                .map(|secret| cipher.decrypt(&record.owner, field, secret))
                .transpose()
        };
        let token = Self {
            access_token: decrypt(Field::AccessToken, access)?,
            refresh_token: decrypt(Field::RefreshToken, refresh)?,
            expires_at: record.expires_at.map(timestamp),
            issued_at: record.issued_at.map(timestamp),
            lifetime: record.lifetime,
            generation: u64::try_from(record.generation).unwrap_or(0),
            unsettled_since: record.unsettled_since.map(timestamp),
        };
        let is_empty = token.access_token.is_none() && token.refresh_token.is_none();
        Ok((!is_empty).then_some(token))
    }
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
        let name = (RecordKind::Tokens, owner.as_str().to_owned());
        let records = self.load(key, Reads::named([name])).await?;
        match records.named.into_values().next() {
            Some(Record::Token(token)) => StoredToken::of(&token, &self.cipher(key).await?),
            _ => Ok(None),
        }
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
        let name = (RecordKind::Tokens, appid.as_str().to_owned());
        let at = at.as_second();
        let mut records = self.load(key, Reads::named([name.clone()])).await?;
        if !records
            .named
            .get_mut(&name)
            .is_some_and(|token| tokens::note_use(token, at))
        {
            return Ok(());
        }
        let decide = move |records: &mut Records, _| {
            if let Some(token) = records.named.get_mut(&name) {
                tokens::note_use(token, at);
            }
            Ok(())
        };
        let reads = Reads::named([(RecordKind::Tokens, appid.as_str().to_owned())]);
        self.transact(key, reads, Durability::Cached, decide).await
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
        let name = (RecordKind::Tokens, owner.as_str().to_owned());
        let (reads, at) = (Reads::named([name.clone()]), at.as_second());
        let decide = move |records: &mut Records, _| {
            if let Some(Record::Token(token)) = records.named.get_mut(&name) {
                token.expires_at = token.expires_at.map(|ends| ends.min(at));
            }
            Ok(())
        };
        self.transact(key, reads, Durability::Durable, decide).await
    }
}
