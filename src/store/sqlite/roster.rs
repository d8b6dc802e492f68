//! Reading the roster.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::value::RawValue;

use crate::store::roster::{
    AccountStatus, AuthorizationStatus, Authorizer, Counts, Known, RosterFilter,
};
use crate::store::validity::TokenState;
use crate::store::{PlatformKey, StoreError};
use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, UserName};

use super::{Database, Fault, columns, search};

impl Database {
    pub(in crate::store) async fn authorizer(
        &self,
        key: &PlatformKey,
        appid: &Appid,
    ) -> Result<Option<Authorizer>, StoreError> {
        let appid = appid.clone();
        self.read_of(key, move |session, platform| {
            authorizer(session, platform, &appid)
        })
        .await
    }

    pub(in crate::store) async fn details(
        &self,
        key: &PlatformKey,
        appid: &Appid,
    ) -> Result<Option<Box<RawValue>>, StoreError> {
        let appid = appid.clone();
        self.read_of(key, move |session, platform| {
            details(session, platform, &appid)
        })
        .await
    }

    pub(in crate::store) async fn exactly(
        &self,
        key: &PlatformKey,
        who: &str,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let who = who.to_owned();
        self.read_of(key, move |session, platform| {
            search::exactly(session, platform, &who)
        })
        .await
    }

    pub(in crate::store) async fn named(
        &self,
        key: &PlatformKey,
        part: &str,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let part = part.to_owned();
        self.read_of(key, move |session, platform| {
            search::named(session, platform, &part, limit)
        })
        .await
    }

    pub(in crate::store) async fn page(
        &self,
        key: &PlatformKey,
        filter: &RosterFilter,
        after: Option<&Appid>,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let (filter, after) = (filter.clone(), after.cloned());
        self.read_of(key, move |session, platform| {
            search::page(session, platform, &filter, after.as_ref(), limit)
        })
        .await
    }

    pub(in crate::store) async fn known(
        &self,
        key: &PlatformKey,
        after: Option<&Appid>,
        limit: usize,
    ) -> Result<Vec<Known>, StoreError> {
        let after = after.cloned();
        self.read_of(key, move |session, platform| {
            known(session, platform, after.as_ref(), limit)
        })
        .await
    }

    pub(in crate::store) async fn counts(
        &self,
        key: &PlatformKey,
        now: Timestamp,
    ) -> Result<Counts, StoreError> {
        self.read_of(key, move |session, platform| counts(session, platform, now))
            .await
    }
}

/// What [`read`] takes. The token's part comes from its index alone, which is narrow.
pub(super) const SELECT: &str = "SELECT appid, user_name, nick_name, external_id, kind,
        principal_name, status, account_status, authorized_at, permission_ids,
        tokens.expires_at, tokens.refresh_as_of IS NOT NULL, synced_at, revoked_at, revoked_source,
        pending_ids, claimed_external_id
    FROM authorizers LEFT JOIN tokens INDEXED BY tokens_due
        ON tokens.platform = authorizers.platform AND tokens.owner = authorizers.appid
    WHERE authorizers.platform = ?1";

/// A row of [`SELECT`].
pub(super) fn read(row: &Row<'_>) -> Result<Authorizer, Fault> {
    Ok(Authorizer {
        appid: Appid::from_wire(row.get::<_, String>(0)?),
        user_name: row.get::<_, Option<String>>(1)?.map(UserName::from_wire),
        nick_name: row.get(2)?,
        external_id: row.get(3)?,
        kind: kind(row, 4)?,
        principal_name: row.get(5)?,
        status: status(row, 6)?,
        account_status: account_status(row, 7)?,
        authorized_at: columns::time(row, 8)?,
        permission_ids: columns::permission_ids(text(row, 9)?),
        token_expires_at: columns::time(row, 10)?,
        has_refresh_token: row.get(11)?,
        synced_at: columns::time(row, 12)?,
        revoked_at: columns::time(row, 13)?,
        revoked_source: row.get(14)?,
        pending_ids: columns::permission_ids(text(row, 15)?),
        claimed_external_id: row.get(16)?,
    })
}

/// The text at `index`, borrowed from the row.
pub(super) fn text<'row>(row: &'row Row<'_>, index: usize) -> Result<&'row str, Fault> {
    Ok(row
        .get_ref(index)?
        .as_str()
        .map_err(rusqlite::Error::from)?)
}

/// The kind at `index`; words of newer programs are another kind.
pub(super) fn kind(row: &Row<'_>, index: usize) -> Result<AccountKind, Fault> {
    Ok(text(row, index)?.parse().unwrap_or(AccountKind::Other))
}

/// The status at `index`. None is read out of an unknown word: what follows from it is too grave.
pub(super) fn status(row: &Row<'_>, index: usize) -> Result<AuthorizationStatus, Fault> {
    let word = text(row, index)?;
    AuthorizationStatus::from_word(word)
        .ok_or_else(|| Fault::Damaged(format!("unknown status: {word}")))
}

/// The account's status at `index`; words of newer programs are unknown.
pub(super) fn account_status(row: &Row<'_>, index: usize) -> Result<AccountStatus, Fault> {
    Ok(AccountStatus::from_word(text(row, index)?).unwrap_or(AccountStatus::Unknown))
}

fn authorizer(
    connection: &Connection,
    platform: i64,
    appid: &Appid,
) -> Result<Option<Authorizer>, Fault> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} AND appid = ?2"))?;
    let mut rows = statement.query((platform, appid.as_str()))?;
    rows.next()?.map(read).transpose()
}

fn details(
    connection: &Connection,
    platform: i64,
    appid: &Appid,
) -> Result<Option<Box<RawValue>>, Fault> {
    let json: Option<String> = connection
        .prepare_cached("SELECT json FROM authorizer_details WHERE platform = ?1 AND appid = ?2")?
        .query_row((platform, appid.as_str()), |row| row.get(0))
        .optional()?;
    Ok(json.and_then(|json| RawValue::from_string(json).ok()))
}

fn known(
    connection: &Connection,
    platform: i64,
    after: Option<&Appid>,
    limit: usize,
) -> Result<Vec<Known>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT appid, status, authorized_at, synced_at, account_status,
             tokens.refresh_as_of IS NOT NULL
         FROM authorizers LEFT JOIN tokens INDEXED BY tokens_due
             ON tokens.platform = authorizers.platform AND tokens.owner = authorizers.appid
         WHERE authorizers.platform = ?1 AND appid > ?2 ORDER BY appid LIMIT ?3",
    )?;
    let after = after.map_or("", Appid::as_str);
    let mut rows = statement.query((platform, after, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let mut known = Vec::new();
    while let Some(row) = rows.next()? {
        known.push(Known {
            appid: Appid::from_wire(row.get::<_, String>(0)?),
            status: status(row, 1)?,
            authorized_at: columns::time(row, 2)?,
            synced_at: columns::time(row, 3)?,
            account_status: account_status(row, 4)?,
            has_refresh_token: row.get(5)?,
        });
    }
    Ok(known)
}

fn counts(connection: &Connection, platform: i64, now: Timestamp) -> Result<Counts, Fault> {
    // Both are kept in the order of appids. Going down them side by side is several times as quick as
    // having SQLite look every merchant's token up.
    let mut merchants = connection.prepare_cached(
        "SELECT appid, status FROM authorizers WHERE platform = ?1 ORDER BY appid",
    )?;
    let mut tokens = connection.prepare_cached(
        "SELECT owner, issued_at, expires_at, refresh_as_of IS NOT NULL
         FROM tokens INDEXED BY tokens_due WHERE platform = ?1 ORDER BY owner",
    )?;
    let (mut merchants, mut tokens) = (merchants.query([platform])?, tokens.query([platform])?);
    let mut token = tokens.next()?;
    let mut counts = Counts::default();
    while let Some(merchant) = merchants.next()? {
        let status = AuthorizationStatus::from_word(text(merchant, 1)?);
        if !status.is_some_and(|status| counts.count_status(status)) {
            continue;
        }
        let appid = text(merchant, 0)?;
        while let Some(other) = token
            && text(other, 0)? < appid
        {
            token = tokens.next()?;
        }
        let (state, has_refresh_token) = match token {
            Some(own) if text(own, 0)? == appid => {
                let state = TokenState::of(own.get(1)?, own.get(2)?, now.as_second());
                (state, own.get(3)?)
            }
            _ => (TokenState::Never, false),
        };
        counts.count_token(state, has_refresh_token);
    }
    Ok(counts)
}
