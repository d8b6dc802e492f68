//! Statements that read and write records in their neutral form.

use rusqlite::OptionalExtension;

use crate::store::encryption::PLAIN;
use crate::store::record::{Record, RecordKind};
use crate::store::transfer::{
    EncryptionState, PAGE, Page, Placed, Verdict, judge, place_external_id,
};
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::ComponentAppid;

use super::{Database, Fault, Session, Weight, columns, platform};

mod rows;
mod write;

use rows::Table;

impl Database {
    pub(in crate::store) async fn platforms(&self) -> Result<Vec<PlatformKey>, StoreError> {
        self.read(platforms).await
    }

    pub(in crate::store) async fn census(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(RecordKind, u64)>, StoreError> {
        let key = key.clone();
        self.read(move |connection| census(connection, &key)).await
    }

    pub(in crate::store) async fn encryption_state(&self) -> Result<EncryptionState, StoreError> {
        self.read(encryption_state).await
    }

    pub(in crate::store) async fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let key = key.clone();
        self.read(move |connection| page(connection, &key, kind, after.as_deref()))
            .await
    }

    pub(in crate::store) async fn place(
        &self,
        key: &PlatformKey,
        records: Vec<Record>,
        write: bool,
    ) -> Result<Vec<Placed>, StoreError> {
        let (key, now) = (key.clone(), self.now());
        self.write(Weight::durable(records.len()), move |connection| {
            place(connection, &key, records, write, now)
        })
        .await
    }
}

pub(super) use write::{write_entry, write_event, write_launch};

fn platforms(session: &Session) -> Result<Vec<PlatformKey>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT realm, component_appid FROM platforms ORDER BY realm, component_appid",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(PlatformKey {
            realm: row.get(0)?,
            component_appid: ComponentAppid::from_wire(row.get::<_, String>(1)?),
        });
    }
    Ok(found)
}

fn census(session: &Session, key: &PlatformKey) -> Result<Vec<(RecordKind, u64)>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Vec::new());
    };
    let mut counts = Vec::new();
    for kind in RecordKind::ALL {
        let table = Table::of(*kind);
        let sql = format!(
            "SELECT count(*) FROM {} WHERE platform = ?1 AND {}",
            table.name, table.condition
        );
        let count: i64 = session
            .prepare_cached(&sql)?
            .query_row([platform], |row| row.get(0))?;
        let count = columns::unsigned(count);
        // Of the passes only the last one is a record.
        counts.push((
            *kind,
            if *kind == RecordKind::Syncs {
                count.min(1)
            } else {
                count
            },
        ));
    }
    Ok(counts)
}

fn encryption_state(session: &Session) -> Result<EncryptionState, Fault> {
    // Of the two kinds one is rare as a rule: a store is open, or it is encrypted. So neither sorts what it
    // does not look for.
    let mut statement = session.prepare_cached(
        "SELECT value_key FROM tickets WHERE value_key <> ?1
         UNION SELECT access_key FROM tokens WHERE access_key <> ?1
         UNION SELECT refresh_key FROM tokens WHERE refresh_key <> ?1
         UNION SELECT code_key FROM events WHERE code_key <> ?1 ORDER BY 1",
    )?;
    let key_ids = statement.query_map([PLAIN], |row| row.get(0))?;
    let key_ids = key_ids.collect::<Result<_, _>>()?;
    let mut statement = session.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM tokens WHERE access_key = ?1 OR refresh_key = ?1)
             OR EXISTS (SELECT 1 FROM tickets WHERE value_key = ?1)
             OR EXISTS (SELECT 1 FROM events WHERE code_key = ?1)",
    )?;
    let open = statement.query_row([PLAIN], |row| row.get(0))?;
    Ok(EncryptionState { key_ids, open })
}

fn page(
    session: &Session,
    key: &PlatformKey,
    kind: RecordKind,
    after: Option<&str>,
) -> Result<Page, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(Page::default());
    };
    let table = Table::of(kind);
    // The platform's own token has the empty name, so that no name stands before the first.
    let start = match after {
        None => String::new(),
        Some(_) => format!("AND {} > ?2", table.place),
    };
    let limit = if kind == RecordKind::Syncs { 1 } else { PAGE };
    let sql = table.select(&start, limit);
    let mut statement = session.prepare_cached(&sql)?;
    let mut found = match after {
        None => statement.query([platform])?,
        Some(after) if table.by_number => {
            statement.query([platform, after.parse().unwrap_or(i64::MAX)])?
        }
        Some(after) => statement.query((platform, after))?,
    };
    let mut page = Page::default();
    let mut last = None;
    while let Some(row) = found.next()? {
        last = Some(match table.by_number {
            true => row.get::<_, i64>(0)?.to_string(),
            false => row.get::<_, String>(0)?,
        });
        page.records.push(rows::read(session, kind, row)?);
    }
    if page.records.len() == PAGE {
        page.next = last;
    }
    Ok(page)
}

fn place(
    session: &Session,
    key: &PlatformKey,
    records: Vec<Record>,
    write: bool,
    now: i64,
) -> Result<Vec<Placed>, Fault> {
    let platform = match write {
        true => Some(platform::ensure_number(session, key)?),
        false => platform::number(session, key)?,
    };
    if let Some(platform) = platform.filter(|_| write) {
        session.may_write(platform)?;
    }
    let mut placed = Vec::with_capacity(records.len());
    for record in records {
        let Some(platform) = platform else {
            placed.push(Placed::Written);
            continue;
        };
        placed.push(one(session, platform, record, write, now)?);
    }
    Ok(placed)
}

fn one(
    session: &Session,
    platform: i64,
    record: Record,
    write: bool,
    now: i64,
) -> Result<Placed, Fault> {
    let standing = match record.kind().is_log() {
        true => None,
        false => find(session, platform, record.kind(), &record.identity())?,
    };
    let mut merged = match judge(standing, record) {
        Verdict::Same => return Ok(Placed::Same),
        Verdict::Newer => return Ok(Placed::Newer),
        Verdict::Write(merged) => merged,
    };
    let mut placed = Placed::Written;
    if let Record::Authorizer(row) = &mut merged
        && let Some(external_id) = &row.external_id
    {
        let owner: Option<String> = session
            .prepare_cached(
                "SELECT appid FROM authorizers WHERE platform = ?1 AND external_id = ?2",
            )?
            .query_row((platform, external_id), |row| row.get(0))
            .optional()?;
        placed = place_external_id(row, owner.as_deref());
    }
    if write {
        write::record(session, platform, &merged, now)?;
        if let Record::Token(token) = &merged {
            // Fences stay above every generation, so that no late write counts as the newest.
            session
                .prepare_cached("UPDATE platforms SET fence = max(fence, ?2) WHERE id = ?1")?
                .execute([platform, token.generation])?;
        }
    }
    Ok(placed)
}

/// The record with this identity.
pub(super) fn find(
    session: &Session,
    platform: i64,
    kind: RecordKind,
    identity: &str,
) -> Result<Option<Record>, Fault> {
    let table = Table::of(kind);
    let same = match kind {
        RecordKind::Syncs => "?2 = ''",
        RecordKind::MessageCounts => "account || ' ' || what = ?2",
        RecordKind::Tickets | RecordKind::Events => "fingerprint = ?2",
        _ => &format!("{} = ?2", table.place),
    };
    let sql = table.select(&format!("AND {same}"), 1);
    let mut statement = session.prepare_cached(&sql)?;
    let found = statement
        .query_row((platform, identity), |row| {
            Ok(rows::read(session, kind, row))
        })
        .optional()?;
    found.transpose()
}
