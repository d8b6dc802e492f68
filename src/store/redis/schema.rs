//! Which layout the keys have.

use std::collections::HashMap;

use crate::store::StoreError;

use super::RedisStore;
use super::names::SCHEMA;

/// The layout that this program writes.
pub(in crate::store) const VERSION: i64 = 1;
/// The oldest layout of a program that can work with what this one writes.
const MIN_READER: i64 = 1;

impl RedisStore {
    /// Sees that this program can work here; an empty Redis gets this program's layout.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], and when the server cannot be reached.
    pub(super) async fn check_schema(&self) -> Result<(), StoreError> {
        let version = self.schema_version().await?;
        if version.is_none() {
            let mut first = redis::cmd("HSETNX");
            first.arg(SCHEMA).arg("version").arg(VERSION);
            let mut second = redis::cmd("HSETNX");
            second.arg(SCHEMA).arg("min_reader").arg(MIN_READER);
            for command in [second, first] {
                let _: bool = self.redis().ask(SCHEMA, command).await?;
            }
            self.schema_version().await?;
        }
        Ok(())
    }

    /// The layout found; `None` when there is nothing yet.
    ///
    /// # Errors
    /// As [`RedisStore::check_schema`].
    pub(super) async fn schema_version(&self) -> Result<Option<i64>, StoreError> {
        let mut read = redis::cmd("HGETALL");
        read.arg(SCHEMA);
        let found: HashMap<String, i64> = self.redis().ask(SCHEMA, read).await?;
        let Some(version) = found.get("version").copied() else {
            return Ok(None);
        };
        let min_reader = found.get("min_reader").copied().unwrap_or(version);
        if min_reader > VERSION {
            return Err(StoreError::NewerSchema {
                place: self.redis().address().to_string(),
                version,
                min_reader,
                supported: VERSION,
            });
        }
        Ok(Some(version))
    }
}
