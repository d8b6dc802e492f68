//! A write that only shows whether writing is possible.

use super::handle::on_engine;
use super::{PlatformKey, Store, StoreError};

impl Store {
    /// Writes about as much as an event does, and leaves nothing of it behind.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn test_write(&self, key: &PlatformKey) -> Result<(), StoreError> {
        on_engine!(self, engine => engine.test_write(key))
    }
}
