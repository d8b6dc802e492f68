//! The schema, how it comes about and how it grows.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::store::StoreError;
use crate::sys::{clock, files};

use super::Fault;

/// `wxau`, in the file's header: tells a store from any other database.
const APPLICATION_ID: i64 = 0x7778_6175;
/// Each step brings the schema to the version that is its place in this list, counted from 1.
const STEPS: [&str; 2] = [include_str!("schema.sql"), include_str!("version_2.sql")];
/// The version that this program writes.
const VERSION: i64 = STEPS.len() as i64;
/// The oldest program's version that may still use what this one writes.
const MIN_READER: i64 = 1;
/// Between two tries to switch to the write-ahead log while others use the file.
const SWITCH_PAUSE: Duration = Duration::from_millis(10);

/// Checks that this is a store that this program can use, or makes it one.
pub(super) fn ensure(
    connection: &mut Connection,
    path: Option<&Path>,
    deadline: Instant,
) -> Result<(), Fault> {
    let shown = path.unwrap_or(Path::new(":memory:"));
    if application_id(connection)? != APPLICATION_ID {
        create(connection, shown, deadline)?;
    }
    let version = checked_version(connection, shown)?;
    // A copy that SQLite made has no log of its own.
    if path.is_some() && !has_write_ahead_log(connection)? {
        switch_to_write_ahead_log(connection, deadline)?;
    }
    if version < VERSION {
        if let Some(path) = path {
            backup(connection, path, version)?;
        }
        migrate(connection, shown)?;
    }
    Ok(())
}

fn application_id(connection: &Connection) -> Result<i64, Fault> {
    Ok(connection.query_row("PRAGMA application_id", [], |row| row.get(0))?)
}

fn create(connection: &mut Connection, path: &Path, deadline: Instant) -> Result<(), Fault> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    // Another process may be making the same store right now: then its tables are there.
    if tables > 0 && application_id(connection)? != APPLICATION_ID {
        return Err(foreign(path).into());
    }
    switch_to_write_ahead_log(connection, deadline)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if application_id(&transaction)? != APPLICATION_ID {
        transaction.execute_batch(
            "CREATE TABLE schema (version INTEGER NOT NULL, min_reader INTEGER NOT NULL) STRICT;
             INSERT INTO schema VALUES (0, 0);",
        )?;
        apply(&transaction, 0)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    transaction.commit()?;
    Ok(())
}

fn has_write_ahead_log(connection: &Connection) -> Result<bool, Fault> {
    let mode = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let mode = connection.query_row("PRAGMA journal_mode", [], mode)?;
    Ok(mode == "wal")
}

/// SQLite does not wait for others here, whatever the busy handler says.
fn switch_to_write_ahead_log(connection: &Connection, deadline: Instant) -> Result<(), Fault> {
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(SWITCH_PAUSE);
            }
            other => return Ok(other?),
        }
    }
}

fn checked_version(connection: &Connection, path: &Path) -> Result<i64, Fault> {
    let found = connection.query_row("SELECT version, min_reader FROM schema", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    });
    let (version, min_reader) = match found {
        Err(rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::SqlInputError { .. }) => {
            return Err(foreign(path).into());
        }
        other => other?,
    };
    if min_reader > VERSION {
        return Err(StoreError::NewerSchema {
            place: path.display().to_string(),
            version,
            min_reader,
            supported: VERSION,
        }
        .into());
    }
    Ok(version)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again: another process may have migrated while this one waited.
    let version = checked_version(&transaction, path)?;
    if version < VERSION {
        apply(&transaction, version)?;
    }
    transaction.commit()?;
    Ok(())
}

fn apply(connection: &Connection, from: i64) -> Result<(), Fault> {
    let done = usize::try_from(from).unwrap_or(0);
    for step in STEPS.iter().skip(done) {
        connection.execute_batch(step)?;
    }
    connection.execute(
        "UPDATE schema SET version = ?1, min_reader = ?2",
        [VERSION, MIN_READER],
    )?;
    Ok(())
}

/// Copies the store beside itself, as `<file>.backup-v<version>-<time>`, 0600.
fn backup(connection: &Connection, path: &Path, version: i64) -> Result<(), Fault> {
    let mut name = path.as_os_str().to_owned();
    let time = clock::machine_milliseconds();
    name.push(format!(".backup-v{version}-{time}"));
    let target = PathBuf::from(name);
    // An empty file is a target that SQLite takes, and its mode stays.
    files::open_private(&target).map_err(|error| StoreError::Unreachable {
        path: target.clone(),
        reason: error.to_string(),
    })?;
    connection.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    Ok(())
}

fn foreign(path: &Path) -> StoreError {
    StoreError::Damaged {
        path: path.to_owned(),
        reason: "it is no store of wxauth".to_owned(),
    }
}
