//! Forgetting a platform.

use crate::store::{PlatformKey, StoreError};

use super::{Database, Weight};

impl Database {
    pub(in crate::store) async fn forget_platform(
        &self,
        key: &PlatformKey,
    ) -> Result<(), StoreError> {
        self.write_of(Weight::durable(1), key, |session, platform| {
            for table in [
                "tickets",
                "tokens",
                "refusals",
                "authorizers",
                "authorizer_details",
                "redeemed_codes",
                "passes",
                "events",
                "message_counts",
                "message_marks",
                "message_memory",
                "messages",
                "launches",
                "journal",
            ] {
                let delete = format!("DELETE FROM {table} WHERE platform = ?1");
                session.execute(&delete, [platform])?;
            }
            session.execute(
                "UPDATE platforms SET encryption_run = NULL WHERE id = ?1",
                [platform],
            )?;
            Ok(())
        })
        .await
    }
}
