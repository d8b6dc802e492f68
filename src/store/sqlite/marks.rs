//! Statements on the marks of counted messages.

use rusqlite::{Connection, OptionalExtension};

use crate::store::messages::{DROPPED_AT_ONCE, MARK_LIFE, MARKS};
use crate::store::messages::{MessageOutcome, NewMessage};

use super::Fault;

/// Remembers a message and drops what is too old or too much; whether it was new.
pub(super) fn remember(
    connection: &Connection,
    platform: i64,
    message: &NewMessage,
) -> Result<MessageOutcome, Fault> {
    let memory: Option<(i64, i64)> = connection
        .prepare_cached("SELECT marks, forgotten FROM message_memory WHERE platform = ?1")?
        .query_row([platform], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (mut marks, mut forgotten) = memory.unwrap_or((0, 0));
    let mark = message.mark.bytes();
    if message.dated().is_some_and(|at| at <= forgotten) {
        let known = connection
            .prepare_cached("SELECT 1 FROM message_marks WHERE platform = ?1 AND mark = ?2")?
            .exists((platform, mark))?;
        return Ok(match known {
            true => MessageOutcome::Repeated,
            false => MessageOutcome::TooOld,
        });
    }
    let newest: Option<i64> = connection
        .prepare_cached(
            "SELECT created_at FROM message_marks WHERE platform = ?1
             ORDER BY created_at DESC LIMIT 1",
        )?
        .query_row([platform], |row| row.get(0))
        .optional()?;
    let created_at = message.age_from(newest.unwrap_or(0));
    let added = connection
        .prepare_cached("INSERT OR IGNORE INTO message_marks VALUES (?1, ?2, ?3)")?
        .execute((platform, mark, created_at))?;
    if added == 0 {
        return Ok(MessageOutcome::Repeated);
    }
    marks += 1;
    let newest = newest.unwrap_or(0).max(created_at);
    let old = newest.min(message.received_at.as_second()) - MARK_LIFE;
    for (mark, created_at) in oldest(connection, platform)? {
        if created_at >= old && marks <= MARKS {
            break;
        }
        connection
            .prepare_cached("DELETE FROM message_marks WHERE platform = ?1 AND mark = ?2")?
            .execute((platform, mark))?;
        marks -= 1;
        forgotten = forgotten.max(created_at);
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO message_memory VALUES (?1, ?2, ?3)")?
        .execute([platform, marks, forgotten])?;
    Ok(MessageOutcome::New)
}

/// The oldest marks, as many as one act may drop.
fn oldest(connection: &Connection, platform: i64) -> Result<Vec<(Vec<u8>, i64)>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT mark, created_at FROM message_marks WHERE platform = ?1
         ORDER BY created_at LIMIT ?2",
    )?;
    let rows = statement.query_map([platform, DROPPED_AT_ONCE], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
