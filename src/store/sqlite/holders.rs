//! Which holders of leases are alive, told by locks of the operating system on one file each.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::store::{Holder, StoreError, StoreLocation};
use crate::sys::files::{self, FileLock};
use crate::sys::{clock, random};

use super::Fault;

/// A lock file younger than this may belong to a holder that is only just taking it.
const SWEEP_AGE_MILLISECONDS: i64 = 60_000;

/// This store as a holder of leases.
pub(in crate::store) struct Presence {
    id: String,
    holder: Holder,
    /// `<store file>.holders`; in memory there is none, and deadlines alone end leases.
    folder: Option<PathBuf>,
    lock: Mutex<Option<FileLock>>,
}

impl Presence {
    pub(super) fn new(location: &StoreLocation, holder: Holder) -> Self {
        let folder = match location {
            StoreLocation::Memory | StoreLocation::Redis(_) => None,
            StoreLocation::Sqlite(path) => {
                let mut name = path.as_os_str().to_owned();
                name.push(".holders");
                Some(PathBuf::from(name))
            }
        };
        Self {
            id: random::hex(8),
            holder,
            folder,
            lock: Mutex::new(None),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Who this is, for the journal.
    pub(in crate::store) fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Makes sure that others can see this holder live, and name it.
    pub(super) fn announce(&self, connection: &Connection) -> Result<(), Fault> {
        self.take_lock()?;
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

    fn take_lock(&self) -> Result<(), StoreError> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if lock.is_some() {
            return Ok(());
        }
        let path = folder.join(&self.id);
        let refused = |reason: String| StoreError::Unreachable {
            path: path.clone(),
            reason,
        };
        files::ensure_private_folder(folder).map_err(|error| refused(error.to_string()))?;
        let taken = FileLock::try_exclusive(&path).map_err(|error| refused(error.to_string()))?;
        *lock = Some(taken.ok_or_else(|| refused("its lock is held by another".to_owned()))?);
        sweep(folder);
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
        if let (Some(folder), Some(_)) = (&self.folder, lock.as_ref()) {
            let _ = files::remove(&folder.join(&self.id));
        }
    }
}

/// Answers of one moment about who is alive.
pub(super) struct Census<'presence> {
    presence: &'presence Presence,
    alive: HashMap<String, bool>,
}

impl Census<'_> {
    /// Whether a lease of `holder` that ends at `until` (milliseconds) still binds.
    pub(super) fn binds(&mut self, holder: &str, until: i64) -> bool {
        if until <= clock::machine_milliseconds() {
            return false;
        }
        let Some(folder) = &self.presence.folder else {
            return true;
        };
        if holder == self.presence.id {
            return true;
        }
        if let Some(known) = self.alive.get(holder) {
            return *known;
        }
        let alive = is_locked(&folder.join(holder));
        self.alive.insert(holder.to_owned(), alive);
        alive
    }
}

/// Whether a process holds the lock; a file that nobody holds is removed.
fn is_locked(path: &Path) -> bool {
    if !path.exists() {
        return false;
    }
    match FileLock::try_exclusive(path) {
        Ok(Some(_lock)) => {
            // Removed while locked: nobody takes a lock on a file that is about to go.
            let _ = files::remove(path);
            false
        }
        // What cannot be asked is taken for alive: its deadline still ends it.
        Ok(None) | Err(_) => true,
    }
}

/// Removes the files of holders that died without leaving a lease.
fn sweep(folder: &Path) {
    let young = clock::machine_milliseconds() - SWEEP_AGE_MILLISECONDS;
    for (path, changed) in files::list(folder).unwrap_or_default() {
        if changed < young {
            is_locked(&path);
        }
    }
}
