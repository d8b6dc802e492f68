//! Changing the layout of a store that others share.

use super::handle::AnyEngine;
use super::{Store, StoreError};

/// What changing the layout of a store would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The layout found; `None` where there is no store yet.
    pub from: Option<i64>,
    /// The layout afterwards; the one found where nothing is to be changed.
    pub to: i64,
    /// The oldest layout of a program that can use it then.
    pub min_reader: i64,
}

impl Migration {
    /// Whether there is anything to change.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.from.is_some_and(|from| from < self.to)
    }
}

impl Store {
    /// What [`Store::migrate`] would do; nothing for a file, which is brought up to date by being
    /// opened.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], and when the store cannot be read.
    pub async fn migration(&self) -> Result<Migration, StoreError> {
        match &self.engine {
            AnyEngine::Sqlite(file) => {
                let info = file.info().await?;
                Ok(Migration {
                    from: Some(info.schema_version),
                    to: info.schema_version,
                    min_reader: info.min_reader.unwrap_or(info.schema_version),
                })
            }
            #[cfg(feature = "redis")]
            AnyEngine::Redis(redis) => redis.migration().await,
        }
    }

    /// Changes the layout of a shared store to this program's; how many steps that took.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], and when the store cannot be written; the steps made until then
    /// stay.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        match &self.engine {
            AnyEngine::Sqlite(_) => Ok(0),
            #[cfg(feature = "redis")]
            AnyEngine::Redis(redis) => redis.migrate().await,
        }
    }
}
