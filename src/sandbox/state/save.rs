//! The state on disk: changed records by key, written behind the answers by one thread.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use rusqlite::{Connection, params};

use crate::sys::sync::lock;

use super::World;
use super::journal::KEPT;
use crate::sandbox::{Inner, SandboxError};
use crate::sys::files;

/// Records that changed: the new JSON text, or nothing where the record is gone.
pub type Changes = BTreeMap<String, Option<String>>;

/// What one write takes from the world.
#[derive(Default)]
pub struct Batch {
    /// Whether everything written before is void.
    pub anew: bool,
    /// Changed records.
    pub changes: Changes,
    /// Further journal entries.
    pub journal: Vec<String>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        !self.anew && self.changes.is_empty() && self.journal.is_empty()
    }
}

/// Everything that was kept.
pub struct Saved {
    /// The file it comes from.
    pub path: PathBuf,
    /// Records by key.
    pub records: BTreeMap<String, String>,
    /// Journal entries, oldest first.
    pub journal: Vec<String>,
}

/// The file of the state.
pub struct Storage {
    path: PathBuf,
    connection: Connection,
}

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS record (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
";

impl Storage {
    /// Opens `state.db` in `folder`; both are made, for their owner only, where they are missing.
    pub fn open(folder: &Path) -> Result<Self, SandboxError> {
        let path = folder.join("state.db");
        let file_error = |source| SandboxError::File {
            path: path.clone(),
            source,
        };
        files::ensure_private_folder(folder).map_err(file_error)?;
        // Made before SQLite opens it, so that it is private from birth.
        files::open_private(&path).map_err(file_error)?;
        let opened = Connection::open(&path).and_then(|connection| {
            connection.busy_timeout(Duration::from_secs(5))?;
            connection.execute_batch(SCHEMA)?;
            Ok(connection)
        });
        match opened {
            Ok(connection) => Ok(Self { path, connection }),
            Err(source) => Err(SandboxError::State { path, source }),
        }
    }

    /// Reads everything that was kept.
    pub fn load(&self) -> Result<Saved, SandboxError> {
        let read = || -> rusqlite::Result<Saved> {
            let mut records = self.connection.prepare("SELECT key, value FROM record")?;
            let records = records
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let mut journal = self
                .connection
                .prepare("SELECT entry FROM journal ORDER BY number")?;
            let journal = journal
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Saved {
                path: self.path.clone(),
                records,
                journal,
            })
        };
        read().map_err(|source| SandboxError::State {
            path: self.path.clone(),
            source,
        })
    }

    fn write(&mut self, batch: &Batch) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        if batch.anew {
            transaction.execute_batch("DELETE FROM record; DELETE FROM journal;")?;
        }
        {
            let mut put =
                transaction.prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2)")?;
            let mut delete = transaction.prepare_cached("DELETE FROM record WHERE key = ?1")?;
            for (key, value) in &batch.changes {
                match value {
                    Some(value) => put.execute(params![key, value])?,
                    None => delete.execute([key])?,
                };
            }
            let mut note = transaction.prepare_cached("INSERT INTO journal (entry) VALUES (?1)")?;
            for entry in &batch.journal {
                note.execute([entry])?;
            }
            if !batch.journal.is_empty() {
                transaction.execute(
                    "DELETE FROM journal WHERE number <= (SELECT MAX(number) FROM journal) - ?1",
                    [KEPT as i64],
                )?;
            }
        }
        transaction.commit()
    }
}

/// Writes changes behind the answers.
pub struct Writer {
    storage: Arc<Mutex<Storage>>,
    bell: SyncSender<()>,
}

/// How long changes are gathered before they are written together: under load every write touches
/// most pages of the file, however few records it brings.
const GATHER: Duration = Duration::from_millis(50);

impl Writer {
    /// Starts the thread; it ends with the sandbox.
    pub fn start(storage: Storage, sandbox: Weak<Inner>) -> Self {
        let (bell, rung) = sync_channel(1);
        let storage = Arc::new(Mutex::new(storage));
        std::thread::spawn(move || run(&rung, &sandbox));
        Self { storage, bell }
    }

    /// Says that there are changes. A bell that rang already is enough.
    pub fn wake(&self) {
        let _ = self.bell.try_send(());
    }

    /// Writes what changed, with journal and counters when `everything` is asked for.
    pub fn write(&self, world: &Mutex<World>, everything: bool) {
        let mut storage = lock(&self.storage);
        let batch = lock(world).take_batch(everything);
        if batch.is_empty() {
            return;
        }
        if let Err(error) = storage.write(&batch) {
            tracing::error!(path = %storage.path.display(), %error, "the sandbox state was not written");
            lock(world).put_back(batch);
        }
    }
}

fn run(rung: &Receiver<()>, sandbox: &Weak<Inner>) {
    while rung.recv().is_ok() {
        std::thread::sleep(GATHER);
        let Some(sandbox) = sandbox.upgrade() else {
            return;
        };
        if let Some(writer) = &sandbox.writer {
            writer.write(&sandbox.world, false);
        }
    }
}
