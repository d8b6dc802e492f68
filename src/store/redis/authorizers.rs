//! The records of an authorizer that operations work on: read, and planned where they are different.

use std::collections::BTreeMap;

use redis::Value;
use ring::digest;

use crate::store::StoreError;
use crate::store::encryption::StoredSecret;
use crate::store::ops::authorizers::{AuthorizerRecords, StoredRefreshToken};
use crate::store::ops::roster::RosterRow;
use crate::store::record::Row;
use crate::store::records::AuthorizerPart;
use crate::store::roster::AuthorizationStatus;
use crate::wechat::id::{Appid, UserName};

use super::RedisStore;
use super::names::{Names, by_name};
use super::plan::Plan;

/// The fields of a token's hash that [`Found`] has.
const FIELDS: [&str; 6] = [
    "refresh",
    "refresh_as_of",
    "issued_at",
    "expires_at",
    "fence",
    "generation",
];

/// What was read of an authorizer, word for word: what a plan about it rests on.
pub(super) struct FoundAuthorizer {
    record: Option<String>,
    /// The mark of the details that are stored.
    mark: Option<String>,
    refresh: Option<String>,
    refresh_as_of: Option<String>,
    issued_at: Option<String>,
    expires_at: Option<String>,
    fence: Option<String>,
    generation: Option<String>,
}

/// By which details are recognised without being read.
fn mark(details: &str) -> String {
    let hash = digest::digest(&digest::SHA256, details.as_bytes());
    let bytes = hash.as_ref().iter().take(16);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

impl RedisStore {
    /// The row in a text, and the [`mark`] of the details that are stored beside it.
    ///
    /// # Errors
    /// [`StoreError::DamagedRecord`].
    pub(super) fn parse_row(
        &self,
        names: &Names,
        appid: &Appid,
        text: &str,
    ) -> Result<(RosterRow, Option<String>), StoreError> {
        let key = names.authorizer(appid);
        let mut row: Row = serde_json::from_str(text).map_err(|error| self.damaged(&key, error))?;
        let mark = row.details.take();
        let row = RosterRow::of(row).map_err(|reason| self.damaged(&key, reason))?;
        Ok((row, mark))
    }

    /// Reads authorizers, all in one go.
    pub(super) async fn read_authorizers(
        &self,
        names: &Names,
        appids: &[Appid],
        part: AuthorizerPart,
    ) -> Result<BTreeMap<Appid, (FoundAuthorizer, AuthorizerRecords)>, StoreError> {
        let mut appids: Vec<&Appid> = appids.iter().collect();
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
        let mut authorizers = BTreeMap::new();
        for ((appid, row), answer) in appids.into_iter().zip(rows).zip(answers) {
            let fields: [Option<String>; 6] = self.redis().read(answer)?;
            let [
                refresh,
                refresh_as_of,
                issued_at,
                expires_at,
                fence,
                generation,
            ] = fields;
            let found = FoundAuthorizer {
                record: row,
                mark: None,
                refresh,
                refresh_as_of,
                issued_at,
                expires_at,
                fence,
                generation,
            };
            let read = self.understand(names, appid, part, found)?;
            authorizers.insert(appid.clone(), read);
        }
        Ok(authorizers)
    }

    fn understand(
        &self,
        names: &Names,
        appid: &Appid,
        part: AuthorizerPart,
        mut found: FoundAuthorizer,
    ) -> Result<(FoundAuthorizer, AuthorizerRecords), StoreError> {
        let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
        let record = found.record.as_ref();
        let record = record.filter(|_| part != AuthorizerPart::Token);
        let record = record
            .map(|text| self.parse_row(names, appid, text))
            .transpose()?;
        let (row, mark) = record.unzip();
        let mark = mark.flatten();
        let text = found.refresh.as_ref();
        let text = text.filter(|text| !text.is_empty() && part != AuthorizerPart::Row);
        let refresh = text.map(|text| StoredRefreshToken {
            token: StoredSecret::from_text(text),
            as_of: number(&found.refresh_as_of).unwrap_or(0),
        });
        let records = AuthorizerRecords {
            row,
            refresh,
            issued_at: number(&found.issued_at),
            expires_at: number(&found.expires_at),
            fence: number(&found.fence),
            generation: number(&found.generation).unwrap_or(0),
            ..AuthorizerRecords::default()
        };
        found.mark = mark;
        Ok((found, records))
    }

    /// Plans what is different by now of an authorizer; what is as it was costs nothing.
    pub(super) fn plan_authorizer(
        &self,
        plan: &mut Plan,
        names: &Names,
        appid: &Appid,
        found: &FoundAuthorizer,
        before: &AuthorizerRecords,
        records: &AuthorizerRecords,
    ) -> Result<(), StoreError> {
        let (key, token) = (names.authorizer(appid), names.token_of(appid));
        let details = records.details.as_deref().map(mark);
        let has_other_details = details.is_some() && details != found.mark;
        let has_other_row = records.row != before.row || has_other_details;
        let fields = token_fields(before, records);
        if !has_other_row && fields.is_empty() && !records.is_superseded {
            return Ok(());
        }
        plan.expect(&key, found.record.as_deref());
        if let Some(row) = records.row.as_ref().filter(|_| has_other_row) {
            let mark = details.or_else(|| found.mark.clone());
            plan.set(&key, &self.json(&key, &row.clone().record(appid, mark))?);
        }
        plan.expect_field(&token, "refresh", found.refresh.as_deref());
        plan.expect_field(&token, "refresh_as_of", found.refresh_as_of.as_deref());
        if records.rests_on_fence {
            plan.expect_field(&token, "fence", found.fence.as_deref());
        }
        if records.is_superseded {
            plan.supersede(&names.fence(), &token);
        }
        if !fields.is_empty() {
            let fields: Vec<&str> = fields
                .iter()
                .flat_map(|(name, value)| [*name, value.as_str()])
                .collect();
            plan.write("HSET", &token, &fields);
        }
        let Some(row) = &records.row else {
            return Ok(());
        };
        plan_due(plan, names, appid, found, before, records);
        plan_names(plan, names, appid, before.row.as_ref(), row);
        if let Some(details) = records.details.as_ref().filter(|_| has_other_details) {
            plan.set(&names.details(appid), details);
        }
        Ok(())
    }

    /// What is stored of an authorizer, though it be damaged; `None` when there is nothing.
    pub(super) async fn anything_of(
        &self,
        names: &Names,
        appid: &Appid,
    ) -> Result<Option<Anything>, StoreError> {
        let others = [names.details(appid), names.token_of(appid)];
        let mut pipeline = redis::Pipeline::with_capacity(3);
        pipeline.cmd("GET").arg(names.authorizer(appid));
        pipeline.cmd("EXISTS").arg(&others);
        let refusals = names.refusals();
        pipeline.cmd("HEXISTS").arg(refusals).arg(appid.as_str());
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Value::Nil);
        let record: Option<String> = self.redis().read(next())?;
        let others: u64 = self.redis().read(next())?;
        let refusals: u64 = self.redis().read(next())?;
        if record.is_none() && others + refusals == 0 {
            return Ok(None);
        }
        let parsed = record.as_deref();
        let parsed = parsed.and_then(|text| self.parse_row(names, appid, text).ok());
        Ok(Some(Anything {
            appid: appid.clone(),
            record,
            row: parsed.map(|(row, _)| row),
        }))
    }

    /// Plans to drop all that is stored of an authorizer.
    pub(super) fn plan_drop(&self, plan: &mut Plan, names: &Names, anything: &Anything) {
        let appid = &anything.appid;
        let record = names.authorizer(appid);
        plan.expect(&record, anything.record.as_deref());
        for key in [record, names.details(appid), names.token_of(appid)] {
            plan.delete(&key);
        }
        plan.unrank(&names.roster(), appid.as_str());
        plan.unrank(&names.due(), appid.as_str());
        plan.delete_field(&names.refusals(), appid.as_str());
        if let Some(row) = &anything.row {
            for (index, name) in named_by(names, row).into_iter().flatten() {
                plan.unrank(&index, &by_name(name, appid));
            }
            if let Some(external_id) = &row.external_id {
                plan.delete_field(&names.external_ids(), external_id);
            }
        }
    }
}

/// The fields of the token that are different.
fn token_fields(
    before: &AuthorizerRecords,
    after: &AuthorizerRecords,
) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    if let Some(access) = &after.access {
        fields.push(("access", access.token.text().to_owned()));
        fields.push(("lifetime", access.lifetime.to_string()));
    }
    if let Some(StoredRefreshToken { token, as_of }) = &after.refresh
        && after.refresh != before.refresh
    {
        let known = before.refresh.as_ref().map(|known| &known.token);
        if known != Some(token) {
            fields.push(("refresh", token.text().to_owned()));
        }
        fields.push(("refresh_as_of", as_of.to_string()));
    }
    let times = [
        ("issued_at", before.issued_at, after.issued_at),
        ("expires_at", before.expires_at, after.expires_at),
    ];
    for (name, before, after) in times {
        if let Some(after) = after.filter(|_| after != before) {
            fields.push((name, after.to_string()));
        }
    }
    fields
}

/// What was found of an authorizer that is to be dropped.
pub(super) struct Anything {
    appid: Appid,
    record: Option<String>,
    /// Its row, unless the record is damaged: indexes count only where a row agrees.
    row: Option<RosterRow>,
}

/// Plans the place of an authorizer among those whose tokens are due some day.
///
/// Indexes are written also where they should be right already: should anything ever have left them
/// wrong, the next pass over the list puts them right.
fn plan_due(
    plan: &mut Plan,
    names: &Names,
    appid: &Appid,
    found: &FoundAuthorizer,
    before: &AuthorizerRecords,
    records: &AuthorizerRecords,
) {
    let is_active = |records: &AuthorizerRecords| {
        let row = records.row.as_ref();
        row.is_some_and(|row| row.status == AuthorizationStatus::Active)
    };
    let had_refresh_token = found.refresh.as_ref().is_some_and(|text| !text.is_empty());
    let has_refresh_token = had_refresh_token || records.refresh.is_some();
    let is_due = is_active(records) && has_refresh_token;
    let was_due = had_refresh_token && is_active(before);
    let ends_otherwise = records.expires_at != before.expires_at;
    if ends_otherwise || is_due != was_due {
        let token = names.token_of(appid);
        plan.expect_field(&token, "issued_at", found.issued_at.as_deref());
        plan.expect_field(&token, "expires_at", found.expires_at.as_deref());
    }
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
}

/// Plans what an authorizer is found by.
fn plan_names(
    plan: &mut Plan,
    names: &Names,
    appid: &Appid,
    before: Option<&RosterRow>,
    row: &RosterRow,
) {
    let names_before = before.map_or([None, None], |row| named_by(names, row));
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
    let id_before = before.and_then(|row| row.external_id.as_deref());
    if row.external_id.as_deref() != id_before {
        if let Some(id) = id_before {
            plan.delete_field(&names.external_ids(), id);
        }
        if let Some(id) = &row.external_id {
            plan.set_field(&names.external_ids(), id, appid.as_str());
        }
    }
}

/// The indexes that a row is found by, each with its own name in it.
fn named_by<'row>(names: &Names, row: &'row RosterRow) -> [Option<(String, &'row str)>; 2] {
    let user_name = row.user_name.as_ref().map(UserName::as_str);
    [
        user_name.map(|name| (names.user_names(), name)),
        row.nick_name
            .as_deref()
            .map(|name| (names.nick_names(), name)),
    ]
}
