//! Events as records.

use crate::store::record::{Event, Record};
use crate::store::transfer::{PAGE, Page, Placed, Verdict, judge};
use crate::store::{EventOutcome, ForwardState, PlatformKey, StoreError};

use super::super::RedisStore;
use super::super::names::Names;
use super::super::tokens::{Fields, number};
use super::basics::unwritten;

impl RedisStore {
    pub(super) async fn event_records_of(
        &self,
        names: &Names,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let lowest = after.map_or_else(|| "-inf".to_owned(), |after| format!("({after}"));
        let mut read = redis::cmd("ZRANGEBYSCORE");
        read.arg(names.events()).arg(lowest).arg("+inf");
        read.arg("WITHSCORES").arg("LIMIT").arg(0).arg(PAGE);
        let found: Vec<(String, i64)> = self.redis().ask(names.tag(), read).await?;
        let last = found.last().map(|(_, id)| id.to_string());
        let next = last.filter(|_| found.len() == PAGE);
        let fingerprints: Vec<String> = found.into_iter().map(|(name, _)| name).collect();
        let mut records = Vec::with_capacity(fingerprints.len());
        for (_, event) in self.kept_events(names, fingerprints).await? {
            records.push(Record::Event(Box::new(event)));
        }
        Ok(Page { records, next })
    }

    /// Events with their numbers; those that are gone are left out.
    async fn kept_events(
        &self,
        names: &Names,
        fingerprints: Vec<String>,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2 * fingerprints.len());
        for fingerprint in &fingerprints {
            pipeline.cmd("HGETALL").arg(names.event(fingerprint));
            pipeline
                .cmd("ZSCORE")
                .arg(names.forward_later())
                .arg(fingerprint);
        }
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut events = Vec::with_capacity(fingerprints.len());
        for fingerprint in fingerprints {
            let mut next = || answers.next().unwrap_or(redis::Value::Nil);
            let fields: Fields = self.redis().read(next())?;
            let later: Option<i64> = self.redis().read(next())?;
            if let Some(id) = number(&fields, "id") {
                events.push((id, self.event_of(fingerprint, fields, later)?));
            }
        }
        Ok(events)
    }

    fn event_of(
        &self,
        fingerprint: String,
        mut fields: Fields,
        forward_after: Option<i64>,
    ) -> Result<Event, StoreError> {
        let time = |name| number(&fields, name);
        let (received_at, created_at) = (time("received_at").unwrap_or(0), time("created_at"));
        let (finished_at, code_expires_at) = (time("finished_at"), time("code_expires_at"));
        let repeats = time("repeats").unwrap_or(0);
        let mut take = |name: &str| fields.remove(name);
        let json = |text: Option<String>| {
            text.and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default()
        };
        Ok(Event {
            fingerprint,
            received_at,
            created_at,
            info_type: take("info_type").unwrap_or_default(),
            appid: take("appid"),
            fields: json(take("fields")),
            outcome: take("outcome").unwrap_or_default(),
            detail: json(take("detail")),
            finished_at,
            repeats,
            code: take("code")
                .map(|text| self.keyring().decrypt_text(&text))
                .transpose()?,
            code_expires_at,
            pre_auth_code_fingerprint: take("link"),
            forward: take("forward"),
            forward_detail: take("forward_detail"),
            forward_after,
            forward_payload: take("forward_payload")
                .map(|text| self.keyring().decrypt_plain_text(&text))
                .transpose()?,
            forward_early: take("forward_early").is_some_and(|flag| flag == "1"),
        })
    }

    /// Brings events, each by an act of its own: an event is in many sets at once.
    pub(super) async fn place_events(
        &self,
        key: &PlatformKey,
        records: Vec<Record>,
        write: bool,
    ) -> Result<Vec<Placed>, StoreError> {
        let names = self.names(key);
        self.know_platform(names.tag()).await?;
        let mut placed = Vec::with_capacity(records.len());
        for record in records {
            let Record::Event(offered) = record else {
                continue;
            };
            let known = vec![offered.fingerprint.clone()];
            let standing = self.kept_events(&names, known).await?.pop();
            let (id, before) = standing.map_or((None, None), |(id, event)| (Some(id), Some(event)));
            let judged = judge(
                before.clone().map(|event| Record::Event(Box::new(event))),
                Record::Event(offered),
            );
            let merged = match judged {
                Verdict::Write(Record::Event(merged)) => merged,
                other => {
                    placed.push(unwritten(&other));
                    continue;
                }
            };
            placed.push(Placed::Written);
            match (id, before) {
                _ if !write => {}
                (Some(id), Some(before)) => {
                    self.amend_event(key, &names, id, &before, &merged).await?;
                }
                _ => self.place_event(&names, &merged).await?,
            }
        }
        Ok(placed)
    }

    /// What was done about a known event elsewhere is done here too.
    async fn amend_event(
        &self,
        key: &PlatformKey,
        names: &Names,
        id: i64,
        before: &Event,
        merged: &Event,
    ) -> Result<(), StoreError> {
        if merged.outcome != before.outcome
            && let Some(outcome) = EventOutcome::from_word(&merged.outcome)
        {
            self.finish_event(key, id, outcome, &merged.detail, true)
                .await?;
        }
        if merged.forward != before.forward
            && let Some(state) = merged.forward.as_deref().and_then(ForwardState::from_word)
        {
            let detail = merged.forward_detail.as_deref();
            self.note_forward(key, id, state, detail, None).await?;
        }
        if merged.repeats != before.repeats {
            let mut write = redis::cmd("HSET");
            write.arg(names.event(&merged.fingerprint));
            write.arg("repeats").arg(merged.repeats);
            let _: i64 = self.redis().ask(names.tag(), write).await?;
        }
        Ok(())
    }
}
