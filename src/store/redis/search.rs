//! Walking the roster with a filter, and finding authorizers by what names them.

use redis::Value;

use crate::store::ops::roster::RosterRow;
use crate::store::roster::{Authorizer, RosterFilter};
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::{Appid, UserName};

use super::RedisStore;
use super::names::Names;
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
        self.walk(&self.names(key), after, limit, piece, |appid, row| {
            all_fit || passes(filter, needle.as_deref(), appid, row)
        })
        .await
    }

    /// Those that have this as their appid, original id, external id or whole name. What an index
    /// says counts only when the row says it too.
    pub(in crate::store) async fn exactly(
        &self,
        key: &PlatformKey,
        who: &str,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let names = self.names(key);
        let mut pipeline = redis::Pipeline::with_capacity(3);
        for index in [names.user_names(), names.nick_names()] {
            // One follows zero.
            let (first, end) = (format!("[{who}\0"), format!("({who}\u{1}"));
            pipeline.cmd("ZRANGEBYLEX").arg(index).arg(first).arg(end);
        }
        pipeline.cmd("HGET").arg(names.external_ids()).arg(who);
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut appids = vec![who.to_owned()];
        for _ in 0..2 {
            let members: Vec<String> = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
            let found = members
                .iter()
                .filter_map(|member| member.rsplit('\0').next());
            appids.extend(found.map(str::to_owned));
        }
        let holder: Option<String> = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
        appids.extend(holder);
        appids.sort_unstable();
        appids.dedup();
        let has = |row: &Authorizer| {
            let texts = [
                Some(row.appid.as_str()),
                row.user_name.as_ref().map(UserName::as_str),
                row.external_id.as_deref(),
                row.nick_name.as_deref(),
            ];
            texts.contains(&Some(who))
        };
        let mut exact = Vec::new();
        for appid in appids {
            let row = self.row(&names, &Appid::from_wire(appid)).await?;
            exact.extend(row.filter(has));
        }
        Ok(exact)
    }

    /// Those with this part in their name, in any case, sorted by appid, at most `limit`.
    pub(in crate::store) async fn named(
        &self,
        key: &PlatformKey,
        part: &str,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let needle = part.to_lowercase();
        self.walk(&self.names(key), None, limit, PIECE, |_, row| {
            contains(row.nick_name.as_deref(), &needle)
        })
        .await
    }

    /// The first `limit` rows after `after` that fit, sorted by appid, read `piece` at a time.
    async fn walk(
        &self,
        names: &Names,
        after: Option<&Appid>,
        limit: usize,
        piece: usize,
        fits: impl Fn(&Appid, &RosterRow) -> bool,
    ) -> Result<Vec<Authorizer>, StoreError> {
        let mut reading = Reading::after(after);
        let mut page = Vec::new();
        while page.len() < limit
            && let Some(mut listed) = self.piece(names, &mut reading, piece).await?
        {
            listed.retain(|one| fits(&one.appid, &one.row));
            listed.truncate(limit - page.len());
            let tokens = self.token_parts(names, &listed).await?;
            for (Listed { appid, row, .. }, token) in listed.into_iter().zip(tokens) {
                page.push(authorizer(appid, row, &token));
            }
        }
        Ok(page)
    }
}

fn passes(filter: &RosterFilter, needle: Option<&str>, appid: &Appid, row: &RosterRow) -> bool {
    let never_told = row.permission_ids.is_empty() && row.synced_at.is_none();
    (filter.statuses.is_empty() || filter.statuses.contains(&row.status))
        && (filter.kinds.is_empty() || filter.kinds.contains(&row.kind))
        && filter.sets_fit(row.kind, row.status, &row.permission_ids, never_told)
        && needle.is_none_or(|needle| {
            [
                Some(appid.as_str()),
                row.user_name.as_ref().map(UserName::as_str),
                row.nick_name.as_deref(),
                row.external_id.as_deref(),
                row.claimed_external_id.as_deref(),
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
