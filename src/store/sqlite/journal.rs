//! Statements on the journal.

use rusqlite::{Connection, Row};

use crate::store::ops;
use crate::store::{Holder, JournalEntry, JournalFilter, JournalKind, PlatformKey};
use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;

use super::{Fault, columns, platform, roster};

const INSERT: &str = "INSERT INTO journal (platform, at, who, host, command, appid, what, detail)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// What the entries of one act of the store have in common.
pub(super) struct Note<'act> {
    pub(super) platform: i64,
    pub(super) at: i64,
    pub(super) who: &'act str,
    pub(super) holder: &'act Holder,
}

impl Note<'_> {
    /// Writes one entry; `detail` is JSON.
    pub(super) fn write(
        &self,
        connection: &Connection,
        appid: &str,
        what: JournalKind,
        detail: &str,
    ) -> Result<(), Fault> {
        connection.prepare_cached(INSERT)?.execute((
            self.platform,
            self.at,
            self.who,
            &self.holder.host,
            &self.holder.command,
            appid,
            what.as_str(),
            detail,
        ))?;
        Ok(())
    }
}

/// Writes the entries about one authorizer that an operation decided on.
pub(super) fn write_notes(
    connection: &Connection,
    platform: i64,
    holder: &Holder,
    appid: &Appid,
    notes: &[ops::journal::Note],
) -> Result<(), Fault> {
    for decided in notes {
        let note = Note {
            platform,
            at: decided.at,
            who: decided.source.as_str(),
            holder,
        };
        note.write(connection, appid.as_str(), decided.what, &decided.detail)?;
    }
    Ok(())
}

pub(in crate::store) fn record(
    connection: &Connection,
    key: &PlatformKey,
    entries: &[JournalEntry],
) -> Result<(), Fault> {
    let platform = platform::ensure_number(connection, key)?;
    for entry in entries {
        connection.prepare_cached(INSERT)?.execute((
            platform,
            entry.at.as_second(),
            &entry.who,
            &entry.host,
            &entry.command,
            entry.appid.as_ref().map(Appid::as_str),
            entry.what.as_str(),
            entry.detail.to_string(),
        ))?;
    }
    Ok(())
}

pub(in crate::store) fn read(
    connection: &Connection,
    key: &PlatformKey,
    filter: &JournalFilter,
) -> Result<Vec<JournalEntry>, Fault> {
    let Some(platform) = platform::number(connection, key)? else {
        return Ok(Vec::new());
    };
    // One statement for each shape, so that either walks its index from the end.
    let of_one = if filter.appid.is_some() {
        "appid = ?2"
    } else {
        "?2 IS NULL"
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, at, who, host, command, appid, what, detail FROM journal
         WHERE platform = ?1 AND {of_one} AND id < ?3 AND at >= ?4 ORDER BY id DESC"
    ))?;
    let mut rows = statement.query((
        platform,
        filter.appid.as_ref().map(Appid::as_str),
        filter.before.unwrap_or(i64::MAX),
        columns::seconds(filter.since).unwrap_or(i64::MIN),
    ))?;
    let mut entries = Vec::new();
    while entries.len() < filter.limit
        && let Some(row) = rows.next()?
    {
        entries.extend(entry(row)?);
    }
    Ok(entries)
}

fn entry(row: &Row<'_>) -> Result<Option<JournalEntry>, Fault> {
    let Some(what) = JournalKind::from_word(roster::text(row, 6)?) else {
        return Ok(None);
    };
    Ok(Some(JournalEntry {
        id: row.get(0)?,
        at: timestamp(row.get(1)?),
        who: row.get(2)?,
        host: row.get(3)?,
        command: row.get(4)?,
        appid: row.get::<_, Option<String>>(5)?.map(Appid::from_wire),
        what,
        detail: serde_json::from_str(roster::text(row, 7)?).unwrap_or_default(),
    }))
}
