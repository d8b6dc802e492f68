//! Walking the roster with a filter, and finding whom a person means.

use crate::store::{Authorizer, PlatformKey, RosterFilter, StoreError};
use crate::wechat::id::{Appid, UserName};

use super::RedisStore;
use super::names::Names;
use super::record::Record;
use super::roster::{Listed, PIECE, Reading, authorizer};

impl RedisStore {
    pub(in crate::store) async fn page(
        &self,
        key: &PlatformKey,
        filter: &RosterFilter,
        after: Option<&Appid>,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let needle = filter.search.as_deref().map(str::to_lowercase);
        let all_fit = *filter == RosterFilter::default();
        let piece = if all_fit { limit } else { PIECE };
        self.walk(&self.names(key), after, limit, piece, |appid, record| {
            all_fit || passes(filter, needle.as_deref(), appid, record)
        })
        .await
    }

    pub(in crate::store) async fn find(
        &self,
        key: &PlatformKey,
        who: &str,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let names = self.names(key);
        let exact = self.exactly(&names, who, limit).await?;
        if !exact.is_empty() {
            return Ok(exact);
        }
        let needle = who.to_lowercase();
        self.walk(&names, None, limit, PIECE, |_, record| {
            contains(record.row.nick_name.as_deref(), &needle)
        })
        .await
    }

    pub(in crate::store) async fn identified(
        &self,
        key: &PlatformKey,
        id: &str,
    ) -> Result<Option<Authorizer>, StoreError> {
        let mut found = self.exactly(&self.names(key), id, 2).await?;
        let only = found.pop();
        Ok(only.filter(|_| found.is_empty()))
    }

    /// Those with exactly this appid, else original id, else external id. What an index says counts
    /// only when the row says it too.
    async fn exactly(
        &self,
        names: &Names,
        who: &str,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        if let Some(row) = self.row(names, &Appid::from_wire(who)).await? {
            return Ok(vec![row]);
        }
        let mut read = redis::cmd("ZRANGEBYLEX");
        // `!` comes after the blank.
        read.arg(names.user_names())
            .arg(format!("[{who} "))
            .arg(format!("({who}!"));
        let members: Vec<String> = self.redis().ask(names.tag(), read).await?;
        let mut exact = Vec::new();
        for appid in members
            .iter()
            .filter_map(|member| member.rsplit(' ').next())
        {
            let row = self.row(names, &Appid::from_wire(appid)).await?;
            let is_named =
                |row: &Authorizer| row.user_name.as_ref().map(UserName::as_str) == Some(who);
            exact.extend(row.filter(is_named));
        }
        if exact.is_empty() {
            let mut read = redis::cmd("HGET");
            read.arg(names.external_ids()).arg(who);
            let appid: Option<String> = self.redis().ask(names.tag(), read).await?;
            if let Some(appid) = appid {
                let row = self.row(names, &Appid::from_wire(appid)).await?;
                exact.extend(row.filter(|row| row.external_id.as_deref() == Some(who)));
            }
        }
        exact.truncate(limit);
        Ok(exact)
    }

    /// The first `limit` rows after `after` that fit, sorted by appid, read `piece` at a time.
    async fn walk(
        &self,
        names: &Names,
        after: Option<&Appid>,
        limit: usize,
        piece: usize,
        fits: impl Fn(&Appid, &Record) -> bool,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let mut reading = Reading::after(after);
        let mut page = Vec::new();
        while page.len() < limit
            && let Some(mut listed) = self.piece(names, &mut reading, piece).await?
        {
            listed.retain(|one| fits(&one.appid, &one.record));
            listed.truncate(limit - page.len());
            let tokens = self.token_parts(names, &listed).await?;
            for (Listed { appid, record, .. }, token) in listed.into_iter().zip(tokens) {
                page.push(authorizer(appid, record, &token));
            }
        }
        Ok(page)
    }
}

fn passes(filter: &RosterFilter, needle: Option<&str>, appid: &Appid, record: &Record) -> bool {
    let row = &record.row;
    let never_told = row.permission_ids.is_empty() && row.synced_at.is_none();
    (filter.statuses.is_empty() || filter.statuses.contains(&row.status))
        && (filter.kinds.is_empty() || filter.kinds.contains(&row.kind))
        && filter.sets_fit(row.kind, row.status, &row.permission_ids, never_told)
        && needle.is_none_or(|needle| {
            [
                Some(appid.as_str()),
                row.user_name.as_ref().map(UserName::as_str),
                row.nick_name.as_deref(),
                record.external_id.as_deref(),
                row.principal_name.as_deref(),
            ]
            .into_iter()
            .any(|text| contains(text, needle))
        })
}

/// Whether a text contains the needle, which is in lower case.
fn contains(text: Option<&str>, needle: &str) -> bool {
    text.is_some_and(|text| text.to_lowercase().contains(needle))
}
