//! Where the state lives, whose it is, and who works on it.

use std::path::PathBuf;

use serde::Serialize;

use crate::sys::redis::Address;
use crate::wechat::id::ComponentAppid;

/// One platform at one API base: the key of every record and lease. Profile names are no part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlatformKey {
    /// The host of the API base, with its port where it is not the default one:
    /// [`sys::http::realm`](crate::sys::http::realm).
    pub realm: String,
    /// The platform.
    pub component_appid: ComponentAppid,
}

/// Where a store lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreLocation {
    /// A SQLite file, shared by all processes that name it.
    Sqlite(PathBuf),
    /// This process's memory, gone with the [`Store`](super::Store).
    Memory,
    /// A Redis, shared by all machines that name it; needs the feature `redis`.
    Redis(Address),
}

/// Who opens a store, as leases and the journal name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The machine's name.
    pub host: String,
    /// The process id on that machine.
    pub process_id: u32,
    /// The command that runs, without arguments that could be secret.
    pub command: String,
}

/// What a store is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoreInfo {
    /// The file; `None` in memory and in Redis.
    pub path: Option<PathBuf>,
    /// The address of the Redis, without its password.
    pub address: Option<String>,
    /// The version of its schema.
    pub schema_version: i64,
    /// The oldest version of a program's schema that may use it; `None` where there is no store
    /// yet.
    pub min_reader: Option<i64>,
    /// Its size in bytes, without the write-ahead log; unknown in Redis.
    pub bytes: Option<u64>,
}
