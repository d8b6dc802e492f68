//! A write that only shows whether writing is possible.

use super::handle::database_or;
use super::sqlite::{Weight, test_write};
use super::{PlatformKey, Store, StoreError};

impl Store {
    /// Writes about as much as an event does, and leaves nothing of it behind.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn test_write(&self, key: &PlatformKey) -> Result<(), StoreError> {
        let database = database_or!(self, redis => redis.test_write(key));
        let key = key.clone();
        database
            .write(Weight::durable(1), move |session| {
                test_write::run(session, &key)
            })
            .await
    }
}
