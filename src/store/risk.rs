//! What about the place of a store may lose what is in it.

use super::{Store, StoreError};

/// What may lose records, although nothing has failed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreRisk {
    /// With its memory full the Redis throws keys away, by this policy.
    Evicts(String),
    /// Nothing that the Redis holds survives its restart.
    Forgets,
    /// It is a replica, which takes no writes.
    Replica,
}

impl Store {
    /// What may lose records where they are kept; nothing where the server does not tell.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn risks(&self) -> Result<Vec<StoreRisk>, StoreError> {
        #[cfg(feature = "redis")]
        if let Some(facts) = self.facts().await? {
            return Ok(facts.risks());
        }
        Ok(Vec::new())
    }
}
