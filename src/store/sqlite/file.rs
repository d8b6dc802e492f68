//! Which file a store is in, and whether it still is the one at its path.
//!
//! SQLite goes on writing to the file that it opened, wherever that was moved and even when it was
//! deleted: what is committed then is durable where no other process looks for it.

use std::path::{Path, PathBuf};

use crate::store::StoreError;
use crate::sys::files::FileId;

/// What the names of the two files beside a store end with: its write-ahead log and the log's
/// index.
const SIDES: [&str; 2] = ["-wal", "-shm"];

/// The file that a store was opened in.
#[derive(Clone, Debug)]
pub(super) struct StoreFile {
    path: PathBuf,
    id: FileId,
}

impl StoreFile {
    /// The file that is at `path` now; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`].
    pub(super) fn at(path: &Path) -> Result<Option<Self>, StoreError> {
        let id = look(path, path)?;
        Ok(id.map(|id| Self {
            path: path.to_owned(),
            id,
        }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn id(&self) -> FileId {
        self.id
    }

    /// Checks that it is still at its path.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] when it was moved, deleted or replaced.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.judge(look(&self.path, &self.path)? == Some(self.id))
    }

    fn judge(&self, in_place: bool) -> Result<(), StoreError> {
        match in_place {
            true => Ok(()),
            false => Err(StoreError::Replaced {
                path: self.path.clone(),
            }),
        }
    }
}

/// The files that a store's writer has open. Its log and the index stay the same while it runs:
/// only the last process that closes the store removes them.
pub(super) struct OpenFiles {
    file: StoreFile,
    sides: Option<[Option<FileId>; 2]>,
}

impl OpenFiles {
    /// Of a store whose log may not be there yet.
    pub(super) fn of(file: StoreFile) -> Self {
        Self { file, sides: None }
    }

    /// Checks, before a transaction, that it will be written to the file at the store's path.
    ///
    /// # Errors
    /// As [`StoreFile::check`].
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.file.check()
    }

    /// Checks, after a commit, that it is in the file at the store's path: the log is that of the
    /// commit before, and the file is the one that was opened.
    ///
    /// # Errors
    /// As [`StoreFile::check`].
    pub(super) fn check_committed(&mut self) -> Result<(), StoreError> {
        let mut found = [None; 2];
        for (found, end) in found.iter_mut().zip(SIDES) {
            *found = look(&beside(&self.file.path, end), &self.file.path)?;
        }
        let known = *self.sides.get_or_insert(found);
        self.file
            .judge(found.iter().all(Option::is_some) && found == known)?;
        self.file.check()
    }
}

/// Whether the log beside `store` has changes in it that are not in the file yet.
pub(super) fn log_is_in_use(store: &Path) -> bool {
    log_length(store) > 0
}

/// How many bytes the log beside `store` has; 0 without one.
pub(in crate::store) fn log_length(store: &Path) -> u64 {
    let log = beside(store, SIDES[0]).metadata();
    log.map_or(0, |found| found.len())
}

fn beside(store: &Path, end: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn look(path: &Path, store: &Path) -> Result<Option<FileId>, StoreError> {
    FileId::at(path).map_err(|error| StoreError::Unreachable {
        path: store.to_owned(),
        reason: error.to_string(),
    })
}
