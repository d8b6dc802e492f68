//! Claiming many authorizers' leases at once.

use std::time::Duration;

use jiff::Timestamp;

use crate::store::{AuthorizationStatus, Claim, Due, PlatformKey, TokenOwner};
use crate::wechat::id::Appid;

use super::holders::Census;
use super::{Fault, Presence, Session, columns, leases, platform};

/// Who is due, for how long the leases are taken and when the calls begin.
pub(in crate::store) struct Terms {
    pub(in crate::store) due: Due,
    pub(in crate::store) ttl: Duration,
    pub(in crate::store) started_at: Timestamp,
}

/// Due: a refresh token is known and the token ends before ?2 or never was; and active.
const DUE: &str = "FROM tokens INDEXED BY tokens_due
    JOIN authorizers USING (platform)
    WHERE platform = ?1 AND owner > ?3 AND refresh_as_of IS NOT NULL
      AND (expires_at IS NULL OR expires_at < ?2)
      AND appid = owner AND status = ?4";

/// [`DUE`], and with `used_since` only what was used since ?5: asked for, it costs a look at each
/// row; and none of the JSON array ?6.
fn due_clause(due: &Due) -> String {
    let used = match due.used_since {
        None => "?5 IS NULL",
        Some(_) => "used_at >= ?5",
    };
    format!("{DUE} AND {used} AND owner NOT IN (SELECT value FROM json_each(?6))")
}

fn excepted(due: &Due) -> String {
    let appids = due.except.iter().map(Appid::as_str);
    serde_json::Value::from_iter(appids).to_string()
}

pub(in crate::store) fn due(
    session: &Session,
    presence: &Presence,
    key: &PlatformKey,
    after: Option<&Appid>,
    limit: usize,
    terms: &Terms,
) -> Result<Vec<Claim>, Fault> {
    let platform = platform::ensure_number(session, key)?;
    let mut census = presence.census();
    let mut claims = Vec::new();
    let mut after = after.map_or_else(String::new, |appid| appid.as_str().to_owned());
    // Read in pieces, because rows must not change under a statement that walks them.
    loop {
        let wanted = limit - claims.len();
        let candidates = candidates(session, platform, terms, &after, wanted)?;
        let Some(last) = candidates.last() else {
            return Ok(claims);
        };
        last.as_str().clone_into(&mut after);
        for appid in candidates {
            let claim = claim(session, presence, &mut census, platform, key, appid, terms)?;
            claims.extend(claim);
        }
    }
}

fn candidates(
    session: &Session,
    platform: i64,
    terms: &Terms,
    after: &str,
    limit: usize,
) -> Result<Vec<Appid>, Fault> {
    let due = due_clause(&terms.due);
    let mut statement =
        session.prepare_cached(&format!("SELECT owner {due} ORDER BY owner LIMIT ?7"))?;
    let mut rows = statement.query((
        platform,
        terms.due.before.as_second(),
        after,
        AuthorizationStatus::Active.as_str(),
        columns::seconds(terms.due.used_since),
        excepted(&terms.due),
        i64::try_from(limit).unwrap_or(i64::MAX),
    ))?;
    let mut appids = Vec::with_capacity(limit);
    while let Some(row) = rows.next()? {
        appids.push(Appid::from_wire(row.get::<_, String>(0)?));
    }
    Ok(appids)
}

/// Claims one, unless a living holder leases it or it has no refresh token.
fn claim(
    session: &Session,
    presence: &Presence,
    census: &mut Census<'_>,
    platform: i64,
    key: &PlatformKey,
    appid: Appid,
    terms: &Terms,
) -> Result<Option<Claim>, Fault> {
    let Some(standing) = leases::standing(session, platform, appid.as_str())? else {
        return Ok(None);
    };
    let Ok(standing) = standing.bound(census) else {
        return Ok(None);
    };
    let Some(token) = standing.token.filter(|token| token.refresh_token.is_some()) else {
        return Ok(None);
    };
    let owner = TokenOwner::Authorizer(appid.clone());
    let lease = leases::grant(
        session,
        presence,
        platform,
        key.clone(),
        owner,
        terms.ttl,
        Some(terms.started_at),
    )?;
    Ok(Some(Claim {
        lease,
        appid,
        token,
        open_intent: standing.open_intent,
    }))
}

pub(in crate::store) fn count_due(
    session: &Session,
    key: &PlatformKey,
    due: &Due,
    after: Option<&Appid>,
) -> Result<u64, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(0);
    };
    let active = AuthorizationStatus::Active.as_str();
    let count: i64 = session
        .prepare_cached(&format!("SELECT count(*) {}", due_clause(due)))?
        .query_row(
            (
                platform,
                due.before.as_second(),
                after.map_or("", Appid::as_str),
                active,
                columns::seconds(due.used_since),
                excepted(due),
            ),
            |row| row.get(0),
        )?;
    Ok(columns::unsigned(count))
}
