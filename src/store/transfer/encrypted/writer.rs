//! Writing a file, a piece at a time.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::Aad;
use zeroize::Zeroizing;

use crate::sys::random;
use crate::wechat::secret::Secret;

use super::super::export::Protection;
use super::{
    CIPHER, DERIVATION, EXPORT_KEY, Encryption, FileCipher, Head, ITERATIONS, PIECE, SALT,
    TransferError, VERSION, key,
};

/// Writes a file's text.
pub(in crate::store::transfer) struct Writer<W> {
    out: W,
    text: Zeroizing<Vec<u8>>,
    encryption: Option<FileCipher>,
}

impl<W: Write> Writer<W> {
    pub(in crate::store::transfer) fn begin(
        mut out: W,
        created_at: jiff::Timestamp,
        protection: &Protection,
    ) -> Result<Self, TransferError> {
        let mut salt = [0; SALT];
        random::fill(&mut salt);
        let mut encryption = Encryption {
            cipher: CIPHER.to_owned(),
            derivation: DERIVATION.to_owned(),
            iterations: ITERATIONS,
            salt: STANDARD.encode(salt),
            wrapped: None,
        };
        let (passphrase, encryption) = match protection {
            Protection::Passphrase(passphrase) => (Some(passphrase.clone()), Some(encryption)),
            Protection::EncryptionKey(keyring) => {
                let random = Secret::new(random::hex(32));
                // There is nothing to be guessed.
                encryption.iterations = 1;
                encryption.wrapped = Some(keyring.wrap(&random, EXPORT_KEY));
                (Some(random), Some(encryption))
            }
            Protection::WithoutSecrets => (None, None),
        };
        let head = Head {
            wxauth_export: VERSION,
            created_at,
            encryption,
        };
        let text = serde_json::to_string(&head).map_err(|_| TransferError::Foreign)?;
        let encryption = match (&passphrase, &head.encryption) {
            (Some(passphrase), Some(encryption)) => Some(FileCipher {
                key: key(passphrase, encryption)?,
                head: text.clone(),
                number: 0,
            }),
            _ => None,
        };
        out.write_all(format!("{text}\n").as_bytes())?;
        let mut writer = Self {
            out,
            text: Zeroizing::new(Vec::with_capacity(2 * PIECE)),
            encryption,
        };
        // The tag of nothing.
        writer.encrypt(0, false)?;
        Ok(writer)
    }

    /// Adds a line.
    pub(in crate::store::transfer) fn line(&mut self, line: &str) -> Result<(), TransferError> {
        if self.encryption.is_none() {
            self.out.write_all(line.as_bytes())?;
            self.out.write_all(b"\n")?;
            return Ok(());
        }
        self.text.extend_from_slice(line.as_bytes());
        self.text.push(b'\n');
        while self.text.len() > PIECE {
            self.encrypt(PIECE, false)?;
        }
        Ok(())
    }

    /// Writes what is left; what it was written into comes back.
    pub(in crate::store::transfer) fn finish(mut self) -> Result<W, TransferError> {
        let rest = self.text.len();
        self.encrypt(rest, true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    /// Encrypts the first bytes of the text as one line.
    fn encrypt(&mut self, length: usize, is_last: bool) -> Result<(), TransferError> {
        let Some(encryption) = &mut self.encryption else {
            return Ok(());
        };
        let mut piece = Zeroizing::new(self.text[..length].to_vec());
        let (nonce, bound) = encryption.next(is_last);
        encryption
            .key
            .seal_in_place_append_tag(nonce, Aad::from(bound), &mut *piece)
            .map_err(|_| TransferError::Foreign)?;
        let mut line = STANDARD.encode(&*piece);
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        self.text.drain(..length);
        Ok(())
    }
}
