//! Changing the seal of what is kept: each piece one plan that rests on what was read.

use std::collections::HashMap;

use crate::store::encryption::key_id_of;
use crate::store::reencryption::counted;
use crate::store::tokens::record_of;
use crate::store::{EncryptionCursor, Keyring, PlatformKey, Reencrypted, SecretCount, StoreError};

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// How many records one plan changes at most: others write them meanwhile, and then it is made anew.
const PIECE: usize = 20;

/// The fields of a token that are secrets.
const TOKEN_FIELDS: [&str; 2] = ["access", "refresh"];
/// Those of an event.
const EVENT_FIELDS: [&str; 2] = ["code", "forward_payload"];

/// Places of secrets, in the order they are gone through.
const TICKETS: usize = 0;
const TOKENS: usize = 1;
const EVENTS: usize = 2;

/// A text that holds secrets, and where it is kept.
struct Held {
    key: String,
    field: String,
    text: String,
    /// What it is called in messages.
    record: String,
    /// Whether the secret is a member of a JSON object, and under which name.
    member: Option<&'static str>,
}

impl RedisStore {
    pub(in crate::store) async fn reencrypt(
        &self,
        key: &PlatformKey,
        keyring: &Keyring,
        mut cursor: EncryptionCursor,
        limit: usize,
    ) -> Result<Reencrypted, StoreError> {
        let names = self.names(key);
        let mut done = Reencrypted::default();
        let mut left = limit;
        loop {
            let mut attempts = 0;
            let next = loop {
                let (held, next) = self.held(&names, &cursor, PIECE.min(left.max(1))).await?;
                let mut plan = Plan::new(&names);
                let mut piece = Reencrypted::default();
                for held in &held {
                    self.plan_reencrypt(&mut plan, keyring, held, &mut piece)?;
                }
                if plan.is_empty() || self.apply(&plan, true).await?.is_some() {
                    done.changed += piece.changed;
                    done.broken.extend(piece.broken);
                    break next;
                }
                self.again(&mut attempts).await?;
            };
            match next {
                None => return Ok(done),
                Some(next) => cursor = next,
            }
            left = left.saturating_sub(PIECE);
            if left == 0 {
                done.next = Some(cursor);
                return Ok(done);
            }
        }
    }

    fn plan_reencrypt(
        &self,
        plan: &mut Plan,
        keyring: &Keyring,
        held: &Held,
        piece: &mut Reencrypted,
    ) -> Result<(), StoreError> {
        let Some(encrypted) = held.secret(self)? else {
            return Ok(());
        };
        if key_id_of(&encrypted) == keyring.key_id().unwrap_or_default() {
            return Ok(());
        }
        match keyring.decrypt_text(&encrypted) {
            Ok(secret) => {
                let text = held.with_secret(self, keyring.to_text(&secret))?;
                plan.expect_field(&held.key, &held.field, Some(&held.text));
                plan.set_field(&held.key, &held.field, &text);
                piece.changed += 1;
                Ok(())
            }
            Err(StoreError::Encrypted { .. }) => Ok(()),
            Err(StoreError::Undecryptable { .. }) => {
                piece.broken.push(held.record.clone());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    pub(in crate::store) async fn secret_counts(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<SecretCount>, StoreError> {
        let names = self.names(key);
        let mut cursor = Some(EncryptionCursor::default());
        let mut ids = Vec::new();
        while let Some(here) = cursor {
            let (held, next) = self.held(&names, &here, 500).await?;
            for held in held {
                if let Some(encrypted) = held.secret(self)? {
                    ids.push((key_id_of(&encrypted).to_owned(), 1));
                }
            }
            cursor = next;
        }
        Ok(counted(ids))
    }

    /// What is kept from `cursor` on, and where to go on.
    async fn held(
        &self,
        names: &Names,
        cursor: &EncryptionCursor,
        limit: usize,
    ) -> Result<(Vec<Held>, Option<EncryptionCursor>), StoreError> {
        let at = |place, after| Some(EncryptionCursor { place, after });
        match cursor.place {
            TICKETS => {
                let key = names.tickets();
                let held = self.held_fields(names, &key, "tickets", "value").await?;
                Ok((held, at(TOKENS, None)))
            }
            TOKENS => {
                let (owners, more) = self.owners(names, cursor.after.as_deref(), limit).await?;
                let next = match owners.last() {
                    Some(last) if more => at(TOKENS, Some(last.clone())),
                    _ => at(EVENTS, None),
                };
                Ok((self.held_tokens(names, &owners).await?, next))
            }
            EVENTS => {
                let events = self
                    .events_after(names, cursor.after.as_deref(), limit)
                    .await?;
                let next = match events.last() {
                    Some((_, last)) if events.len() == limit => at(EVENTS, Some(last.to_string())),
                    _ => None,
                };
                Ok((self.held_events(names, &events).await?, next))
            }
            _ => Ok((Vec::new(), None)),
        }
    }

    /// All fields of a hash of JSON objects with a secret member; they are few.
    async fn held_fields(
        &self,
        names: &Names,
        key: &str,
        record: &str,
        member: &'static str,
    ) -> Result<Vec<Held>, StoreError> {
        let mut read = redis::cmd("HGETALL");
        read.arg(key);
        let fields: HashMap<String, String> = self.redis().ask(names.tag(), read).await?;
        let held = fields.into_iter().map(|(field, text)| Held {
            key: key.to_owned(),
            field,
            text,
            record: record.to_owned(),
            member: Some(member),
        });
        Ok(held.collect())
    }

    /// The next owners of tokens, the platform itself first; whether there may be more.
    async fn owners(
        &self,
        names: &Names,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<String>, bool), StoreError> {
        let lowest = match after {
            None | Some("") => "-".to_owned(),
            Some(after) => format!("({after}"),
        };
        let mut read = redis::cmd("ZRANGEBYLEX");
        read.arg(names.roster()).arg(lowest).arg("+");
        read.arg("LIMIT").arg(0).arg(limit);
        let mut owners: Vec<String> = self.redis().ask(names.tag(), read).await?;
        let more = owners.len() == limit;
        if after.is_none() {
            owners.insert(0, String::new());
        }
        Ok((owners, more))
    }

    /// The next events: fingerprint and number.
    async fn events_after(
        &self,
        names: &Names,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let lowest = after.map_or_else(|| "-inf".to_owned(), |after| format!("({after}"));
        let mut read = redis::cmd("ZRANGEBYSCORE");
        read.arg(names.events()).arg(lowest).arg("+inf");
        read.arg("WITHSCORES").arg("LIMIT").arg(0).arg(limit);
        Ok(self.redis().ask(names.tag(), read).await?)
    }

    async fn held_events(
        &self,
        names: &Names,
        events: &[(String, i64)],
    ) -> Result<Vec<Held>, StoreError> {
        let wanted = events
            .iter()
            .map(|(fingerprint, id)| (names.event(fingerprint), format!("event:{id}")));
        self.held_in_hashes(names, wanted.collect(), &EVENT_FIELDS)
            .await
    }

    async fn held_tokens(&self, names: &Names, owners: &[String]) -> Result<Vec<Held>, StoreError> {
        let wanted = owners
            .iter()
            .map(|owner| (names.key(&record_of(owner)), record_of(owner)));
        self.held_in_hashes(names, wanted.collect(), &TOKEN_FIELDS)
            .await
    }

    /// The secrets among the fields of hashes, each with what it is called in messages.
    async fn held_in_hashes(
        &self,
        names: &Names,
        hashes: Vec<(String, String)>,
        fields: &[&str; 2],
    ) -> Result<Vec<Held>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(hashes.len());
        for (key, _) in &hashes {
            pipeline.cmd("HMGET").arg(key).arg(fields);
        }
        let mut held = Vec::new();
        let answers = self.redis().pipe(names.tag(), &pipeline).await?;
        for ((key, record), answer) in hashes.iter().zip(answers) {
            let texts: Vec<Option<String>> = self.redis().read(answer)?;
            for (field, text) in fields.iter().zip(texts) {
                held.extend(text.map(|text| Held {
                    key: key.clone(),
                    field: (*field).to_owned(),
                    text,
                    record: record.clone(),
                    member: None,
                }));
            }
        }
        Ok(held)
    }
}

impl Held {
    /// The secret in it, as it is kept.
    fn secret(&self, store: &RedisStore) -> Result<Option<String>, StoreError> {
        let Some(member) = self.member else {
            return Ok(Some(self.text.clone()).filter(|text| !text.is_empty()));
        };
        let secret = self.object(store)?.remove(member);
        Ok(secret.and_then(|secret| secret.as_str().map(str::to_owned)))
    }

    /// The whole, with another secret in it.
    fn with_secret(&self, store: &RedisStore, secret: String) -> Result<String, StoreError> {
        let Some(member) = self.member else {
            return Ok(secret);
        };
        let mut object = self.object(store)?;
        object.insert(member.to_owned(), secret.into());
        store.json(&self.record, &object)
    }

    fn object(
        &self,
        store: &RedisStore,
    ) -> Result<serde_json::Map<String, serde_json::Value>, StoreError> {
        serde_json::from_str(&self.text).map_err(|error| store.damaged(&self.record, error))
    }
}
