//! Entries of the journal as operations decide on them.

use crate::store::{ChangeSource, JournalKind};

/// An entry about an authorizer; the engine adds the process that writes it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) struct Note {
    /// When it happened, in Unix seconds.
    pub(in crate::store) at: i64,
    /// Through what it became known.
    pub(in crate::store) source: ChangeSource,
    /// What happened.
    pub(in crate::store) what: JournalKind,
    /// More about it, a JSON object; never a secret.
    pub(in crate::store) detail: String,
}

impl Note {
    pub(in crate::store) fn new(
        at: i64,
        source: ChangeSource,
        what: JournalKind,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            at,
            source,
            what,
            detail: detail.into(),
        }
    }
}
