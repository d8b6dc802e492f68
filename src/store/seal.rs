//! Sealing of secrets at rest: AEAD under keys that lie elsewhere.
//!
//! A store says of each secret which key it is sealed with, by the key's id; what was written open
//! stays readable, so that sealing can begin at any time.

mod key;

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::wechat::secret::Secret;

use super::StoreError;

pub(in crate::store) use key::KEY_ID_LENGTH;
pub use key::{SealKey, WrongSealKey};

/// What a sealed secret begins with where it is kept as text: `sealed:<key id>:<base64>`.
const SEALED: &str = "sealed:";
/// The key id of a secret that is not sealed.
pub(super) const NOT_SEALED: &str = "";

/// The keys that secrets at rest are sealed with; none when they lie open. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    /// The first one seals, all of them open.
    keys: Arc<[SealKey]>,
    /// They open only; what is written lies open.
    only_opens: bool,
}

impl Keyring {
    /// No keys: what is written lies open, what was sealed cannot be read.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Seals with `present`, and opens what was sealed with any of `previous` as well.
    #[must_use]
    pub fn new(present: SealKey, previous: impl IntoIterator<Item = SealKey>) -> Self {
        Self {
            keys: std::iter::once(present).chain(previous).collect(),
            only_opens: false,
        }
    }

    /// Opens what was sealed with any of `keys`; what is written lies open.
    #[must_use]
    pub fn opening(keys: impl IntoIterator<Item = SealKey>) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            only_opens: true,
        }
    }

    /// The same keys, to take seals off: what is written lies open.
    pub(super) fn only_opening(&self) -> Self {
        Self {
            keys: Arc::clone(&self.keys),
            only_opens: true,
        }
    }

    /// The key that seals.
    fn present(&self) -> Option<&SealKey> {
        self.keys.first().filter(|_| !self.only_opens)
    }

    /// The id of the key that seals; none when secrets are written open.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.present().map(SealKey::id)
    }

    /// Whether there is no key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// A secret as text to be kept.
    pub(in crate::store) fn to_text(&self, secret: &Secret) -> String {
        match self.present() {
            Some(key) => {
                let sealed = STANDARD.encode(key.seal(secret.expose().as_bytes()));
                format!("{SEALED}{}:{sealed}", key.id())
            }
            None => secret.expose().to_owned(),
        }
    }

    /// What each text that [`Keyring::to_text`] makes begins with; nothing while it seals nothing.
    pub(in crate::store) fn text_prefix(&self) -> String {
        let prefix = self.key_id().map(|id| format!("{SEALED}{id}:"));
        prefix.unwrap_or_default()
    }

    /// A secret from kept text.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when its key is not at hand, [`StoreError::BrokenSeal`] when it is
    /// not what was sealed.
    pub(in crate::store) fn unseal_text(&self, text: &str) -> Result<Secret, StoreError> {
        let Some((key_id, sealed)) = sealed_parts(text) else {
            return Ok(Secret::new(text));
        };
        let key = self.key(key_id)?;
        let sealed = STANDARD.decode(sealed).ok();
        let opened = sealed.and_then(|sealed| key.unseal(&sealed));
        opened.ok_or_else(|| broken(key_id))
    }

    /// A text that may hold secrets, to be kept; an empty one stays empty.
    pub(in crate::store) fn seal_text(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        self.to_text(&Secret::new(text))
    }

    /// As [`Keyring::unseal_text`], of a text that is no secret as a whole.
    ///
    /// # Errors
    /// As [`Keyring::unseal_text`].
    pub(in crate::store) fn open_text(&self, text: &str) -> Result<String, StoreError> {
        Ok(self.unseal_text(text)?.expose().to_owned())
    }

    /// A secret as bytes to be kept beside [`Keyring::key_id`].
    pub(in crate::store) fn to_bytes<'secret>(
        &self,
        secret: &'secret Secret,
    ) -> Cow<'secret, [u8]> {
        let value = secret.expose().as_bytes();
        match self.present() {
            Some(key) => Cow::Owned(key.seal(value)),
            None => Cow::Borrowed(value),
        }
    }

    /// A secret from kept bytes and the key id beside them.
    ///
    /// # Errors
    /// As [`Keyring::unseal_text`].
    pub(in crate::store) fn unseal_bytes(
        &self,
        key_id: &str,
        bytes: &[u8],
    ) -> Result<Secret, StoreError> {
        if key_id == NOT_SEALED {
            return Ok(Secret::new(String::from_utf8_lossy(bytes)));
        }
        let opened = self.key(key_id)?.unseal(bytes);
        opened.ok_or_else(|| broken(key_id))
    }

    fn key(&self, id: &str) -> Result<&SealKey, StoreError> {
        let key = self.keys.iter().find(|key| key.id() == id);
        key.ok_or_else(|| self.lacks(id))
    }

    /// That a key is not among these.
    pub(in crate::store) fn lacks(&self, key_id: &str) -> StoreError {
        StoreError::Sealed {
            key_id: key_id.to_owned(),
            present: self.keys.first().map(|key| key.id().to_owned()),
        }
    }

    /// Sees that a kept text could be opened, by its key's id alone.
    ///
    /// # Errors
    /// [`StoreError::Sealed`].
    #[cfg(feature = "redis")]
    pub(in crate::store) fn knows_key_of(&self, text: &str) -> Result<(), StoreError> {
        match key_id_of(text) {
            NOT_SEALED => Ok(()),
            key_id => self.key(key_id).map(|_| ()),
        }
    }
}

/// Key id and base64 of a sealed text.
fn sealed_parts(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(SEALED)?.split_once(':')
}

/// The id of the key that a kept text is sealed with; `""` for an open one.
pub(in crate::store) fn key_id_of(text: &str) -> &str {
    sealed_parts(text).map_or(NOT_SEALED, |(key_id, _)| key_id)
}

fn broken(key_id: &str) -> StoreError {
    StoreError::BrokenSeal {
        record: String::new(),
        key_id: key_id.to_owned(),
    }
}
