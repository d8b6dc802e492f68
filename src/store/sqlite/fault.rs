//! What goes wrong inside a statement, and what it means for the store.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// An error of SQLite, or one that an act found by itself.
#[derive(Debug)]
pub(in crate::store) enum Fault {
    Sqlite(rusqlite::Error),
    Store(StoreError),
    /// A row that no version of the program writes.
    Damaged(String),
    /// The act panicked.
    Panicked,
}

impl Fault {
    /// What it means for the store at `path`.
    pub(in crate::store) fn at(self, path: &Path) -> StoreError {
        let error = match self {
            Self::Store(error) => return error,
            Self::Damaged(reason) => {
                return StoreError::Damaged {
                    path: path.to_owned(),
                    reason,
                };
            }
            Self::Panicked => {
                return StoreError::Failed {
                    path: path.to_owned(),
                    reason: "an operation panicked; please report it".to_owned(),
                };
            }
            Self::Sqlite(error) => error,
        };
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
            Some(ErrorCode::DiskFull) => StoreError::DiskFull { path },
            // The log's index cannot grow: SQLite does not say that the disk is full then.
            Some(ErrorCode::SystemIoFailure) if has_no_room_for_index(&error) => {
                StoreError::DiskFull { path }
            }
            Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { path },
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::AuthorizationForStatementDenied,
            ) => StoreError::Unreachable {
                path,
                reason: text(&error),
            },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged {
                path,
                reason: text(&error),
            },
            _ => StoreError::Failed {
                path,
                reason: text(&error),
            },
        }
    }
}

fn has_no_room_for_index(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

/// SQLite's words without the statement; values are never part of them.
fn text(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
