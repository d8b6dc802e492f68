//! Statements on work on events.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::store::event_work::CLAIM_LIMIT;
use crate::store::events::{EventOutcome, ForwardState};
use crate::store::ops;
use crate::store::record::Event;
use crate::store::validity::waits_end_by;
use crate::store::{PlatformKey, StoreError};
use crate::sys::clock::machine_milliseconds;

use super::{Database, Fault, Presence, Session, Weight, columns, events, platform};

impl Database {
    pub(in crate::store) async fn claim_events(
        &self,
        key: &PlatformKey,
        limit: usize,
        claim_life: Duration,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        self.claim_wanted(key, Wanted::Work, limit, claim_life)
            .await
    }

    pub(in crate::store) async fn claim_event(
        &self,
        key: &PlatformKey,
        id: i64,
        claim_life: Duration,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        let wanted = Wanted::One(id);
        let claimed = self.claim_wanted(key, wanted, 1, claim_life).await?;
        Ok(claimed.into_iter().next())
    }

    pub(in crate::store) async fn finish_event(
        &self,
        key: &PlatformKey,
        id: i64,
        outcome: EventOutcome,
        detail: &serde_json::Value,
        code_spent: bool,
    ) -> Result<(), StoreError> {
        let (detail, now) = (detail.clone(), self.now());
        self.write_of(Weight::cached(1), key, move |session, platform| {
            finish(session, platform, id, outcome, &detail, now)?;
            if code_spent {
                take_code_out(session, platform, id)?;
            }
            Ok(())
        })
        .await
    }

    pub(in crate::store) async fn claim_forwards(
        &self,
        key: &PlatformKey,
        limit: usize,
        claim_life: Duration,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        let wanted = Wanted::Forward { now: self.now() };
        self.claim_wanted(key, wanted, limit, claim_life).await
    }

    pub(in crate::store) async fn note_forward(
        &self,
        key: &PlatformKey,
        id: i64,
        state: ForwardState,
        detail: Option<&str>,
        retry_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let detail = detail.map(str::to_owned);
        self.write_of(Weight::cached(1), key, move |session, platform| {
            session
                .prepare_cached(
                    "UPDATE events SET forward = ?3, forward_detail = ?4, forward_after = ?5,
                         forward_payload = iif(?3 = 'pending', forward_payload, NULL),
                         forward_holder = NULL, forward_until = NULL
                     WHERE platform = ?1 AND id = ?2 AND forward IS NOT NULL",
                )?
                .execute((
                    platform,
                    id,
                    state.as_str(),
                    detail,
                    columns::seconds(retry_at),
                ))?;
            Ok(())
        })
        .await
    }

    pub(in crate::store) async fn give_up_forwards(
        &self,
        key: &PlatformKey,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let some = self
                .write_of(
                    Weight::cached(CLAIM_LIMIT),
                    key,
                    move |session, platform| {
                        give_up_forwards(session, platform, before, CLAIM_LIMIT)
                    },
                )
                .await?;
            if some == 0 {
                return Ok(all);
            }
            all += some;
        }
    }

    async fn claim_wanted(
        &self,
        key: &PlatformKey,
        wanted: Wanted,
        limit: usize,
        claim_life: Duration,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        // Asked again and again while there is nothing: that must not cost a turn of the writer.
        let some = self
            .read_of(key, move |session, platform| any(session, platform, wanted))
            .await?;
        if !some {
            return Ok(Vec::new());
        }
        let (key, presence) = (key.clone(), self.presence());
        self.write(Weight::cached(limit), move |connection| {
            claim(connection, &presence, &key, wanted, limit, claim_life)
        })
        .await
    }
}

/// Which events are asked for.
#[derive(Clone, Copy)]
pub(in crate::store) enum Wanted {
    /// Those with work to do.
    Work,
    /// This one, if there is work to do.
    One(i64),
    /// Those to forward at `now`, in Unix seconds.
    Forward { now: i64 },
}

impl Wanted {
    /// The condition on `?2`, and on `?3`, after when no wait ends.
    fn condition(self) -> &'static str {
        match self {
            Self::Work => "outcome = 'pending' AND id > ?2 AND ?3 = 0",
            Self::One(_) => "outcome = 'pending' AND id = ?2 AND ?3 = 0",
            Self::Forward { .. } => {
                "forward = 'pending' AND (outcome <> 'pending' OR forward_early)
                    AND ifnull(forward_after, ?2) NOT BETWEEN ?2 + 1 AND ?3
                    AND NOT EXISTS (SELECT 1 FROM events AS earlier
                        WHERE earlier.platform = events.platform AND earlier.appid = events.appid
                            AND earlier.forward = 'pending' AND earlier.id < events.id)"
            }
        }
    }

    /// Where it stands whose claim it is, and how long: the work on an event and its way to the
    /// backend do not wait for each other.
    fn claim(self) -> (&'static str, &'static str) {
        match self {
            Self::Work | Self::One(_) => ("claim_holder", "claim_until"),
            Self::Forward { .. } => ("forward_holder", "forward_until"),
        }
    }

    fn parameters(self, platform: i64) -> [i64; 3] {
        match self {
            Self::Work => [platform, 0, 0],
            Self::One(number) => [platform, number, 0],
            Self::Forward { now } => [platform, now, waits_end_by(now, 1)],
        }
    }
}

/// Whether there are such events, claimed or not.
fn any(session: &Session, platform: i64, wanted: Wanted) -> Result<bool, Fault> {
    Ok(session
        .prepare_cached(&format!(
            "SELECT 1 FROM events WHERE platform = ?1 AND {}",
            wanted.condition()
        ))?
        .exists(wanted.parameters(platform))?)
}

fn claim(
    session: &Session,
    presence: &Presence,
    key: &PlatformKey,
    wanted: Wanted,
    limit: usize,
    life: Duration,
) -> Result<Vec<(i64, Event)>, Fault> {
    let platform = platform::ensure_number(session, key)?;
    let free = free(session, presence, platform, wanted, limit)?;
    if free.is_empty() {
        return Ok(Vec::new());
    }
    presence.announce(session)?;
    let life = i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
    let until = machine_milliseconds().saturating_add(life);
    let (holder, deadline) = wanted.claim();
    let mut claimed = Vec::with_capacity(free.len());
    for id in free {
        session
            .prepare_cached(&format!(
                "UPDATE events SET {holder} = ?2, {deadline} = ?3 WHERE id = ?1"
            ))?
            .execute((id, presence.id(), until))?;
        claimed.extend(events::by_number(session, platform, id)?);
    }
    Ok(claimed)
}

/// The first ones that no living holder's claim binds.
fn free(
    session: &Session,
    presence: &Presence,
    platform: i64,
    wanted: Wanted,
    limit: usize,
) -> Result<Vec<i64>, Fault> {
    let (holder, deadline) = wanted.claim();
    let mut statement = session.prepare_cached(&format!(
        "SELECT id, {holder}, {deadline} FROM events
         WHERE platform = ?1 AND {} ORDER BY id",
        wanted.condition()
    ))?;
    let mut census = presence.census();
    let mut rows = statement.query(wanted.parameters(platform))?;
    let mut free = Vec::new();
    while free.len() < limit
        && let Some(row) = rows.next()?
    {
        let claim: Option<(String, i64)> = row.get::<_, Option<_>>(1)?.zip(row.get(2)?);
        if !claim.is_some_and(|(holder, until)| census.binds(&holder, until)) {
            free.push(row.get(0)?);
        }
    }
    Ok(free)
}

fn finish(
    session: &Session,
    platform: i64,
    id: i64,
    outcome: EventOutcome,
    detail: &serde_json::Value,
    now: i64,
) -> Result<(), Fault> {
    let before: Option<String> = session
        .prepare_cached("SELECT outcome FROM events WHERE platform = ?1 AND id = ?2")?
        .query_row([platform, id], |row| row.get(0))
        .optional()?;
    if let Some(noted) = before.and_then(|before| ops::events::finish(&before, outcome, now)) {
        session
            .prepare_cached(
                "UPDATE events SET outcome = ?2, detail = ?3, finished_at = ?4,
                     claim_holder = iif(?4 IS NULL, claim_holder, NULL),
                     claim_until = iif(?4 IS NULL, claim_until, NULL)
                 WHERE id = ?1",
            )?
            .execute((
                id,
                noted.outcome.as_str(),
                detail.to_string(),
                noted.finished_at,
            ))?;
    }
    Ok(())
}

pub(super) fn take_code_out(session: &Session, platform: i64, id: i64) -> Result<(), Fault> {
    session
        .prepare_cached("UPDATE events SET code = NULL WHERE platform = ?1 AND id = ?2")?
        .execute([platform, id])?;
    Ok(())
}

fn give_up_forwards(
    session: &Session,
    platform: i64,
    before: Timestamp,
    limit: usize,
) -> Result<u64, Fault> {
    let (state, detail) = ops::events::GIVEN_UP;
    let given_up = session
        .prepare_cached(
            "UPDATE events SET forward = ?4, forward_detail = ?5,
                 forward_after = NULL, forward_payload = NULL,
                 forward_holder = NULL, forward_until = NULL
             WHERE id IN (SELECT id FROM events
                 WHERE platform = ?1 AND forward = 'pending' AND received_at < ?2 LIMIT ?3)",
        )?
        .execute((
            platform,
            before.as_second(),
            i64::try_from(limit).unwrap_or(i64::MAX),
            state.as_str(),
            detail,
        ))?;
    Ok(given_up as u64)
}
