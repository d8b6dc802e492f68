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
    CIPHER, DERIVATION, Head, ITERATIONS, PIECE, SALT, Seal, Sealing, TransferError, VERSION, key,
};

/// Writes a file's text.
pub(in crate::store::transfer) struct Writer<W> {
    out: W,
    text: Zeroizing<Vec<u8>>,
    sealing: Option<Sealing>,
}

impl<W: Write> Writer<W> {
    pub(in crate::store::transfer) fn begin(
        mut out: W,
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
        out.write_all(format!("{text}\n").as_bytes())?;
        let mut writer = Self {
            out,
            text: Zeroizing::new(Vec::with_capacity(2 * PIECE)),
            sealing,
        };
        // The seal over nothing.
        writer.seal(0, false)?;
        Ok(writer)
    }

    /// Adds a line.
    pub(in crate::store::transfer) fn line(&mut self, line: &str) -> Result<(), TransferError> {
        if self.sealing.is_none() {
            self.out.write_all(line.as_bytes())?;
            self.out.write_all(b"\n")?;
            return Ok(());
        }
        self.text.extend_from_slice(line.as_bytes());
        self.text.push(b'\n');
        while self.text.len() > PIECE {
            self.seal(PIECE, false)?;
        }
        Ok(())
    }

    /// Writes what is left; what it was written into comes back.
    pub(in crate::store::transfer) fn finish(mut self) -> Result<W, TransferError> {
        let rest = self.text.len();
        self.seal(rest, true)?;
        self.out.flush()?;
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
        let mut line = STANDARD.encode(&*piece);
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        self.text.drain(..length);
        Ok(())
    }
}
