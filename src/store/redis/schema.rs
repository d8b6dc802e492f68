//! Which layout the keys have, and the only way in which it changes.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::Ordering;

use crate::store::StoreError;
use crate::store::migration::{Migration, Step};
use crate::sys::redis::Script;

use super::RedisStore;
use super::names::SCHEMA;

/// The layout that this program writes.
pub(in crate::store) const VERSION: i64 = 1;
/// The oldest layout that this program can work in as it is.
const OLDEST: i64 = 1;
/// The oldest layout of a program that can work with what this one writes.
const MIN_READER: i64 = 1;

static MIGRATE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("migrate.lua")));

/// A layout as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) version: i64,
    pub(super) min_reader: i64,
}

/// The steps that lead from a layout to the present one, each by the layout that it begins at.
const STEPS: [(i64, Step); 1] = [(0, Step::Number)];

impl RedisStore {
    /// Checks that this program can work here, and writes nothing: whether there is a layout.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], [`StoreError::OlderSchema`], and when the server cannot be
    /// reached.
    pub(super) async fn check_schema(&self) -> Result<bool, StoreError> {
        let Some(found) = self.found_schema().await? else {
            return Ok(false);
        };
        self.can_work(found)?;
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
        first.arg(SCHEMA).arg("version").arg(VERSION);
        let mut second = redis::cmd("HSETNX");
        second.arg(SCHEMA).arg("min_reader").arg(MIN_READER);
        for command in [second, first] {
            let _: bool = self.redis().ask(SCHEMA, command).await?;
        }
        // Another program may have been first.
        self.check_schema().await.map(|_| ())
    }

    fn can_work(&self, found: Found) -> Result<(), StoreError> {
        self.not_newer(found)?;
        if found.version < OLDEST {
            return Err(StoreError::OlderSchema {
                place: self.redis().address().to_string(),
                version: found.version,
                supported: VERSION,
            });
        }
        Ok(())
    }

    fn not_newer(&self, found: Found) -> Result<(), StoreError> {
        if found.min_reader > VERSION {
            return Err(StoreError::NewerSchema {
                place: self.redis().address().to_string(),
                version: found.version,
                min_reader: found.min_reader,
                supported: VERSION,
            });
        }
        Ok(())
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
        let found = self.found_schema().await?;
        if let Some(found) = found {
            self.not_newer(found)?;
        }
        let from = found.map(|found| found.version);
        let steps = STEPS.iter().filter(|(at, _)| Some(*at) >= from);
        Ok(Migration {
            place: self.redis().address().to_string(),
            from,
            to: from.map_or(VERSION, |from| from.max(VERSION)),
            min_reader: found.map_or(MIN_READER, |found| found.min_reader.max(MIN_READER)),
            steps: match from {
                Some(_) => steps.map(|(_, step)| *step).collect(),
                None => Vec::new(),
            },
        })
    }

    /// Changes the layout step by step; each step happens as a whole, and only if the layout still
    /// is the one that it begins at. How many steps were made.
    ///
    /// # Errors
    /// As [`RedisStore::migration`]; the steps made until then stay.
    pub(in crate::store) async fn migrate(&self) -> Result<usize, StoreError> {
        let migration = self.migration().await?;
        let Some(from) = migration.from else {
            return Ok(0);
        };
        let keys = [SCHEMA.to_owned()];
        let mut made = 0;
        for (at, _) in STEPS.iter().filter(|(at, _)| *at >= from) {
            let arguments = [*at, at + 1, MIN_READER].map(|number| number.to_string().into_bytes());
            let step: i64 = self
                .redis()
                .run(SCHEMA, &MIGRATE, &keys, &arguments)
                .await?;
            made += usize::try_from(step).unwrap_or(0);
        }
        Ok(made)
    }
}
