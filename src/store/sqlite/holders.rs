//! Which processes write to a store, told by locks of the operating system on one file each: which
//! holders of leases are alive, and who still has another file open than the one at its path.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::store::validity::waits_end_by;
use crate::store::{Holder, StoreError};
use crate::sys::files::{self, FileId, FileLock};
use crate::sys::sync::lock;
use crate::sys::{clock, random};

use super::Fault;
use super::file::{StoreFile, log_is_in_use};

/// A lock file younger than this may belong to a holder that is only just taking it.
const SWEEP_AGE_MILLISECONDS: i64 = 60_000;

/// This store as a holder of leases.
pub(in crate::store) struct Presence {
    id: String,
    holder: Holder,
    /// The store's file; in memory there is none, and deadlines alone end leases.
    file: Option<StoreFile>,
    lock: Mutex<Option<FileLock>>,
}

impl Presence {
    pub(super) fn new(file: Option<StoreFile>, holder: Holder) -> Self {
        Self {
            id: random::hex(8),
            holder,
            file,
            lock: Mutex::new(None),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Makes sure that others can see this holder live, and name it.
    pub(super) fn announce(&self, connection: &Connection) -> Result<(), Fault> {
        self.appear()?;
        connection
            .prepare_cached(
                "INSERT INTO holders (id, host, process_id, command) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
            )?
            .execute((
                &self.id,
                &self.holder.host,
                self.holder.process_id,
                &self.holder.command,
            ))?;
        Ok(())
    }

    /// Takes this holder's lock, in whose file others see which file it writes to.
    ///
    /// # Errors
    /// When the lock's file cannot be made.
    pub(super) fn appear(&self) -> Result<(), StoreError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut lock = lock(&self.lock);
        if lock.is_some() {
            return Ok(());
        }
        let folder = folder_of(file.path());
        let path = folder.join(&self.id);
        let refused = |error: &io::Error| super::open::refused(&path, error);
        files::ensure_private_folder(&folder).map_err(|error| refused(&error))?;
        let taken = FileLock::try_exclusive(&path).map_err(|error| refused(&error))?;
        let mut taken = taken.ok_or_else(|| StoreError::Unreachable {
            path: path.clone(),
            reason: "its lock is held by another".to_owned(),
        })?;
        let record = Record {
            file: file.id(),
            holder: self.holder.clone(),
        };
        taken
            .write(record.to_text().as_bytes())
            .map_err(|error| refused(&error))?;
        *lock = Some(taken);
        sweep(&folder);
        Ok(())
    }

    /// Asks after other holders, each once.
    pub(super) fn census(&self) -> Census<'_> {
        Census {
            presence: self,
            alive: HashMap::new(),
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let lock = self.lock.get_mut().unwrap_or_else(PoisonError::into_inner);
        let (Some(file), Some(_)) = (&self.file, lock.as_ref()) else {
            return;
        };
        // Of a file that was replaced the log may still be there: whoever opens the one in its
        // place has to know.
        if file.check().is_ok() || !log_is_in_use(file.path()) {
            let _ = files::remove(&folder_of(file.path()).join(&self.id));
        }
    }
}

/// What a holder's file says of it, a line each.
struct Record {
    file: FileId,
    holder: Holder,
}

impl Record {
    fn to_text(&self) -> String {
        let FileId { device, inode } = self.file;
        let Holder {
            host,
            process_id,
            command,
        } = &self.holder;
        format!("{device}\n{inode}\n{process_id}\n{host}\n{command}\n")
    }

    /// `None` of a file that is just being made.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        Some(Self {
            file: FileId {
                device: lines.next()?.parse().ok()?,
                inode: lines.next()?.parse().ok()?,
            },
            holder: Holder {
                process_id: lines.next()?.parse().ok()?,
                host: lines.next()?.to_owned(),
                command: lines.next()?.to_owned(),
            },
        })
    }
}

/// Checks, before the store at `path` is opened, that nobody writes to a file that was there
/// before, and that no log of such a file is left: SQLite would apply it to the one there now.
///
/// # Errors
/// [`StoreError::InUse`] and [`StoreError::ForeignLog`].
pub(super) fn check_others(path: &Path, file: Option<&StoreFile>) -> Result<(), StoreError> {
    let present = file.map(StoreFile::id);
    let mut of_former_files = Vec::new();
    for (place, _) in files::list(&folder_of(path)).unwrap_or_default() {
        let text = files::read_text(&place, 64 << 10).ok().flatten();
        let Some(record) = text.as_deref().and_then(Record::parse) else {
            continue;
        };
        if Some(record.file) == present {
            continue;
        }
        if lock_if_free(&place).is_none() {
            return Err(StoreError::InUse {
                path: path.to_owned(),
                holder: record.holder,
            });
        }
        // Devices are numbered again when the machine starts.
        if present.is_none_or(|present| present.inode != record.file.inode) {
            of_former_files.push(place);
        }
    }
    if log_is_in_use(path) && (file.is_none() || !of_former_files.is_empty()) {
        return Err(StoreError::ForeignLog {
            path: path.to_owned(),
            is_missing: file.is_none(),
        });
    }
    // A log that comes from now on is that of the present file.
    for place in of_former_files {
        is_alive(&place);
    }
    Ok(())
}

/// `<store file>.holders`.
fn folder_of(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".holders");
    PathBuf::from(name)
}

/// Answers of one moment about who is alive.
pub(super) struct Census<'presence> {
    presence: &'presence Presence,
    alive: HashMap<String, bool>,
}

impl Census<'_> {
    /// Whether a lease of `holder` that ends at `until` (milliseconds) still binds.
    pub(super) fn binds(&mut self, holder: &str, until: i64) -> bool {
        let now = clock::machine_milliseconds();
        if until <= now || until > waits_end_by(now, 1000) {
            return false;
        }
        let Some(file) = &self.presence.file else {
            return true;
        };
        if holder == self.presence.id {
            return true;
        }
        if let Some(known) = self.alive.get(holder) {
            return *known;
        }
        let alive = is_alive(&folder_of(file.path()).join(holder));
        self.alive.insert(holder.to_owned(), alive);
        alive
    }
}

/// Whether a process holds the lock; a file that nobody holds is removed.
fn is_alive(path: &Path) -> bool {
    if !path.exists() {
        return false;
    }
    let free = lock_if_free(path);
    if free.is_some() {
        // Removed while locked: nobody takes a lock on a file that is about to go.
        let _ = files::remove(path);
    }
    free.is_none()
}

/// What cannot be asked is taken for held: a lease's deadline still ends it.
fn lock_if_free(path: &Path) -> Option<FileLock> {
    FileLock::try_exclusive(path).ok().flatten()
}

/// Removes the files of holders that died without leaving a lease.
fn sweep(folder: &Path) {
    let young = clock::machine_milliseconds() - SWEEP_AGE_MILLISECONDS;
    for (path, changed) in files::list(folder).unwrap_or_default() {
        if changed < young {
            is_alive(&path);
        }
    }
}
