//! Walking the roster with a filter, and finding authorizers by what names them.

use rusqlite::{Connection, Row};

use crate::store::roster::{Authorizer, RosterFilter};
use crate::wechat::id::Appid;

use super::{Fault, columns, roster};

pub(super) fn page(
    connection: &Connection,
    platform: i64,
    filter: &RosterFilter,
    after: Option<&Appid>,
    limit: usize,
) -> Result<Vec<Authorizer>, Fault> {
    let needle = filter.search.as_deref().map(str::to_lowercase);
    walk(connection, platform, after, limit, |row| {
        let fits = (filter.statuses.is_empty()
            || filter.statuses.contains(&roster::status(row, 6)?))
            && (filter.kinds.is_empty() || filter.kinds.contains(&roster::kind(row, 4)?))
            && sets_fit(row, filter)?;
        match &needle {
            // Appid, original id, name, both external ids, owner's name.
            Some(needle) if fits => contains_any(row, &[0, 1, 2, 3, 16, 5], needle),
            _ => Ok(fits),
        }
    })
}

/// Those that have this as their appid, original id, external id or whole name.
pub(super) fn exactly(
    connection: &Connection,
    platform: i64,
    who: &str,
) -> Result<Vec<Authorizer>, Fault> {
    let mut exact = Vec::new();
    for column in ["appid", "user_name", "external_id", "nick_name"] {
        let mut statement =
            connection.prepare_cached(&format!("{} AND {column} = ?2", roster::SELECT))?;
        let mut rows = statement.query((platform, who))?;
        while let Some(row) = rows.next()? {
            exact.push(roster::read(row)?);
        }
    }
    Ok(exact)
}

/// Those with this part in their name, in any case, sorted by appid, at most `limit`.
pub(super) fn named(
    connection: &Connection,
    platform: i64,
    part: &str,
    limit: usize,
) -> Result<Vec<Authorizer>, Fault> {
    let needle = part.to_lowercase();
    walk(connection, platform, None, limit, |row| {
        contains_any(row, &[2], &needle)
    })
}

/// The first `limit` rows after `after` that fit, sorted by appid.
fn walk(
    connection: &Connection,
    platform: i64,
    after: Option<&Appid>,
    limit: usize,
    fits: impl Fn(&Row<'_>) -> Result<bool, Fault>,
) -> Result<Vec<Authorizer>, Fault> {
    let mut statement =
        connection.prepare_cached(&format!("{} AND appid > ?2 ORDER BY appid", roster::SELECT))?;
    let mut rows = statement.query((platform, after.map_or("", Appid::as_str)))?;
    let mut page = Vec::new();
    while page.len() < limit
        && let Some(row) = rows.next()?
    {
        if fits(row)? {
            page.push(roster::read(row)?);
        }
    }
    Ok(page)
}

/// Whether what is granted is what the filter asks for.
fn sets_fit(row: &Row<'_>, filter: &RosterFilter) -> Result<bool, Fault> {
    if filter.granted.is_empty() && filter.missing.is_empty() {
        return Ok(true);
    }
    let held = columns::permission_ids(roster::text(row, 9)?);
    let never_told = held.is_empty() && columns::time(row, 12)?.is_none();
    let (kind, status) = (roster::kind(row, 4)?, roster::status(row, 6)?);
    Ok(filter.sets_fit(kind, status, &held, never_told))
}

/// Whether one of the columns contains the needle, which is in lower case. SQLite itself folds
/// the case of ASCII only.
fn contains_any(row: &Row<'_>, columns: &[usize], needle: &str) -> Result<bool, Fault> {
    for column in columns {
        let value = row.get_ref(*column)?;
        if let Some(text) = value.as_str_or_null().map_err(rusqlite::Error::from)?
            && text.to_lowercase().contains(needle)
        {
            return Ok(true);
        }
    }
    Ok(false)
}
