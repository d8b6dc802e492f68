//! What a server says of itself.

use serde::Serialize;

use crate::store::StoreError;

use super::RedisStore;
use super::names::SCHEMA;

/// What a server says of itself, as far as it may be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RedisFacts {
    /// `redis` or `valkey`.
    pub server: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// `standalone`, `sentinel` or `cluster`.
    pub mode: Option<String>,
    /// `master` or `slave`.
    pub role: Option<String>,
    /// How many replicas are connected to it.
    pub replicas: Option<u64>,
    /// Whether it appends every write to a file.
    pub appendonly: Option<bool>,
    /// When it saves all of its memory to a file, as its configuration has it; empty for never.
    pub save: Option<String>,
    /// What it does when its memory is full.
    pub eviction: Option<String>,
    /// How much memory it uses, in bytes.
    pub memory: Option<u64>,
}

impl RedisFacts {
    /// Whether nothing that it holds would survive a restart; `None` when that is unknown.
    #[must_use]
    pub fn forgets(&self) -> Option<bool> {
        match (self.appendonly, self.save.as_deref()) {
            (Some(true), _) => Some(false),
            (Some(false), Some(save)) => Some(save.trim().is_empty()),
            _ => None,
        }
    }

    /// The policy by which it throws keys away, if it does.
    #[must_use]
    pub fn evicts(&self) -> Option<&str> {
        self.eviction
            .as_deref()
            .filter(|policy| *policy != "noeviction")
    }
}

impl RedisStore {
    /// Asks the server about itself. What its user may not ask stays unknown.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(in crate::store) async fn facts(&self) -> Result<RedisFacts, StoreError> {
        let info: String = self.redis().ask(SCHEMA, redis::cmd("INFO")).await?;
        let field = |name: &str| {
            let mut lines = info.lines().filter_map(|line| line.split_once(':'));
            let found = lines.find(|(key, _)| *key == name);
            found.map(|(_, value)| value.trim().to_owned())
        };
        let number = |name: &str| field(name)?.parse().ok();
        let valkey = field("valkey_version");
        let mut save = redis::cmd("CONFIG");
        save.arg("GET").arg("save");
        let save: Option<Vec<String>> = self.redis().ask(SCHEMA, save).await.ok();
        Ok(RedisFacts {
            server: Some(match valkey {
                Some(_) => "valkey".to_owned(),
                None => "redis".to_owned(),
            }),
            version: valkey.or_else(|| field("redis_version")),
            mode: field("redis_mode"),
            role: field("role"),
            replicas: number("connected_slaves"),
            appendonly: field("aof_enabled").map(|flag| flag == "1"),
            save: save.and_then(|mut pair| (pair.len() == 2).then(|| pair.remove(1))),
            eviction: field("maxmemory_policy"),
            memory: number("used_memory"),
        })
    }
}
