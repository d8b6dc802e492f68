//! Work on events: those free in one set, those claimed in another by the end of their claim.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;

use crate::store::events::{EventOutcome, ForwardState};
use crate::store::ops;
use crate::store::record::Event;
use crate::store::validity::waits_end_by;
use crate::store::{PlatformKey, StoreError};
use crate::sys::redis::Script;

use super::RedisStore;
use super::leases::milliseconds;
use super::names::Names;
use super::tokens::text;

static TAKE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("once.lua"), include_str!("take.lua"))));
static FINISH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(
        include_str!("event_keys.lua"),
        include_str!("finish.lua")
    ))
});
static NOTE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(
        include_str!("event_keys.lua"),
        include_str!("note.lua")
    ))
});

/// How many events one script changes: it must not keep the server from others for long.
pub(super) const PIECE: usize = 200;

/// Which events are asked for.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    /// Those with work to do.
    Work,
    /// This one, if there is work to do.
    One(&'a str),
    /// Those to forward.
    Forward,
}

impl RedisStore {
    pub(in crate::store) async fn claim_events(
        &self,
        key: &PlatformKey,
        limit: usize,
        claim_life: Duration,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        self.take_events(key, Wanted::Work, limit, claim_life).await
    }

    pub(in crate::store) async fn claim_event(
        &self,
        key: &PlatformKey,
        id: i64,
        claim_life: Duration,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        let Some(fingerprint) = self.fingerprint_of(&self.names(key), id).await? else {
            return Ok(None);
        };
        let wanted = Wanted::One(&fingerprint);
        Ok(self.take_events(key, wanted, 1, claim_life).await?.pop())
    }

    pub(in crate::store) async fn claim_forwards(
        &self,
        key: &PlatformKey,
        limit: usize,
        claim_life: Duration,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        self.take_events(key, Wanted::Forward, limit, claim_life)
            .await
    }

    async fn take_events(
        &self,
        key: &PlatformKey,
        wanted: Wanted<'_>,
        limit: usize,
        life: Duration,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        let names = self.names(key);
        let mut keys = vec![names.events()];
        match wanted {
            Wanted::Work | Wanted::One(_) => keys.extend([names.work(), names.work_claimed()]),
            Wanted::Forward => keys.extend([names.forward(), names.forward_claimed()]),
        }
        if matches!(wanted, Wanted::Forward) {
            keys.push(names.forward_later());
        }
        keys.push(Names::act_under(names.tag()));
        let one = match wanted {
            Wanted::One(fingerprint) => fingerprint,
            Wanted::Work | Wanted::Forward => "",
        };
        let arguments = [
            text(i64::try_from(limit).unwrap_or(i64::MAX)),
            text(milliseconds(life)),
            text(self.now()),
            text(waits_end_by(self.now(), 1)),
            one.into(),
        ];
        let taken: Vec<String> = self
            .redis()
            .run(names.tag(), &TAKE, &keys, &arguments)
            .await?;
        self.read_events(&names, &taken).await
    }

    pub(in crate::store) async fn finish_event(
        &self,
        key: &PlatformKey,
        id: i64,
        outcome: EventOutcome,
        detail: &serde_json::Value,
        code_spent: bool,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let Some(fingerprint) = self.fingerprint_of(&names, id).await? else {
            return Ok(());
        };
        let event = names.event(&fingerprint);
        let mut attempts = 0;
        loop {
            let mut read = redis::cmd("HMGET");
            read.arg(&event).arg(&["outcome", "appid"]);
            let (before, about): (Option<String>, Option<String>) =
                self.redis().ask(names.tag(), read).await?;
            let Some(before) = before else {
                return Ok(());
            };
            let noted = ops::events::finish(&before, outcome, self.now());
            if noted.is_none() && !code_spent {
                return Ok(());
            }
            let mut keys = names.event_keys();
            let queue = names.forward_queue(about.as_deref().unwrap_or_default());
            keys.extend([event.clone(), queue]);
            let noted = noted.as_ref();
            let ended = noted.and_then(|noted| noted.finished_at);
            let arguments = [
                fingerprint.clone().into(),
                before.into(),
                noted.map_or("", |noted| noted.outcome.as_str()).into(),
                detail.to_string().into(),
                ended.map(text).unwrap_or_default(),
                text(i64::from(code_spent)),
                text(i64::from(about.is_some())),
            ];
            let was_noted: i64 = self
                .redis()
                .run(names.tag(), &FINISH, &keys, &arguments)
                .await?;
            if was_noted == 1 {
                return Ok(());
            }
            self.again(&mut attempts).await?;
        }
    }

    pub(in crate::store) async fn note_forward(
        &self,
        key: &PlatformKey,
        id: i64,
        state: ForwardState,
        detail: Option<&str>,
        retry_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let Some(fingerprint) = self.fingerprint_of(&names, id).await? else {
            return Ok(());
        };
        let note = [
            text(0),
            state.as_str().into(),
            detail
                .map(|detail| format!("={detail}"))
                .unwrap_or_default()
                .into(),
            retry_at.map(|at| text(at.as_second())).unwrap_or_default(),
        ];
        self.note(&names, &note, &[fingerprint]).await.map(|_| ())
    }

    pub(in crate::store) async fn give_up_forwards(
        &self,
        key: &PlatformKey,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let names = self.names(key);
        let (state, detail) = ops::events::GIVEN_UP;
        let note = [
            text(1),
            state.as_str().into(),
            format!("={detail}").into(),
            Vec::new(),
        ];
        let mut all = 0;
        loop {
            let set = names.forwards();
            let old = self.oldest(&names, &set, before.as_second()).await?;
            if old.is_empty() {
                return Ok(all);
            }
            all += self.note(&names, &note, &old).await?;
        }
    }

    /// The first of a sorted set whose score is below `before`.
    pub(super) async fn oldest(
        &self,
        names: &Names,
        set: &str,
        before: i64,
    ) -> Result<Vec<String>, StoreError> {
        let mut read = redis::cmd("ZRANGEBYSCORE");
        read.arg(set).arg("-inf").arg(format!("({before}"));
        read.arg("LIMIT").arg(0).arg(PIECE);
        Ok(self.redis().ask(names.tag(), read).await?)
    }

    async fn note(
        &self,
        names: &Names,
        note: &[Vec<u8>],
        fingerprints: &[String],
    ) -> Result<u64, StoreError> {
        let about = self.about(names, fingerprints).await?;
        let (keys, flags) = with_queues(names, &about);
        let arguments = [note, &flags].concat();
        Ok(self
            .redis()
            .run(names.tag(), &NOTE, &keys, &arguments)
            .await?)
    }

    /// Events with the authorizers that they are about: what an event is about never changes.
    pub(super) async fn about(
        &self,
        names: &Names,
        fingerprints: &[String],
    ) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(fingerprints.len());
        for fingerprint in fingerprints {
            pipeline
                .cmd("HGET")
                .arg(names.event(fingerprint))
                .arg("appid");
        }
        let answers = self.redis().pipe(names.tag(), &pipeline).await?;
        let mut about = Vec::with_capacity(answers.len());
        for (fingerprint, answer) in fingerprints.iter().zip(answers) {
            about.push((fingerprint.clone(), self.redis().read(answer)?));
        }
        Ok(about)
    }
}

/// The keys of all scripts on events with those of these events, and what is said of each.
pub(super) fn with_queues(
    names: &Names,
    about: &[(String, Option<String>)],
) -> (Vec<String>, Vec<Vec<u8>>) {
    let (mut keys, mut arguments) = (names.event_keys(), Vec::with_capacity(about.len() * 2));
    for (fingerprint, appid) in about {
        keys.push(names.event(fingerprint));
        keys.push(names.forward_queue(appid.as_deref().unwrap_or_default()));
        arguments.push(fingerprint.clone().into());
        arguments.push(text(i64::from(appid.is_some())));
    }
    (keys, arguments)
}
