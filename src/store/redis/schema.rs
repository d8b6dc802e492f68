//! Which layout the keys have, and the only way in which it changes.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use crate::store::StoreError;
use crate::store::migration::Migration;
use crate::sys::redis::Script;

use super::RedisStore;
use super::names::SCHEMA;

/// The layout of this program.
pub(super) const PRESENT: Schema = Schema {
    steps: &[],
    min_reader: 1,
};
const MIGRATE: &str = include_str!("migrate.lua");

/// How the keys come to a layout, and who may use it. The first layout is 1.
pub(super) struct Schema {
    /// Scripts in Lua: each changes the keys from the layout that is its place in this list, counted
    /// from 1, to the next. In a cluster only the slot of [`SCHEMA`] is in their reach.
    steps: &'static [&'static str],
    /// The oldest layout of a program that can work with what this one writes.
    min_reader: i64,
}

/// A layout as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) version: i64,
    pub(super) min_reader: i64,
}

impl Schema {
    /// The layout that it brings about.
    pub(super) fn version(&self) -> i64 {
        i64::try_from(self.steps.len() + 1).unwrap_or(i64::MAX)
    }

    fn check(&self, store: &RedisStore, found: Found) -> Result<(), StoreError> {
        if found.min_reader > self.version() {
            return Err(StoreError::NewerSchema {
                place: store.redis().address().to_string(),
                version: found.version,
                min_reader: found.min_reader,
                supported: self.version(),
            });
        }
        Ok(())
    }

    async fn migration(&self, store: &RedisStore) -> Result<Migration, StoreError> {
        let found = store.found_schema().await?;
        if let Some(found) = found {
            self.check(store, found)?;
        }
        let (version, min_reader) = (self.version(), self.min_reader);
        Ok(Migration {
            from: found.map(|found| found.version),
            to: found.map_or(version, |found| found.version.max(version)),
            min_reader: found.map_or(min_reader, |found| found.min_reader.max(min_reader)),
        })
    }

    async fn migrate(&self, store: &RedisStore) -> Result<usize, StoreError> {
        match self.migration(store).await?.from {
            Some(from) => self.take_steps(store, from).await,
            None => Ok(0),
        }
    }

    /// Takes the steps from the layout `from` on, those that nobody else took; how many.
    async fn take_steps(&self, store: &RedisStore, from: i64) -> Result<usize, StoreError> {
        let keys = [SCHEMA.to_owned()];
        let mut taken = 0;
        for (at, step) in (1_i64..).zip(self.steps).filter(|(at, _)| *at >= from) {
            let script = Script::new(&format!("local function step()\n{step}\nend\n{MIGRATE}"));
            let arguments = [at, at + 1, self.min_reader];
            let arguments = arguments.map(|number| number.to_string().into_bytes());
            let one: i64 = store
                .redis()
                .run(SCHEMA, &script, &keys, &arguments)
                .await?;
            taken += usize::try_from(one).unwrap_or(0);
        }
        Ok(taken)
    }
}

impl RedisStore {
    /// Checks that this program can work here, and writes nothing: whether there is a layout.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], and when the server cannot be reached.
    pub(super) async fn check_schema(&self) -> Result<bool, StoreError> {
        let Some(found) = self.found_schema().await? else {
            return Ok(false);
        };
        PRESENT.check(self, found)?;
        self.inner.has_schema.store(true, Ordering::Relaxed);
        Ok(true)
    }

    /// Gives an empty Redis this program's layout, before the first record.
    ///
    /// # Errors
    /// As [`RedisStore::check_schema`], and when the server cannot be written.
    pub(super) async fn ensure_schema(&self) -> Result<(), StoreError> {
        if self.inner.has_schema.load(Ordering::Relaxed) || self.check_schema().await? {
            return Ok(());
        }
        let mut first = redis::cmd("HSETNX");
        first.arg(SCHEMA).arg("version").arg(PRESENT.version());
        let mut second = redis::cmd("HSETNX");
        second.arg(SCHEMA).arg("min_reader").arg(PRESENT.min_reader);
        for command in [second, first] {
            let _: bool = self.redis().ask(SCHEMA, command).await?;
        }
        // Another program may have been first.
        self.check_schema().await.map(|_| ())
    }

    /// The layout found; `None` when there is nothing yet.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn found_schema(&self) -> Result<Option<Found>, StoreError> {
        let mut read = redis::cmd("HGETALL");
        read.arg(SCHEMA);
        let fields: HashMap<String, i64> = self.redis().ask(SCHEMA, read).await?;
        let Some(version) = fields.get("version").copied() else {
            return Ok(None);
        };
        let min_reader = fields.get("min_reader").copied().unwrap_or(version);
        Ok(Some(Found {
            version,
            min_reader,
        }))
    }

    /// What a migration would do; nothing when the layout is the present one, or a newer one that
    /// this program may use.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], and when the server cannot be reached.
    pub(in crate::store) async fn migration(&self) -> Result<Migration, StoreError> {
        PRESENT.migration(self).await
    }

    /// Changes the layout step by step; each step happens as a whole, and only if the layout still
    /// is the one that it begins at. How many steps were made.
    ///
    /// # Errors
    /// As [`RedisStore::migration`]; the steps made until then stay.
    pub(in crate::store) async fn migrate(&self) -> Result<usize, StoreError> {
        PRESENT.migrate(self).await
    }
}

#[cfg(test)]
#[allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "helpers of tests"
)]
#[path = "../../../tests/suite/support/redis.rs"]
mod server;

#[cfg(test)]
mod tests {
    use crate::store::StoreOptions;
    use crate::sys::redis::Address;

    use super::server::RedisServer;
    use super::*;

    /// The layout of an invented next version, which this one's program can use or not.
    const fn next(min_reader: i64) -> Schema {
        Schema {
            steps: &["redis.call('HINCRBY', KEYS[1], 'invented', 7)"],
            min_reader,
        }
    }

    async fn open(server: &RedisServer) -> RedisStore {
        let address = Address::parse(&server.url()).unwrap();
        let opened = RedisStore::open(&address, StoreOptions::of_a_test());
        opened.await.unwrap()
    }

    async fn versions(store: &RedisStore) -> (i64, i64) {
        let found = store.found_schema().await.unwrap().unwrap();
        (found.version, found.min_reader)
    }

    #[tokio::test]
    async fn each_step_is_taken_once_however_many_programs_take_it() {
        let server = RedisServer::start();
        let (one, other) = (open(&server).await, open(&server).await);
        let next = next(1);
        assert_eq!(next.migrate(&one).await, Ok(0));
        assert_eq!(one.found_schema().await, Ok(None));
        one.ensure_schema().await.unwrap();
        assert_eq!(versions(&one).await, (1, 1));
        let expected = Migration {
            from: Some(1),
            to: 2,
            min_reader: 1,
        };
        assert_eq!(next.migration(&one).await, Ok(expected));

        assert_eq!(next.migrate(&one).await, Ok(1));
        // The other program read the layout before this one changed it.
        assert_eq!(next.take_steps(&other, 1).await, Ok(0));
        assert_eq!(next.migrate(&other).await, Ok(0));
        assert_eq!(versions(&other).await, (2, 1));
        assert_eq!(server.cli(&["HGET", SCHEMA, "invented"]), "7");
        assert!(!next.migration(&one).await.unwrap().is_needed());
    }

    #[tokio::test]
    async fn newer_layout_is_used_where_it_says_so() {
        for min_reader in [1, 2] {
            let server = RedisServer::start();
            let store = open(&server).await;
            store.ensure_schema().await.unwrap();
            assert_eq!(next(min_reader).migrate(&store).await, Ok(1));
            assert_eq!(versions(&store).await, (2, min_reader));
            let refused = StoreError::NewerSchema {
                place: server.url(),
                version: 2,
                min_reader: 2,
                supported: 1,
            };
            let (checked, migrated) = match min_reader {
                1 => (Ok(true), Ok(0)),
                _ => (Err(refused.clone()), Err(refused)),
            };
            assert_eq!(store.check_schema().await, checked);
            assert_eq!(store.migrate().await, migrated);
            assert_eq!(versions(&store).await, (2, min_reader));
        }
    }
}
