//! What a server says of itself.

use serde::Serialize;

use crate::store::StoreError;
use crate::store::risk::StoreRisk;
use crate::sys::redis::FailureKind;

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
    /// What about it may lose what it holds, as far as it tells.
    #[must_use]
    pub fn risks(&self) -> Vec<StoreRisk> {
        let evicts = self.eviction.as_deref();
        let evicts = evicts.filter(|policy| *policy != "noeviction");
        let forgets = self.appendonly == Some(false)
            && self
                .save
                .as_deref()
                .is_some_and(|save| save.trim().is_empty());
        let is_replica = self.role.as_deref() == Some("slave");
        let evicts = evicts.map(|policy| StoreRisk::Evicts(policy.to_owned()));
        let forgets = forgets.then_some(StoreRisk::Forgets);
        let replica = is_replica.then_some(StoreRisk::Replica);
        evicts.into_iter().chain(forgets).chain(replica).collect()
    }
}

impl RedisStore {
    /// Asks the server about itself. What its user may not ask stays unknown.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(in crate::store) async fn facts(&self) -> Result<RedisFacts, StoreError> {
        let info: String = match self.redis().ask(SCHEMA, redis::cmd("INFO")).await {
            Err(failure) if matches!(failure.kind, FailureKind::NotPermitted(_)) => String::new(),
            info => info?,
        };
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
            server: match (&valkey, field("redis_version")) {
                (Some(_), _) => Some("valkey".to_owned()),
                (None, version) => version.map(|_| "redis".to_owned()),
            },
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
