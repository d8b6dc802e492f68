//! The envelope of every push: AES-256-CBC with a pad block of 32, and the signature over it
//! (the notes on pushes, section 5).

use std::fmt;

use aes::Aes256;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The pad block of the protocol. It is not the 16 of the cipher: pads up to 32 are right.
const PAD_BLOCK: usize = 32;
/// The cipher's block.
const BLOCK: usize = 16;
/// Random bytes and the message's length stand before the message.
const HEAD: usize = 16 + 4;
/// Characters of an EncodingAESKey.
const KEY_TEXT: usize = 43;

/// 43 characters carry two bits more than 32 bytes, and nobody who types a key sets them to zero:
/// a strict decoder refuses four keys of five.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key that an EncodingAESKey (消息加解密Key) stands for: 32 bytes, wiped when dropped.
#[derive(Clone)]
pub struct EncodingAesKey(Zeroizing<[u8; 32]>);

impl EncodingAesKey {
    /// Reads the 43 characters of the console; white space around them is left out.
    ///
    /// # Errors
    /// [`KeyError`] when there are more or fewer, or one is no letter and no digit.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(KeyError::Character);
        }
        if text.len() != KEY_TEXT {
            return Err(KeyError::Length { found: text.len() });
        }
        let decoded = Zeroizing::new(BASE64.decode(text).map_err(|_| KeyError::Character)?);
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(&decoded);
        Ok(Self(bytes))
    }

    /// Another key made from this one, for a purpose of the caller's own (HMAC-SHA-256): it tells
    /// nothing about this one.
    #[must_use]
    pub fn derived(&self, purpose: &[u8]) -> impl AsRef<[u8]> + use<> {
        ring::hmac::sign(
            &ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &*self.0),
            purpose,
        )
    }

    fn iv(&self) -> aes::Block {
        aes::Block::from_fn(|index| self.0[index])
    }
}

impl fmt::Debug for EncodingAesKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EncodingAesKey(…)")
    }
}

/// Why a text is no EncodingAESKey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It must be 43 characters long.
    #[error("an EncodingAESKey has 43 characters, not {found}")]
    Length {
        /// The length of the text given, in characters.
        found: usize,
    },
    /// There is a character other than `a-z`, `A-Z`, `0-9`.
    #[error("an EncodingAESKey has letters and digits only")]
    Character,
}

/// The signature of a push in lower-case hexadecimal: SHA-1 over the sorted texts, joined.
///
/// With `encrypt` it is the `msg_signature`; without, the `signature` of the query, which proves
/// nothing about the body.
#[must_use]
pub fn signature(token: &str, timestamp: &str, nonce: &str, encrypt: Option<&str>) -> String {
    let mut parts: Vec<&str> = [token, timestamp, nonce]
        .into_iter()
        .chain(encrypt)
        .collect();
    parts.sort_unstable();
    let mut digest = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    for part in parts {
        digest.update(part.as_bytes());
    }
    let digest = digest.finish();
    let bytes = digest.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// Whether `given` is the `msg_signature` of the other texts, compared in constant time.
#[must_use]
pub fn signature_matches(
    token: &str,
    timestamp: &str,
    nonce: &str,
    encrypt: &str,
    given: &str,
) -> bool {
    let expected = signature(token, timestamp, nonce, Some(encrypt));
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

/// What was in an envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The 16 bytes before the length.
    pub random: [u8; 16],
    /// The message, as bytes: it may hold tickets and codes.
    pub message: Vec<u8>,
    /// What stands behind the message: the platform's appid, in both directions.
    pub appid: String,
    /// The pad's value, 1 to 32.
    pub pad: u8,
}

impl fmt::Debug for Opened {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Opened")
            .field("message_bytes", &self.message.len())
            .field("appid", &self.appid)
            .field("pad", &self.pad)
            .finish_non_exhaustive()
    }
}

/// Why an envelope does not open. With the wrong key nearly always the pad is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The text is no base64, or it was cut.
    #[error("the encrypted text is no base64")]
    Base64,
    /// The bytes are not whole blocks of 16: something is missing, or there are none.
    #[error("{bytes} encrypted bytes are no whole blocks of 16")]
    BlockLength {
        /// How many bytes there are.
        bytes: usize,
    },
    /// The last byte names no pad of 1 to 32 that is there.
    #[error("the pad is wrong (last byte {found})")]
    Padding {
        /// The last byte.
        found: u8,
    },
    /// The message would reach beyond the end.
    #[error("the message claims {claimed} bytes where {available} are left")]
    MessageLength {
        /// The length that the head names, in bytes.
        claimed: u64,
        /// The bytes behind the head.
        available: u64,
    },
    /// What stands behind the message is no text.
    #[error("behind the message stands no appid")]
    Appid,
}

/// Encrypts `message` for or from the platform `appid`; the result is base64 without line breaks.
///
/// A message beyond 4 GiB does not fit the format; nothing that WeChat sends or takes is near.
#[must_use]
pub fn seal(key: &EncodingAesKey, random: [u8; 16], message: &[u8], appid: &str) -> String {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let full = HEAD + message.len() + appid.len();
    let pad = PAD_BLOCK - full % PAD_BLOCK;
    let mut bytes = Vec::with_capacity(full + pad);
    bytes.extend_from_slice(&random);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(message);
    bytes.extend_from_slice(appid.as_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "a pad is 32 at most")]
    bytes.resize(full + pad, pad as u8);
    let mut cipher = cbc::Encryptor::<Aes256>::new((&*key.0).into(), &key.iv());
    cipher.encrypt_blocks(aes::Block::slice_as_chunks_mut(&mut bytes).0);
    BASE64.encode(bytes)
}

/// Decrypts the `Encrypt` of a push or a reply; white space in it is left out.
///
/// # Errors
/// [`OpenError`] names the first thing that is wrong. The signature and the appid are the caller's
/// to check.
pub fn open(key: &EncodingAesKey, encrypt: &str) -> Result<Opened, OpenError> {
    let text: String = encrypt.split_ascii_whitespace().collect();
    let mut bytes = BASE64.decode(text).map_err(|_| OpenError::Base64)?;
    let wrong_length = OpenError::BlockLength { bytes: bytes.len() };
    if bytes.is_empty() || bytes.len() % BLOCK != 0 {
        return Err(wrong_length);
    }
    let mut cipher = cbc::Decryptor::<Aes256>::new((&*key.0).into(), &key.iv());
    cipher.decrypt_blocks(aes::Block::slice_as_chunks_mut(&mut bytes).0);
    let found = bytes.last().copied().ok_or(wrong_length)?;
    let pad = usize::from(found);
    let full = bytes.len().checked_sub(pad);
    let full = full
        .filter(|full| (1..=PAD_BLOCK).contains(&pad) && bytes[*full..].iter().all(|b| *b == found))
        .ok_or(OpenError::Padding { found })?;
    let available = full.saturating_sub(HEAD) as u64;
    let Some((head, rest)) = bytes[..full].split_first_chunk::<HEAD>() else {
        let claimed = 0;
        return Err(OpenError::MessageLength { claimed, available });
    };
    let [random @ .., a, b, c, d] = *head;
    let claimed = u64::from(u32::from_be_bytes([a, b, c, d]));
    let (message, appid) = usize::try_from(claimed)
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .ok_or(OpenError::MessageLength { claimed, available })?;
    Ok(Opened {
        random,
        message: message.to_vec(),
        appid: String::from_utf8(appid.to_vec()).map_err(|_| OpenError::Appid)?,
        pad: found,
    })
}
