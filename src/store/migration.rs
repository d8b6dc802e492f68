//! Changing the layout of a store that others share.

use super::handle::AnyEngine;
use super::words::words;
use super::{Store, StoreError};

words! {
    /// A step between two layouts of a shared store.
    Step {
        /// From layout 0, which did not say who may read it, to 1: its number and its oldest
        /// reader are written; all keys stay as they are.
        Number => "number",
    }
}

/// What changing the layout of a shared store would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The store.
    pub place: String,
    /// The layout found; `None` where there is no store yet.
    pub from: Option<i64>,
    /// The layout afterwards.
    pub to: i64,
    /// The oldest layout of a program that can use it then.
    pub min_reader: i64,
    /// What is to be done, in this order; nothing when the layout is the present one.
    pub steps: Vec<Step>,
}

impl Store {
    /// What [`Store::migrate`] would do; `None` for a file, which is brought up to date by being
    /// opened. The store may have been opened by [`Store::look`].
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], and when the store cannot be read.
    pub async fn migration(&self) -> Result<Option<Migration>, StoreError> {
        match &self.engine {
            AnyEngine::Sqlite(_) => Ok(None),
            #[cfg(feature = "redis")]
            AnyEngine::Redis(redis) => redis.migration().await.map(Some),
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
