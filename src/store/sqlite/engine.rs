//! Reading and writing the records of operations.

use rusqlite::OptionalExtension;

use crate::store::encryption::StoredSecret;
use crate::store::engine::{Durability, Engine};
use crate::store::ops::refusals::{StoredRefusals, reported};
use crate::store::ops::syncs::StoredPass;
use crate::store::records::{Passes, Reads, Records, RefusalsRead};
use crate::store::{PlatformKey, StoreError};

use super::{Database, Fault, Session, Weight, authorizers, columns, platform, records};

impl Engine for Database {
    const BATCH: usize = 500;

    async fn load(&self, key: &PlatformKey, reads: Reads) -> Result<Records, StoreError> {
        self.read_of(key, move |session, platform| {
            load(session, platform, &reads)
        })
        .await
    }

    async fn transact<T: Send + 'static>(
        &self,
        key: &PlatformKey,
        reads: Reads,
        durability: Durability,
        mut decide: impl FnMut(&mut Records, i64) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (key, now) = (key.clone(), self.now());
        let weight = Weight::of(durability, reads.rows());
        let act = move |session: &Session| {
            let platform = platform::ensure_number(session, &key)?;
            let before = load(session, platform, &reads)?;
            let mut after = before.clone();
            let answer = decide(&mut after, now)?;
            if !reads.is_conversion && after.has_new_secrets(&before) {
                session.may_write_secrets(platform)?;
            }
            save(session, platform, now, &reads, &before, after)?;
            Ok(answer)
        };
        self.write(weight, act).await
    }
}

fn load(session: &Session, platform: i64, reads: &Reads) -> Result<Records, Fault> {
    let mut found = Records::default();
    for appid in &reads.authorizers {
        let authorizer = authorizers::read(session, platform, appid, reads.part)?;
        found.authorizers.insert(appid.clone(), authorizer);
    }
    for (kind, identity) in &reads.named {
        let record = records::find(session, platform, *kind, identity)?;
        let record = record.map(|record| ((*kind, identity.clone()), record));
        found.named.extend(record);
    }
    for id in &reads.external_ids {
        let owner = authorizers::owner_of(session, platform, id)?;
        let owner = owner.map(|owner| (id.clone(), owner));
        found.external_ids.extend(owner);
    }
    if let Some(read) = &reads.refusals {
        found.refusals = refusals(session, platform, read)?.into_iter().collect();
    }
    if reads.passes {
        found.passes = passes(session, platform)?;
    }
    if reads.encryption_run {
        found.encryption_run = encryption_run(session, platform)?;
    }
    if let Some(appid) = &reads.anything_of {
        found.has_anything = authorizers::has_anything(session, platform, appid)?;
    }
    Ok(found)
}

fn save(
    session: &Session,
    platform: i64,
    now: i64,
    reads: &Reads,
    before: &Records,
    after: Records,
) -> Result<(), Fault> {
    for (appid, records) in &after.authorizers {
        let before = before.authorizers.get(appid);
        authorizers::write(session, platform, appid, before, records)?;
    }
    // In the order in which they were named: events keep the order in which they are brought.
    for (_, record) in before.named_changes(reads, &after) {
        records::write(session, platform, record.clone(), now)?;
    }
    write_refusals(session, platform, before, &after)?;
    write_passes(session, platform, &before.passes, &after.passes)?;
    if let Some(appid) = &reads.anything_of
        && before.has_anything
        && !after.has_anything
    {
        authorizers::drop_all(session, platform, appid)?;
    }
    if after.encryption_run != before.encryption_run {
        session
            .prepare_cached("UPDATE platforms SET encryption_run = ?2 WHERE id = ?1")?
            .execute((platform, &after.encryption_run))?;
    }
    for record in after.appended {
        records::write(session, platform, record, now)?;
    }
    Ok(())
}

fn encryption_run(session: &Session, platform: i64) -> Result<Option<StoredSecret>, Fault> {
    Ok(session
        .prepare_cached("SELECT encryption_run FROM platforms WHERE id = ?1")?
        .query_row([platform], |row| row.get(0))?)
}

fn refusals(
    session: &Session,
    platform: i64,
    read: &RefusalsRead,
) -> Result<Vec<(String, StoredRefusals)>, Fault> {
    let (owner, reported) = match read {
        RefusalsRead::All => (None, 0..=0),
        RefusalsRead::Concerning(owner, at) => (Some(owner.as_str()), reported(*at)),
    };
    let mut statement = session.prepare_cached(
        "SELECT owner, since, latest, count, generation FROM refusals
         WHERE platform = ?1 AND (?2 IS NULL OR owner = ?2 OR latest NOT BETWEEN ?3 AND ?4)",
    )?;
    let bounds = (platform, owner, reported.start(), reported.end());
    let refusals = statement.query_map(bounds, |row| {
        let refusals = StoredRefusals {
            since: row.get(1)?,
            latest: row.get(2)?,
            count: columns::unsigned(row.get(3)?),
            generation: columns::unsigned(row.get(4)?),
        };
        Ok((row.get(0)?, refusals))
    })?;
    Ok(refusals.collect::<Result<_, _>>()?)
}

fn write_refusals(
    session: &Session,
    platform: i64,
    before: &Records,
    after: &Records,
) -> Result<(), Fault> {
    for (owner, refusals) in &after.refusals {
        if before.refusals.get(owner) != Some(refusals) {
            session
                .prepare_cached(
                    "INSERT INTO refusals (platform, owner, since, latest, count, generation)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT DO UPDATE SET since = excluded.since, latest = excluded.latest,
                         count = excluded.count, generation = excluded.generation",
                )?
                .execute((
                    platform,
                    owner,
                    refusals.since,
                    refusals.latest,
                    columns::signed(refusals.count),
                    columns::signed(refusals.generation),
                ))?;
        }
    }
    for owner in before.refusals.keys() {
        if !after.refusals.contains_key(owner) {
            session
                .prepare_cached("DELETE FROM refusals WHERE platform = ?1 AND owner = ?2")?
                .execute((platform, owner))?;
        }
    }
    Ok(())
}

fn passes(session: &Session, platform: i64) -> Result<Passes, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT id, complete, started_at, finished_at, total FROM passes WHERE platform = ?1",
    )?;
    let all = statement.query_map([platform], |row| {
        Ok(StoredPass {
            id: row.get(0)?,
            complete: row.get(1)?,
            started_at: row.get(2)?,
            finished_at: row.get(3)?,
            total: row.get::<_, Option<i64>>(4)?.map(columns::unsigned),
        })
    })?;
    let all = all.collect::<Result<_, _>>()?;
    // Of all platforms: the number alone tells one from another in this table.
    let last = session
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'passes'")?
        .query_row([], |row| row.get(0));
    Ok(Passes {
        last: last.optional()?,
        all,
    })
}

fn write_passes(
    session: &Session,
    platform: i64,
    before: &Passes,
    after: &Passes,
) -> Result<(), Fault> {
    for pass in &after.all {
        if !before.all.contains(pass) {
            session
                .prepare_cached(
                    "INSERT INTO passes (id, platform, complete, started_at, finished_at, total)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (id) DO UPDATE SET finished_at = excluded.finished_at,
                         total = excluded.total",
                )?
                .execute((
                    pass.id,
                    platform,
                    pass.complete,
                    pass.started_at,
                    pass.finished_at,
                    pass.total.map(columns::signed),
                ))?;
        }
    }
    for pass in &before.all {
        if !after.all.iter().any(|other| other.id == pass.id) {
            session
                .prepare_cached("DELETE FROM passes WHERE id = ?1")?
                .execute([pass.id])?;
        }
    }
    Ok(())
}
