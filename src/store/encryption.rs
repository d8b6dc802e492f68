//! Reencryption of secrets at rest: AEAD under keys that lie elsewhere.
//!
//! A store says of each secret which key it is encrypted with, by the key's id; what was written open
//! stays readable, so that encryption can begin at any time.

mod key;

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::wechat::secret::Secret;

use super::StoreError;

pub(in crate::store) use key::KEY_ID_LENGTH;
pub use key::{EncryptionKey, WrongEncryptionKey};

/// What a encrypted secret begins with where it is kept as text: `encrypted:<key id>:<base64>`.
const ENCRYPTED: &str = "encrypted:";
/// The key id of a secret that is not encrypted.
pub(super) const PLAIN: &str = "";

/// The keys that secrets at rest are encrypted with; none when they lie open. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    /// The first one secrets, all of them open.
    keys: Arc<[EncryptionKey]>,
    /// They open only; what is written lies open.
    only_opens: bool,
}

impl Keyring {
    /// No keys: what is written lies open, what was encrypted cannot be read.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Secrets with `present`, and opens what was encrypted with any of `previous` as well.
    #[must_use]
    pub fn new(present: EncryptionKey, previous: impl IntoIterator<Item = EncryptionKey>) -> Self {
        Self {
            keys: std::iter::once(present).chain(previous).collect(),
            only_opens: false,
        }
    }

    /// Opens what was encrypted with any of `keys`; what is written lies open.
    #[must_use]
    pub fn opening(keys: impl IntoIterator<Item = EncryptionKey>) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            only_opens: true,
        }
    }

    /// The same keys, to take secrets off: what is written lies open.
    pub(super) fn only_opening(&self) -> Self {
        Self {
            keys: Arc::clone(&self.keys),
            only_opens: true,
        }
    }

    /// The key that secrets.
    fn present(&self) -> Option<&EncryptionKey> {
        self.keys.first().filter(|_| !self.only_opens)
    }

    /// The id of the key that secrets; none when secrets are written open.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.present().map(EncryptionKey::id)
    }

    /// Whether there is no key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// A secret as text to be kept.
    pub(in crate::store) fn to_text(&self, secret: &Secret) -> String {
        match self.present() {
            Some(key) => {
                let encrypted = STANDARD.encode(key.encrypt(secret.expose().as_bytes()));
                format!("{ENCRYPTED}{}:{encrypted}", key.id())
            }
            None => secret.expose().to_owned(),
        }
    }

    /// What each text that [`Keyring::to_text`] makes begins with; nothing while it secrets nothing.
    pub(in crate::store) fn text_prefix(&self) -> String {
        let prefix = self.key_id().map(|id| format!("{ENCRYPTED}{id}:"));
        prefix.unwrap_or_default()
    }

    /// A secret from kept text.
    ///
    /// # Errors
    /// [`StoreError::Encrypted`] when its key is not at hand, [`StoreError::Undecryptable`] when it is
    /// not what was encrypted.
    pub(in crate::store) fn decrypt_text(&self, text: &str) -> Result<Secret, StoreError> {
        let Some((key_id, encrypted)) = encrypted_parts(text) else {
            return Ok(Secret::new(text));
        };
        let key = self.key(key_id)?;
        let encrypted = STANDARD.decode(encrypted).ok();
        let opened = encrypted.and_then(|encrypted| key.decrypt(&encrypted));
        opened.ok_or_else(|| broken(key_id))
    }

    /// A text that may hold secrets, to be kept; an empty one stays empty.
    pub(in crate::store) fn encrypt_text(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        self.to_text(&Secret::new(text))
    }

    /// As [`Keyring::decrypt_text`], of a text that is no secret as a whole.
    ///
    /// # Errors
    /// As [`Keyring::decrypt_text`].
    pub(in crate::store) fn decrypt_plain_text(&self, text: &str) -> Result<String, StoreError> {
        Ok(self.decrypt_text(text)?.expose().to_owned())
    }

    /// A secret as bytes to be kept beside [`Keyring::key_id`].
    pub(in crate::store) fn to_bytes<'secret>(
        &self,
        secret: &'secret Secret,
    ) -> Cow<'secret, [u8]> {
        let value = secret.expose().as_bytes();
        match self.present() {
            Some(key) => Cow::Owned(key.encrypt(value)),
            None => Cow::Borrowed(value),
        }
    }

    /// A secret from kept bytes and the key id beside them.
    ///
    /// # Errors
    /// As [`Keyring::decrypt_text`].
    pub(in crate::store) fn decrypt_bytes(
        &self,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<Secret, StoreError> {
        if key_id == PLAIN {
            return Ok(Secret::new(String::from_utf8_lossy(bytes)));
        }
        let opened = self.key(key_id)?.decrypt(bytes);
        opened.ok_or_else(|| broken(key_id))
    }

    fn key(&self, id: &str) -> Result<&EncryptionKey, StoreError> {
        let key = self.keys.iter().find(|key| key.id() == id);
        key.ok_or_else(|| self.lacks(id))
    }

    /// That a key is not among these.
    pub(in crate::store) fn lacks(&self, key_id: &str) -> StoreError {
        StoreError::Encrypted {
            key_id: key_id.to_owned(),
            present: self.keys.first().map(|key| key.id().to_owned()),
        }
    }

    /// Sees that a kept text could be opened, by its key's id alone.
    ///
    /// # Errors
    /// [`StoreError::Encrypted`].
    #[cfg(feature = "redis")]
    pub(in crate::store) fn knows_key_of(&self, text: &str) -> Result<(), StoreError> {
        match key_id_of(text) {
            PLAIN => Ok(()),
            key_id => self.key(key_id).map(|_| ()),
        }
    }
}

/// Key id and base64 of a encrypted text.
fn encrypted_parts(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(ENCRYPTED)?.split_once(':')
}

/// The id of the key that a kept text is encrypted with; `""` for an open one.
pub(in crate::store) fn key_id_of(text: &str) -> &str {
    encrypted_parts(text).map_or(PLAIN, |(key_id, _)| key_id)
}

fn broken(key_id: &str) -> StoreError {
    StoreError::Undecryptable {
        record: String::new(),
        key_id: key_id.to_owned(),
    }
}
