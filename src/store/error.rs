//! Why the store could not do what was asked.

use std::path::{Path, PathBuf};

use crate::wechat::id::Appid;

use super::Holder;

/// Why the store could not do what was asked. It carries data for the command line to word and
/// never a secret; nothing was changed when one is returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process kept writing for as long as it was waited for.
    #[error("the store {} is busy", path.display())]
    Busy {
        /// The store file.
        path: PathBuf,
    },
    /// The store was made by a newer wxauth, which says that this one cannot read it.
    #[error("the store {place} has schema {version}, readable from {min_reader} on")]
    NewerSchema {
        /// The store file, or the address of the Redis.
        place: String,
        /// The schema version found.
        version: i64,
        /// The oldest version of the program's schema that may use it.
        min_reader: i64,
        /// The schema version of this program.
        supported: i64,
    },
    /// The file is no store of wxauth, or SQLite finds it corrupt.
    #[error("the store {} is damaged: {reason}", path.display())]
    Damaged {
        /// The store file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk, or the owner's quota on it, is full.
    #[error("no space left for the store {}", path.display())]
    DiskFull {
        /// The store file.
        path: PathBuf,
    },
    /// The file or its file system may not be written.
    #[error("the store {} is read-only", path.display())]
    ReadOnly {
        /// The store file.
        path: PathBuf,
    },
    /// The file or its folder cannot be reached, made or opened.
    #[error("the store {} cannot be opened: {reason}", path.display())]
    Unreachable {
        /// The store file.
        path: PathBuf,
        /// What the operating system or SQLite said.
        reason: String,
    },
    /// The file was moved, deleted or replaced while this process had it open. What was to be
    /// written may be in the file that was there before, and nowhere else.
    #[error("the store {} was moved, deleted or replaced while it was in use", path.display())]
    Replaced {
        /// The store file.
        path: PathBuf,
    },
    /// The file was moved, deleted or replaced, and another process still writes to the one that
    /// was there before.
    #[error(
        "process {} on {} ({}) still writes to the file that was at {} before",
        holder.process_id,
        holder.host,
        holder.command,
        path.display()
    )]
    InUse {
        /// The store file.
        path: PathBuf,
        /// The process.
        holder: Holder,
    },
    /// Beside the file is the write-ahead log of another one, which SQLite would apply to it.
    #[error("{}", foreign_log(path, *is_missing))]
    ForeignLog {
        /// The store file.
        path: PathBuf,
        /// Whether there is no file at all beside the log.
        is_missing: bool,
    },
    /// The folder lies on a network file system, where SQLite's write-ahead log breaks.
    #[error("the store {} lies on a network file system ({file_system})", path.display())]
    NetworkFileSystem {
        /// The store file.
        path: PathBuf,
        /// The name of the file system, for example `NFS`.
        file_system: &'static str,
    },
    /// A record in Redis cannot be read.
    #[error("the record {record} in {place} is damaged: {reason}")]
    DamagedRecord {
        /// The address of the Redis.
        place: String,
        /// The key.
        record: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Redis did not do what was asked.
    #[cfg(feature = "redis")]
    #[error(transparent)]
    Redis(#[from] crate::sys::redis::Failure),
    /// This program was built without Redis.
    #[error("this wxauth was built without Redis")]
    NoRedis,
    /// A secret in the store is encrypted with a key that this program does not have.
    #[error("a secret in the store is encrypted with the key {key_id}")]
    Encrypted {
        /// The id of the key.
        key_id: String,
        /// The id of the program's first key, if it has any.
        current: Option<String>,
    },
    /// A secret is not what was encrypted for its place: it was changed, or belongs to another record.
    #[error(
        "{} cannot be decrypted with the key {key_id}: it was changed, or belongs to another record",
        named(record)
    )]
    Undecryptable {
        /// Whose it is; empty for the key of an export.
        record: String,
        /// The id of the key.
        key_id: String,
    },
    /// A secret is in plain text although this program has a key that encrypts.
    #[error("a secret in {record} is in plain text although an encryption key is set")]
    PlainText {
        /// Whose it is.
        record: String,
    },
    /// Another authorizer has this external id.
    #[error("the external id belongs to {appid} already")]
    Taken {
        /// Who has it.
        appid: Appid,
    },
    /// The store knows no such authorizer.
    #[error("the store knows no authorizer {appid}")]
    UnknownAuthorizer {
        /// Who was asked for.
        appid: Appid,
    },
    /// The store's writer has ended, which only a bug in it can cause.
    #[error("the store {} was closed", path.display())]
    Closed {
        /// The store file.
        path: PathBuf,
    },
    /// SQLite failed in another way.
    #[error("the store {} failed: {reason}", path.display())]
    Failed {
        /// The store file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
}

fn foreign_log(path: &Path, is_missing: bool) -> String {
    let path = path.display();
    match is_missing {
        true => format!("the store {path} is missing, and its log {path}-wal is there"),
        false => format!("the log {path}-wal belongs to another file than {path}"),
    }
}

fn named(record: &str) -> &str {
    if record.is_empty() {
        "the key of an export"
    } else {
        record
    }
}

impl StoreError {
    /// Whether the store is there, and no replica of it confirms a write.
    #[must_use]
    pub fn is_unconfirmed(&self) -> bool {
        #[cfg(feature = "redis")]
        if let Self::Redis(failure) = self {
            return failure.kind == crate::sys::redis::FailureKind::NotReplicated;
        }
        false
    }

    /// Whether the store takes no writes at all, so that [`Store::test_write`](super::Store::test_write)
    /// fails as well. Another failure may be one of a single record or key.
    #[must_use]
    pub fn fails_every_write(&self) -> bool {
        match self {
            Self::Busy { .. }
            | Self::DiskFull { .. }
            | Self::ReadOnly { .. }
            | Self::Unreachable { .. }
            | Self::Replaced { .. }
            | Self::InUse { .. }
            | Self::ForeignLog { .. } => true,
            #[cfg(feature = "redis")]
            Self::Redis(failure) => failure.kind.fails_every_write(),
            _ => false,
        }
    }

    /// Whether it is about one authorizer or one record, so that others need not suffer by it.
    #[must_use]
    pub fn is_about_one(&self) -> bool {
        matches!(
            self,
            Self::Taken { .. }
                | Self::UnknownAuthorizer { .. }
                | Self::DamagedRecord { .. }
                | Self::Undecryptable { .. }
        )
    }
}
