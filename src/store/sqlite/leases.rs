//! Statements on leases and on what is written under them.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use crate::store::encryption::Cipher;
use crate::store::leases::{Claim, Due, Lease, LeaseAttempt, OpenIntent};
use crate::store::leases::{Terms, remaining};
use crate::store::record::Token;
use crate::store::tokens::{Commit, StoredToken, TokenOwner};
use crate::store::{PlatformKey, StoreError};
use crate::sys::clock::machine_milliseconds;
use crate::sys::crash;
use crate::wechat::id::Appid;

use super::holders::Census;
use super::{Database, Fault, Presence, Session, Weight, claims, columns, platform, tokens};

impl Database {
    pub(in crate::store) async fn lease(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
        ttl: Duration,
        cipher: Cipher,
    ) -> Result<LeaseAttempt, StoreError> {
        let (key, owner) = (key.clone(), owner.clone());
        let presence = self.presence();
        self.write(Weight::cached(1), move |connection| {
            attempt(connection, &presence, key, owner, ttl, &cipher)
        })
        .await
    }

    pub(in crate::store) async fn begin(
        &self,
        lease: &Lease,
        started_at: Timestamp,
    ) -> Result<Commit, StoreError> {
        let lease = lease.stub();
        self.write(Weight::durable(1), move |connection| {
            let commit = begin(connection, &lease, started_at);
            crash::point("store:begin");
            commit
        })
        .await
    }

    pub(in crate::store) async fn commit_refresh(
        &self,
        lease: &Lease,
        token: Token,
    ) -> Result<Commit, StoreError> {
        let (lease, now) = (lease.stub(), self.now());
        self.write(Weight::refresh(), move |connection| {
            commit_refresh(connection, &lease, &token, now)
        })
        .await
    }

    pub(in crate::store) async fn clear_intent(&self, lease: &Lease) -> Result<(), StoreError> {
        let lease = lease.stub();
        self.write(Weight::durable(1), move |connection| {
            clear_intent(connection, &lease)
        })
        .await
    }

    pub(in crate::store) async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let lease = lease.stub();
        self.write(Weight::cached(1), move |connection| {
            release(connection, &lease)
        })
        .await
    }

    pub(in crate::store) async fn claim_due(
        &self,
        key: &PlatformKey,
        terms: Terms,
        after: Option<&Appid>,
    ) -> Result<Vec<Claim>, StoreError> {
        let (key, after) = (key.clone(), after.cloned());
        let presence = self.presence();
        self.write(Weight::durable(terms.limit), move |connection| {
            claims::due(connection, &presence, &key, after.as_ref(), &terms)
        })
        .await
    }

    pub(in crate::store) async fn count_due(
        &self,
        key: &PlatformKey,
        due: &Due,
        after: Option<&Appid>,
    ) -> Result<u64, StoreError> {
        let due = due.clone();
        let after = after.cloned();
        self.read_of(key, move |session, platform| {
            claims::count_due(session, platform, &due, after.as_ref())
        })
        .await
    }
}

/// The columns that [`Standing::read`] takes; [`tokens::COLUMNS`] follow on them.
pub(super) const COLUMNS: &str = "lease_holder, lease_until, intent_fence";
/// How many these are.
const COUNT: usize = 3;

/// What stands in a token's row before a lease on it is taken.
pub(super) struct Standing {
    lease: Option<(String, i64)>,
    pub(super) open_intent: Option<OpenIntent>,
    /// The token, or why it cannot be read.
    pub(super) token: Result<Option<StoredToken>, StoreError>,
}

impl Standing {
    /// What stands in the row of `owner`, from the columns beginning at `index`.
    pub(super) fn read(
        row: &Row<'_>,
        index: usize,
        owner: &str,
        cipher: &Cipher,
    ) -> Result<Self, Fault> {
        let token = tokens::read(row, index + COUNT, owner)?;
        let until: Option<i64> = row.get(index + 1)?;
        let fence: Option<i64> = row.get(index + 2)?;
        let started_at = columns::time(row, index + COUNT + tokens::INTENT_AT)?;
        let open_intent = fence.zip(started_at).map(|(fence, started_at)| OpenIntent {
            fence: columns::unsigned(fence),
            started_at,
            ran_out: until.is_some_and(|until| until <= machine_milliseconds()),
        });
        Ok(Self {
            lease: row.get::<_, Option<String>>(index)?.zip(until),
            open_intent,
            token: StoredToken::of(&token, cipher),
        })
    }

    /// The holder whose lease still binds, and until when.
    pub(super) fn bound(self, census: &mut Census<'_>) -> Result<Self, (String, i64)> {
        match self.lease {
            Some((holder, until)) if census.binds(&holder, until) => Err((holder, until)),
            _ => Ok(self),
        }
    }
}

fn standing(
    session: &Session,
    platform: i64,
    owner: &str,
    cipher: &Cipher,
) -> Result<Option<Standing>, Fault> {
    let mut statement = session.prepare_cached(&format!(
        "SELECT {COLUMNS}, {} FROM tokens WHERE platform = ?1 AND owner = ?2",
        tokens::COLUMNS
    ))?;
    let mut rows = statement.query((platform, owner))?;
    match rows.next()? {
        Some(row) => Standing::read(row, 0, owner, cipher).map(Some),
        None => Ok(None),
    }
}

/// Writes a lease with a new fence into the owner's row, whoever had it.
fn grant(
    session: &Session,
    presence: &Presence,
    platform: i64,
    key: PlatformKey,
    owner: TokenOwner,
    ttl: Duration,
) -> Result<Lease, Fault> {
    presence.announce(session)?;
    let fence = platform::next_fence(session, platform)?;
    let until = deadline(ttl);
    session
        .prepare_cached(
            "INSERT INTO tokens (platform, owner, fence, lease_holder, lease_until)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET fence = excluded.fence,
                 lease_holder = excluded.lease_holder, lease_until = excluded.lease_until",
        )?
        .execute((platform, owner.as_str(), fence, presence.id(), until))?;
    Ok(Lease {
        key,
        owner,
        fence,
        until,
    })
}

/// When a lease of `ttl` that begins now ends, in milliseconds of the machine's clock.
pub(super) fn deadline(ttl: Duration) -> i64 {
    let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
    machine_milliseconds().saturating_add(ttl)
}

fn attempt(
    session: &Session,
    presence: &Presence,
    key: PlatformKey,
    owner: TokenOwner,
    ttl: Duration,
    cipher: &Cipher,
) -> Result<LeaseAttempt, Fault> {
    let platform = platform::ensure_number(session, &key)?;
    session.may_write_secrets(platform)?;
    let standing = match standing(session, platform, owner.as_str(), cipher)? {
        None => None,
        Some(standing) => match standing.bound(&mut presence.census()) {
            Ok(free) => Some(free),
            Err((holder, until)) => return held(session, &holder, until),
        },
    };
    let (token, open_intent) = match standing {
        Some(found) => (found.token?, found.open_intent),
        None => (None, None),
    };
    let lease = grant(session, presence, platform, key, owner, ttl)?;
    Ok(LeaseAttempt::Granted {
        lease,
        token,
        open_intent,
    })
}

fn held(session: &Session, holder: &str, until: i64) -> Result<LeaseAttempt, Fault> {
    let known: Option<(String, String, u32)> = session
        .prepare_cached("SELECT command, host, process_id FROM holders WHERE id = ?1")?
        .query_row([holder], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (command, host, process_id) = known.unwrap_or_default();
    Ok(LeaseAttempt::Held {
        holder: command,
        host,
        process_id,
        remaining: remaining(until),
    })
}

fn begin(session: &Session, lease: &Lease, started_at: Timestamp) -> Result<Commit, Fault> {
    let platform = platform::ensure_number(session, &lease.key)?;
    let generation: Option<i64> = session
        .prepare_cached(
            // Of several calls whose ends are unknown the first counts: it may have ended the
            // stored token.
            "UPDATE tokens SET intent_fence = ?3, intent_at = min(ifnull(intent_at, ?4), ?4)
             WHERE platform = ?1 AND owner = ?2 AND fence = ?3 RETURNING generation",
        )?
        .query_row(
            (
                platform,
                lease.owner.as_str(),
                lease.fence,
                started_at.as_second(),
            ),
            |row| row.get(0),
        )
        .optional()?;
    Ok(commit(generation))
}

fn commit_refresh(
    session: &Session,
    lease: &Lease,
    token: &Token,
    now: i64,
) -> Result<Commit, Fault> {
    // One look and one change: this is where bulk refreshing spends its time.
    let (realm, component_appid) = (&lease.key.realm, lease.key.component_appid.as_str());
    let standing: Option<(i64, i64, i64)> = session
        .prepare_cached(
            "SELECT platform, fence, generation FROM tokens
             WHERE platform = (SELECT id FROM platforms WHERE realm = ?1 AND component_appid = ?2)
               AND owner = ?3",
        )?
        .query_row((realm, component_appid, lease.owner.as_str()), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((platform, _, generation)) = standing.filter(|(_, fence, _)| *fence == lease.fence)
    else {
        return Ok(Commit::Refused);
    };
    let generation = generation + 1;
    session
        .prepare_cached(
            "UPDATE tokens SET access = ?4, issued_at = ?5, expires_at = ?6, lifetime = ?7,
                 generation = ?3, intent_fence = iif(?8 IS NULL, NULL, 0), intent_at = ?8,
                 lease_holder = NULL, lease_until = NULL, refresh = ifnull(?9, refresh),
                 refresh_as_of = iif(?9 IS NULL, refresh_as_of, ?10)
             WHERE platform = ?1 AND owner = ?2",
        )?
        .execute((
            platform,
            lease.owner.as_str(),
            generation,
            &token.access,
            token.issued_at,
            token.expires_at,
            token.lifetime,
            token.unsettled_since,
            &token.refresh,
            now,
        ))?;
    Ok(commit(Some(generation)))
}

fn clear_intent(session: &Session, lease: &Lease) -> Result<(), Fault> {
    let platform = platform::ensure_number(session, &lease.key)?;
    session
        .prepare_cached(
            "UPDATE tokens SET intent_fence = NULL, intent_at = NULL
             WHERE platform = ?1 AND owner = ?2 AND intent_fence = ?3",
        )?
        .execute((platform, lease.owner.as_str(), lease.fence))?;
    Ok(())
}

fn release(session: &Session, lease: &Lease) -> Result<(), Fault> {
    let platform = platform::ensure_number(session, &lease.key)?;
    session
        .prepare_cached(
            "UPDATE tokens SET lease_holder = NULL, lease_until = NULL
             WHERE platform = ?1 AND owner = ?2 AND fence = ?3",
        )?
        .execute((platform, lease.owner.as_str(), lease.fence))?;
    Ok(())
}

fn commit(generation: Option<i64>) -> Commit {
    match generation {
        Some(generation) => Commit::Accepted {
            generation: columns::unsigned(generation),
        },
        None => Commit::Refused,
    }
}
