//! One key, and what it does to a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest;
use zeroize::Zeroizing;

use crate::sys::random;
use crate::wechat::secret::Secret;

/// The bytes of a key.
const KEY_LENGTH: usize = 32;
/// How a value is encrypted; the first byte of every one.
const FORM: u8 = 1;
/// Bytes of the fingerprint that name a key.
const ID_LENGTH: usize = 4;
/// What the fingerprint is taken of before the key, so that it is no use for anything else.
const FINGERPRINT_OF: &[u8] = b"wxauth encryption key ";

/// A text that is no key. It never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an encryption key is 32 random bytes in base64 (44 characters) or in hexadecimal (64)")]
pub struct WrongEncryptionKey;

/// A key that secrets at rest are encrypted with: ChaCha20-Poly1305, a random 96-bit nonce for each
/// value.
///
/// Two values under one nonce would tell something of each other. With random nonces that has a
/// chance of 2⁻³² after 2³² values under one key: ten thousand merchants, refreshed every two
/// hours, take 49 years to get there. Rotate before.
///
/// The key's id, the form and the purpose of a value are authenticated with it: a value that was changed,
/// or put in another's place, is not decrypted. An older value of the same place is.
pub struct EncryptionKey {
    id: String,
    cipher: LessSafeKey,
}

impl EncryptionKey {
    /// A key from its text, as `openssl rand -base64 32` or `openssl rand -hex 32` prints it.
    ///
    /// # Errors
    /// [`WrongEncryptionKey`] for any other shape.
    pub fn parse(text: &Secret) -> Result<Self, WrongEncryptionKey> {
        let bytes = Zeroizing::new(bytes(text.expose().trim()).ok_or(WrongEncryptionKey)?);
        if bytes.len() != KEY_LENGTH {
            return Err(WrongEncryptionKey);
        }
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(FINGERPRINT_OF);
        context.update(&bytes);
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| WrongEncryptionKey)?;
        Ok(Self {
            id: hex(&context.finish().as_ref()[..ID_LENGTH]),
            cipher: LessSafeKey::new(key),
        })
    }

    /// What the key is called: eight hexadecimal digits of its fingerprint.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The form, the nonce, and the value with its tag.
    pub(super) fn encrypt(&self, value: &[u8], purpose: &str) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random::fill(&mut nonce);
        let tag_length = CHACHA20_POLY1305.tag_len();
        let mut encrypted = Vec::with_capacity(1 + NONCE_LEN + value.len() + tag_length);
        encrypted.push(FORM);
        encrypted.extend_from_slice(&nonce);
        encrypted.extend_from_slice(value);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let context = self.context(FORM, purpose);
        let tag = self.cipher.seal_in_place_separate_tag(
            nonce,
            Aad::from(context.as_bytes()),
            &mut encrypted[1 + NONCE_LEN..],
        );
        match tag {
            Ok(tag) => encrypted.extend_from_slice(tag.as_ref()),
            // Only for more than 256 GiB: a value that cannot be decrypted is better than a plain one.
            Err(_) => encrypted.truncate(1),
        }
        encrypted
    }

    /// The value; `None` when this is not what was encrypted with this key for this purpose.
    pub(super) fn decrypt(&self, encrypted: &[u8], purpose: &str) -> Option<Secret> {
        let (form, rest) = encrypted.split_first()?;
        let (nonce, value) = rest.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let context = self.context(*form, purpose);
        let mut value = Zeroizing::new(value.to_vec());
        let decrypted = self
            .cipher
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut value)
            .ok()?;
        std::str::from_utf8(decrypted).ok().map(Secret::new)
    }

    /// What is authenticated beside the value.
    fn context(&self, form: u8, purpose: &str) -> String {
        format!("wxauth {form} {}\n{purpose}", self.id)
    }
}

impl std::fmt::Debug for EncryptionKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "EncryptionKey({})", self.id)
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * KEY_LENGTH {
        return STANDARD.decode(text).ok();
    }
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            let plain = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            plain.then(|| u8::from_str_radix(pair, 16).ok())?
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
