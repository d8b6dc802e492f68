//! An authorizer with its token while an act changes it: read, changed in memory, planned.

use std::collections::BTreeMap;

use redis::Value;

use crate::store::ops::authorizers::AuthorizerRecords;
use crate::store::ops::roster::{KnownRefreshToken, RosterRow};
use crate::store::tokens::record_of;
use crate::store::{AuthorizationStatus, StoreError};
use crate::wechat::id::{Appid, UserName};

use super::RedisStore;
use super::names::{Names, by_name};
use super::plan::Plan;
use super::record::{Record, mark};

/// The fields of a token's hash that [`Found`] has.
const FIELDS: [&str; 5] = [
    "refresh",
    "refresh_as_of",
    "issued_at",
    "expires_at",
    "fence",
];

/// What was read of an authorizer, word for word: what a plan about it rests on.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) record: Option<String>,
    refresh: Option<String>,
    refresh_as_of: Option<String>,
    issued_at: Option<String>,
    expires_at: Option<String>,
    pub(super) fence: Option<String>,
}

/// An authorizer as an act leaves it.
pub(super) struct Merchant {
    pub(super) appid: Appid,
    pub(super) found: Found,
    /// What was read, understood.
    before: AuthorizerRecords,
    /// The mark of the details that are stored.
    mark: Option<String>,
    /// What is to be stored.
    pub(super) records: AuthorizerRecords,
}

impl RedisStore {
    /// Reads authorizers, all in one go.
    pub(super) async fn merchants(
        &self,
        names: &Names,
        appids: impl Iterator<Item = &Appid>,
    ) -> Result<BTreeMap<Appid, Merchant>, StoreError> {
        let mut appids: Vec<&Appid> = appids.collect();
        appids.sort_unstable();
        appids.dedup();
        if appids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(appids.len() + 1);
        let rows: Vec<String> = appids.iter().map(|appid| names.authorizer(appid)).collect();
        pipeline.cmd("MGET").arg(rows);
        for appid in &appids {
            pipeline
                .cmd("HMGET")
                .arg(names.token_of(appid))
                .arg(&FIELDS);
        }
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let rows: Vec<Option<String>> = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
        let mut merchants = BTreeMap::new();
        for ((appid, row), answer) in appids.into_iter().zip(rows).zip(answers) {
            let [refresh, refresh_as_of, issued_at, expires_at, fence]: [Option<String>; 5] =
                self.redis().read(answer)?;
            let found = Found {
                record: row,
                refresh,
                refresh_as_of,
                issued_at,
                expires_at,
                fence,
            };
            merchants.insert(appid.clone(), self.merchant(names, appid, found)?);
        }
        Ok(merchants)
    }

    fn merchant(&self, names: &Names, appid: &Appid, found: Found) -> Result<Merchant, StoreError> {
        let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
        let record = found
            .record
            .as_ref()
            .map(|text| self.parse_record(names, appid, text))
            .transpose()?;
        let (row, mark) = record.map_or((None, None), |record| (Some(record.row), record.details));
        let text = found.refresh.as_ref().filter(|text| !text.is_empty());
        let refresh = text
            .map(|text| {
                Ok::<_, StoreError>(KnownRefreshToken {
                    token: self
                        .keyring()
                        .unseal_text(text)
                        .map_err(|error| error.about(|| record_of(appid.as_str())))?,
                    as_of: number(&found.refresh_as_of).unwrap_or(0),
                })
            })
            .transpose()?;
        let before = AuthorizerRecords {
            row,
            refresh,
            issued_at: number(&found.issued_at),
            expires_at: number(&found.expires_at),
            fence: number(&found.fence),
            ..AuthorizerRecords::default()
        };
        Ok(Merchant {
            appid: appid.clone(),
            records: before.clone(),
            before,
            mark,
            found,
        })
    }

    /// Plans what is different by now of an authorizer; what is as it was costs nothing.
    pub(super) fn plan_merchant(
        &self,
        plan: &mut Plan,
        names: &Names,
        merchant: &Merchant,
    ) -> Result<(), StoreError> {
        let Merchant {
            appid,
            found,
            before,
            mark: mark_before,
            records,
        } = merchant;
        let Some(row) = &records.row else {
            return Ok(());
        };
        let key = names.authorizer(appid);
        let details = records.details.as_deref().map(mark);
        let details = details.or_else(|| mark_before.clone());
        let has_other_details = records.details.is_some() && details != *mark_before;
        let record = Record {
            row: row.clone(),
            details,
        };
        let text = self.record_text(names, appid, record)?;
        let refresh = match (&before.refresh, &records.refresh) {
            (Some(before), Some(after)) if before.token == after.token => found.refresh.clone(),
            (_, Some(after)) => Some(self.keyring().to_text(&after.token)),
            (_, None) => found.refresh.clone(),
        };
        let as_of = records
            .refresh
            .as_ref()
            .map(|known| known.as_of.to_string());
        let issued_at = records.issued_at.map(|at| at.to_string());
        let expires_at = records.expires_at.map(|at| at.to_string());
        let (access, lifetime) = match &records.access {
            Some(access) => (
                Some(self.keyring().to_text(&access.token)),
                Some(access.lifetime.to_string()),
            ),
            None => (None, None),
        };
        let fields = [
            ("access", &None, &access),
            ("lifetime", &None, &lifetime),
            ("refresh", &found.refresh, &refresh),
            ("refresh_as_of", &found.refresh_as_of, &as_of),
            ("issued_at", &found.issued_at, &issued_at),
            ("expires_at", &found.expires_at, &expires_at),
        ]
        .map(|(name, before, after)| (name, after.as_deref().filter(|_| before != after)));
        let is_same = found.record.as_ref() == Some(&text);
        if is_same && fields.iter().all(|(_, changed)| changed.is_none()) {
            return Ok(());
        }
        plan.expect(&key, found.record.as_deref());
        if !is_same {
            plan.set(&key, &text);
        }
        let token = names.token_of(appid);
        plan.expect_field(&token, "refresh", found.refresh.as_deref());
        plan.expect_field(&token, "refresh_as_of", found.refresh_as_of.as_deref());
        let is_active = |row: &RosterRow| row.status == AuthorizationStatus::Active;
        let is_due = is_active(row) && records.refresh.is_some();
        let was_due = found.refresh.is_some() && before.row.as_ref().is_some_and(is_active);
        let ends_otherwise = expires_at != found.expires_at;
        if ends_otherwise || is_due != was_due {
            plan.expect_field(&token, "issued_at", found.issued_at.as_deref());
            plan.expect_field(&token, "expires_at", found.expires_at.as_deref());
        }
        let changed: Vec<&str> = fields
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| [name, value]))
            .flatten()
            .collect();
        if !changed.is_empty() {
            plan.write("HSET", &token, &changed);
        }
        // The indexes are written also where they should be right already: should anything ever
        // have left them wrong, the next pass over the list puts them right.
        plan.rank(&names.roster(), appid.as_str(), 0);
        let score = records.expires_at.unwrap_or(0);
        if !is_due {
            plan.unrank(&names.due(), appid.as_str());
        } else if was_due && !ends_otherwise {
            let score = score.to_string();
            plan.write("ZADD", &names.due(), &["NX", &score, appid.as_str()]);
        } else {
            plan.rank(&names.due(), appid.as_str(), score);
        }
        let row_before = before.row.as_ref();
        let names_before = row_before.map_or([None, None], |row| named_by(names, row));
        for (before, after) in names_before.into_iter().zip(named_by(names, row)) {
            if before != after
                && let Some((index, name)) = before
            {
                plan.unrank(&index, &by_name(name, appid));
            }
            if let Some((index, name)) = after {
                plan.rank(&index, &by_name(name, appid), 0);
            }
        }
        if let Some(details) = &records.details
            && has_other_details
        {
            plan.set(&names.details(appid), details);
        }
        Ok(())
    }
}

/// The indexes that a row is found by, each with its own name in it.
pub(super) fn named_by<'row>(
    names: &Names,
    row: &'row RosterRow,
) -> [Option<(String, &'row str)>; 2] {
    let user_name = row.user_name.as_ref().map(UserName::as_str);
    [
        user_name.map(|name| (names.user_names(), name)),
        row.nick_name
            .as_deref()
            .map(|name| (names.nick_names(), name)),
    ]
}
