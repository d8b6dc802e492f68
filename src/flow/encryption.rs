//! Encrypts and decrypts the stored secrets of a platform.

use crate::store::{EncryptionCursor, EncryptionTarget, SecretCount};
use crate::sys::crash;

use super::{FlowError, Platform};

/// How many secrets are written at once; other processes can write in between.
const PIECE: usize = 200;

/// The result of encrypting or decrypting the secrets of a platform.
#[derive(Clone, Debug)]
pub struct Reencryption {
    /// How many secrets were rewritten.
    pub changed: u64,
    /// Records that cannot be decrypted; they were left unchanged.
    pub broken: Vec<String>,
    /// How many secrets are encrypted with which key now.
    pub secrets: Vec<SecretCount>,
    /// Whether the previous values are gone from the store's own log.
    pub former_are_gone: bool,
}

impl Platform {
    /// Rewrites every secret of the platform that is not as `target` says, in pieces, so that other
    /// processes can work meanwhile. After an interruption, the next call continues.
    ///
    /// # Errors
    /// When the store fails; what was rewritten until then stays so.
    pub async fn reencrypt(&self, target: EncryptionTarget) -> Result<Reencryption, FlowError> {
        let mut cursor = Some(EncryptionCursor::default());
        let (mut changed, mut broken) = (0, Vec::new());
        while let Some(here) = cursor {
            let piece = self
                .store()
                .reencrypt(self.key(), target, here, PIECE)
                .await?;
            changed += piece.changed;
            broken.extend(piece.broken);
            cursor = piece.next;
            crash::point("encrypt:piece");
        }
        Ok(Reencryption {
            changed,
            broken,
            secrets: self.store().secret_counts(self.key()).await?,
            former_are_gone: self.store().drop_former_secrets().await?,
        })
    }
}
