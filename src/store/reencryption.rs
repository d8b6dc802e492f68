//! Changing the seal of what is stored already: on, to another key, off.

use serde::Serialize;

use super::handle::on_engine;
use super::{Keyring, PlatformKey, Store, StoreError};

/// What secrets are to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptionTarget {
    /// Encrypted with the present key; open where the store has none.
    Current,
    /// Open.
    Plain,
}

/// How far a platform's secrets were gone through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptionCursor {
    /// The place among those where secrets are kept.
    pub(super) place: usize,
    /// The last record there, if any.
    pub(super) after: Option<String>,
}

/// What was done with one piece of a platform's secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reencrypted {
    /// How many were written anew.
    pub changed: u64,
    /// The records whose seal is broken; they stay as they are.
    pub broken: Vec<String>,
    /// Where to go on; `None` at the end.
    pub next: Option<EncryptionCursor>,
}

/// How many secrets there are under one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretCount {
    /// The id of the key; `None` for those that lie open.
    pub key_id: Option<String>,
    /// How many.
    pub secrets: u64,
}

impl Store {
    /// The id of the key that this store secrets with; none when what it writes lies open.
    #[must_use]
    pub fn encryption_key_id(&self) -> Option<String> {
        self.keyring().key_id().map(str::to_owned)
    }

    fn keyring(&self) -> Keyring {
        match self {
            Self::Sqlite(database) => database.keyring(),
            #[cfg(feature = "redis")]
            Self::Redis(redis) => redis.keyring().clone(),
        }
    }

    /// The keys for a target.
    fn keyring_for(&self, target: EncryptionTarget) -> Keyring {
        match target {
            EncryptionTarget::Current => self.keyring(),
            EncryptionTarget::Plain => self.keyring().only_opening(),
        }
    }

    /// Writes about `limit` secrets of a platform anew, from `cursor` on, each in one act with the
    /// look at it, so that nothing that others write meanwhile is lost. Those whose key is not at
    /// hand stay as they are: [`Store::secrets`] tells of them.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was changed until then stays changed.
    pub async fn reencrypt(
        &self,
        key: &PlatformKey,
        target: EncryptionTarget,
        cursor: EncryptionCursor,
        limit: usize,
    ) -> Result<Reencrypted, StoreError> {
        let keyring = self.keyring_for(target);
        on_engine!(self, engine => engine.reencrypt(key, &keyring, cursor, limit))
    }

    /// How many secrets of a platform lie under which key, those that lie open first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn secret_counts(&self, key: &PlatformKey) -> Result<Vec<SecretCount>, StoreError> {
        on_engine!(self, engine => engine.secret_counts(key))
    }

    /// Lets go of what secrets were before, where the store's own log still has them; whether it
    /// could. Redis decides itself when it writes its files anew.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn drop_former_secrets(&self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(database) => database.drop_log().await,
            #[cfg(feature = "redis")]
            Self::Redis(_) => Ok(true),
        }
    }
}

/// Sorted counts of key ids.
pub(super) fn counted(ids: impl IntoIterator<Item = (String, u64)>) -> Vec<SecretCount> {
    let mut counts = std::collections::BTreeMap::<String, u64>::new();
    for (id, count) in ids {
        *counts.entry(id).or_default() += count;
    }
    counts
        .into_iter()
        .map(|(id, secrets)| SecretCount {
            key_id: (id != super::encryption::PLAIN).then_some(id),
            secrets,
        })
        .collect()
}
