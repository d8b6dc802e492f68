//! Changing the seal of everything secret that is stored of a platform.

use crate::store::{SealCount, SealCursor, SealTarget};
use crate::sys::crash;

use super::{FlowError, Platform};

/// How many secrets one piece takes: others write in between.
const PIECE: usize = 200;

/// What came of changing the seal.
#[derive(Clone, Debug)]
pub struct Sealing {
    /// How many secrets were written anew.
    pub changed: u64,
    /// Records whose seal is broken; they stayed as they are.
    pub broken: Vec<String>,
    /// How all of them lie now.
    pub seals: Vec<SealCount>,
    /// Whether what they were before is gone from the store's own log.
    pub former_are_gone: bool,
}

impl Platform {
    /// Writes every secret of the platform as `target` says, in pieces, so that others go on
    /// working meanwhile. What is right already is left alone: begun again, it goes on.
    ///
    /// # Errors
    /// When the store fails; what was changed until then stays changed.
    pub async fn reseal(&self, target: SealTarget) -> Result<Sealing, FlowError> {
        let mut cursor = Some(SealCursor::default());
        let (mut changed, mut broken) = (0, Vec::new());
        while let Some(here) = cursor {
            let piece = self.store().reseal(self.key(), target, here, PIECE).await?;
            changed += piece.changed;
            broken.extend(piece.broken);
            cursor = piece.next;
            crash::point("seal:piece");
        }
        Ok(Sealing {
            changed,
            broken,
            seals: self.store().seals(self.key()).await?,
            former_are_gone: self.store().drop_former_secrets().await?,
        })
    }
}
