//! What is in a file: platforms with their records, and how many there must be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::store::{Keyring, PlatformKey, Store};
use crate::wechat::id::ComponentAppid;
use crate::wechat::secret::Secret;

use super::carry::Tally;
use super::record::{Record, RecordKind};
use super::sealed::{self, TransferError, Writer};
use super::{Holding, PAGE, Page};

/// How a file is kept from others.
#[derive(Clone, Debug)]
pub enum Protection {
    /// Everything in it is sealed with a key made from this passphrase.
    Passphrase(Secret),
    /// Everything in it is sealed with a key that is sealed with the present key of these.
    SealKey(Keyring),
    /// It lies open, and no secret is in it.
    WithoutSecrets,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The records that follow are of this platform.
    Platform {
        realm: String,
        component_appid: String,
    },
    Record(Record),
    /// How many records there were; nothing follows.
    End(u64),
}

/// A file that is being written.
pub struct Export {
    writer: Writer,
    with_secrets: bool,
    records: u64,
}

impl Export {
    /// Begins a file, made at `created_at`.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn begin(
        created_at: jiff::Timestamp,
        protection: &Protection,
    ) -> Result<Self, TransferError> {
        Ok(Self {
            writer: Writer::begin(created_at, protection)?,
            with_secrets: !matches!(protection, Protection::WithoutSecrets),
            records: 0,
        })
    }

    /// Adds a platform whole; how many records of each kind were written.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn add(
        &mut self,
        store: &Store,
        key: &PlatformKey,
    ) -> Result<Holding, TransferError> {
        self.line(&Line::Platform {
            realm: key.realm.clone(),
            component_appid: key.component_appid.as_str().to_owned(),
        })?;
        let mut tally = Tally::new();
        for kind in RecordKind::ALL {
            let mut after = None;
            loop {
                let page = store.records(key, *kind, after).await?;
                for record in page.records {
                    let record = match self.with_secrets {
                        true => Some(record),
                        false => record.without_secrets(),
                    };
                    if let Some(record) = record {
                        self.line(&Line::Record(record))?;
                        self.records += 1;
                        *tally.entry(kind.as_str()).or_default() += 1;
                    }
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(Holding {
            key: key.clone(),
            records: tally,
        })
    }

    /// The whole file.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn finish(mut self) -> Result<Vec<u8>, TransferError> {
        self.line(&Line::End(self.records))?;
        self.writer.finish()
    }

    fn line(&mut self, line: &Line) -> Result<(), TransferError> {
        // Its text holds secrets: it is wiped when it was sealed.
        let text = serde_json::to_string(line).map_err(|_| TransferError::Foreign)?;
        self.writer.line(&zeroize::Zeroizing::new(text))
    }
}

/// A file that was read whole and found complete.
pub struct Content {
    platforms: Vec<(PlatformKey, BTreeMap<&'static str, Vec<Record>>)>,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Content")
            .field(&self.platforms())
            .finish()
    }
}

impl Content {
    /// One platform with its records by kind.
    pub(super) fn of(key: PlatformKey, kinds: BTreeMap<&'static str, Vec<Record>>) -> Self {
        Self {
            platforms: vec![(key, kinds)],
        }
    }

    /// Whether a file is sealed with a passphrase, which is needed to read it.
    ///
    /// # Errors
    /// When it is no export, or one of a newer form.
    pub fn needs_passphrase(file: &str) -> Result<bool, TransferError> {
        sealed::needs_passphrase(file)
    }

    /// Reads a file and sees that nothing of it is missing; it is opened with the passphrase or with
    /// one of the keys.
    ///
    /// # Errors
    /// Every [`TransferError`]; of those of stores [`StoreError::Sealed`](crate::store::StoreError::Sealed)
    /// and `BrokenSeal`.
    pub fn read(
        file: &str,
        passphrase: Option<&Secret>,
        keyring: &Keyring,
    ) -> Result<Self, TransferError> {
        let text = sealed::text(file, passphrase, keyring)?;
        let mut content = Self {
            platforms: Vec::new(),
        };
        let (mut records, mut is_whole) = (0, false);
        let last = text.lines().count();
        for (index, line) in text.lines().enumerate() {
            let damaged = TransferError::Damaged { line: index + 2 };
            let is_cut = index + 1 == last && !text.ends_with('\n');
            let line = match serde_json::from_str(line) {
                Ok(line) if !is_whole => line,
                Err(_) if is_cut => return Err(TransferError::CutOff),
                _ => return Err(damaged),
            };
            match line {
                Line::Platform {
                    realm,
                    component_appid,
                } => {
                    let component_appid: ComponentAppid =
                        component_appid.parse().map_err(|_| damaged)?;
                    let key = PlatformKey {
                        realm,
                        component_appid,
                    };
                    content.platforms.push((key, BTreeMap::new()));
                }
                Line::Record(record) => {
                    let Some((_, kinds)) = content.platforms.last_mut() else {
                        return Err(damaged);
                    };
                    records += 1;
                    let kind = record.kind().as_str();
                    kinds.entry(kind).or_default().push(record);
                }
                Line::End(count) if count == records => is_whole = true,
                Line::End(_) => return Err(damaged),
            }
        }
        if !is_whole {
            return Err(TransferError::CutOff);
        }
        Ok(content)
    }

    pub(super) fn platforms(&self) -> Vec<PlatformKey> {
        self.platforms.iter().map(|(key, _)| key.clone()).collect()
    }

    /// A page as a store gives it.
    pub(super) fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Page {
        let start: usize = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let found = self.platforms.iter().find(|(other, _)| other == key);
        let all = found.and_then(|(_, kinds)| kinds.get(kind.as_str()));
        let all = all.map_or(&[][..], Vec::as_slice);
        let end = (start + PAGE).min(all.len());
        Page {
            records: all.get(start..end).unwrap_or_default().to_vec(),
            next: (end < all.len()).then(|| end.to_string()),
        }
    }
}
