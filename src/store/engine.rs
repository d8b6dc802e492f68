//! What an engine does for operations: it reads the records that one names, lets it decide, and writes
//! what it changed, all in one step.

use std::future::Future;

use super::handle::{AnyEngine, on_engine};
use super::records::{Reads, Records};
#[cfg(feature = "redis")]
use super::redis::RedisStore;
use super::sqlite::Database;
use super::{PlatformKey, Store, StoreError};

/// What a power cut may do to an operation that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// It may be taken back: the roster, which the next sync reads again.
    Cached,
    /// It stays: tokens, what an operator did. In Redis a replica, where there is one, has it too, and
    /// the operation is carried out though its caller goes away.
    Durable,
}

/// SQLite or Redis.
pub(super) trait Engine {
    /// The most observations that are stored in one act: it must not keep others from the store for
    /// long.
    const BATCH: usize;

    /// Reads records.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn load(
        &self,
        key: &PlatformKey,
        reads: Reads,
    ) -> impl Future<Output = Result<Records, StoreError>> + Send;

    /// Reads records, lets `decide` change them, given the time in Unix seconds, and writes what is
    /// different, all of it or nothing. SQLite keeps others from writing meanwhile. Redis sees when
    /// writing whether the records that `decide` changed, and the external ids that were read, are as
    /// they were; the fence of an authorizer only where `decide` says that it rests on it. If not,
    /// all is read again and `decide` called again; nothing of its former call remains.
    ///
    /// # Errors
    /// What `decide` returns, [`StoreError::Encrypted`] where the platform's secrets are encrypted and there
    /// is no key here, or when the store cannot be read or written; nothing is changed then.
    fn transact<T: Send + 'static>(
        &self,
        key: &PlatformKey,
        reads: Reads,
        durability: Durability,
        decide: impl FnMut(&mut Records, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;
}

impl Store {
    /// [`Engine::BATCH`].
    pub(super) fn batch(&self) -> usize {
        match &self.engine {
            AnyEngine::Sqlite(_) => Database::BATCH,
            #[cfg(feature = "redis")]
            AnyEngine::Redis(_) => RedisStore::BATCH,
        }
    }

    /// [`Engine::load`].
    pub(super) async fn load(
        &self,
        key: &PlatformKey,
        reads: Reads,
    ) -> Result<Records, StoreError> {
        on_engine!(self, engine => engine.load(key, reads))
    }

    /// [`Engine::transact`].
    pub(super) async fn transact<T: Send + 'static>(
        &self,
        key: &PlatformKey,
        reads: Reads,
        durability: Durability,
        mut decide: impl FnMut(&mut Records, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let holder = self.holder.clone();
        let decide = move |records: &mut Records, now| {
            let answer = decide(records, now)?;
            records.sign_notes(&holder);
            Ok(answer)
        };
        on_engine!(self, engine => engine.transact(key, reads, durability, decide))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::store::ops::syncs;
    use crate::store::{StoreLocation, StoreOptions};
    use crate::wechat::id::{Appid, ComponentAppid};

    use super::*;

    fn key() -> PlatformKey {
        PlatformKey {
            realm: "api.example".to_owned(),
            component_appid: ComponentAppid::from_wire("wx0123456789abcdef"),
        }
    }

    async fn store() -> Store {
        let options = StoreOptions::of_a_test();
        Store::open(&StoreLocation::Memory, options).await.unwrap()
    }

    fn passes() -> Reads {
        Reads {
            passes: true,
            ..Reads::default()
        }
    }

    /// Begins a pass; how many there are then.
    async fn begin(store: &Store) -> Result<usize, StoreError> {
        let decide = |records: &mut Records, now| {
            // Of another kind than the first, which would go on otherwise.
            let full = records.passes.all.is_empty();
            syncs::begin(&mut records.passes, full, now, Duration::ZERO);
            Ok(records.passes.all.len())
        };
        let durability = Durability::Durable;
        store.transact(&key(), passes(), durability, decide).await
    }

    #[tokio::test]
    async fn operation_that_panics_fails_alone() {
        let store = store().await;
        let panics = |records: &mut Records, _| -> Result<(), StoreError> {
            records.passes.all.clear();
            panic!("a test of panics");
        };
        let key = key();
        let (before, panicked, after) = tokio::join!(
            begin(&store),
            store.transact(&key, passes(), Durability::Durable, panics),
            begin(&store),
        );
        assert_eq!(before.unwrap(), 1);
        assert!(matches!(panicked, Err(StoreError::Failed { .. })));
        assert_eq!(after.unwrap(), 2);
    }

    #[tokio::test]
    async fn operation_that_fails_writes_nothing() {
        let store = store().await;
        begin(&store).await.unwrap();
        let fails = |records: &mut Records, _| -> Result<(), StoreError> {
            records.passes.all.clear();
            let appid = Appid::from_wire("wx0000000000000001");
            Err(StoreError::UnknownAuthorizer { appid })
        };
        let failed = store
            .transact(&key(), passes(), Durability::Cached, fails)
            .await;
        assert!(matches!(failed, Err(StoreError::UnknownAuthorizer { .. })));
        let records = store.load(&key(), passes()).await.unwrap();
        assert_eq!(records.passes.all.len(), 1);
    }
}
