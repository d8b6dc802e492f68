//! Claiming many authorizers' leases at once.

use crate::store::PlatformKey;
use crate::store::leases::Terms;
use crate::store::leases::{Claim, Due, Lease, OpenIntent};
use crate::store::roster::AuthorizationStatus;
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::wechat::id::Appid;

use super::leases::Standing;
use super::{Fault, Presence, Session, columns, leases, platform, tokens};

/// Due: a refresh token is known and the token ends before ?2, or never was, or was issued after ?7,
/// in the future; and active.
const DUE: &str = "FROM tokens INDEXED BY tokens_due
    JOIN authorizers USING (platform)
    WHERE platform = ?1 AND owner > ?3 AND refresh_as_of IS NOT NULL
      AND (expires_at IS NULL OR expires_at < ?2 OR issued_at > ?7)
      AND appid = owner AND status = ?4";

/// [`DUE`], and with `used_since` only what was used since ?5, and not in the future: asked for, it
/// costs a look at each row; and none of the JSON array ?6.
fn due_clause(due: &Due) -> String {
    let used = match due.used_since {
        None => "?5 IS NULL",
        Some(_) => "used_at BETWEEN ?5 AND ?7",
    };
    format!("{DUE} AND {used} AND owner NOT IN (SELECT value FROM json_each(?6))")
}

fn excepted(due: &Due) -> String {
    let appids = due.except.iter().map(Appid::as_str);
    serde_json::Value::from_iter(appids).to_string()
}

pub(super) fn due(
    session: &Session,
    presence: &Presence,
    key: &PlatformKey,
    after: Option<&Appid>,
    terms: &Terms,
) -> Result<Vec<Claim>, Fault> {
    let platform = platform::ensure_number(session, key)?;
    let mut census = presence.census();
    let mut claims = Vec::new();
    let mut after = after.map_or_else(String::new, |appid| appid.as_str().to_owned());
    // Read in pieces, because rows must not change under a statement that walks them.
    loop {
        let wanted = terms.limit - claims.len();
        let candidates = candidates(session, platform, terms, &after, wanted)?;
        let Some((last, _)) = candidates.last() else {
            return Ok(claims);
        };
        last.as_str().clone_into(&mut after);
        let free = candidates.into_iter().filter_map(|(appid, standing)| {
            let standing = standing.bound(&mut census).ok()?;
            let token = match standing.token {
                Ok(token) => token.filter(|token| token.refresh_token.is_some())?,
                // The others must not suffer by it.
                Err(error) => {
                    tracing::warn!(%error, "a token that cannot be read is left out");
                    return None;
                }
            };
            Some((appid, token, standing.open_intent))
        });
        grant(
            session,
            presence,
            platform,
            key,
            terms,
            free.collect(),
            &mut claims,
        )?;
    }
}

/// The next of those that are due, and what stands in their rows.
fn candidates(
    session: &Session,
    platform: i64,
    terms: &Terms,
    after: &str,
    limit: usize,
) -> Result<Vec<(Appid, Standing)>, Fault> {
    let mut statement = session.prepare_cached(&format!(
        "SELECT owner, {}, {} {} ORDER BY owner LIMIT ?8",
        leases::COLUMNS,
        tokens::COLUMNS,
        due_clause(&terms.due)
    ))?;
    let mut rows = statement.query((
        platform,
        terms.due.before.as_second(),
        after,
        AuthorizationStatus::Active.as_str(),
        columns::seconds(terms.due.used_since),
        excepted(&terms.due),
        terms.due.latest(),
        i64::try_from(limit).unwrap_or(i64::MAX),
    ))?;
    let mut found = Vec::with_capacity(limit);
    while let Some(row) = rows.next()? {
        let appid = Appid::from_wire(row.get::<_, String>(0)?);
        let standing = Standing::read(row, 1, appid.as_str(), &terms.cipher)?;
        found.push((appid, standing));
    }
    Ok(found)
}

/// Leases all of `free` and records that their calls begin: they are announced once, their fences
/// are taken at once, and one statement goes over their rows.
fn grant(
    session: &Session,
    presence: &Presence,
    platform: i64,
    key: &PlatformKey,
    terms: &Terms,
    free: Vec<(Appid, StoredToken, Option<OpenIntent>)>,
    claims: &mut Vec<Claim>,
) -> Result<(), Fault> {
    if free.is_empty() {
        return Ok(());
    }
    presence.announce(session)?;
    let first = platform::next_fences(session, platform, free.len())?;
    let (until, started_at) = (leases::deadline(terms.ttl), terms.started_at.as_second());
    // Of several calls whose ends are unknown the first counts.
    let mut statement = session.prepare_cached(
        "UPDATE tokens SET fence = ?3, lease_holder = ?4, lease_until = ?5, intent_fence = ?3,
             intent_at = min(ifnull(intent_at, ?6), ?6)
         WHERE platform = ?1 AND owner = ?2",
    )?;
    claims.reserve(free.len());
    for (fence, (appid, token, open_intent)) in (first..).zip(free) {
        let owner = appid.as_str();
        statement.execute((platform, owner, fence, presence.id(), until, started_at))?;
        let lease = Lease {
            key: key.clone(),
            owner: TokenOwner::Authorizer(appid.clone()),
            fence,
            until,
        };
        claims.push(Claim {
            lease,
            appid,
            token,
            open_intent,
        });
    }
    Ok(())
}

pub(super) fn count_due(
    session: &Session,
    platform: i64,
    due: &Due,
    after: Option<&Appid>,
) -> Result<u64, Fault> {
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
                due.latest(),
            ),
            |row| row.get(0),
        )?;
    Ok(columns::unsigned(count))
}
