//! Encrypting and decrypting what is stored already.

use std::collections::BTreeMap;

use serde::Serialize;

use super::encryption::{Cipher, StoredSecret};
use super::engine::Durability;
use super::handle::{AnyEngine, on_engine};
use super::record::RecordKind;
use super::records::{Reads, Records};
use super::{PlatformKey, Store, StoreError};

/// How many records one act changes at most: others write them meanwhile, and then it is done again.
const PIECE: usize = 20;

/// How secrets are to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptionTarget {
    /// Encrypted with the current key.
    Current,
    /// In plain text.
    Plain,
}

/// How far a platform's secrets were gone through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptionCursor {
    /// The place in [`RecordKind::WITH_SECRETS`].
    kind: usize,
    /// After what the next page of records begins.
    after: Option<String>,
}

/// What was done with one piece of a platform's secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reencrypted {
    /// How many were written anew.
    pub changed: u64,
    /// The records with a secret that cannot be decrypted; they stay as they are.
    pub broken: Vec<String>,
    /// Where to go on; `None` at the end.
    pub next: Option<EncryptionCursor>,
}

/// How many secrets are encrypted with one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretCount {
    /// The id of the key; `None` for those in plain text.
    pub key_id: Option<String>,
    /// How many.
    pub secrets: u64,
}

impl Store {
    /// The id of the key that this store encrypts with; `None` when what it writes is in plain text.
    #[must_use]
    pub fn encryption_key_id(&self) -> Option<String> {
        self.keyring.key_id().map(str::to_owned)
    }

    /// Encrypts what is written of a platform. It reads nothing in plain text where there is a key.
    pub(super) fn encrypting(&self, key: &PlatformKey) -> Cipher {
        Cipher::new(self.keyring.clone(), key.clone(), false)
    }

    /// Encrypts and decrypts the secrets of a platform.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn cipher(&self, key: &PlatformKey) -> Result<Cipher, StoreError> {
        let cipher = self.encrypting(key);
        if cipher.key_id().is_none() {
            return Ok(cipher);
        }
        let run = self.encryption_run(key).await?;
        Ok(cipher.during(run.as_ref()))
    }

    /// Whether a run is recorded that encrypts or decrypts the secrets of a platform: it is under way, or
    /// was interrupted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn has_encryption_run(&self, key: &PlatformKey) -> Result<bool, StoreError> {
        Ok(self.encryption_run(key).await?.is_some())
    }

    async fn encryption_run(&self, key: &PlatformKey) -> Result<Option<StoredSecret>, StoreError> {
        let records = self.load(key, Reads::encryption_run()).await?;
        Ok(records.encryption_run)
    }

    /// Records, durably, that a run begins (`true`) or that all of it is done. While it is recorded,
    /// secrets in plain text are read although there is a key.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn note_encryption_run(
        &self,
        key: &PlatformKey,
        is_running: bool,
    ) -> Result<(), StoreError> {
        if self.keyring.is_empty() {
            // It converts nothing.
            return Ok(());
        }
        let (cipher, keyring) = (self.encrypting(key), self.keyring.clone());
        let decide = move |records: &mut Records, now| {
            // The run of a program with another key is not ended here.
            if let Some(run) = &records.encryption_run {
                keyring.can_read(run)?;
            }
            records.encryption_run = is_running.then(|| cipher.run(now));
            Ok(())
        };
        let reads = Reads::encryption_run();
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// Writes the secrets of a page of records of a platform anew, from `cursor` on, in acts that
    /// lose nothing that others write meanwhile. Those whose key is not here stay as they are:
    /// [`Store::secret_counts`] tells of them.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was changed until then stays changed.
    pub async fn reencrypt(
        &self,
        key: &PlatformKey,
        target: EncryptionTarget,
        cursor: EncryptionCursor,
    ) -> Result<Reencrypted, StoreError> {
        let reads = Cipher::new(self.keyring.clone(), key.clone(), true);
        let keyring = match target {
            EncryptionTarget::Current => self.keyring.clone(),
            EncryptionTarget::Plain => self.keyring.only_decrypting(),
        };
        let writes = Cipher::new(keyring, key.clone(), true);
        let mut done = Reencrypted::default();
        let EncryptionCursor { kind, after } = cursor;
        let Some(of) = RecordKind::WITH_SECRETS.get(kind) else {
            return Ok(done);
        };
        let page = on_engine!(self, engine => engine.records(key, *of, after))?;
        let mut names = Vec::new();
        for mut record in page.records {
            let key_ids = record.key_ids();
            if key_ids.iter().any(|id| id.as_deref() != writes.key_id()) {
                names.push((record.kind(), record.identity()));
            }
        }
        for piece in names.chunks(PIECE) {
            let (reads, writes) = (reads.clone(), writes.clone());
            let decide = move |records: &mut Records, _| Ok(convert(records, &reads, &writes));
            let reads = Reads {
                is_conversion: true,
                ..Reads::named(piece.iter().cloned())
            };
            let converted = self.transact(key, reads, Durability::Durable, decide);
            let (changed, broken) = converted.await?;
            done.changed += changed;
            done.broken.extend(broken);
        }
        let (kind, after) = match page.next {
            Some(after) => (kind, Some(after)),
            None => (kind + 1, None),
        };
        done.next =
            (kind < RecordKind::WITH_SECRETS.len()).then_some(EncryptionCursor { kind, after });
        Ok(done)
    }

    /// How many secrets of a platform are encrypted with which key, those in plain text first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn secret_counts(&self, key: &PlatformKey) -> Result<Vec<SecretCount>, StoreError> {
        let mut counts = BTreeMap::<Option<String>, u64>::new();
        for (key_id, count) in on_engine!(self, engine => engine.secret_counts(key))? {
            *counts.entry(key_id).or_default() += count;
        }
        let counts = counts.into_iter();
        Ok(counts
            .map(|(key_id, secrets)| SecretCount { key_id, secrets })
            .collect())
    }

    /// Lets go of what secrets were before, where the store's own log still has them; whether it
    /// could. Redis decides itself when it writes its files anew.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn drop_former_secrets(&self) -> Result<bool, StoreError> {
        match &self.engine {
            AnyEngine::Sqlite(database) => database.drop_log().await,
            #[cfg(feature = "redis")]
            AnyEngine::Redis(_) => Ok(true),
        }
    }
}

/// Converts the secrets of records from one cipher to the other; how many, and the names of records that
/// cannot be decrypted.
fn convert(records: &mut Records, from: &Cipher, to: &Cipher) -> (u64, Vec<String>) {
    let (mut changed, mut broken) = (0, Vec::new());
    for record in records.named.values_mut() {
        let converted = record.convert_secrets(|owner, field, stored| {
            if stored.key_id() == to.key_id() || stored.text().is_empty() {
                return None;
            }
            match from.decrypt(owner, field, stored) {
                Ok(secret) => Some(to.encrypt(owner, field, &secret)),
                Err(StoreError::Undecryptable { record, .. }) => {
                    broken.push(record);
                    None
                }
                // Its key is not here.
                Err(_) => None,
            }
        });
        changed += converted;
    }
    (changed, broken)
}
