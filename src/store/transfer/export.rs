//! Writing platforms into a file, with how many records there must be.

use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::store::encryption::Keyring;
use crate::store::{PlatformKey, Store};
use crate::wechat::secret::Secret;

use super::Holding;
use super::carry::Tally;
use super::encrypted::{TransferError, Writer};
use crate::store::record::{Record, RecordKind};

/// How a file is kept from others.
#[derive(Clone, Debug)]
pub enum Protection {
    /// Everything in it is encrypted with a key made from this passphrase.
    Passphrase(Secret),
    /// Everything in it is encrypted with a key that is encrypted with the current key of these.
    EncryptionKey(Keyring),
    /// It is in plain text, and no secret is in it.
    WithoutSecrets,
}

/// A line of the text.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The records that follow are of this platform.
    Platform {
        realm: String,
        component_appid: String,
    },
    Record(Record),
    /// How many records there were; nothing follows.
    End(u64),
}

/// A file that is being written, record by record.
pub struct Export<W> {
    writer: Writer<W>,
    with_secrets: bool,
    records: u64,
}

impl<W: Write + Send> Export<W> {
    /// Begins a file, made at `created_at`.
    ///
    /// # Errors
    /// When it cannot be encrypted or written.
    pub fn begin(
        out: W,
        created_at: jiff::Timestamp,
        protection: &Protection,
    ) -> Result<Self, TransferError> {
        Ok(Self {
            writer: Writer::begin(out, created_at, protection)?,
            with_secrets: !matches!(protection, Protection::WithoutSecrets),
            records: 0,
        })
    }

    /// Adds a platform whole; how many records of each kind were written.
    ///
    /// # Errors
    /// When the store cannot be read, or the file not written.
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
                let page = match self.with_secrets {
                    true => store.decrypted_records(key, *kind, after.take()).await?,
                    false => store.records(key, *kind, after.take()).await?,
                };
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
                // A store in a file answers at once: whoever wants to stop us must be heard.
                tokio::task::yield_now().await;
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

    /// Writes the end; what all was written into comes back.
    ///
    /// # Errors
    /// When it cannot be encrypted or written.
    pub fn finish(mut self) -> Result<W, TransferError> {
        self.line(&Line::End(self.records))?;
        self.writer.finish()
    }

    fn line(&mut self, line: &Line) -> Result<(), TransferError> {
        // Its text holds secrets: it is wiped when it was encrypted.
        let text = serde_json::to_string(line).map_err(|_| TransferError::Foreign)?;
        self.writer.line(&zeroize::Zeroizing::new(text))
    }
}
