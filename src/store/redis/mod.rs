//! The contract on Redis: every record of a platform is a key of one slot, every act one script.
//!
//! Leases and what is written under them are scripts of their own, which read the server's clock.
//! Everything else is a [`plan::Plan`]: what was read, what is to be written, and one script that
//! writes it if nothing of what was read is different by now.

mod authorizers;
mod claims;
mod engine;
mod event_names;
mod event_work;
mod events;
mod facts;
mod forget;
mod journal;
mod launches;
mod leases;
mod log;
mod messages;
mod names;
mod plan;
mod prune;
mod records;
mod roster;
mod schema;
mod search;
mod test_write;
mod tickets;
mod tokens;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use redis::Pipeline;
use serde::Serialize;

use crate::sys::clock::Clock;
use crate::sys::random;
use crate::sys::redis::{Address, FailureKind, Redis};
use crate::sys::sync::lock;

use super::encryption::Keyring;
use super::encryption::StoredSecret;
use super::tokens::TokenOwner;
use super::{Holder, PlatformKey, StoreError, StoreInfo, StoreLocation, StoreOptions};

pub use facts::RedisFacts;
use names::{Names, PLATFORMS};

/// How often an act is begun anew because others wrote meanwhile, before the store counts as busy.
const ATTEMPTS: u32 = 64;
/// How long the secrets of a platform are taken to be readable without another look.
const READABLE: Duration = Duration::from_secs(60);

/// A store in Redis. Clones share it.
#[derive(Clone)]
pub struct RedisStore {
    inner: Arc<Inner>,
    redis: Redis,
}

struct Inner {
    location: StoreLocation,
    clock: Clock,
    holder: Holder,
    /// Tells this holder from every other.
    id: String,
    keyring: Keyring,
    /// Whether a layout is known to be there.
    has_schema: AtomicBool,
    /// The platforms that are listed, and when their secrets were last looked at.
    known: Mutex<HashMap<String, Option<Instant>>>,
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "RedisStore({})", self.redis().address())
    }
}

impl RedisStore {
    pub(super) async fn open(address: &Address, options: StoreOptions) -> Result<Self, StoreError> {
        let store = Self {
            redis: Redis::new(address.clone()).waiting(options.timeout),
            inner: Arc::new(Inner {
                location: StoreLocation::Redis(address.clone()),
                clock: options.clock,
                holder: options.holder,
                id: random::hex(8),
                keyring: options.keyring,
                has_schema: AtomicBool::new(false),
                known: Mutex::default(),
            }),
        };
        store.check_schema().await?;
        Ok(store)
    }

    /// The same store, whose acts wait for the server until `deadline`, all of them together.
    pub(super) fn until(&self, deadline: Instant) -> Self {
        Self {
            redis: self.redis.until(deadline),
            inner: Arc::clone(&self.inner),
        }
    }

    pub(super) fn location(&self) -> &StoreLocation {
        &self.inner.location
    }

    pub(super) async fn info(&self) -> Result<StoreInfo, StoreError> {
        let found = self.found_schema().await?;
        Ok(StoreInfo {
            path: None,
            address: Some(self.redis().address().to_string()),
            schema_version: found.map_or(schema::PRESENT.version(), |found| found.version),
            min_reader: found.map(|found| found.min_reader),
            bytes: None,
        })
    }

    fn redis(&self) -> &Redis {
        &self.redis
    }

    /// Who holds leases and writes the journal here.
    pub(super) fn holder(&self) -> &Holder {
        &self.inner.holder
    }

    /// The time of the store's own notes, in Unix seconds.
    pub(super) fn now(&self) -> i64 {
        self.inner.clock.unix()
    }

    fn names(&self, key: &PlatformKey) -> Names {
        Names::new(key)
    }

    /// Lists a platform among all, once for each holder.
    async fn know_platform(&self, tag: &str) -> Result<(), StoreError> {
        if self.platforms_known().contains_key(tag) {
            return Ok(());
        }
        self.ensure_schema().await?;
        let mut add = redis::cmd("SADD");
        add.arg(PLATFORMS).arg(tag);
        let _: u64 = self.redis().ask(PLATFORMS, add).await?;
        self.platforms_known().insert(tag.to_owned(), None);
        Ok(())
    }

    /// Makes sure that this program can read the secrets of a platform, as the first ones show: one that
    /// cannot must not write others beside them, nor hold leases on tokens that it cannot read.
    async fn may_write_secrets(&self, names: &Names) -> Result<(), StoreError> {
        let tag = names.tag();
        self.know_platform(tag).await?;
        // It is looked at again from time to time: somebody may have encrypted the secrets.
        let looked_at = self.platforms_known().get(tag).copied().flatten();
        if looked_at.is_some_and(|at| at.elapsed() < READABLE) {
            return Ok(());
        }
        let mut look = Pipeline::with_capacity(2);
        let token = names.token(&TokenOwner::Component);
        look.cmd("HMGET").arg(token).arg(&["access", "refresh"]);
        let tickets = names.tickets();
        look.cmd("HSCAN").arg(tickets).arg(0).arg("COUNT").arg(100);
        let mut found = self.redis().pipe(tag, &look).await?.into_iter();
        let mut next = || found.next().unwrap_or(redis::Value::Nil);
        let secrets: Vec<Option<String>> = self.redis().read(next())?;
        let secrets = secrets.into_iter().flatten().map(StoredSecret::from_text);
        let mut secrets: Vec<StoredSecret> = secrets.collect();
        let (_, tickets): (u64, Vec<String>) = self.redis().read(next())?;
        for pair in tickets.chunks_exact(2) {
            secrets.extend(self.ticket(&pair[0], &pair[1])?.value);
        }
        for secret in &secrets {
            self.inner.keyring.can_read(secret)?;
        }
        self.platforms_known()
            .insert(tag.to_owned(), Some(Instant::now()));
        Ok(())
    }

    fn platforms_known(&self) -> MutexGuard<'_, HashMap<String, Option<Instant>>> {
        lock(&self.inner.known)
    }

    /// A record as it is kept.
    fn json(&self, record: &str, value: &impl Serialize) -> Result<String, StoreError> {
        serde_json::to_string(value).map_err(|error| self.damaged(record, error))
    }

    /// A record that cannot be read.
    fn damaged(&self, record: &str, reason: impl std::fmt::Display) -> StoreError {
        StoreError::DamagedRecord {
            place: self.redis().address().to_string(),
            record: record.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// Carries an act out to its end though its caller goes away: what WeChat gave is not asked
    /// for twice.
    pub(super) async fn to_the_end<T: Send + 'static>(
        &self,
        act: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        match tokio::spawn(act).await {
            Ok(answer) => answer,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => {
                let kind = FailureKind::NotReady(error.to_string());
                Err(self.redis().failure(kind).into())
            }
        }
    }

    /// Counts one more attempt of an act that others got in the way of.
    ///
    /// # Errors
    /// When that happened too often.
    async fn again(&self, attempts: &mut u32) -> Result<(), StoreError> {
        *attempts += 1;
        if *attempts >= ATTEMPTS {
            let kind =
                FailureKind::NotReady("others write the same records without end".to_owned());
            return Err(self.redis().failure(kind).into());
        }
        let pause = u64::from(fastrand::u32(0..=(*attempts).min(20)));
        tokio::time::sleep(Duration::from_millis(pause)).await;
        Ok(())
    }
}
