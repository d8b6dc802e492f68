//! A connection with the keys of its program.

use std::ops::Deref;
use std::time::Instant;

use rusqlite::Connection;

use crate::store::encryption::{Keyring, StoredSecret};

use super::Fault;
use super::open::{Opened, Waiting};

/// A connection of a program with these keys.
pub(in crate::store) struct Session {
    connection: Connection,
    waiting: Waiting,
    keyring: Keyring,
}

impl Session {
    pub(super) fn new(opened: Opened, keyring: Keyring) -> Self {
        Self {
            connection: opened.connection,
            waiting: opened.waiting,
            keyring,
        }
    }

    /// Until when statements wait for other processes from now on.
    pub(super) fn wait_until(&self, deadline: Instant) {
        self.waiting.set(deadline);
    }

    /// Makes sure that this program can read the secrets of a platform, as the one in use shows: one that
    /// cannot must not write others beside them.
    ///
    /// # Errors
    /// [`StoreError::Encrypted`](crate::store::StoreError::Encrypted) when it has not got their key.
    pub(super) fn may_write_secrets(&self, platform: i64) -> Result<(), Fault> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(
                 (SELECT access FROM tokens WHERE platform = ?1 AND owner = ''),
                 (SELECT value FROM tickets NOT INDEXED WHERE platform = ?1 AND value IS NOT NULL
                  ORDER BY id DESC LIMIT 1),
                 (SELECT refresh FROM tokens WHERE platform = ?1 AND refresh IS NOT NULL
                  ORDER BY owner LIMIT 1))",
        )?;
        let found: Option<StoredSecret> = statement.query_row([platform], |row| row.get(0))?;
        match found {
            Some(found) => Ok(self.keyring.can_read(&found)?),
            None => Ok(()),
        }
    }
}

impl Deref for Session {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}
