//! Opening the file: its folder, its modes, its kind, its schema.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::store::StoreError;
use crate::sys::sync::lock;
use crate::sys::{disk, files};

use super::file::StoreFile;
use super::{Fault, holders, schema};

/// How often a statement asks whether another process has finished writing.
const BUSY_PAUSE: Duration = Duration::from_millis(1);
/// More than the distinct statements of the store.
const CACHED_STATEMENTS: usize = 128;

/// A connection, and how long it waits.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) waiting: Waiting,
}

/// Until when a connection waits for other processes that write.
pub(super) struct Waiting(Arc<Mutex<Instant>>);

impl Waiting {
    pub(super) fn set(&self, deadline: Instant) {
        *lock(&self.0) = deadline;
    }
}

/// Opens the store file for the first time in this process, making or migrating what is needed.
pub(super) fn file(path: &Path, deadline: Instant) -> Result<(Opened, StoreFile), StoreError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    files::ensure_private_folder(folder).map_err(|error| refused(path, &error))?;
    if let Some(file_system) =
        disk::network_file_system(folder).map_err(|error| refused(path, &error))?
    {
        return Err(StoreError::NetworkFileSystem {
            path: path.to_owned(),
            file_system,
        });
    }
    holders::check_others(path, StoreFile::at(path)?.as_ref())?;
    // SQLite gives its side files the mode of the main one, so that must be right first.
    files::ensure_private(path).map_err(|error| refused(path, &error))?;
    let file = StoreFile::at(path)?.ok_or_else(|| StoreError::Replaced {
        path: path.to_owned(),
    })?;
    let mut opened = again(&file, deadline)?;
    schema::ensure(&mut opened.connection, Some(path), deadline).map_err(|fault| fault.at(path))?;
    Ok((opened, file))
}

/// Opens a private database in memory.
pub(super) fn memory() -> Result<Opened, StoreError> {
    let path = Path::new(":memory:");
    let now = Instant::now();
    let open = || -> Result<Opened, Fault> {
        let mut opened = prepare(Connection::open_in_memory()?, now)?;
        schema::ensure(&mut opened.connection, None, now)?;
        Ok(opened)
    };
    open().map_err(|fault| fault.at(path))
}

/// Opens a further connection to a store file that is known to be sound.
pub(super) fn again(file: &StoreFile, deadline: Instant) -> Result<Opened, StoreError> {
    // A connection to another file beside those to this one would share its log.
    file.check()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(file.path(), flags)
        .map_err(Fault::from)
        .and_then(|connection| prepare(connection, deadline))
        .map_err(|fault| fault.at(file.path()))?;
    // It may have been replaced in between.
    file.check()?;
    Ok(opened)
}

fn prepare(mut connection: Connection, deadline: Instant) -> Result<Opened, Fault> {
    let until = Arc::new(Mutex::new(deadline));
    let waiting = Waiting(Arc::clone(&until));
    // SQLite's own waiting grows to pauses of 100 ms, in which a process that writes without end
    // always comes first.
    connection.busy_handler(Some(move |_| {
        std::thread::sleep(BUSY_PAUSE);
        Instant::now() < *lock(&until)
    }))?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // The plan of a statement is made once. Else it may be made anew for every value that is bound, for
    // statistics that a store never has.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(Opened {
        connection,
        waiting,
    })
}

pub(super) fn refused(path: &Path, error: &io::Error) -> StoreError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { path },
        io::ErrorKind::PermissionDenied if path.exists() => StoreError::ReadOnly { path },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::DiskFull { path },
        _ => StoreError::Unreachable {
            path,
            reason: error.to_string(),
        },
    }
}
