//! Statements on stored tokens.

use jiff::Timestamp;
use rusqlite::Row;

use crate::store::validity::use_noted_outside;
use crate::store::{PlatformKey, StoreError, StoredToken, TokenOwner};
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::{Database, Fault, Session, Weight, columns, platform};

impl Database {
    pub(in crate::store) async fn token(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
    ) -> Result<Option<StoredToken>, StoreError> {
        let (key, owner) = (key.clone(), owner.clone());
        self.read(move |connection| token(connection, &key, &owner))
            .await
    }

    pub(in crate::store) async fn touch_token(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (reader, owner) = (key.clone(), appid.clone());
        let due = self
            .read(move |connection| is_touch_due(connection, &reader, &owner, at))
            .await?;
        if !due {
            return Ok(());
        }
        let (key, appid) = (key.clone(), appid.clone());
        self.write(Weight::cached(1), move |connection| {
            touch(connection, &key, &appid, at)
        })
        .await
    }

    pub(in crate::store) async fn cap_expiry(
        &self,
        key: &PlatformKey,
        owner: &TokenOwner,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (key, owner) = (key.clone(), owner.clone());
        self.write(Weight::durable(1), move |connection| {
            cap_expiry(connection, &key, &owner, at)
        })
        .await
    }
}

/// The columns that [`read`] takes, from its index on.
pub(super) const COLUMNS: &str = "access_key, access, refresh_key, refresh, expires_at, issued_at, generation, intent_at, lifetime";
/// The place of `intent_at` among them.
pub(super) const INTENT_AT: usize = 7;

/// A token from [`COLUMNS`] beginning at `index`; `None` when the row holds no token at all.
pub(super) fn read(
    session: &Session,
    row: &Row<'_>,
    index: usize,
) -> Result<Option<StoredToken>, Fault> {
    let token = StoredToken {
        access_token: session.secret(row, index)?,
        refresh_token: session.secret(row, index + 2)?,
        expires_at: columns::time(row, index + 4)?,
        issued_at: columns::time(row, index + 5)?,
        generation: columns::unsigned(row.get(index + 6)?),
        unsettled_since: columns::time(row, index + INTENT_AT)?,
        lifetime: row.get(index + 8)?,
    };
    let empty = token.access_token.is_none() && token.refresh_token.is_none();
    Ok((!empty).then_some(token))
}

fn token(
    session: &Session,
    key: &PlatformKey,
    owner: &TokenOwner,
) -> Result<Option<StoredToken>, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(None);
    };
    let mut statement = session.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM tokens WHERE platform = ?1 AND owner = ?2"
    ))?;
    let mut rows = statement.query((platform, owner.as_str()))?;
    match rows.next()? {
        Some(row) => read(session, row, 0).map_err(|fault| fault.about(|| owner.record())),
        None => Ok(None),
    }
}

fn cap_expiry(
    session: &Session,
    key: &PlatformKey,
    owner: &TokenOwner,
    at: Timestamp,
) -> Result<(), Fault> {
    if let Some(platform) = platform::number(session, key)? {
        session
            .prepare_cached(
                "UPDATE tokens SET expires_at = min(expires_at, ?3)
                 WHERE platform = ?1 AND owner = ?2 AND expires_at > ?3",
            )?
            .execute((platform, owner.as_str(), at.as_second()))?;
    }
    Ok(())
}

/// Whether the token's use at `at` is to be noted.
fn is_touch_due(
    session: &Session,
    key: &PlatformKey,
    appid: &Appid,
    at: Timestamp,
) -> Result<bool, Fault> {
    let Some(platform) = platform::number(session, key)? else {
        return Ok(false);
    };
    let (before, after) = use_noted_outside(at.as_second());
    Ok(session
        .prepare_cached(
            "SELECT 1 FROM tokens WHERE platform = ?1 AND owner = ?2
                 AND (used_at IS NULL OR used_at <= ?3 OR used_at > ?4)",
        )?
        .exists((platform, appid.as_str(), before, after))?)
}

fn touch(session: &Session, key: &PlatformKey, appid: &Appid, at: Timestamp) -> Result<(), Fault> {
    if let Some(platform) = platform::number(session, key)? {
        session
            .prepare_cached("UPDATE tokens SET used_at = ?3 WHERE platform = ?1 AND owner = ?2")?
            .execute((platform, appid.as_str(), at.as_second()))?;
    }
    Ok(())
}

/// Stores a refresh token as the one known right at `as_of`.
pub(super) fn put_refresh_token(
    session: &Session,
    platform: i64,
    owner: &str,
    refresh_token: &Secret,
    as_of: i64,
) -> Result<(), Fault> {
    session
        .prepare_cached(
            "INSERT INTO tokens (platform, owner, refresh_key, refresh, refresh_as_of)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET refresh_key = excluded.refresh_key,
                 refresh = excluded.refresh, refresh_as_of = excluded.refresh_as_of",
        )?
        .execute((
            platform,
            owner,
            session.key_id(),
            session.bytes(refresh_token),
            as_of,
        ))?;
    Ok(())
}
