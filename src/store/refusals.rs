//! Tokens that WeChat refused before their expiry although no process on this store replaced them.

use jiff::Timestamp;

use super::engine::Durability;
use super::ops::refusals;
use super::records::{Reads, Records, RefusalsRead};
use super::tokens::TokenOwner;
use super::{PlatformKey, Store, StoreError};

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
        let (owner, at) = (owner.clone(), at.as_second());
        let reads = reads(RefusalsRead::Concerning(owner.clone(), at));
        let decide = move |records: &mut Records, _| {
            refusals::note(&mut records.refusals, &owner, generation, at);
            Ok(())
        };
        self.transact(key, reads, Durability::Cached, decide).await
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
        let stored = self.load(key, reads(RefusalsRead::All)).await?.refusals;
        Ok(refusals::list(stored, now.as_second()))
    }
}

fn reads(refusals: RefusalsRead) -> Reads {
    Reads {
        refusals: Some(refusals),
        ..Reads::default()
    }
}
