//! Statements that change the seal of what is stored.

use rusqlite::ToSql;

use crate::store::encryption::{PLAIN, key_id_of};
use crate::store::reencryption::counted;
use crate::store::tokens::record_of;
use crate::store::{EncryptionCursor, Keyring, PlatformKey, Reencrypted, SecretCount, StoreError};

use super::{Database, Fault, Session, Weight, platform};

impl Database {
    pub(in crate::store) async fn reencrypt(
        &self,
        key: &PlatformKey,
        keyring: &Keyring,
        cursor: EncryptionCursor,
        limit: usize,
    ) -> Result<Reencrypted, StoreError> {
        let keyring = keyring.clone();
        let key = key.clone();
        self.write(Weight::durable(limit), move |session| {
            piece(session, &key, &keyring, &cursor, limit)
        })
        .await
    }

    pub(in crate::store) async fn secret_counts(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<SecretCount>, StoreError> {
        let key = key.clone();
        self.read(move |session| count(session, &key)).await
    }
}

/// Where secrets are kept: a table, what tells its rows apart, and the pair of columns.
struct Place {
    table: &'static str,
    row: &'static str,
    key: &'static str,
    value: &'static str,
}

const PLACES: [Place; 4] = [
    place("tickets", "fingerprint", "value_key", "value"),
    place("tokens", "owner", "access_key", "access"),
    place("tokens", "owner", "refresh_key", "refresh"),
    place("events", "id", "code_key", "code"),
];

const fn place(
    table: &'static str,
    row: &'static str,
    key: &'static str,
    value: &'static str,
) -> Place {
    Place {
        table,
        row,
        key,
        value,
    }
}

impl Place {
    /// What a row is called in messages.
    fn record(&self, row: &str) -> String {
        match self.table {
            "tokens" => record_of(row),
            "events" => format!("event:{row}"),
            table => table.to_owned(),
        }
    }
}

fn piece(
    session: &Session,
    key: &PlatformKey,
    keyring: &Keyring,
    cursor: &EncryptionCursor,
    limit: usize,
) -> Result<Reencrypted, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Reencrypted::default());
    };
    let work = Work {
        session,
        platform,
        keyring,
        limit,
    };
    let mut done = Reencrypted::default();
    let last = match PLACES.get(cursor.place) {
        Some(place) => work.pairs(place, cursor.after.as_deref(), &mut done)?,
        None => work.payloads(cursor.after.as_deref(), &mut done)?,
    };
    done.next = match last {
        Some(last) => Some(EncryptionCursor {
            place: cursor.place,
            after: Some(last),
        }),
        None if cursor.place < PLACES.len() => Some(EncryptionCursor {
            place: cursor.place + 1,
            after: None,
        }),
        None => None,
    };
    Ok(done)
}

struct Work<'act> {
    session: &'act Session,
    platform: i64,
    keyring: &'act Keyring,
    limit: usize,
}

/// A row's name and value, with the id of the key.
type Found<T> = (String, String, T);

impl Work<'_> {
    /// Changes the next values of a place; the last row looked at, `None` at the end.
    fn pairs(
        &self,
        place: &Place,
        after: Option<&str>,
        done: &mut Reencrypted,
    ) -> Result<Option<String>, Fault> {
        let Place {
            table,
            row,
            key,
            value,
        } = place;
        let present = self.keyring.key_id().unwrap_or(PLAIN);
        let found: Vec<Found<Vec<u8>>> = self.rows(
            &format!(
                "SELECT {row}, ifnull({key}, ''), {value} FROM {table}
                 WHERE platform = ?1 AND {value} IS NOT NULL AND ifnull({key}, '') <> ?2
                     AND {} ORDER BY {row} LIMIT ?4",
                behind(row, after)
            ),
            &present,
            after,
        )?;
        let update = format!(
            "UPDATE {table} SET {key} = ?3, {value} = ?4
             WHERE platform = ?1 AND {row} = {}",
            bound(row).replace("?3", "?2")
        );
        for (name, key_id, bytes) in &found {
            let secret = self.keyring.decrypt_bytes(key_id, bytes);
            if let Some(secret) = usable(secret, || place.record(name), done)? {
                let bytes = self.keyring.to_bytes(&secret);
                self.session.prepare_cached(&update)?.execute((
                    self.platform,
                    name,
                    present,
                    bytes,
                ))?;
                done.changed += 1;
            }
        }
        Ok(self.last(found))
    }

    /// What waits to be forwarded is kept as text.
    fn payloads(
        &self,
        after: Option<&str>,
        done: &mut Reencrypted,
    ) -> Result<Option<String>, Fault> {
        let present = self.keyring.text_prefix();
        let found: Vec<Found<String>> = self.rows(
            &format!(
                "SELECT id, '', forward_payload FROM events
                 WHERE platform = ?1 AND forward_payload <> ''
                     AND (substr(forward_payload, 1, length(?2)) <> ?2
                         OR ?2 = '' AND forward_payload LIKE 'encrypted:%')
                     AND {} ORDER BY id LIMIT ?4",
                behind("id", after)
            ),
            &present,
            after,
        )?;
        for (id, _, text) in &found {
            let secret = self.keyring.decrypt_text(text);
            if let Some(secret) = usable(secret, || format!("event:{id}"), done)? {
                self.session
                    .prepare_cached(
                        "UPDATE events SET forward_payload = ?3
                         WHERE platform = ?1 AND id = CAST(?2 AS INTEGER)",
                    )?
                    .execute((self.platform, id, self.keyring.to_text(&secret)))?;
                done.changed += 1;
            }
        }
        Ok(self.last(found))
    }

    fn rows<T: rusqlite::types::FromSql>(
        &self,
        statement: &str,
        present: &dyn ToSql,
        after: Option<&str>,
    ) -> Result<Vec<Found<T>>, Fault> {
        let mut statement = self.session.prepare_cached(statement)?;
        let limit = i64::try_from(self.limit).unwrap_or(i64::MAX);
        let rows = statement.query_map((self.platform, present, after, limit), |row| {
            let name = match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                text => text.as_str()?.to_owned(),
            };
            Ok((name, row.get(1)?, row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn last<T>(&self, mut found: Vec<Found<T>>) -> Option<String> {
        let more = found.len() == self.limit;
        found.pop().filter(|_| more).map(|(name, ..)| name)
    }
}

/// The condition that a row comes behind `?3`, where there is such a one.
fn behind(row: &str, after: Option<&str>) -> String {
    match after {
        None => "?3 IS NULL".to_owned(),
        Some(_) => format!("{row} > {}", bound(row)),
    }
}

/// How `?3`, a row's name, is compared with the row.
fn bound(row: &str) -> &'static str {
    match row {
        "id" => "CAST(?3 AS INTEGER)",
        _ => "?3",
    }
}

/// A secret that can be written anew. One without its key is passed over, a broken one named.
fn usable<T>(
    secret: Result<T, StoreError>,
    record: impl FnOnce() -> String,
    done: &mut Reencrypted,
) -> Result<Option<T>, Fault> {
    match secret {
        Ok(secret) => Ok(Some(secret)),
        Err(StoreError::Encrypted { .. }) => Ok(None),
        Err(StoreError::Undecryptable { .. }) => {
            done.broken.push(record());
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn count(session: &Session, key: &PlatformKey) -> Result<Vec<SecretCount>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Vec::new());
    };
    let mut ids = Vec::new();
    for place in &PLACES {
        let mut statement = session.prepare_cached(&format!(
            "SELECT ifnull({key}, ''), count(*) FROM {} WHERE platform = ?1
                 AND {} IS NOT NULL GROUP BY 1",
            place.table,
            place.value,
            key = place.key
        ))?;
        let rows = statement.query_map([platform], |row| {
            Ok((row.get(0)?, super::columns::unsigned(row.get(1)?)))
        })?;
        for row in rows {
            ids.push(row?);
        }
    }
    let mut statement = session.prepare_cached(
        "SELECT forward_payload FROM events WHERE platform = ?1 AND forward_payload <> ''",
    )?;
    let mut rows = statement.query([platform])?;
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        ids.push((key_id_of(text).to_owned(), 1));
    }
    Ok(counted(ids))
}
