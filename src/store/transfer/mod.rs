//! Moving what a platform has from one place to another: reading it whole in pages, and writing
//! what was read elsewhere without overwriting what is newer.
//!
//! A page is read in one act, the whole in many. Whoever writes meanwhile may change what was not
//! read yet: a record is then moved as it was at some moment during the reading, one made after its
//! place was passed is not moved, one forgotten before it was reached is missing. What belongs
//! together in several records (a row of the roster and its token) may be of two moments; the merge
//! at the other end and the next sync set that right. Nothing moved is ever half a record.

mod carry;
mod content;
mod encrypted;
mod export;
mod import;
mod lent;

use std::collections::BTreeSet;

use serde::Serialize;

use super::engine::Durability;
use super::handle::on_engine;
use super::ops::{merge::Placed, place};
use super::record::Record;
use super::records::Records;
use super::{PlatformKey, Store, StoreError};

pub use super::record::RecordKind;
pub use carry::{Carried, Source, Tally};
pub use content::Content;
pub use encrypted::{ITERATIONS, Input, TransferError};
pub use export::{Export, Protection};
pub use import::{Import, ImportFile};
pub use lent::Taken;

/// How many records are read or written in one act.
pub(in crate::store) const PAGE: usize = 200;

/// A piece of the records of one kind.
#[derive(Debug, Default)]
pub(in crate::store) struct Page {
    pub(in crate::store) records: Vec<Record>,
    /// After what the next piece begins; `None` after the last one.
    pub(in crate::store) next: Option<String>,
}

/// How many records of each kind a platform has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The platform.
    pub key: PlatformKey,
    /// How many of each kind; kinds of which there are none are left out.
    pub records: Tally,
}

/// How the secrets of a store are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EncryptionState {
    /// The ids of the keys that secrets are encrypted with.
    pub key_ids: Vec<String>,
    /// Whether there are secrets that are not encrypted.
    pub plain_text: bool,
}

impl Store {
    /// The platforms that the store has, sorted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn platforms(&self) -> Result<Vec<PlatformKey>, StoreError> {
        on_engine!(self, engine => engine.platforms())
    }

    /// How many records of each kind a platform has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn holding(&self, key: &PlatformKey) -> Result<Holding, StoreError> {
        let counts = self.census(key).await?;
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        Ok(Holding {
            key: key.clone(),
            records: counts.map(|(kind, count)| (kind.as_str(), count)).collect(),
        })
    }

    async fn census(&self, key: &PlatformKey) -> Result<Vec<(RecordKind, u64)>, StoreError> {
        on_engine!(self, engine => engine.census(key))
    }

    /// How the secrets of the store are stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn encryption_state(&self) -> Result<EncryptionState, StoreError> {
        let mut key_ids = BTreeSet::new();
        let mut state = EncryptionState::default();
        for key in self.platforms().await? {
            for count in self.secret_counts(&key).await? {
                match count.key_id {
                    Some(key_id) => drop(key_ids.insert(key_id)),
                    None => state.plain_text = true,
                }
            }
        }
        state.key_ids = key_ids.into_iter().collect();
        Ok(state)
    }

    /// The next records of a kind as they are stored, after the place where a page ended.
    async fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        on_engine!(self, engine => engine.records(key, kind, after))
    }

    /// The same with their secrets in plain text.
    async fn decrypted_records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let cipher = self.cipher(key).await?;
        let Page { records, next } = self.records(key, kind, after).await?;
        let records = records.into_iter().map(|record| record.decrypt(&cipher));
        Ok(Page {
            records: records.collect::<Result<_, _>>()?,
            next,
        })
    }

    /// Brings records, of one kind and with their secrets in plain text, each merged with the one that is stored; what
    /// became of each, in their order. Without `write` nothing is stored.
    async fn place(
        &self,
        key: &PlatformKey,
        records: Vec<Record>,
        write: bool,
    ) -> Result<Vec<Placed>, StoreError> {
        let cipher = self.cipher(key).await?;
        let mut all = Vec::with_capacity(records.len());
        for piece in records.chunks(self.batch()) {
            let reads = place::reads(piece);
            if !write {
                let mut stored = self.load(key, reads).await?;
                all.extend(place::place(&mut stored, piece, &cipher)?);
                continue;
            }
            let (piece, cipher) = (piece.to_vec(), cipher.clone());
            let decide = move |records: &mut Records, _| place::place(records, &piece, &cipher);
            let placed = self.transact(key, reads, Durability::Durable, decide);
            all.extend(placed.await?);
        }
        Ok(all)
    }
}
