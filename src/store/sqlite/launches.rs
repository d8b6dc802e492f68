//! Statements on launches.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::launches::LaunchSource;
use crate::store::ops::launches;
use crate::store::{PlatformKey, StoreError};

use super::{Database, columns};

impl Database {
    /// The pre-auth code, by its fingerprint, of the latest launch with this state.
    pub(in crate::store) async fn launch_of_state(
        &self,
        key: &PlatformKey,
        state: &str,
    ) -> Result<Option<String>, StoreError> {
        let state = state.to_owned();
        self.read_of(key, move |session, platform| {
            // Without the hint SQLite scans all launches of the platform.
            let code = session
                .prepare_cached(
                    "SELECT pre_auth_code_fingerprint FROM launches INDEXED BY launches_state
                     WHERE platform = ?1 AND state = ?2 ORDER BY made_at DESC LIMIT 1",
                )?
                .query_row((platform, state), |row| row.get(0));
            Ok(code.optional()?)
        })
        .await
    }

    pub(in crate::store) async fn count_launches(
        &self,
        key: &PlatformKey,
        source: LaunchSource,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let made = launches::counted(since, self.now());
        self.read_of(key, move |session, platform| {
            let count = session
                .prepare_cached(
                    "SELECT count(*) FROM launches
                     WHERE platform = ?1 AND source = ?2 AND made_at BETWEEN ?3 AND ?4",
                )?
                .query_row(
                    (platform, source.as_str(), made.start(), made.end()),
                    |row| row.get(0),
                )?;
            Ok(columns::unsigned(count))
        })
        .await
    }
}
