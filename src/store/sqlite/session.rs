//! A connection with the keys of its store.

use std::borrow::Cow;
use std::ops::Deref;
use std::time::Instant;

use rusqlite::{Connection, Row};

use crate::store::Keyring;
use crate::store::encryption::{KEY_ID_LENGTH, PLAIN};
use crate::wechat::secret::Secret;

use super::Fault;
use super::open::{Opened, Waiting};

/// A connection with the keys of its store. It gives a secret column its two values, and reads the
/// secret from them.
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

    /// Sees that what is written of a platform need not lie open among encrypted secrets: a program
    /// that was not given the key must not take their place.
    ///
    /// # Errors
    /// [`StoreError::Encrypted`](crate::store::StoreError::Encrypted) when there is no key here and what
    /// would be found first is encrypted.
    pub(super) fn may_write(&self, platform: i64) -> Result<(), Fault> {
        if !self.keyring.is_empty() {
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT ifnull(access_key, '') || ifnull(refresh_key, '') FROM tokens
             WHERE platform = ?1 ORDER BY owner LIMIT 2",
        )?;
        let mut rows = statement.query([platform])?;
        while let Some(row) = rows.next()? {
            let found = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            if found != PLAIN {
                // Two keys stand there in one row only while they are being changed.
                let key_id = found.get(..KEY_ID_LENGTH).unwrap_or(found);
                return Err(self.keyring.lacks(key_id).into());
            }
        }
        Ok(())
    }

    /// The key id that goes beside [`Session::bytes`].
    pub(super) fn key_id(&self) -> &str {
        self.keyring.key_id().unwrap_or(PLAIN)
    }

    /// The bytes of a secret column.
    pub(super) fn bytes<'secret>(&self, secret: &'secret Secret) -> Cow<'secret, [u8]> {
        self.keyring.to_bytes(secret)
    }

    /// A secret from its column pair, the key id at `index` and the bytes after it.
    pub(super) fn secret(&self, row: &Row<'_>, index: usize) -> Result<Option<Secret>, Fault> {
        let value = row.get_ref(index + 1)?;
        let Some(bytes) = value.as_blob_or_null().map_err(rusqlite::Error::from)? else {
            return Ok(None);
        };
        let key_id = row.get_ref(index)?.as_str_or_null();
        let key_id = key_id.map_err(rusqlite::Error::from)?.unwrap_or(PLAIN);
        Ok(Some(self.keyring.decrypt_bytes(key_id, bytes)?))
    }

    /// A text that may hold secrets, for a column of its own without a key id beside it.
    pub(super) fn text(&self, text: &str) -> String {
        self.keyring.encrypt_text(text)
    }

    /// What [`Session::text`] made, from the column at `index`.
    pub(super) fn read_text(&self, row: &Row<'_>, index: usize) -> Result<Option<String>, Fault> {
        let value = row.get_ref(index)?;
        let text = value.as_str_or_null().map_err(rusqlite::Error::from)?;
        Ok(text
            .map(|text| self.keyring.decrypt_plain_text(text))
            .transpose()?)
    }
}

impl Deref for Session {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}
