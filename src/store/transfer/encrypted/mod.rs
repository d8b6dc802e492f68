//! The form of a file: lines, encrypted with a key made from a passphrase or from a random text that is
//! itself encrypted with the store's key, or plain ones without secrets.
//!
//! The first line is JSON and says how the rest is to be read. Encrypted, the second line is the tag
//! of nothing, which tells a wrong passphrase from a damaged file, and each further one is a
//! piece of the text: AES-256-GCM, base64. The number of the line is the nonce, the first line and
//! whether a piece is the last are encrypted with it, so that no line can be changed, moved or cut off
//! unnoticed. The salt, and by it the key, belongs to one file.

mod reader;
mod writer;

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::pbkdf2;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::store::StoreError;
use crate::store::encryption::StoredSecret;
use crate::wechat::secret::Secret;

pub(in crate::store::transfer) use reader::{Opened, Place, Reader, TextLine};
pub(in crate::store::transfer) use writer::Writer;

pub use reader::Input;

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
    /// The file cannot be read or written.
    #[error("the export cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    /// The file is no export of wxauth.
    #[error("that is no export of wxauth")]
    Foreign,
    /// A newer wxauth wrote the file.
    #[error("the export has form {version}, which a newer wxauth wrote; this one reads {VERSION}")]
    Newer {
        /// The version of its form.
        version: u32,
    },
    /// The file is encrypted, and no passphrase was given.
    #[error("the export is encrypted with a passphrase")]
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
    /// It is no longer what it was when it was looked through.
    #[error("the export was changed while it was read")]
    Changed,
    /// The end of the file is missing.
    #[error("the export was cut off: its end is missing")]
    CutOff,
}

#[derive(Deserialize, Serialize)]
struct Head {
    wxauth_export: u32,
    created_at: jiff::Timestamp,
    encryption: Option<Encryption>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Encryption {
    cipher: String,
    derivation: String,
    iterations: u32,
    salt: String,
    /// What stands in the place of a passphrase, encrypted with a key of the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped: Option<StoredSecret>,
}

/// What the wrapped key of a file is bound to.
const EXPORT_KEY: &str = "export";
const CIPHER: &str = "aes-256-gcm";
const DERIVATION: &str = "pbkdf2-hmac-sha256";

struct FileCipher {
    key: LessSafeKey,
    head: String,
    number: u64,
}

impl FileCipher {
    /// Nonce and bound data of the next line.
    fn next(&mut self, is_last: bool) -> (Nonce, Vec<u8>) {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.number.to_be_bytes());
        self.number += 1;
        let mut bound = self.head.clone().into_bytes();
        bound.push(u8::from(is_last));
        (Nonce::assume_unique_for_key(nonce), bound)
    }

    fn open(&mut self, line: &[u8], is_last: bool) -> Option<Zeroizing<Vec<u8>>> {
        let mut piece = Zeroizing::new(STANDARD.decode(line.trim_ascii_end()).ok()?);
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

fn key(passphrase: &Secret, encryption: &Encryption) -> Result<LessSafeKey, TransferError> {
    let damaged = TransferError::Damaged { line: 1 };
    let (Some(iterations), Ok(salt)) = (
        NonZeroU32::new(encryption.iterations),
        STANDARD.decode(&encryption.salt),
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
