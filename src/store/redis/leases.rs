//! Leases, and what is written under them: scripts that read the server's clock.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::encryption::{Cipher, StoredSecret};
use crate::store::leases::{Lease, LeaseAttempt};
use crate::store::record::Token;
use crate::store::tokens::{Commit, StoredToken, TokenOwner};
use crate::store::{PlatformKey, StoreError};
use crate::sys::clock::machine_milliseconds;
use crate::sys::redis::{FailureKind, Script};
use crate::sys::{crash, random};

use super::RedisStore;
use super::tokens::{Fields, of_fields, text};

static LEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lease.lua")));
static BEGIN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("begin.lua")));
static COMMIT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("commit.lua")));
static CLEAR: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("clear.lua")));
static RELEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("release.lua")));

/// Who holds a lease, as it is kept.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Who {
    id: String,
    host: String,
    process_id: u32,
    command: String,
}

/// A lease that was asked for at `asked` for `ttl`: the server's deadline is not earlier than this.
pub(super) fn deadline(asked: i64, ttl: Duration) -> i64 {
    asked.saturating_add(milliseconds(ttl))
}

pub(super) fn milliseconds(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)
}

impl RedisStore {
    /// This holder, as leases name it.
    pub(super) fn who(&self) -> Result<Vec<u8>, StoreError> {
        let holder = self.holder();
        let who = Who {
            id: self.inner.id.clone(),
            host: holder.host.clone(),
            process_id: holder.process_id,
            command: holder.command.clone(),
        };
        serde_json::to_vec(&who).map_err(|error| self.damaged("lease", error))
    }

    pub(in crate::store) async fn lease(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
        ttl: Duration,
        cipher: Cipher,
    ) -> Result<LeaseAttempt, StoreError> {
        let names = self.names(key);
        self.may_write_secrets(&names).await?;
        let keys = [names.token(owner), names.fence()];
        let arguments = [self.who()?, random::hex(8).into(), text(milliseconds(ttl))];
        let asked = machine_milliseconds();
        let answer: Vec<String> = self
            .redis()
            .run(names.tag(), &LEASE, &keys, &arguments)
            .await?;
        let mut answer = answer.into_iter();
        let granted = answer.next().is_some_and(|word| word == "1");
        let first = answer.next().unwrap_or_default();
        if !granted {
            let who: Who = serde_json::from_str(&first).unwrap_or_default();
            let left = answer.next().and_then(|left| left.parse().ok());
            return Ok(LeaseAttempt::Held {
                holder: who.command,
                host: who.host,
                process_id: who.process_id,
                remaining: Duration::from_millis(left.unwrap_or(0)),
            });
        }
        let fields = pairs(answer);
        let lease = Lease {
            key: key.clone(),
            owner: owner.clone(),
            fence: first
                .parse()
                .map_err(|_| self.damaged(&keys[1], "no number"))?,
            until: deadline(asked, ttl),
        };
        let token = of_fields(owner.as_str(), &fields);
        let token = token.map(|token| StoredToken::of(&token, &cipher));
        match token.transpose() {
            Ok(token) => Ok(LeaseAttempt::Granted {
                lease,
                token: token.flatten(),
                open_intent: Self::open_intent(&fields),
            }),
            Err(error) => {
                // Who cannot read the token must not keep others from it.
                self.release(&lease).await?;
                Err(error)
            }
        }
    }

    /// Records that a call begins; a replica, where there is one, must know it too, or a failover
    /// would leave a token that nobody knows to have ended.
    pub(in crate::store) async fn begin(
        &self,
        lease: &Lease,
        started_at: Timestamp,
    ) -> Result<Commit, StoreError> {
        let names = self.names(&lease.key);
        let keys = [names.token(&lease.owner)];
        let arguments = [text(lease.fence), text(started_at.as_second())];
        let (generation, confirmed): (i64, bool) = self
            .redis()
            .run_replicated(names.tag(), &BEGIN, &keys, &arguments)
            .await?;
        crash::point("store:begin");
        if !confirmed {
            self.release(lease).await?;
            return Err(self.redis().failure(FailureKind::NotReplicated).into());
        }
        Ok(commit(generation))
    }

    /// A claim was confirmed for many calls at once: before each of them the server may have lost its
    /// replicas.
    pub(in crate::store) async fn stand_by(&self, lease: &Lease) -> Result<(), StoreError> {
        match self.redis().is_in_doubt(self.names(&lease.key).tag()).await {
            true => Err(self.redis().failure(FailureKind::NotReplicated).into()),
            false => Ok(()),
        }
    }

    pub(in crate::store) async fn commit_refresh(
        &self,
        lease: &Lease,
        token: Token,
    ) -> Result<Commit, StoreError> {
        let names = self.names(&lease.key);
        let keys = [names.token(&lease.owner), names.due()];
        let secret = |secret: &Option<StoredSecret>| {
            let text = secret.as_ref().map(StoredSecret::text);
            text.unwrap_or_default().as_bytes().to_vec()
        };
        let number = |number: Option<i64>| number.map(text).unwrap_or_default();
        let arguments = [
            text(lease.fence),
            secret(&token.access),
            secret(&token.refresh),
            number(token.issued_at),
            number(token.expires_at),
            number(token.unsettled_since),
            text(self.now()),
            lease.owner.as_str().into(),
            number(token.lifetime),
        ];
        let (generation, confirmed): (i64, bool) = self
            .redis()
            .run_replicated(names.tag(), &COMMIT, &keys, &arguments)
            .await?;
        if !confirmed {
            tracing::warn!("no replica confirmed a new token: a failover may lose it");
        }
        Ok(commit(generation))
    }

    pub(in crate::store) async fn clear_intent(&self, lease: &Lease) -> Result<(), StoreError> {
        self.under(lease, &CLEAR).await
    }

    pub(in crate::store) async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.under(lease, &RELEASE).await
    }

    async fn under(&self, lease: &Lease, script: &Script) -> Result<(), StoreError> {
        let names = self.names(&lease.key);
        let keys = [names.token(&lease.owner)];
        let _: i64 = self
            .redis()
            .run(names.tag(), script, &keys, &[text(lease.fence)])
            .await?;
        Ok(())
    }

    pub(in crate::store) async fn last_fence(&self, key: &PlatformKey) -> Result<i64, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("GET");
        read.arg(names.fence());
        let found: Option<i64> = self.redis().ask(names.tag(), read).await?;
        Ok(found.unwrap_or(0))
    }
}

/// Fields and values in turn.
pub(super) fn pairs(mut answer: impl Iterator<Item = String>) -> Fields {
    let mut fields = Fields::new();
    while let (Some(field), Some(value)) = (answer.next(), answer.next()) {
        fields.insert(field, value);
    }
    fields
}

fn commit(generation: i64) -> Commit {
    match u64::try_from(generation) {
        Ok(generation) => Commit::Accepted { generation },
        Err(_) => Commit::Refused,
    }
}
