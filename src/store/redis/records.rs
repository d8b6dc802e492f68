//! Records of every kind as keys: read in pages or by their identity, and planned in the place of what
//! was read.

use std::collections::BTreeMap;

use redis::Value;
use serde::de::DeserializeOwned;

use crate::store::events::{EventOutcome, ForwardState};
use crate::store::ops::roster::RosterRow;
use crate::store::ops::syncs;
use crate::store::record::{Code, Count, Event, Record, RecordKind, Token};
use crate::store::roster::AuthorizationStatus;
use crate::store::transfer::{PAGE, Page};
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::{Appid, ComponentAppid};

use super::RedisStore;
use super::names::{Names, PLATFORMS};
use super::plan::Plan;
use super::tickets::KeptTickets;
use super::tokens::{Fields, of_fields, owner_of};

/// The fields of a token that change with everything that a lease or an observation writes.
const TOKEN_RESTS_ON: [&str; 8] = [
    "access",
    "refresh",
    "generation",
    "fence",
    "refresh_as_of",
    "expires_at",
    "intent_at",
    "intent_fence",
];

/// Records by their identity, word for word as they were read: what a plan rests on.
#[derive(Default)]
pub(super) struct Found {
    tickets: Option<KeptTickets>,
    /// Tokens, with the rows of their authorizers.
    tokens: BTreeMap<String, (Fields, Option<FoundRow>)>,
    /// Codes, counts and launches.
    texts: BTreeMap<(RecordKind, String), String>,
    /// The numbers of events.
    events: BTreeMap<String, i64>,
}

/// The row of an authorizer.
struct FoundRow {
    text: String,
    is_active: bool,
}

impl RedisStore {
    pub(in crate::store) async fn platforms(&self) -> Result<Vec<PlatformKey>, StoreError> {
        let mut read = redis::cmd("SMEMBERS");
        read.arg(PLATFORMS);
        let mut found: Vec<String> = self.redis().ask(PLATFORMS, read).await?;
        found.sort_unstable();
        let keys = found.iter().filter_map(|tag| tag.rsplit_once('/'));
        Ok(keys
            .map(|(realm, appid)| PlatformKey {
                realm: realm.to_owned(),
                component_appid: ComponentAppid::from_wire(appid),
            })
            .collect())
    }

    /// The number of each kind's records, by the server's own count where it has one.
    pub(in crate::store) async fn census(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(RecordKind, u64)>, StoreError> {
        let names = self.names(key);
        let mut counts = Vec::new();
        for kind in RecordKind::ALL {
            let (command, set) = match kind {
                RecordKind::Tickets => ("HLEN", names.tickets()),
                RecordKind::Authorizers => ("ZCARD", names.roster()),
                RecordKind::RedeemedCodes => ("HLEN", names.codes()),
                RecordKind::Journal => ("ZCARD", names.journal()),
                RecordKind::Events => ("ZCARD", names.events()),
                RecordKind::MessageCounts => ("HLEN", names.message_counts()),
                RecordKind::Messages => ("ZCARD", names.messages()),
                RecordKind::Launches => ("ZCARD", names.launches()),
                RecordKind::Tokens | RecordKind::Syncs => {
                    let mut count = 0;
                    self.each_record(key, *kind, |_| count += 1).await?;
                    counts.push((*kind, count));
                    continue;
                }
            };
            let mut count = redis::cmd(command);
            count.arg(set);
            counts.push((*kind, self.redis().ask(names.tag(), count).await?));
        }
        Ok(counts)
    }

    /// How many secrets are encrypted with each key.
    pub(in crate::store) async fn secret_counts(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(Option<String>, u64)>, StoreError> {
        let mut counts = BTreeMap::new();
        for kind in RecordKind::WITH_SECRETS {
            let count = |mut record: Record| {
                for key_id in record.key_ids() {
                    *counts.entry(key_id).or_default() += 1;
                }
            };
            self.each_record(key, kind, count).await?;
        }
        Ok(counts.into_iter().collect())
    }

    async fn each_record(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        mut look: impl FnMut(Record),
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.records(key, kind, after).await?;
            page.records.into_iter().for_each(&mut look);
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    pub(in crate::store) async fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let names = &self.names(key);
        let whole = |records| Page {
            records,
            next: None,
        };
        Ok(match kind {
            RecordKind::Tickets => {
                let tickets = self.kept_tickets(names).await?.in_order();
                whole(tickets.into_iter().map(Record::Ticket).collect())
            }
            RecordKind::Tokens => self.token_page(names, after).await?,
            RecordKind::Authorizers => self.authorizer_page(names, after).await?,
            RecordKind::RedeemedCodes => {
                let read = self.fields_of(names, &names.codes()).await?;
                let codes = read.iter().map(|(name, text)| self.code(names, name, text));
                let mut codes: Vec<Record> = codes.collect::<Result<_, _>>()?;
                codes.sort_by_cached_key(Record::identity);
                whole(codes)
            }
            RecordKind::Syncs => {
                let (_, passes) = self.read_passes(names).await?;
                let last = syncs::last_record(&passes.all);
                whole(last.into_iter().collect())
            }
            RecordKind::Journal => {
                self.log_page(names, &names.journal(), after, Record::Journal)
                    .await?
            }
            RecordKind::Messages => {
                self.log_page(names, &names.messages(), after, Record::Message)
                    .await?
            }
            RecordKind::Events => self.event_page(names, after).await?,
            RecordKind::MessageCounts => {
                let counts = self.fields_of(names, &names.message_counts()).await?;
                let times = self.fields_of(names, &names.message_times()).await?;
                let mut records = Vec::with_capacity(counts.len());
                for (field, count) in &counts {
                    let last_at = times.get(field).map(String::as_str);
                    records.push(self.message_count(names, field, count, last_at)?);
                }
                records.sort_by_cached_key(Record::identity);
                whole(records)
            }
            RecordKind::Launches => self.launch_page(names, after).await?,
        })
    }

    async fn fields_of(&self, names: &Names, hash: &str) -> Result<Fields, StoreError> {
        let mut read = redis::cmd("HGETALL");
        read.arg(hash);
        Ok(self.redis().ask(names.tag(), read).await?)
    }

    fn code(&self, names: &Names, fingerprint: &str, text: &str) -> Result<Record, StoreError> {
        let code = serde_json::from_str(text);
        let code: Code = code.map_err(|error| self.damaged(&names.codes(), error))?;
        Ok(Record::RedeemedCode(Code {
            fingerprint: fingerprint.to_owned(),
            ..code
        }))
    }

    fn message_count(
        &self,
        names: &Names,
        field: &str,
        count: &str,
        last_at: Option<&str>,
    ) -> Result<Record, StoreError> {
        let (account, what) = serde_json::from_str(field)
            .map_err(|error| self.damaged(&names.message_counts(), error))?;
        Ok(Record::MessageCount(Count {
            account,
            what,
            count: count.parse().unwrap_or(0),
            last_at: last_at.and_then(|at| at.parse().ok()).unwrap_or(0),
        }))
    }

    /// The next appids of the roster, and after what to go on.
    async fn appids(
        &self,
        names: &Names,
        after: Option<&str>,
    ) -> Result<(Vec<Appid>, Option<String>), StoreError> {
        let start = match after {
            None | Some("") => "-".to_owned(),
            Some(appid) => format!("({appid}"),
        };
        let mut read = redis::cmd("ZRANGEBYLEX");
        read.arg(names.roster()).arg(start).arg("+");
        read.arg("LIMIT").arg(0).arg(PAGE);
        let found: Vec<String> = self.redis().ask(names.tag(), read).await?;
        let next = found.last().filter(|_| found.len() == PAGE).cloned();
        Ok((found.into_iter().map(Appid::from_wire).collect(), next))
    }

    /// A page of tokens: those of the platform's roster, and its own on the first.
    async fn token_page(&self, names: &Names, after: Option<String>) -> Result<Page, StoreError> {
        let (appids, next) = self.appids(names, after.as_deref()).await?;
        let mut owners: Vec<String> = appids.iter().map(Appid::to_string).collect();
        if after.is_none() {
            owners.insert(0, String::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(owners.len());
        for owner in &owners {
            pipeline.cmd("HGETALL").arg(names.token(&owner_of(owner)));
        }
        let answers = self.redis().pipe(names.tag(), &pipeline).await?;
        let mut records = Vec::with_capacity(owners.len());
        for (owner, answer) in owners.iter().zip(answers) {
            let fields: Fields = self.redis().read(answer)?;
            records.extend(of_fields(owner, &fields).map(Record::Token));
        }
        Ok(Page { records, next })
    }

    async fn authorizer_page(
        &self,
        names: &Names,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let (appids, next) = self.appids(names, after.as_deref()).await?;
        let records = self.authorizer_records(names, &appids).await?;
        Ok(Page { records, next })
    }

    /// The rows of authorizers with what WeChat said about each.
    async fn authorizer_records(
        &self,
        names: &Names,
        appids: &[Appid],
    ) -> Result<Vec<Record>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2 * appids.len());
        for appid in appids {
            pipeline.cmd("GET").arg(names.authorizer(appid));
            pipeline.cmd("GET").arg(names.details(appid));
        }
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut records = Vec::with_capacity(appids.len());
        for appid in appids {
            let mut next = || {
                let answer = answers.next().unwrap_or(Value::Nil);
                self.redis().read::<Option<String>>(answer)
            };
            let (row, details) = (next()?, next()?);
            if let Some(row) = row {
                let (row, _) = self.parse_row(names, appid, &row)?;
                records.push(Record::Authorizer(Box::new(row.record(appid, details))));
            }
        }
        Ok(records)
    }

    async fn log_page<T: DeserializeOwned>(
        &self,
        names: &Names,
        log: &str,
        after: Option<String>,
        record: impl Fn(T) -> Record,
    ) -> Result<Page, StoreError> {
        let found = self.log_after(names, log, after.as_deref(), PAGE).await?;
        let last = found.last().map(|(number, _)| number.to_string());
        Ok(Page {
            next: last.filter(|_| found.len() == PAGE),
            records: found.into_iter().map(|(_, kept)| record(kept)).collect(),
        })
    }

    async fn event_page(&self, names: &Names, after: Option<String>) -> Result<Page, StoreError> {
        let lowest = after.map_or_else(|| "-inf".to_owned(), |after| format!("({after}"));
        let mut read = redis::cmd("ZRANGEBYSCORE");
        read.arg(names.events()).arg(lowest).arg("+inf");
        read.arg("WITHSCORES").arg("LIMIT").arg(0).arg(PAGE);
        let found: Vec<(String, i64)> = self.redis().ask(names.tag(), read).await?;
        let last = found.last().map(|(_, id)| id.to_string());
        let next = last.filter(|_| found.len() == PAGE);
        let fingerprints: Vec<String> = found.into_iter().map(|(name, _)| name).collect();
        let events = self.read_events(names, &fingerprints).await?.into_iter();
        Ok(Page {
            records: events
                .map(|(_, event)| Record::Event(Box::new(event)))
                .collect(),
            next,
        })
    }

    /// A page of launches; the place is how many came before.
    async fn launch_page(&self, names: &Names, after: Option<String>) -> Result<Page, StoreError> {
        let start: usize = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let mut read = redis::cmd("ZRANGE");
        read.arg(names.launches()).arg(start).arg(start + PAGE - 1);
        let found: Vec<String> = self.redis().ask(names.tag(), read).await?;
        let next = (found.len() == PAGE).then(|| (start + PAGE).to_string());
        let mut records = Vec::with_capacity(found.len());
        for fingerprint in found {
            let found = self.kept_launch(names, &fingerprint).await?;
            records.extend(found.map(|(_, launch)| Record::Launch(launch)));
        }
        Ok(Page { records, next })
    }

    /// Reads records by their identity.
    pub(super) async fn find_named(
        &self,
        names: &Names,
        wanted: &[(RecordKind, String)],
    ) -> Result<(Found, BTreeMap<(RecordKind, String), Record>), StoreError> {
        let mut found = Found::default();
        let mut records = BTreeMap::new();
        let of = |kind: RecordKind| {
            let wanted = wanted.iter().filter(move |(of, _)| *of == kind);
            wanted.map(|(_, identity)| identity.clone())
        };
        if of(RecordKind::Tickets).next().is_some() {
            let kept = self.kept_tickets(names).await?;
            for fingerprint in of(RecordKind::Tickets) {
                let ticket = kept.ticket(&fingerprint).map(Record::Ticket);
                let name = (RecordKind::Tickets, fingerprint);
                records.extend(ticket.map(|ticket| (name, ticket)));
            }
            found.tickets = Some(kept);
        }
        let owners: Vec<String> = of(RecordKind::Tokens).collect();
        if !owners.is_empty() {
            found.tokens = self.find_tokens(names, &owners).await?;
            for (owner, (fields, _)) in &found.tokens {
                let token = of_fields(owner, fields).map(Record::Token);
                records.extend(token.map(|token| ((token.kind(), owner.clone()), token)));
            }
        }
        let appids: Vec<Appid> = of(RecordKind::Authorizers).map(Appid::from_wire).collect();
        if !appids.is_empty() {
            let rows = self.authorizer_records(names, &appids).await?;
            records.extend(
                rows.into_iter()
                    .map(|row| ((row.kind(), row.identity()), row)),
            );
        }
        let events: Vec<String> = of(RecordKind::Events).collect();
        if !events.is_empty() {
            for (id, event) in self.read_events(names, &events).await? {
                found.events.insert(event.fingerprint.clone(), id);
                let record = Record::Event(Box::new(event));
                records.insert((record.kind(), record.identity()), record);
            }
        }
        for name @ (kind, identity) in wanted {
            let text = match kind {
                RecordKind::RedeemedCodes => {
                    let text = self.field(names, &names.codes(), identity).await?;
                    let record = text.as_ref().map(|text| self.code(names, identity, text));
                    records.extend(record.transpose()?.map(|record| (name.clone(), record)));
                    text
                }
                RecordKind::Launches => match self.kept_launch(names, identity).await? {
                    Some((text, launch)) => {
                        records.insert(name.clone(), Record::Launch(launch));
                        Some(text)
                    }
                    None => None,
                },
                RecordKind::MessageCounts => {
                    let field = self.count_field(names, identity)?;
                    let count = self.field(names, &names.message_counts(), &field).await?;
                    let at = self.field(names, &names.message_times(), &field).await?;
                    if let Some(count) = &count {
                        let record = self.message_count(names, &field, count, at.as_deref())?;
                        records.insert(name.clone(), record);
                    }
                    count
                }
                _ => None,
            };
            found.texts.extend(text.map(|text| (name.clone(), text)));
        }
        Ok((found, records))
    }

    /// The field of a count, from its identity: account and kind, of which neither has a space.
    fn count_field(&self, names: &Names, identity: &str) -> Result<String, StoreError> {
        let (account, what) = identity.split_once(' ').unwrap_or((identity, ""));
        self.json(&names.message_counts(), &(account, what))
    }

    async fn find_tokens(
        &self,
        names: &Names,
        owners: &[String],
    ) -> Result<BTreeMap<String, (Fields, Option<FoundRow>)>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2 * owners.len());
        for owner in owners {
            pipeline.cmd("HGETALL").arg(names.token(&owner_of(owner)));
            let row = names.authorizer(&Appid::from_wire(owner.clone()));
            pipeline.cmd("GET").arg(row);
        }
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut found = BTreeMap::new();
        for owner in owners {
            let mut next = || answers.next().unwrap_or(Value::Nil);
            let fields: Fields = self.redis().read(next())?;
            let row: Option<String> = self.redis().read(next())?;
            // A row that cannot be read does not keep its token from being read.
            let appid = Appid::from_wire(owner.clone());
            let row = row.map(|text| {
                let parsed = self.parse_row(names, &appid, &text);
                let is_active = |row: &RosterRow| row.status == AuthorizationStatus::Active;
                FoundRow {
                    is_active: parsed.is_ok_and(|(row, _)| is_active(&row)),
                    text,
                }
            });
            found.insert(owner.clone(), (fields, row));
        }
        Ok(found)
    }

    /// Plans a record in the place of the one that was read. Rows of the roster and passes are planned as
    /// what they are; events have scripts of their own, unless a secret alone is another.
    pub(super) fn plan_named(
        &self,
        plan: &mut Plan,
        names: &Names,
        found: &mut Found,
        before: Option<&Record>,
        after: &Record,
    ) -> Result<(), StoreError> {
        let name = (after.kind(), after.identity());
        let text = found.texts.get(&name).map(String::as_str);
        match after {
            Record::Ticket(ticket) => {
                if let Some(kept) = &mut found.tickets {
                    self.plan_kept(plan, names, kept, ticket)?;
                }
            }
            Record::Token(token) => {
                let none = (Fields::new(), None);
                let (fields, row) = found.tokens.get(&token.owner).unwrap_or(&none);
                plan_token(plan, names, fields, row.as_ref(), token);
            }
            Record::RedeemedCode(code) => {
                let hash = names.codes();
                plan.expect_field(&hash, &code.fingerprint, text);
                plan.set_field(&hash, &code.fingerprint, &self.json(&hash, code)?);
            }
            Record::MessageCount(count) => {
                let named = (&count.account, &count.what);
                let field = self.json(&names.message_counts(), &named)?;
                plan.expect_field(&names.message_counts(), &field, text);
                let (counts, times) = (names.message_counts(), names.message_times());
                plan.set_field(&counts, &field, &count.count.to_string());
                plan.set_field(&times, &field, &count.last_at.to_string());
            }
            Record::Launch(launch) => {
                let before = before.and_then(|before| match before {
                    Record::Launch(launch) => Some(launch),
                    _ => None,
                });
                plan.expect(&names.launch(&launch.pre_auth_code_fingerprint), text);
                self.plan_launch(plan, names, before, launch)?;
            }
            Record::Event(event) => {
                if let Some(Record::Event(before)) = before {
                    plan_secrets(plan, names, before, event);
                }
            }
            Record::Authorizer(_) | Record::Sync(_) | Record::Journal(_) | Record::Message(_) => {}
        }
        Ok(())
    }

    /// Plans an entry of a log.
    pub(super) fn plan_appended(
        &self,
        plan: &mut Plan,
        names: &Names,
        record: &Record,
    ) -> Result<(), StoreError> {
        let (counter, log, text) = match record {
            Record::Journal(entry) => {
                let log = names.journal();
                (names.journal_count(), log, self.json("journal", entry)?)
            }
            Record::Message(message) => {
                let log = names.messages();
                (names.message_count(), log, self.json("messages", message)?)
            }
            _ => return Ok(()),
        };
        plan.log(&counter, &log, &text);
        Ok(())
    }

    /// Stores events that a plan cannot: new ones, and what was done about known ones elsewhere. An event
    /// is in many sets at once.
    pub(super) async fn write_event(
        &self,
        key: &PlatformKey,
        found: &Found,
        before: Option<&Record>,
        after: &Record,
    ) -> Result<(), StoreError> {
        let Record::Event(after) = after else {
            return Ok(());
        };
        let names = self.names(key);
        let (Some(Record::Event(before)), Some(id)) =
            (before, found.events.get(&after.fingerprint))
        else {
            return self.place_event(&names, after).await;
        };
        if after.outcome != before.outcome
            && let Some(outcome) = EventOutcome::from_word(&after.outcome)
        {
            self.finish_event(key, *id, outcome, &after.detail, true)
                .await?;
        }
        if after.forward != before.forward
            && let Some(state) = after.forward.as_deref().and_then(ForwardState::from_word)
        {
            let detail = after.forward_detail.as_deref();
            self.note_forward(key, *id, state, detail, None).await?;
        }
        if after.repeats != before.repeats {
            let mut write = redis::cmd("HSET");
            write.arg(names.event(&after.fingerprint));
            write.arg("repeats").arg(after.repeats);
            let _: i64 = self.redis().ask(names.tag(), write).await?;
        }
        Ok(())
    }
}

fn plan_token(
    plan: &mut Plan,
    names: &Names,
    found: &Fields,
    row: Option<&FoundRow>,
    token: &Token,
) {
    let key = names.token(&owner_of(&token.owner));
    for field in TOKEN_RESTS_ON {
        plan.expect_field(&key, field, found.get(field).map(String::as_str));
    }
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let access = token.access.as_ref().map(|secret| secret.text().to_owned());
    let refresh = token
        .refresh
        .as_ref()
        .map(|secret| secret.text().to_owned());
    let has_refresh = refresh.is_some();
    // An intent that was brought is nobody's: whoever holds the lease next asks what became of it.
    let intent_at = number(token.unsettled_since);
    let intent_fence = match intent_at.as_ref() == found.get("intent_at") {
        true => found.get("intent_fence").cloned(),
        false => intent_at.as_ref().map(|_| "0".to_owned()),
    };
    for (field, value) in [
        ("access", access),
        ("refresh", refresh),
        ("refresh_as_of", number(token.refresh_as_of)),
        ("issued_at", number(token.issued_at)),
        ("lifetime", number(token.lifetime)),
        ("expires_at", number(token.expires_at)),
        ("generation", number(Some(token.generation))),
        ("used_at", number(token.used_at)),
        ("intent_at", intent_at),
        ("intent_fence", intent_fence),
    ] {
        match value {
            value if value.as_ref() == found.get(field) => {}
            Some(value) => plan.set_field(&key, field, &value),
            None => plan.delete_field(&key, field),
        }
    }
    let had_refresh = found.get("refresh").is_some_and(|text| !text.is_empty());
    let ends = token.expires_at.unwrap_or(0);
    let ends_otherwise = number(token.expires_at).as_ref() != found.get("expires_at");
    if had_refresh && has_refresh && ends_otherwise {
        let ends = ends.to_string();
        plan.write("ZADD", &names.due(), &["XX", &ends, &token.owner]);
    } else if !had_refresh && has_refresh && row.is_some_and(|row| row.is_active) {
        let key = names.authorizer(&Appid::from_wire(token.owner.clone()));
        plan.expect(&key, row.map(|row| row.text.as_str()));
        plan.rank(&names.due(), &token.owner, ends);
    }
}

fn plan_secrets(plan: &mut Plan, names: &Names, before: &Event, after: &Event) {
    let key = names.event(&after.fingerprint);
    for (field, before, after) in [
        ("code", &before.code, &after.code),
        (
            "forward_payload",
            &before.forward_payload,
            &after.forward_payload,
        ),
    ] {
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            plan.expect_field(&key, field, Some(before.text()));
            plan.set_field(&key, field, after.text());
        }
    }
}
