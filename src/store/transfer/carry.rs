//! Carrying a platform from a source into a store, and seeing that all of it arrived.

use std::collections::{BTreeMap, HashMap};

use crate::store::{PlatformKey, Store, StoreError};

use super::content::Content;
use super::encrypted::TransferError;
use super::import::ImportFile;
use super::{PAGE, Page};
use crate::store::ops::merge::Placed;
use crate::store::record::{Record, RecordKind};

/// Numbers by kind of record.
pub type Tally = BTreeMap<&'static str, u64>;

/// What is counted beside the kinds: external ids that were left behind.
const EXTERNAL_IDS: &str = "external_ids";

/// Where records come from.
#[derive(Debug)]
pub enum Source {
    /// Another store.
    Store(Store),
    /// A file.
    File(Box<ImportFile>),
    /// What an SDK keeps.
    Content(Content),
}

/// What became of a platform that was carried.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The platform.
    pub key: PlatformKey,
    /// How many records of each kind the source has.
    pub records: Tally,
    /// How many of them changed something in the target.
    pub written: Tally,
    /// How many were left behind because the target has newer ones; as `external_ids`, how many
    /// external ids belong to another authorizer there.
    pub skipped: Tally,
    /// How many of the source's records the target holds now; `None` after a dry run.
    pub found: Option<Tally>,
}

impl Carried {
    /// Whether the target holds every record of the source; `None` after a dry run.
    #[must_use]
    pub fn verified(&self) -> Option<bool> {
        self.found.as_ref().map(|found| *found == self.records)
    }

    /// The kinds of which records are missing in the target, each with how many there ought to be
    /// and how many there are.
    #[must_use]
    pub fn missing(&self) -> Vec<(&'static str, u64, u64)> {
        let found = |kind| self.found.as_ref().and_then(|found| found.get(kind));
        let counts = self.records.iter().filter(|_| self.found.is_some());
        counts
            .map(|(kind, count)| (*kind, *count, found(kind).copied().unwrap_or(0)))
            .filter(|(_, expected, found)| expected != found)
            .collect()
    }
}

impl Source {
    /// The platforms that there are: a store's sorted, a file's as they stand in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn platforms(&self) -> Result<Vec<PlatformKey>, StoreError> {
        match self {
            Self::Store(store) => store.platforms().await,
            Self::File(file) => Ok(file.platforms()),
            Self::Content(content) => Ok(vec![content.platform().clone()]),
        }
    }

    pub(super) async fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Result<Page, TransferError> {
        match self {
            Self::Store(store) => Ok(store.decrypted_records(key, kind, after).await?),
            Self::File(file) => file.records(key, kind, after.as_deref()),
            Self::Content(content) => Ok(content.records(key, kind, after)),
        }
    }

    /// Carries a platform into `target`; with `write` off only what would become of it is said.
    /// It can be done again after it was interrupted: what arrived is recognised.
    ///
    /// # Errors
    /// When either side fails; what was written until then stays.
    pub async fn carry(
        &self,
        key: &PlatformKey,
        target: &Store,
        write: bool,
    ) -> Result<Carried, TransferError> {
        let mut carried = Carried {
            key: key.clone(),
            records: Tally::new(),
            written: Tally::new(),
            skipped: Tally::new(),
            found: None,
        };
        for kind in RecordKind::ALL {
            // Entries of logs have no name: those that stand are recognised by their content.
            let mut standing = match kind.is_log() {
                true => identities(target, key, *kind).await?,
                false => HashMap::new(),
            };
            let mut after = None;
            loop {
                let page = self.records(key, *kind, after).await?;
                for piece in pieces(page.records) {
                    self.bring(&mut carried, piece, &mut standing, target, write)
                        .await?;
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        if write {
            carried.found = Some(self.found(key, target).await?);
        }
        Ok(carried)
    }

    async fn bring(
        &self,
        carried: &mut Carried,
        records: Vec<Record>,
        standing: &mut HashMap<String, u64>,
        target: &Store,
        write: bool,
    ) -> Result<(), StoreError> {
        let Some(kind) = records.first().map(Record::kind) else {
            return Ok(());
        };
        count(&mut carried.records, kind.as_str(), records.len());
        let mut offered = Vec::with_capacity(records.len());
        for record in records {
            if !(kind.is_log() && take(standing, &record.identity())) {
                offered.push(record);
            }
        }
        for placed in target.place(&carried.key, offered, write).await? {
            match placed {
                Placed::Same => {}
                Placed::Written => count(&mut carried.written, kind.as_str(), 1),
                Placed::Newer => count(&mut carried.skipped, kind.as_str(), 1),
                Placed::WithoutExternalId => {
                    count(&mut carried.written, kind.as_str(), 1);
                    count(&mut carried.skipped, EXTERNAL_IDS, 1);
                }
            }
        }
        Ok(())
    }

    /// How many of the source's records the target holds: both are read again.
    async fn found(&self, key: &PlatformKey, target: &Store) -> Result<Tally, TransferError> {
        let mut found = Tally::new();
        for kind in RecordKind::ALL {
            let mut standing = identities(target, key, *kind).await?;
            let mut after = None;
            loop {
                let page = self.records(key, *kind, after).await?;
                for record in &page.records {
                    if take(&mut standing, &record.identity()) {
                        count(&mut found, kind.as_str(), 1);
                    }
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }
}

/// What identities the records of a kind have in a store, and how often.
async fn identities(
    store: &Store,
    key: &PlatformKey,
    kind: RecordKind,
) -> Result<HashMap<String, u64>, StoreError> {
    let mut found = HashMap::new();
    let mut after = None;
    loop {
        let page = store.records(key, kind, after).await?;
        for record in &page.records {
            *found.entry(record.identity()).or_default() += 1;
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Takes one of this identity out; whether there was one.
fn take(standing: &mut HashMap<String, u64>, identity: &str) -> bool {
    match standing.get_mut(identity) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

fn pieces(records: Vec<Record>) -> Vec<Vec<Record>> {
    let mut pieces = Vec::new();
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        pieces.push(records.by_ref().take(PAGE).collect());
    }
    pieces
}

fn count(tally: &mut Tally, kind: &'static str, more: usize) {
    *tally.entry(kind).or_default() += more as u64;
}
