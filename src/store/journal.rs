//! The journal: changes of meaning, with who made them.

use jiff::Timestamp;
use serde::Serialize;

use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;

use super::engine::Durability;
use super::handle::on_engine;
use super::observations::ChangeSource;
use super::ops::journal::Note;
use super::records::{Reads, Records};
use super::words::words;
use super::{PlatformKey, Store, StoreError, record};

words! {
    /// What happened.
    JournalKind {
        /// An authorizer was met for the first time.
        Authorized => "authorized",
        /// It granted further permission sets.
        SetsAdded => "sets_added",
        /// It took permission sets back.
        SetsRemoved => "sets_removed",
        /// It ended the authorization.
        Revoked => "revoked",
        /// It authorized again after having ended.
        Reauthorized => "reauthorized",
        /// An authorization code was exchanged.
        Redeemed => "redeemed",
        /// An option of the authorizer was set.
        OptionSet => "option_set",
        /// The operator's own id was set.
        ExternalIdSet => "external_id_set",
        /// A visitor's link brought an id.
        ExternalIdClaimed => "external_id_claimed",
        /// It was dropped from the store.
        Forgotten => "forgotten",
        /// It was rebuilt after a loss.
        Recovered => "recovered",
        /// WeChat's list had another refresh token than the store.
        RefreshTokenReplaced => "refresh_token_replaced",
        /// An operator gave a ticket.
        TicketSet => "ticket_set",
        /// Counters of calls were cleared: one of the month's few.
        QuotaCleared => "quota_cleared",
    }
}

/// One change of meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JournalEntry {
    /// Its number, growing; given by the store.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Who or what made it: a person's name or a [`ChangeSource`].
    pub who: String,
    /// The machine it was made on.
    pub host: String,
    /// The command it was made with.
    pub command: String,
    /// The authorizer it is about.
    pub appid: Option<Appid>,
    /// What happened.
    pub what: JournalKind,
    /// More about it, never a secret.
    pub detail: serde_json::Value,
}

/// Which entries to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// Those about this authorizer only.
    pub appid: Option<Appid>,
    /// Those at or after this time.
    pub since: Option<Timestamp>,
    /// Those with a lower number: the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

impl JournalEntry {
    /// An entry from its record; `None` for a kind that only a newer program knows.
    pub(super) fn of(id: i64, record: record::Entry) -> Option<Self> {
        Some(Self {
            id,
            at: timestamp(record.at),
            who: record.who,
            host: record.host,
            command: record.command,
            appid: record.appid.map(Appid::from_wire),
            what: JournalKind::from_word(&record.what)?,
            detail: record.detail,
        })
    }
}

impl Store {
    /// Notes what an operator did; who, where and by which command is the store's holder.
    /// `detail` never holds a secret.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn note(
        &self,
        key: &PlatformKey,
        what: JournalKind,
        appid: Option<&Appid>,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let appid = appid.cloned();
        let decide = move |records: &mut Records, now| {
            let note = Note::new(now, ChangeSource::Operator, what, detail.clone());
            records.notes.push((appid.clone(), note));
            Ok(())
        };
        let reads = Reads::default();
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// Reads entries, the newest first. Those of kinds that this program does not know are left
    /// out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn journal(
        &self,
        key: &PlatformKey,
        filter: &JournalFilter,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        on_engine!(self, engine => engine.journal(key, filter))
    }
}
