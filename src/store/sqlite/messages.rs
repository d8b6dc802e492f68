//! Statements on messages.

use rusqlite::Connection;

use crate::store::messages::{
    MessageCount, MessageFilter, MessageOutcome, MessageRecord, NewMessage,
};
use crate::store::{PlatformKey, StoreError};
use crate::sys::clock::timestamp;

use super::{Database, Fault, Weight, columns, marks, platform};

impl Database {
    pub(in crate::store) async fn count_message(
        &self,
        key: &PlatformKey,
        message: &NewMessage,
    ) -> Result<MessageOutcome, StoreError> {
        let message = message.clone();
        let key = key.clone();
        self.write(Weight::cached(3), move |connection| {
            count(connection, &key, &message)
        })
        .await
    }

    pub(in crate::store) async fn messages(
        &self,
        key: &PlatformKey,
        filter: &MessageFilter,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let filter = filter.clone();
        self.read_of(key, move |session, platform| {
            list(session, platform, &filter)
        })
        .await
    }

    pub(in crate::store) async fn message_counts(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<MessageCount>, StoreError> {
        self.read_of(key, move |session, platform| counts(session, platform))
            .await
    }
}

fn count(
    connection: &Connection,
    key: &PlatformKey,
    message: &NewMessage,
) -> Result<MessageOutcome, Fault> {
    let platform = platform::ensure_number(connection, key)?;
    let outcome = marks::remember(connection, platform, message)?;
    if outcome != MessageOutcome::New {
        return Ok(outcome);
    }
    connection
        .prepare_cached(
            "INSERT INTO message_counts (platform, account, what, count, last_at)
             VALUES (?1, ?2, ?3, 1, ?4)
             ON CONFLICT DO UPDATE SET count = count + 1, last_at = excluded.last_at",
        )?
        .execute((
            platform,
            &message.account,
            &message.what,
            message.received_at.as_second(),
        ))?;
    Ok(outcome)
}

fn list(
    connection: &Connection,
    platform: i64,
    filter: &MessageFilter,
) -> Result<Vec<MessageRecord>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT id, received_at, account, what, body FROM messages
         WHERE platform = ?1 AND id < ?2 AND (?3 IS NULL OR account = ?3)
         ORDER BY id DESC LIMIT ?4",
    )?;
    let mut rows = statement.query((
        platform,
        filter.before.unwrap_or(i64::MAX),
        &filter.account,
        i64::try_from(filter.limit).unwrap_or(i64::MAX),
    ))?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(MessageRecord {
            id: row.get(0)?,
            received_at: timestamp(row.get(1)?),
            account: row.get(2)?,
            what: row.get(3)?,
            body: row.get(4)?,
        });
    }
    Ok(messages)
}

fn counts(connection: &Connection, platform: i64) -> Result<Vec<MessageCount>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT account, what, count, last_at FROM message_counts
         WHERE platform = ?1 ORDER BY account, what",
    )?;
    let mut rows = statement.query([platform])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        counts.push(MessageCount {
            account: row.get(0)?,
            what: row.get(1)?,
            count: columns::unsigned(row.get(2)?),
            last_at: timestamp(row.get(3)?),
        });
    }
    Ok(counts)
}
