//! Statements that only show whether writing is possible.

use crate::store::{PlatformKey, StoreError};

use super::{Database, Fault, Session, Weight, platform};

impl Database {
    pub(in crate::store) async fn test_write(&self, key: &PlatformKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.write(Weight::durable(1), move |session| run(session, &key))
            .await
    }
}

/// How much is written: several pages, as an event with its indexes takes. On a full disk a smaller
/// write may still fit into what the log has.
const BYTES: usize = 16 << 10;

/// Writes and deletes a row that no other transaction sees.
fn run(session: &Session, key: &PlatformKey) -> Result<(), Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write_secrets(platform)?;
    // Of no authorizer. That its pages are cleared again is written too (`secure_delete`).
    let text = " ".repeat(BYTES);
    session
        .prepare_cached(
            "INSERT INTO authorizer_details (platform, appid, json) VALUES (?1, '', ?2)",
        )?
        .execute((platform, text))?;
    session
        .prepare_cached("DELETE FROM authorizer_details WHERE platform = ?1 AND appid = ''")?
        .execute([platform])?;
    Ok(())
}
