//! Events: a hash each, by fingerprint, and sets of fingerprints.
//!
//! Fields, all text: `id`, `received_at`, `created_at`, `info_type`, `appid`, `fields` (JSON),
//! `outcome`, `detail` (JSON), `finished_at`, `code` (secret, encrypted where there is a key),
//! `code_expires_at`, `link` (fingerprint of the pre-auth code), `forward`, `forward_detail`,
//! `forward_payload` (encrypted likewise), `forward_early` (1), `repeats`, `attempt` (the last one to keep it). Times are
//! Unix seconds.

use std::sync::LazyLock;

use jiff::Timestamp;
use redis::Value;

use crate::store::encryption::StoredSecret;
use crate::store::events::{Accepted, EventFilter, EventOutcome};
use crate::store::ops;
use crate::store::record::{Event, Ticket};
use crate::store::{PlatformKey, StoreError};
use crate::sys::random;
use crate::sys::redis::Script;
use crate::wechat::id::Appid;

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;
use super::tokens::{Fields, number};

static ACCEPT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(
        include_str!("event_keys.lua"),
        include_str!("plan.lua"),
        include_str!("accept.lua")
    ))
});

/// How many events are read at a time.
pub(super) const PAGE: usize = 500;

impl RedisStore {
    /// Keeps an event, in one script; one with a ticket is read for first.
    pub(in crate::store) async fn accept_event(
        &self,
        key: &PlatformKey,
        event: Event,
        ticket: Option<Ticket>,
        is_current: bool,
    ) -> Result<Accepted, StoreError> {
        let names = self.names(key);
        self.may_write_secrets(&names).await?;
        let (attempt, mut attempts) = (random::hex(8), 0);
        loop {
            let mut plan = plan_event(&names, &event);
            if let Some(ticket) = &ticket {
                let mut kept = self.kept_tickets(&names).await?;
                self.plan_ticket(&mut plan, &names, &mut kept, ticket, is_current)?;
            }
            let mut answer = self.enrol_event(&plan, &event, &attempt).await?.into_iter();
            let kind = answer.next().unwrap_or_default();
            let id = answer.next().and_then(|id| id.parse().ok());
            let outcome = answer
                .next()
                .and_then(|word| EventOutcome::from_word(&word));
            match (kind.as_str(), id, outcome) {
                ("1", Some(id), Some(outcome)) => return Ok(Accepted::New { id, outcome }),
                ("2", Some(id), _) => return Ok(Accepted::Repeat { id }),
                ("0", ..) => self.again(&mut attempts).await?,
                _ => return Err(self.damaged(&names.event(&event.fingerprint), "no event")),
            }
        }
    }

    /// Keeps an event that was kept elsewhere, unless it came here meanwhile.
    pub(super) async fn place_event(
        &self,
        names: &Names,
        record: &Event,
    ) -> Result<(), StoreError> {
        self.know_platform(names.tag()).await?;
        let plan = plan_event(names, record);
        self.enrol_event(&plan, record, "placed").await.map(|_| ())
    }

    /// Carries `accept.lua` out; its answer.
    async fn enrol_event(
        &self,
        plan: &Plan,
        event: &Event,
        attempt: &str,
    ) -> Result<Vec<String>, StoreError> {
        let decimal = |number: Option<i64>| number.map(|number| number.to_string());
        let flag = |is: bool| if is { "1" } else { "0" }.to_owned();
        let code = event.code.as_ref();
        let code_ends =
            code.map(|_| ops::events::code_end(event.received_at, event.code_expires_at));
        let mut arguments: Vec<Vec<u8>> =
            vec![plan.text().map_err(|error| self.damaged("plan", error))?];
        let told = [
            attempt.to_owned(),
            event.fingerprint.clone(),
            event.info_type.clone(),
            event.outcome.clone(),
            event.received_at.to_string(),
            decimal(code_ends).unwrap_or_default(),
            event.pre_auth_code_fingerprint.clone().unwrap_or_default(),
            event.forward.clone().unwrap_or_default(),
            flag(event.appid.is_some()),
            flag(event.forward_early),
            decimal(event.forward_after).unwrap_or_default(),
        ];
        arguments.extend(told.map(String::into_bytes));
        let detail = (!event.detail.is_null()).then(|| event.detail.to_string());
        let payload = event.forward_payload.as_ref();
        for (name, value) in [
            ("received_at", Some(event.received_at.to_string())),
            ("created_at", decimal(event.created_at)),
            ("info_type", Some(event.info_type.clone())),
            ("appid", event.appid.clone()),
            ("fields", Some(event.fields.to_string())),
            ("outcome", Some(event.outcome.clone())),
            ("detail", detail),
            ("finished_at", decimal(event.finished_at)),
            ("code", code.map(|code| code.text().to_owned())),
            ("code_expires_at", decimal(event.code_expires_at)),
            ("link", event.pre_auth_code_fingerprint.clone()),
            ("forward", event.forward.clone()),
            ("forward_detail", event.forward_detail.clone()),
            (
                "forward_payload",
                payload.map(|payload| payload.text().to_owned()),
            ),
            ("forward_early", event.forward_early.then(|| flag(true))),
            (
                "repeats",
                decimal(Some(event.repeats).filter(|count| *count > 0)),
            ),
        ] {
            if let Some(value) = value {
                arguments.extend([name.into(), value.into()]);
            }
        }
        let (answer, confirmed): (Vec<String>, bool) = self
            .redis()
            .run_replicated(plan.tag(), &ACCEPT, plan.keys(), &arguments)
            .await?;
        if !confirmed {
            tracing::warn!("no replica confirmed an event: a failover may lose it");
        }
        Ok(answer)
    }

    pub(in crate::store) async fn event(
        &self,
        key: &PlatformKey,
        id: i64,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        let names = self.names(key);
        match self.fingerprint_of(&names, id).await? {
            Some(fingerprint) => Ok(self.read_events(&names, &[fingerprint]).await?.pop()),
            None => Ok(None),
        }
    }

    /// The fingerprint of an event, by which its keys are called.
    pub(super) async fn fingerprint_of(
        &self,
        names: &Names,
        id: i64,
    ) -> Result<Option<String>, StoreError> {
        let mut read = redis::cmd("ZRANGEBYSCORE");
        read.arg(names.events()).arg(id).arg(id);
        let found: Vec<String> = self.redis().ask(names.tag(), read).await?;
        Ok(found.into_iter().next())
    }

    /// Several events with their numbers; those that are gone are left out.
    pub(super) async fn read_events(
        &self,
        names: &Names,
        fingerprints: &[String],
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2 * fingerprints.len());
        for fingerprint in fingerprints {
            pipeline.cmd("HGETALL").arg(names.event(fingerprint));
            let later = names.forward_later();
            pipeline.cmd("ZSCORE").arg(later).arg(fingerprint);
        }
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut events = Vec::with_capacity(fingerprints.len());
        for fingerprint in fingerprints {
            let mut next = || answers.next().unwrap_or(Value::Nil);
            let fields: Fields = self.redis().read(next())?;
            let later: Option<i64> = self.redis().read(next())?;
            if let Some(id) = number(&fields, "id") {
                events.push((id, event_of(fingerprint, fields, later)));
            }
        }
        Ok(events)
    }

    pub(in crate::store) async fn event_of_link(
        &self,
        key: &PlatformKey,
        pre_auth_code_fingerprint: &str,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("HGET");
        read.arg(names.links()).arg(pre_auth_code_fingerprint);
        let found: Option<String> = self.redis().ask(names.tag(), read).await?;
        match found {
            Some(fingerprint) => Ok(self.read_events(&names, &[fingerprint]).await?.pop()),
            None => Ok(None),
        }
    }

    pub(in crate::store) async fn events(
        &self,
        key: &PlatformKey,
        filter: &EventFilter,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        let names = self.names(key);
        let (mut after, mut before) = (filter.after, filter.before);
        let picks = filter.info_type.is_some()
            || filter.appid.is_some()
            || filter.outcome.is_some()
            || filter.since.is_some();
        let mut records = Vec::new();
        while records.len() < filter.limit {
            let lowest = after.map_or_else(|| "-inf".to_owned(), |after| format!("({after}"));
            let highest = before.map_or_else(|| "+inf".to_owned(), |before| format!("({before}"));
            let wanted = filter.limit - records.len();
            let size = if picks { PAGE } else { wanted.min(PAGE) };
            // Redis 6.0 knows no ZRANGE by score.
            let (command, from, to) = match filter.after {
                Some(_) => ("ZRANGEBYSCORE", lowest, highest),
                None => ("ZREVRANGEBYSCORE", highest, lowest),
            };
            let mut read = redis::cmd(command);
            read.arg(names.events()).arg(from).arg(to);
            read.arg("LIMIT").arg(0).arg(size).arg("WITHSCORES");
            let page: Vec<(String, i64)> = self.redis().ask(names.tag(), read).await?;
            let Some((_, last)) = page.last() else { break };
            match filter.after {
                Some(_) => after = Some(*last),
                None => before = Some(*last),
            }
            let is_last = page.len() < size;
            let mut fingerprints: Vec<String> = page.into_iter().map(|(name, _)| name).collect();
            if picks {
                fingerprints = self.picked(&names, fingerprints, filter).await?;
                fingerprints.truncate(wanted);
            }
            let mut events = self.read_events(&names, &fingerprints).await?;
            events.retain(|(_, event)| EventOutcome::from_word(&event.outcome).is_some());
            records.extend(events);
            if is_last {
                break;
            }
        }
        Ok(records)
    }

    /// Those of a page that a filter lets through.
    async fn picked(
        &self,
        names: &Names,
        page: Vec<String>,
        filter: &EventFilter,
    ) -> Result<Vec<String>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(page.len());
        for fingerprint in &page {
            let names = [names.event(fingerprint)];
            pipeline.cmd("HMGET").arg(&names);
            pipeline.arg(&["info_type", "appid", "outcome", "received_at"]);
        }
        let answers = self.redis().pipe(names.tag(), &pipeline).await?;
        let mut picked = Vec::new();
        for (fingerprint, answer) in page.into_iter().zip(answers) {
            type Found = (Option<String>, Option<String>, Option<String>, Option<i64>);
            let (info_type, appid, outcome, received_at): Found = self.redis().read(answer)?;
            let is = |wanted: Option<&str>, found: Option<String>| {
                wanted.is_none_or(|wanted| found.as_deref() == Some(wanted))
            };
            let since = filter.since.map(Timestamp::as_second);
            if is(filter.info_type.as_deref(), info_type)
                && is(filter.appid.as_ref().map(Appid::as_str), appid)
                && is(filter.outcome.map(EventOutcome::as_str), outcome)
                && since.is_none_or(|since| received_at.is_some_and(|at| at >= since))
            {
                picked.push(fingerprint);
            }
        }
        Ok(picked)
    }

    pub(in crate::store) async fn event_totals(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(String, EventOutcome, u64)>, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("HGETALL");
        read.arg(names.event_totals());
        let found: Vec<(String, u64)> = self.redis().ask(names.tag(), read).await?;
        let known = |(name, count): (String, u64)| {
            let (outcome, info_type) = name.split_once(' ')?;
            Some((
                info_type.to_owned(),
                EventOutcome::from_word(outcome)?,
                count,
            ))
        };
        let mut totals: Vec<_> = found.into_iter().filter_map(known).collect();
        totals.sort_by(|one, other| {
            let name = |total: &(String, EventOutcome, u64)| (total.0.clone(), total.1.as_str());
            name(one).cmp(&name(other))
        });
        Ok(totals)
    }
}

/// An event from its hash.
fn event_of(fingerprint: &str, mut fields: Fields, forward_after: Option<i64>) -> Event {
    let time = |name| number(&fields, name);
    let (received_at, created_at) = (time("received_at").unwrap_or(0), time("created_at"));
    let (finished_at, code_expires_at) = (time("finished_at"), time("code_expires_at"));
    let repeats = time("repeats").unwrap_or(0);
    let mut take = |name: &str| fields.remove(name);
    let json = |text: Option<String>| {
        text.and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    };
    Event {
        fingerprint: fingerprint.to_owned(),
        received_at,
        created_at,
        info_type: take("info_type").unwrap_or_default(),
        appid: take("appid"),
        fields: json(take("fields")),
        outcome: take("outcome").unwrap_or_default(),
        detail: json(take("detail")),
        finished_at,
        repeats,
        code: take("code").map(StoredSecret::from_text),
        code_expires_at,
        pre_auth_code_fingerprint: take("link"),
        forward: take("forward"),
        forward_detail: take("forward_detail"),
        forward_after,
        forward_payload: take("forward_payload").map(StoredSecret::from_text),
        forward_early: take("forward_early").is_some_and(|flag| flag == "1"),
    }
}

/// A plan whose first keys are those of `accept.lua`.
fn plan_event(names: &Names, event: &Event) -> Plan {
    let mut plan = Plan::new(names);
    let about = event.appid.as_deref().unwrap_or_default();
    let own = [
        names.event(&event.fingerprint),
        names.forward_queue(about),
        names.event_count(),
    ];
    for name in names.event_keys().into_iter().chain(own) {
        plan.number(&name);
    }
    plan
}
