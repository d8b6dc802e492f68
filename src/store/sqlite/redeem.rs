//! Taking the exchange of an authorization code over.

use jiff::{SignedDuration, Timestamp};
use rusqlite::OptionalExtension;

use crate::store::merge::{self, REPLACED_TOKEN_LIFE};
use crate::store::validity;
use crate::store::{Change, ChangeKind, Holder, JournalKind, NewToken, Observation, PlatformKey};
use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;

use super::{Fault, Session, journal, observe, platform};

/// An authorization code that was exchanged.
#[derive(Clone, Copy)]
pub(in crate::store) struct Code<'act> {
    pub(in crate::store) fingerprint: &'act str,
    /// When, in Unix seconds.
    pub(in crate::store) now: i64,
    /// The last fence before WeChat was asked.
    pub(in crate::store) since: i64,
}

pub(in crate::store) fn commit(
    session: &Session,
    holder: &Holder,
    key: &PlatformKey,
    code: Code<'_>,
    observation: Observation,
    token: Option<NewToken>,
) -> Result<Change, Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write(platform)?;
    if let Some(appid) = redeemed(session, key, code.fingerprint)? {
        return Ok(Change {
            appid,
            kind: ChangeKind::Unchanged,
            sets_added: Vec::new(),
            sets_removed: Vec::new(),
        });
    }
    let Some(appid) = observation.appid().cloned() else {
        return Err(Fault::Damaged("a redeem without an authorizer".to_owned()));
    };
    session
        .prepare_cached(
            "INSERT INTO redeemed_codes (platform, fingerprint, appid, redeemed_at)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((platform, code.fingerprint, appid.as_str(), code.now))?;
    let latest = latest(session, platform, &appid, code.now)?;
    let overtaken = is_overtaken(session, platform, &appid, code.since)?;
    supersede(session, platform, &appid)?;
    let mut refresh_token = None;
    if let Some(mut token) = token {
        let lifetime = token.lifetime();
        if overtaken {
            let replaced = token.issued_at + SignedDuration::from_secs(REPLACED_TOKEN_LIFE);
            token.expires_at = token.expires_at.min(replaced);
        }
        put_access_token(session, platform, &appid, &token, lifetime)?;
        refresh_token = token.refresh_token;
    } else {
        // The exchange made an access token that never reached us and ends the one stored here.
        session
            .prepare_cached(
                "UPDATE tokens SET expires_at = min(expires_at, ?3)
                 WHERE platform = ?1 AND owner = ?2 AND expires_at IS NOT NULL",
            )?
            .execute((platform, appid.as_str(), code.now + REPLACED_TOKEN_LIFE))?;
    }
    let (observation, told_by) = merge::exchanged(observation, latest, refresh_token);
    let note = journal::Note {
        platform,
        at: code.now,
        who: told_by.as_str(),
        holder,
    };
    note.write(session, appid.as_str(), JournalKind::Redeemed, "{}")?;
    let note = journal::Note {
        at: observation.as_of.as_second(),
        ..note
    };
    observe::one(session, &note, appid, &observation, code.now)
}

/// The latest moment that anything stored of the authorizer speaks of.
fn latest(session: &Session, platform: i64, appid: &Appid, now: i64) -> Result<Timestamp, Fault> {
    let stored: [Option<i64>; 2] = session
        .prepare_cached(
            "SELECT (SELECT as_of FROM authorizers WHERE platform = ?1 AND appid = ?2),
                 (SELECT refresh_as_of FROM tokens WHERE platform = ?1 AND owner = ?2)",
        )?
        .query_row((platform, appid.as_str()), |row| {
            Ok([row.get(0)?, row.get(1)?])
        })?;
    Ok(timestamp(validity::latest(stored, now)))
}

/// Whether another exchange was taken over, or a refresh begun, after the fence `since`.
fn is_overtaken(
    session: &Session,
    platform: i64,
    appid: &Appid,
    since: i64,
) -> Result<bool, Fault> {
    Ok(session
        .prepare_cached("SELECT 1 FROM tokens WHERE platform = ?1 AND owner = ?2 AND fence > ?3")?
        .exists((platform, appid.as_str(), since))?)
}

/// Makes the next generation and a new fence, so that no refresh in flight can be committed. Its
/// intent stays open: what it mints ends the token that is stored here.
fn supersede(session: &Session, platform: i64, appid: &Appid) -> Result<(), Fault> {
    let fence = platform::next_fence(session, platform)?;
    session
        .prepare_cached(
            "INSERT INTO tokens (platform, owner, fence, generation) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT DO UPDATE SET fence = excluded.fence, generation = generation + 1,
                 lease_holder = NULL, lease_until = NULL",
        )?
        .execute((platform, appid.as_str(), fence))?;
    Ok(())
}

fn put_access_token(
    session: &Session,
    platform: i64,
    appid: &Appid,
    token: &NewToken,
    lifetime: i64,
) -> Result<(), Fault> {
    session
        .prepare_cached(
            "UPDATE tokens SET access_key = ?3, access = ?4, issued_at = ?5, expires_at = ?6,
                 lifetime = ?7
             WHERE platform = ?1 AND owner = ?2",
        )?
        .execute((
            platform,
            appid.as_str(),
            session.key_id(),
            session.bytes(&token.access_token),
            token.issued_at.as_second(),
            token.expires_at.as_second(),
            lifetime,
        ))?;
    Ok(())
}

pub(in crate::store) fn redeemed(
    session: &Session,
    key: &PlatformKey,
    fingerprint: &str,
) -> Result<Option<Appid>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(None);
    };
    let appid: Option<String> = session
        .prepare_cached(
            "SELECT appid FROM redeemed_codes WHERE platform = ?1 AND fingerprint = ?2",
        )?
        .query_row((platform, fingerprint), |row| row.get(0))
        .optional()?;
    Ok(appid.map(Appid::from_wire))
}
