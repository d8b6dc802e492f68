//! Entries of the journal as operations decide on them.

use serde_json::Value as Json;

use crate::store::Holder;
use crate::store::journal::JournalKind;
use crate::store::observations::ChangeSource;
use crate::store::record::Entry;
use crate::wechat::id::Appid;

/// An entry without who holds the store.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) struct Note {
    /// When it happened, in Unix seconds.
    pub(in crate::store) at: i64,
    /// Through what it became known.
    pub(in crate::store) source: ChangeSource,
    /// What happened.
    pub(in crate::store) what: JournalKind,
    /// More about it, an object; never a secret.
    pub(in crate::store) detail: Json,
}

impl Note {
    pub(in crate::store) fn new(
        at: i64,
        source: ChangeSource,
        what: JournalKind,
        detail: Json,
    ) -> Self {
        Self {
            at,
            source,
            what,
            detail,
        }
    }

    /// The entry that `holder` writes, about `appid` where it is about one.
    pub(in crate::store) fn entry(self, holder: &Holder, appid: Option<&Appid>) -> Entry {
        Entry {
            at: self.at,
            who: self.source.to_string(),
            host: holder.host.clone(),
            command: holder.command.clone(),
            appid: appid.map(|appid| appid.as_str().to_owned()),
            what: self.what.to_string(),
            detail: self.detail,
        }
    }
}
