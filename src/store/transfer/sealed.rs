//! The form of a file: lines, sealed with a key made from a passphrase or from a random text that is
//! itself sealed with the store's key, or plain ones without secrets.
//!
//! The first line is JSON and says how the rest is to be read. Sealed, the second line is the seal
//! over nothing, which tells a wrong passphrase from a damaged file, and each further one is a
//! piece of the text: AES-256-GCM, base64. The number of the line is the nonce, the first line and
//! whether a piece is the last are sealed with it, so that no line can be changed, moved or cut off
//! unnoticed. The salt, and by it the key, belongs to one file.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::pbkdf2;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::store::{Keyring, StoreError};
use crate::sys::random;
use crate::wechat::secret::Secret;

use super::content::Protection;

/// How often PBKDF2 (HMAC-SHA-256) is applied to make a key from a passphrase.
pub const ITERATIONS: u32 = 600_000;
/// More is refused: a file must not keep its reader busy for hours.
const MOST_ITERATIONS: u32 = 20_000_000;
/// The version of the form.
const VERSION: u32 = 1;
/// How much text a piece has at most.
const PIECE: usize = 48 << 10;
const SALT: usize = 16;

/// Why something could not be moved.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file is no export of wxauth.
    #[error("that is no export of wxauth")]
    Foreign,
    /// A newer wxauth wrote the file.
    #[error("the export has form {version}, which a newer wxauth wrote; this one reads {VERSION}")]
    Newer {
        /// The version of its form.
        version: u32,
    },
    /// The file is sealed, and no passphrase was given.
    #[error("the export is sealed with a passphrase")]
    NeedsPassphrase,
    /// The passphrase does not open the file.
    #[error("the passphrase does not open the export, or its first line was changed")]
    WrongPassphrase,
    /// The file was changed.
    #[error("the export is damaged at line {line}")]
    Damaged {
        /// The line, counted from 1.
        line: usize,
    },
    /// The end of the file is missing.
    #[error("the export was cut off: its end is missing")]
    CutOff,
}

#[derive(Deserialize, Serialize)]
struct Head {
    wxauth_export: u32,
    created_at: jiff::Timestamp,
    seal: Option<Seal>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Seal {
    cipher: String,
    derivation: String,
    iterations: u32,
    salt: String,
    /// What stands in the place of a passphrase, sealed with a key of the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped: Option<String>,
}

const CIPHER: &str = "aes-256-gcm";
const DERIVATION: &str = "pbkdf2-hmac-sha256";

/// Writes a file's text.
pub(super) struct Writer {
    out: Vec<u8>,
    text: Zeroizing<Vec<u8>>,
    sealing: Option<Sealing>,
}

struct Sealing {
    key: LessSafeKey,
    head: String,
    number: u64,
}

impl Writer {
    pub(super) fn begin(
        created_at: jiff::Timestamp,
        protection: &Protection,
    ) -> Result<Self, TransferError> {
        let mut salt = [0; SALT];
        random::fill(&mut salt);
        let mut seal = Seal {
            cipher: CIPHER.to_owned(),
            derivation: DERIVATION.to_owned(),
            iterations: ITERATIONS,
            salt: STANDARD.encode(salt),
            wrapped: None,
        };
        let (passphrase, seal) = match protection {
            Protection::Passphrase(passphrase) => (Some(passphrase.clone()), Some(seal)),
            Protection::SealKey(keyring) => {
                let random = Secret::new(random::hex(32));
                // There is nothing to be guessed.
                seal.iterations = 1;
                seal.wrapped = Some(keyring.to_text(&random));
                (Some(random), Some(seal))
            }
            Protection::WithoutSecrets => (None, None),
        };
        let head = Head {
            wxauth_export: VERSION,
            created_at,
            seal,
        };
        let text = serde_json::to_string(&head).map_err(|_| TransferError::Foreign)?;
        let sealing = match (&passphrase, &head.seal) {
            (Some(passphrase), Some(seal)) => Some(Sealing {
                key: key(passphrase, seal)?,
                head: text.clone(),
                number: 0,
            }),
            _ => None,
        };
        let mut writer = Self {
            out: format!("{text}\n").into_bytes(),
            text: Zeroizing::new(Vec::with_capacity(2 * PIECE)),
            sealing,
        };
        // The seal over nothing.
        writer.seal(0, false)?;
        Ok(writer)
    }

    /// Adds a line.
    pub(super) fn line(&mut self, line: &str) -> Result<(), TransferError> {
        if self.sealing.is_none() {
            self.out.extend_from_slice(line.as_bytes());
            self.out.push(b'\n');
            return Ok(());
        }
        self.text.extend_from_slice(line.as_bytes());
        self.text.push(b'\n');
        while self.text.len() > PIECE {
            self.seal(PIECE, false)?;
        }
        Ok(())
    }

    /// The whole file.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, TransferError> {
        let rest = self.text.len();
        self.seal(rest, true)?;
        Ok(self.out)
    }

    /// Seals the first bytes of the text as one line.
    fn seal(&mut self, length: usize, is_last: bool) -> Result<(), TransferError> {
        let Some(sealing) = &mut self.sealing else {
            return Ok(());
        };
        let mut piece = Zeroizing::new(self.text[..length].to_vec());
        let (nonce, bound) = sealing.next(is_last);
        sealing
            .key
            .seal_in_place_append_tag(nonce, Aad::from(bound), &mut *piece)
            .map_err(|_| TransferError::Foreign)?;
        self.out.extend(STANDARD.encode(&*piece).into_bytes());
        self.out.push(b'\n');
        self.text.drain(..length);
        Ok(())
    }
}

impl Sealing {
    /// Nonce and bound data of the next line.
    fn next(&mut self, is_last: bool) -> (Nonce, Vec<u8>) {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.number.to_be_bytes());
        self.number += 1;
        let mut bound = self.head.clone().into_bytes();
        bound.push(u8::from(is_last));
        (Nonce::assume_unique_for_key(nonce), bound)
    }

    fn open(&mut self, line: &str, is_last: bool) -> Option<Zeroizing<Vec<u8>>> {
        let mut piece = Zeroizing::new(STANDARD.decode(line.trim_end()).ok()?);
        let (nonce, bound) = self.next(is_last);
        let length = self
            .key
            .open_in_place(nonce, Aad::from(bound), &mut piece)
            .ok()?
            .len();
        piece.truncate(length);
        Some(piece)
    }
}

/// Whether the file is sealed with a passphrase.
///
/// # Errors
/// When it is no export, or a newer one.
pub(super) fn needs_passphrase(file: &str) -> Result<bool, TransferError> {
    let seal = head(file)?.0.seal;
    Ok(seal.is_some_and(|seal| seal.wrapped.is_none()))
}

/// The text of a file.
///
/// # Errors
/// Every [`TransferError`] but those of stores.
pub(super) fn text(
    file: &str,
    passphrase: Option<&Secret>,
    keyring: &Keyring,
) -> Result<Zeroizing<String>, TransferError> {
    let (head, first, rest) = head(file)?;
    let Some(seal) = &head.seal else {
        return Ok(Zeroizing::new(rest.to_owned()));
    };
    if seal.cipher != CIPHER || seal.derivation != DERIVATION || seal.iterations > MOST_ITERATIONS {
        return Err(TransferError::Damaged { line: 1 });
    }
    let secret = match (&seal.wrapped, passphrase) {
        (Some(wrapped), _) => keyring.unseal_text(wrapped)?,
        (None, Some(passphrase)) => passphrase.clone(),
        (None, None) => return Err(TransferError::NeedsPassphrase),
    };
    let mut sealing = Sealing {
        key: key(&secret, seal)?,
        head: first.to_owned(),
        number: 0,
    };
    let mut lines = rest.lines().enumerate().peekable();
    let (_, check) = lines.next().ok_or(TransferError::CutOff)?;
    sealing
        .open(check, false)
        .ok_or(TransferError::WrongPassphrase)?;
    let mut text = Zeroizing::new(Vec::with_capacity(rest.len()));
    let mut is_whole = false;
    while let Some((index, line)) = lines.next() {
        let is_last = lines.peek().is_none();
        let number = sealing.number;
        let Some(piece) = sealing.open(line, is_last) else {
            // A whole piece that is not the last one, or a part of one: what followed is gone.
            sealing.number = number;
            let is_cut = !file.ends_with('\n') || sealing.open(line, false).is_some();
            return Err(match is_last && is_cut {
                true => TransferError::CutOff,
                false => TransferError::Damaged { line: index + 2 },
            });
        };
        text.extend_from_slice(&piece);
        is_whole = is_last;
    }
    if !is_whole {
        return Err(TransferError::CutOff);
    }
    let bytes = std::mem::take(&mut *text);
    String::from_utf8(bytes)
        .map(Zeroizing::new)
        .map_err(|_| TransferError::Damaged { line: 3 })
}

/// The head, its line, and what follows.
fn head(file: &str) -> Result<(Head, &str, &str), TransferError> {
    let (first, rest) = file.split_once('\n').unwrap_or((file, ""));
    // The version stands first, so that what a newer one added is no obstacle to telling it.
    let value: serde_json::Value =
        serde_json::from_str(first).map_err(|_| TransferError::Foreign)?;
    let version = value
        .get("wxauth_export")
        .and_then(serde_json::Value::as_u64)
        .ok_or(TransferError::Foreign)?;
    if version > u64::from(VERSION) {
        return Err(TransferError::Newer {
            version: u32::try_from(version).unwrap_or(u32::MAX),
        });
    }
    let head = serde_json::from_value(value).map_err(|_| TransferError::Damaged { line: 1 })?;
    Ok((head, first, rest))
}

fn key(passphrase: &Secret, seal: &Seal) -> Result<LessSafeKey, TransferError> {
    let damaged = TransferError::Damaged { line: 1 };
    let (Some(iterations), Ok(salt)) = (
        NonZeroU32::new(seal.iterations),
        STANDARD.decode(&seal.salt),
    ) else {
        return Err(damaged);
    };
    let mut bytes = Zeroizing::new([0; 32]);
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        iterations,
        &salt,
        passphrase.expose().as_bytes(),
        &mut *bytes,
    );
    let key = UnboundKey::new(&AES_256_GCM, &*bytes).map_err(|_| damaged)?;
    Ok(LessSafeKey::new(key))
}
