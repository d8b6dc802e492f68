//! Encryption of secrets at rest, under keys that are kept elsewhere.
//!
//! The engines store a `StoredSecret`, as text: the secret itself, or `encrypted:<key id>:<base64>`.
//! Only a `Cipher` makes one and reads it. An encrypted value is bound to its platform, its owner and
//! its field: one that was moved to another record cannot be decrypted.

mod key;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize, Serializer};

use crate::wechat::secret::Secret;

use super::tokens::record_of;
use super::{PlatformKey, StoreError};

pub use key::{EncryptionKey, WrongEncryptionKey};

/// What an encrypted secret begins with: `encrypted:<key id>:<base64>`.
const ENCRYPTED: &str = "encrypted:";

/// A secret as it is stored, in plain text or encrypted.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(in crate::store) struct StoredSecret(Secret);

impl StoredSecret {
    pub(in crate::store) fn from_text(text: impl Into<String>) -> Self {
        Self(Secret::new(text))
    }

    /// A secret in plain text, for records that leave or enter a store.
    pub(in crate::store) fn plain(secret: &Secret) -> Self {
        Self(secret.clone())
    }

    pub(in crate::store) fn text(&self) -> &str {
        self.0.expose()
    }

    /// The id of the key that it is encrypted with; `None` for one in plain text.
    pub(in crate::store) fn key_id(&self) -> Option<&str> {
        self.parts().map(|(key_id, _)| key_id)
    }

    /// Key id and base64.
    fn parts(&self) -> Option<(&str, &str)> {
        self.text().strip_prefix(ENCRYPTED)?.split_once(':')
    }
}

impl Serialize for StoredSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

impl std::fmt::Debug for StoredSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("StoredSecret")
            .field(&self.key_id())
            .finish()
    }
}

/// Which secret of its owner a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Field {
    /// Of a ticket, whose owner is its fingerprint.
    Ticket,
    /// Of a token, whose owner is an appid, or empty for the platform.
    AccessToken,
    RefreshToken,
    /// Of an event, whose owner is its fingerprint.
    Code,
    ForwardPayload,
    /// Of the platform itself: that a run is under way which encrypts or decrypts.
    Run,
}

impl Field {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::Code => "code",
            Self::ForwardPayload => "forward_payload",
            Self::Run => "run",
        }
    }

    /// What the record of an owner is called in messages: as its key in Redis.
    fn record(self, owner: &str) -> String {
        match self {
            Self::Ticket => "tickets".to_owned(),
            Self::AccessToken | Self::RefreshToken => record_of(owner),
            Self::Code | Self::ForwardPayload => format!("event:{owner}"),
            Self::Run => "encryption-run".to_owned(),
        }
    }
}

/// The keys that secrets at rest are encrypted with; without one they are stored in plain text. Clones
/// share them.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    /// The first one encrypts, all of them decrypt.
    keys: Arc<[EncryptionKey]>,
    /// They only decrypt; what is written is in plain text.
    only_decrypts: bool,
}

impl Keyring {
    /// No keys: what is written is in plain text, what was encrypted cannot be read.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Encrypts with `current`, and decrypts what was encrypted with any of `previous` as well.
    #[must_use]
    pub fn new(current: EncryptionKey, previous: impl IntoIterator<Item = EncryptionKey>) -> Self {
        Self {
            keys: std::iter::once(current).chain(previous).collect(),
            only_decrypts: false,
        }
    }

    /// Decrypts what was encrypted with any of `keys`; what is written is in plain text.
    #[must_use]
    pub fn decrypting(keys: impl IntoIterator<Item = EncryptionKey>) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            only_decrypts: true,
        }
    }

    /// The same keys, which only decrypt.
    pub(super) fn only_decrypting(&self) -> Self {
        Self {
            keys: Arc::clone(&self.keys),
            only_decrypts: true,
        }
    }

    /// The key that encrypts.
    fn current(&self) -> Option<&EncryptionKey> {
        self.keys.first().filter(|_| !self.only_decrypts)
    }

    /// The id of the key that encrypts; `None` when secrets are written in plain text.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.current().map(EncryptionKey::id)
    }

    /// Whether there is no key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Makes sure that this program can read a secret that is stored, by the id of its key alone: one that
    /// cannot must not write others beside it.
    ///
    /// # Errors
    /// [`StoreError::Encrypted`] when its key is not here.
    pub(in crate::store) fn can_read(&self, stored: &StoredSecret) -> Result<(), StoreError> {
        match stored.key_id() {
            Some(key_id) => self.key(key_id).map(|_| ()),
            None => Ok(()),
        }
    }

    fn key(&self, key_id: &str) -> Result<&EncryptionKey, StoreError> {
        let key = self.keys.iter().find(|key| key.id() == key_id);
        key.ok_or_else(|| StoreError::Encrypted {
            key_id: key_id.to_owned(),
            current: self.keys.first().map(|key| key.id().to_owned()),
        })
    }

    /// Encrypts a secret, bound to what it is used for.
    pub(in crate::store) fn wrap(&self, secret: &Secret, purpose: &str) -> StoredSecret {
        Self::wrap_with(self.current(), secret, purpose)
    }

    fn wrap_with(key: Option<&EncryptionKey>, secret: &Secret, purpose: &str) -> StoredSecret {
        match key {
            Some(key) => {
                let value = key.encrypt(secret.expose().as_bytes(), purpose);
                let value = STANDARD.encode(value);
                StoredSecret::from_text(format!("{ENCRYPTED}{}:{value}", key.id()))
            }
            None => StoredSecret::plain(secret),
        }
    }

    /// Decrypts what [`Keyring::wrap`] made for the same purpose.
    ///
    /// # Errors
    /// [`StoreError::Encrypted`] when its key is not here, [`StoreError::Undecryptable`] when it is not
    /// what was encrypted, or not for this purpose.
    pub(in crate::store) fn unwrap(
        &self,
        stored: &StoredSecret,
        purpose: &str,
    ) -> Result<Secret, StoreError> {
        let Some((key_id, value)) = stored.parts() else {
            return Ok(stored.0.clone());
        };
        let key = self.key(key_id)?;
        let value = STANDARD.decode(value).ok();
        let secret = value.and_then(|value| key.decrypt(&value, purpose));
        secret.ok_or_else(|| StoreError::Undecryptable {
            record: String::new(),
            key_id: key_id.to_owned(),
        })
    }
}

/// Encrypts and decrypts the secrets of one platform.
#[derive(Clone, Debug)]
pub(in crate::store) struct Cipher {
    keyring: Keyring,
    platform: PlatformKey,
    /// Whether values in plain text are read although there is a key that encrypts.
    accepts_plain: bool,
}

impl Cipher {
    pub(in crate::store) fn new(
        keyring: Keyring,
        platform: PlatformKey,
        accepts_plain: bool,
    ) -> Self {
        Self {
            keyring,
            platform,
            accepts_plain,
        }
    }

    /// One without a key.
    #[cfg(test)]
    pub(in crate::store) fn of_a_test() -> Self {
        let platform = PlatformKey {
            realm: "api.example".to_owned(),
            component_appid: crate::wechat::id::ComponentAppid::from_wire("wx0123456789abcdef"),
        };
        Self::new(Keyring::none(), platform, false)
    }

    /// The id of the key that it encrypts with.
    pub(in crate::store) fn key_id(&self) -> Option<&str> {
        self.keyring.key_id()
    }

    /// An empty text is no secret and stays empty.
    pub(in crate::store) fn encrypt(
        &self,
        owner: &str,
        field: Field,
        secret: &Secret,
    ) -> StoredSecret {
        if secret.is_empty() || self.keyring.key_id().is_none() {
            return StoredSecret::plain(secret);
        }
        self.keyring.wrap(secret, &self.place(owner, field))
    }

    /// The secret of a field.
    ///
    /// # Errors
    /// [`StoreError::Encrypted`] when its key is not here, [`StoreError::Undecryptable`] when it is not
    /// what was encrypted for this field, [`StoreError::PlainText`] when it is in plain text and must
    /// not be.
    pub(in crate::store) fn decrypt(
        &self,
        owner: &str,
        field: Field,
        stored: &StoredSecret,
    ) -> Result<Secret, StoreError> {
        if stored.key_id().is_none() {
            let is_refused = !self.accepts_plain && self.keyring.key_id().is_some();
            return match is_refused && !stored.text().is_empty() {
                true => Err(StoreError::PlainText {
                    record: field.record(owner),
                }),
                false => Ok(stored.0.clone()),
            };
        }
        let secret = self.keyring.unwrap(stored, &self.place(owner, field));
        secret.map_err(|error| match error {
            StoreError::Undecryptable { key_id, .. } => StoreError::Undecryptable {
                record: field.record(owner),
                key_id,
            },
            other => other,
        })
    }

    /// That a run began at `now` which encrypts or decrypts the secrets: made with the first key, also one
    /// that only decrypts, so that nobody without a key can say so.
    pub(in crate::store) fn run(&self, now: i64) -> StoredSecret {
        let key = self.keyring.keys.first();
        let began = Secret::new(now.to_string());
        Keyring::wrap_with(key, &began, &self.place("", Field::Run))
    }

    /// The same cipher, which reads plain text while the run that `run` tells of is under way.
    pub(in crate::store) fn during(mut self, run: Option<&StoredSecret>) -> Self {
        let run = run.filter(|run| run.key_id().is_some());
        self.accepts_plain |= run.is_some_and(|run| self.decrypt("", Field::Run, run).is_ok());
        self
    }

    /// What a value is bound to.
    fn place(&self, owner: &str, field: Field) -> String {
        let PlatformKey {
            realm,
            component_appid,
        } = &self.platform;
        format!("{realm}\n{component_appid}\n{owner}\n{}", field.as_str())
    }
}

#[cfg(test)]
mod tests {
    use crate::wechat::id::ComponentAppid;

    use super::*;

    fn cipher(key: u8, component_appid: &str, accepts_plain: bool) -> Cipher {
        let key = EncryptionKey::parse(&Secret::new(format!("{key:02x}").repeat(32))).unwrap();
        let platform = PlatformKey {
            realm: "api.example".to_owned(),
            component_appid: ComponentAppid::from_wire(component_appid),
        };
        Cipher::new(Keyring::new(key, []), platform, accepts_plain)
    }

    #[test]
    fn value_is_bound_to_platform_owner_and_field() {
        let (secret, mine) = (Secret::new("secret"), cipher(1, "wx1", false));
        let stored = mine.encrypt("wxa", Field::AccessToken, &secret);
        let decrypted = mine.decrypt("wxa", Field::AccessToken, &stored);
        assert_eq!(decrypted.unwrap(), secret);
        let other = cipher(1, "wx2", false);
        for moved in [
            mine.decrypt("wxb", Field::AccessToken, &stored),
            mine.decrypt("wxa", Field::RefreshToken, &stored),
            other.decrypt("wxa", Field::AccessToken, &stored),
        ] {
            assert!(matches!(moved, Err(StoreError::Undecryptable { .. })));
        }
        let other = cipher(2, "wx1", false).decrypt("wxa", Field::AccessToken, &stored);
        assert!(matches!(other, Err(StoreError::Encrypted { .. })));
    }

    #[test]
    fn plain_text_is_refused_where_a_key_encrypts() {
        let plain = StoredSecret::from_text("planted");
        let refused = cipher(1, "wx1", false).decrypt("", Field::AccessToken, &plain);
        assert!(matches!(refused, Err(StoreError::PlainText { .. })));
        let during_a_run = cipher(1, "wx1", true);
        let without_key = Cipher {
            keyring: Keyring::none(),
            ..cipher(1, "wx1", false)
        };
        let only_previous = Cipher {
            keyring: during_a_run.keyring.only_decrypting(),
            ..cipher(1, "wx1", false)
        };
        for cipher in [during_a_run, without_key, only_previous] {
            let read = cipher.decrypt("", Field::AccessToken, &plain).unwrap();
            assert_eq!(read, Secret::new("planted"));
        }
        // Who has no key cannot say that a run is under way.
        let refusing = || cipher(1, "wx1", false);
        let during = |run: &StoredSecret| {
            let cipher = refusing().during(Some(run));
            cipher.decrypt("", Field::AccessToken, &plain).is_ok()
        };
        assert!(during(&refusing().run(60)));
        assert!(!during(&StoredSecret::from_text("60")));
        assert!(!during(&cipher(2, "wx1", false).run(60)));
        assert!(!during(&cipher(1, "wx2", false).run(60)));
        let empty = StoredSecret::from_text("");
        let read = cipher(1, "wx1", false).decrypt("", Field::ForwardPayload, &empty);
        assert!(read.unwrap().is_empty());
    }
}
