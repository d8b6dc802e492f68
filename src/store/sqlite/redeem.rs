//! Taking the exchange of an authorization code over.

use rusqlite::OptionalExtension;

use crate::store::ops::authorizers;
use crate::store::{Change, Holder, NewToken, Observation, PlatformKey};
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
    observation: &Observation,
    token: Option<&NewToken>,
) -> Result<Change, Fault> {
    let platform = platform::ensure_number(session, key)?;
    session.may_write(platform)?;
    if let Some(appid) = redeemed(session, key, code.fingerprint)? {
        return Ok(authorizers::redeemed_before(&appid));
    }
    let Some(appid) = observation.appid() else {
        return Err(Fault::Damaged("a redeem without an authorizer".to_owned()));
    };
    session
        .prepare_cached(
            "INSERT INTO redeemed_codes (platform, fingerprint, appid, redeemed_at)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((platform, code.fingerprint, appid.as_str(), code.now))?;
    let before = observe::records(session, platform, appid)?;
    let mut after = before.clone();
    let Code { since, now, .. } = code;
    let decided = authorizers::redeem(&mut after, appid, observation, token, since, now);
    supersede(session, platform, appid)?;
    observe::put(session, platform, appid, &before, &after)?;
    journal::write_notes(session, platform, holder, appid.as_str(), decided.journal)?;
    Ok(decided.change)
}

/// Gives the token the next generation and a new fence.
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
