//! What about the place of a store may lose what is in it, or fill its disk.

use std::path::PathBuf;

use super::{Store, StoreError, StoreLocation, sqlite};

/// A write-ahead log of so many bytes does not become shorter by itself soon.
const LONG_LOG: u64 = 256 << 20;

/// What may lose records or fill the disk, although nothing has failed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreRisk {
    /// With its memory full the Redis throws keys away, by this policy.
    Evicts(String),
    /// Nothing that the Redis holds survives its restart.
    Forgets,
    /// It is a replica, which takes no writes.
    Replica,
    /// The file's write-ahead log grows, because a process goes on reading an older state.
    LongLog {
        /// The store file.
        path: PathBuf,
        /// The length of the log in MiB.
        mebibytes: u64,
    },
}

impl Store {
    /// What may lose records where they are kept, or fill the disk; nothing where the server does not
    /// tell.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn risks(&self) -> Result<Vec<StoreRisk>, StoreError> {
        #[cfg(feature = "redis")]
        if let Some(facts) = self.facts().await? {
            return Ok(facts.risks());
        }
        let StoreLocation::Sqlite(path) = self.location() else {
            return Ok(Vec::new());
        };
        let length = sqlite::log_length(path);
        let long = (length >= LONG_LOG).then(|| StoreRisk::LongLog {
            path: path.clone(),
            mebibytes: length >> 20,
        });
        Ok(long.into_iter().collect())
    }
}
