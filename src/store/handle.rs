//! The store as its users hold it.

use crate::sys::clock::Clock;

use super::sqlite::{Database, Fault};
use super::{Holder, StoreError, StoreInfo, StoreLocation};

/// The durable state of platforms. Clones share one store; two that were opened are two holders.
///
/// An act that was handed over is carried out even when its caller is dropped.
#[derive(Clone, Debug)]
pub enum Store {
    /// A SQLite file.
    Sqlite(Database),
    /// The same, in this process's memory.
    Memory(Database),
}

impl Store {
    /// Opens the store, making the folder (0700), the file (0600) and the schema where missing,
    /// and bringing an older schema up to date after a backup beside the file.
    ///
    /// `clock` tells the times that the store itself notes; leases run on the machine's clock.
    ///
    /// # Errors
    /// Every [`StoreError`] about a path: unreachable, on a network file system, read-only, full,
    /// damaged, of a newer schema, or busy.
    pub async fn open(
        location: &StoreLocation,
        holder: Holder,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let database = Database::open(location, holder, clock).await?;
        Ok(match location {
            StoreLocation::Sqlite(_) => Self::Sqlite(database),
            StoreLocation::Memory => Self::Memory(database),
        })
    }

    /// Where the store lives.
    #[must_use]
    pub fn location(&self) -> &StoreLocation {
        self.database().location()
    }

    /// What the store is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn info(&self) -> Result<StoreInfo, StoreError> {
        let path = match self.location() {
            StoreLocation::Sqlite(path) => Some(path.clone()),
            StoreLocation::Memory => None,
        };
        self.database()
            .read(move |connection| {
                let bytes: i64 = connection.query_row(
                    "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                    [],
                    |row| row.get(0),
                )?;
                let schema_version =
                    connection.query_row("SELECT version FROM schema", [], |row| row.get(0))?;
                Ok::<_, Fault>(StoreInfo {
                    path,
                    schema_version,
                    bytes: bytes.unsigned_abs(),
                })
            })
            .await
    }

    pub(super) fn database(&self) -> &Database {
        match self {
            Self::Sqlite(database) | Self::Memory(database) => database,
        }
    }
}
