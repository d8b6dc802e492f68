//! A command that only shows whether writing is possible.

use crate::store::{PlatformKey, StoreError};

use super::RedisStore;

impl RedisStore {
    pub(in crate::store) async fn test_write(&self, key: &PlatformKey) -> Result<(), StoreError> {
        let names = self.names(key);
        self.may_write_secrets(&names).await?;
        // It changes no number (a counter that is missing begins at 0, as the first lease would have
        // it), and is refused whenever the whole server takes no writes.
        let mut add = redis::cmd("INCRBY");
        add.arg(names.fence()).arg(0);
        let _: i64 = self.redis().ask(names.tag(), add).await?;
        Ok(())
    }
}
