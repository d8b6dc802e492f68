//! Tokens that WeChat refused before their expiry although no process on this store replaced them.

use jiff::Timestamp;

use super::handle::database_or;
use super::sqlite::{Weight, refusals};
use super::{PlatformKey, Store, StoreError, TokenOwner};

/// Tokens of one owner that WeChat refused before their expiry, until 24 hours passed without another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// Whose tokens.
    pub owner: TokenOwner,
    /// When the first of them was refused.
    pub since: Timestamp,
    /// When the last of them was.
    pub latest: Timestamp,
    /// How many tokens.
    pub count: u64,
}

impl Store {
    /// Notes that the token of this generation was refused at `at`, once for each token, and drops what
    /// is no longer reported. A power cut may take it back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn note_refusal(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
        generation: u64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let database = database_or!(self, redis => redis.note_refusal(key, owner, generation, at));
        let (key, owner) = (key.clone(), owner.clone());
        database
            .write(Weight::cached(1), move |connection| {
                refusals::note(connection, &key, &owner, generation, at)
            })
            .await
    }

    /// The refusals that are still reported at `now`, those of the platform's own token first, then
    /// sorted by appid.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn refusals(
        &self,
        key: &PlatformKey,
        now: Timestamp,
    ) -> Result<Vec<Refusals>, StoreError> {
        let database = database_or!(self, redis => redis.refusals(key, now));
        let key = key.clone();
        database
            .read(move |connection| refusals::list(connection, &key, now))
            .await
    }
}
