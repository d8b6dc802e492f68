//! The store as its users hold it.

use std::time::{Duration, Instant};

use crate::sys::clock::Clock;

#[cfg(feature = "redis")]
use super::RedisFacts;
use super::encryption::Keyring;
#[cfg(feature = "redis")]
use super::redis::RedisStore;
use super::sqlite::Database;
use super::{Holder, StoreError, StoreInfo, StoreLocation};

/// How long an act waits unless somebody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Who opens a store, and how.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Who holds the leases that are taken.
    pub holder: Holder,
    /// Tells the times that the store itself notes; leases run on the machine's clock, in Redis on
    /// the server's.
    pub clock: Clock,
    /// What secrets are encrypted with.
    pub keyring: Keyring,
    /// How long an act waits for other processes that write, or for a server that was there before.
    /// A server is waited for no longer than a failover takes.
    pub timeout: Duration,
}

impl StoreOptions {
    /// Without keys, and with 20 s of waiting.
    #[must_use]
    pub fn new(holder: Holder, clock: Clock) -> Self {
        Self {
            holder,
            clock,
            keyring: Keyring::none(),
            timeout: TIMEOUT,
        }
    }

    /// What operations need of them.
    fn shared(&self) -> (Keyring, Holder, Clock) {
        let Self {
            keyring,
            holder,
            clock,
            ..
        } = self.clone();
        (keyring, holder, clock)
    }

    #[cfg(test)]
    pub(super) fn of_a_test() -> Self {
        let holder = Holder {
            host: "host".to_owned(),
            process_id: 1,
            command: "wxauth test".to_owned(),
        };
        Self::new(holder, Clock::default())
    }
}

/// The durable state of platforms. Clones share one store; two that were opened are two holders.
///
/// An act that was handed over is carried out even when its caller is dropped.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) engine: AnyEngine,
    pub(super) keyring: Keyring,
    pub(super) holder: Holder,
    pub(super) clock: Clock,
}

/// Where a store is.
#[derive(Clone, Debug)]
pub(super) enum AnyEngine {
    /// SQLite, in a file or in this process's memory.
    Sqlite(Database),
    /// A Redis.
    #[cfg(feature = "redis")]
    Redis(RedisStore),
}

/// Does the same on whichever engine a store has.
macro_rules! on_engine {
    ($store:expr, $engine:ident => $act:expr) => {
        match &$store.engine {
            crate::store::handle::AnyEngine::Sqlite($engine) => $act.await,
            // Boxed: a future for SQLite would be as large as one for a server, and bulk work moves such
            // futures ten thousand times. Its type is erased for the compiler's sake.
            #[cfg(feature = "redis")]
            crate::store::handle::AnyEngine::Redis($engine) => {
                let act: std::pin::Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin($act);
                act.await
            }
        }
    };
}
pub(super) use on_engine;

impl Store {
    /// Opens the store, making the folder (0700), the file (0600) and the schema where missing,
    /// and bringing an older schema of a file up to date after a backup beside it. A Redis is only
    /// looked at: what says which layout it has is written before the first record.
    ///
    /// # Errors
    /// Every [`StoreError`] about a path: unreachable, on a network file system, read-only, full,
    /// damaged, of a newer schema, busy, or another than the one that is written to; and those about
    /// a Redis.
    pub async fn open(location: &StoreLocation, options: StoreOptions) -> Result<Self, StoreError> {
        let (keyring, holder, clock) = options.shared();
        let engine = match location {
            StoreLocation::Sqlite(_) | StoreLocation::Memory => {
                AnyEngine::Sqlite(Database::open(location, options).await?)
            }
            #[cfg(feature = "redis")]
            StoreLocation::Redis(address) => {
                AnyEngine::Redis(RedisStore::open(address, options).await?)
            }
            #[cfg(not(feature = "redis"))]
            StoreLocation::Redis(_) => return Err(StoreError::NoRedis),
        };
        Ok(Self {
            engine,
            keyring,
            holder,
            clock,
        })
    }

    /// The same store, whose acts wait until `deadline` for other processes that write, or for the
    /// server, all of them together.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        let engine = match &self.engine {
            AnyEngine::Sqlite(database) => AnyEngine::Sqlite(database.until(deadline)),
            #[cfg(feature = "redis")]
            AnyEngine::Redis(redis) => AnyEngine::Redis(redis.until(deadline)),
        };
        Self {
            engine,
            ..self.clone()
        }
    }

    /// What the server says of itself; `None` for a store without one.
    ///
    /// # Errors
    /// When the server cannot be reached.
    #[cfg(feature = "redis")]
    pub async fn facts(&self) -> Result<Option<RedisFacts>, StoreError> {
        match &self.engine {
            AnyEngine::Redis(redis) => redis.facts().await.map(Some),
            AnyEngine::Sqlite(_) => Ok(None),
        }
    }

    /// Where the store lives.
    #[must_use]
    pub fn location(&self) -> &StoreLocation {
        match &self.engine {
            AnyEngine::Sqlite(database) => database.location(),
            #[cfg(feature = "redis")]
            AnyEngine::Redis(redis) => redis.location(),
        }
    }

    /// What errors about one of its records name.
    pub(super) fn place_name(&self) -> String {
        match self.location() {
            StoreLocation::Sqlite(path) => path.display().to_string(),
            StoreLocation::Memory => ":memory:".to_owned(),
            StoreLocation::Redis(address) => address.to_string(),
        }
    }

    /// What the store is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn info(&self) -> Result<StoreInfo, StoreError> {
        on_engine!(self, engine => engine.info())
    }
}
