//! The schema, how it comes about and how it grows.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::store::StoreError;
use crate::sys::{clock, files};

use super::Fault;

/// `wxau`, in the file's header: tells a store from any other database.
const APPLICATION_ID: i64 = 0x7778_6175;
/// The schema of this program.
const SCHEMA: Schema = Schema {
    steps: &[include_str!("schema.sql")],
    min_reader: 1,
};
/// Between two tries to switch to the write-ahead log while others use the file.
const SWITCH_PAUSE: Duration = Duration::from_millis(10);

/// How the tables come about, and who may use them.
struct Schema {
    /// Each brings the tables to the version that is its place in this list, counted from 1.
    steps: &'static [&'static str],
    /// The oldest program's version that may still use what this one writes.
    min_reader: i64,
}

/// Checks that this is a store that this program can use, or makes it one.
pub(super) fn ensure(
    connection: &mut Connection,
    path: Option<&Path>,
    deadline: Instant,
) -> Result<(), Fault> {
    SCHEMA.ensure(connection, path, deadline)
}

impl Schema {
    /// The version that it brings about.
    fn version(&self) -> i64 {
        i64::try_from(self.steps.len()).unwrap_or(i64::MAX)
    }

    fn ensure(
        &self,
        connection: &mut Connection,
        path: Option<&Path>,
        deadline: Instant,
    ) -> Result<(), Fault> {
        let shown = path.unwrap_or(Path::new(":memory:"));
        if application_id(connection)? != APPLICATION_ID {
            self.create(connection, shown, deadline)?;
        }
        let version = self.checked_version(connection, shown)?;
        // A copy that SQLite made has no log of its own.
        if path.is_some() && !has_write_ahead_log(connection)? {
            switch_to_write_ahead_log(connection, deadline)?;
        }
        if version < self.version() {
            if let Some(path) = path {
                backup(connection, path, version)?;
            }
            self.migrate(connection, shown)?;
        }
        Ok(())
    }

    fn create(
        &self,
        connection: &mut Connection,
        path: &Path,
        deadline: Instant,
    ) -> Result<(), Fault> {
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
            self.apply(&transaction, 0)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn checked_version(&self, connection: &Connection, path: &Path) -> Result<i64, Fault> {
        let found = connection.query_row("SELECT version, min_reader FROM schema", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        });
        let (version, min_reader) = match found {
            Err(rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::SqlInputError { .. }) => {
                return Err(foreign(path).into());
            }
            other => other?,
        };
        if min_reader > self.version() {
            return Err(StoreError::NewerSchema {
                place: path.display().to_string(),
                version,
                min_reader,
                supported: self.version(),
            }
            .into());
        }
        Ok(version)
    }

    fn migrate(&self, connection: &mut Connection, path: &Path) -> Result<(), Fault> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read again: another process may have migrated while this one waited.
        let version = self.checked_version(&transaction, path)?;
        if version < self.version() {
            self.apply(&transaction, version)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn apply(&self, connection: &Connection, from: i64) -> Result<(), Fault> {
        let done = usize::try_from(from).unwrap_or(0);
        for step in self.steps.iter().skip(done) {
            connection.execute_batch(step)?;
        }
        connection.execute(
            "UPDATE schema SET version = ?1, min_reader = ?2",
            [self.version(), self.min_reader],
        )?;
        Ok(())
    }
}

fn application_id(connection: &Connection) -> Result<i64, Fault> {
    Ok(connection.query_row("PRAGMA application_id", [], |row| row.get(0))?)
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// The schema of an invented next version, which this one's program can use or not.
    const fn next(min_reader: i64) -> Schema {
        Schema {
            steps: &[
                include_str!("schema.sql"),
                "ALTER TABLE tokens ADD COLUMN invented INTEGER NOT NULL DEFAULT 7",
            ],
            min_reader,
        }
    }

    fn open(schema: &Schema, path: &Path) -> Result<Connection, StoreError> {
        let mut connection = Connection::open(path).unwrap();
        schema
            .ensure(&mut connection, Some(path), Instant::now())
            .map_err(|fault| fault.at(path))?;
        Ok(connection)
    }

    fn versions(connection: &Connection) -> (i64, i64) {
        let versions = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        connection
            .query_row("SELECT version, min_reader FROM schema", [], versions)
            .unwrap()
    }

    /// A file with a token in the schema of this program.
    fn file(folder: &tempfile::TempDir) -> PathBuf {
        let path = folder.path().join("store.db");
        let connection = open(&SCHEMA, &path).unwrap();
        assert_eq!(versions(&connection), (1, 1));
        let token = "INSERT INTO tokens (platform, owner, generation) VALUES (1, '', 3)";
        connection.execute(token, []).unwrap();
        path
    }

    #[test]
    fn next_version_is_reached_after_a_backup() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder);
        let connection = open(&next(1), &path).unwrap();
        assert_eq!(versions(&connection), (2, 1));
        let token: (i64, i64) = connection
            .query_row("SELECT generation, invented FROM tokens", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(token, (3, 7));
        let names = folder.path().read_dir().unwrap();
        let mut names = names.map(|entry| entry.unwrap().path());
        let is_backup = |path: &PathBuf| path.to_string_lossy().contains("store.db.backup-v1-");
        let backup = names.find(is_backup).unwrap();
        let mode = backup.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let backup = open(&SCHEMA, &backup).unwrap();
        let generation = "SELECT generation FROM tokens";
        let generation = backup.query_row(generation, [], |row| row.get(0));
        assert_eq!((versions(&backup), generation), ((1, 1), Ok(3)));
        drop(backup);
        // Once is enough.
        drop(open(&next(1), &path).unwrap());
        let backups = folder.path().read_dir().unwrap();
        let backups = backups.map(|entry| entry.unwrap().path());
        assert_eq!(backups.filter(is_backup).count(), 1);
    }

    #[test]
    fn newer_version_is_used_where_it_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder);
        drop(open(&next(1), &path).unwrap());
        assert_eq!(versions(&open(&SCHEMA, &path).unwrap()), (2, 1));

        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder);
        drop(open(&next(2), &path).unwrap());
        let expected = StoreError::NewerSchema {
            place: path.display().to_string(),
            version: 2,
            min_reader: 2,
            supported: 1,
        };
        assert_eq!(open(&SCHEMA, &path).unwrap_err(), expected);
    }
}
