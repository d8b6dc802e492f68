//! Encrypts and decrypts the stored secrets of a platform.

use crate::store::reencryption::{EncryptionCursor, EncryptionTarget, SecretCount};
use crate::sys::crash;

use super::{FlowError, Platform};

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
        let (store, key) = (self.store(), self.key());
        store.note_encryption_run(key, true).await?;
        let mut cursor = Some(EncryptionCursor::default());
        let (mut changed, mut broken) = (0, Vec::new());
        while let Some(here) = cursor {
            let piece = store.reencrypt(key, target, here).await?;
            changed += piece.changed;
            broken.extend(piece.broken);
            cursor = piece.next;
            crash::point("encrypt:piece");
        }
        let secrets = store.secret_counts(key).await?;
        // While plain text of a program without the key remains, programs with it go on reading it.
        let is_plain = secrets.iter().any(|count| count.key_id.is_none());
        if target == EncryptionTarget::Plain || !is_plain {
            store.note_encryption_run(key, false).await?;
        }
        Ok(Reencryption {
            changed,
            broken,
            secrets,
            former_are_gone: store.drop_former_secrets().await?,
        })
    }
}
