//! Logs: sorted sets of `number JSON`, by number, as [`Plan::log`](super::plan::Plan::log) appends
//! to them.

use serde::de::DeserializeOwned;

use crate::store::StoreError;

use super::RedisStore;
use super::names::Names;

impl RedisStore {
    /// The entries before a number, or the last ones: at most `limit`, the newest first.
    pub(super) async fn log_before<T: DeserializeOwned>(
        &self,
        names: &Names,
        log: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, T)>, StoreError> {
        let highest = before.map_or_else(|| "+inf".to_owned(), |before| format!("({before}"));
        let mut read = redis::cmd("ZREVRANGEBYSCORE");
        read.arg(log).arg(highest).arg("-inf");
        read.arg("LIMIT").arg(0).arg(limit);
        let found: Vec<String> = self.redis().ask(names.tag(), read).await?;
        found.iter().map(|text| self.logged(log, text)).collect()
    }

    /// The entries after a number, or the first ones: at most `limit`, the oldest first.
    pub(super) async fn log_after<T: DeserializeOwned>(
        &self,
        names: &Names,
        log: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(i64, T)>, StoreError> {
        let lowest = after.map_or_else(|| "-inf".to_owned(), |after| format!("({after}"));
        let mut read = redis::cmd("ZRANGEBYSCORE");
        read.arg(log).arg(lowest).arg("+inf");
        read.arg("LIMIT").arg(0).arg(limit);
        let found: Vec<String> = self.redis().ask(names.tag(), read).await?;
        found.iter().map(|text| self.logged(log, text)).collect()
    }

    /// An entry as it is kept.
    pub(super) fn logged<T: DeserializeOwned>(
        &self,
        log: &str,
        text: &str,
    ) -> Result<(i64, T), StoreError> {
        let (number, json) = text.split_once(' ').unwrap_or_default();
        let number = number.parse();
        let number = number.map_err(|_| self.damaged(log, "no number"))?;
        let kept = serde_json::from_str(json).map_err(|error| self.damaged(log, error))?;
        Ok((number, kept))
    }
}
