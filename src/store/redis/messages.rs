//! Messages: two hashes of counts and times, by account and kind, a sorted set of the marks of those
//! counted, and a sorted set of those kept.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::Timestamp;

use crate::store::messages::{DROPPED_AT_ONCE, MARK_LIFE, MARKS};
use crate::store::messages::{
    MessageCount, MessageFilter, MessageOutcome, MessageRecord, NewMessage,
};
use crate::store::record::Message;
use crate::store::{PlatformKey, StoreError};
use crate::sys::clock::timestamp;
use crate::sys::redis::Script;

use super::RedisStore;
use super::event_work::PIECE;
use super::names::Names;
use super::tokens::text;

static COUNT: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("once.lua"), include_str!("count.lua"))));

impl RedisStore {
    pub(in crate::store) async fn count_message(
        &self,
        key: &PlatformKey,
        message: &NewMessage,
    ) -> Result<MessageOutcome, StoreError> {
        let names = self.names(key);
        self.know_platform(names.tag()).await?;
        let keys = [
            names.message_counts(),
            names.message_times(),
            names.message_marks(),
            names.messages_forgotten(),
            Names::act_under(names.tag()),
        ];
        let field = self.json(&keys[0], &(&message.account, &message.what))?;
        let arguments = [
            field.into_bytes(),
            text(message.received_at.as_second()),
            message.mark.bytes().to_vec(),
            message.dated().map(text).unwrap_or_default(),
            text(MARK_LIFE),
            text(MARKS),
            text(DROPPED_AT_ONCE),
        ];
        let answer: Vec<String> = self
            .redis()
            .run(names.tag(), &COUNT, &keys, &arguments)
            .await?;
        let outcome = answer
            .first()
            .and_then(|word| MessageOutcome::from_word(word));
        outcome.ok_or_else(|| self.damaged(&keys[2], "no outcome"))
    }

    pub(in crate::store) async fn message_counts(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<MessageCount>, StoreError> {
        let names = self.names(key);
        let mut pipeline = redis::Pipeline::with_capacity(2);
        pipeline.cmd("HGETALL").arg(names.message_counts());
        pipeline.cmd("HGETALL").arg(names.message_times());
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut next = || answers.next().unwrap_or(redis::Value::Nil);
        let found: HashMap<String, u64> = self.redis().read(next())?;
        let times: HashMap<String, i64> = self.redis().read(next())?;
        let mut counts = Vec::with_capacity(found.len());
        for (field, count) in found {
            let (account, what) = serde_json::from_str(&field)
                .map_err(|error| self.damaged(&names.message_counts(), error))?;
            counts.push(MessageCount {
                account,
                what,
                count,
                last_at: timestamp(times.get(&field).copied().unwrap_or(0)),
            });
        }
        counts.sort_by(|one, other| (&one.account, &one.what).cmp(&(&other.account, &other.what)));
        Ok(counts)
    }

    pub(in crate::store) async fn messages(
        &self,
        key: &PlatformKey,
        filter: &MessageFilter,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let names = self.names(key);
        let mut before = filter.before;
        let mut messages = Vec::new();
        while messages.len() < filter.limit {
            let page: Vec<(i64, Message)> = self
                .log_before(&names, &names.messages(), before, PIECE)
                .await?;
            if page.is_empty() {
                break;
            }
            for (id, kept) in page {
                before = Some(id);
                let wanted = filter.account.as_ref().is_none_or(|of| *of == kept.account);
                if wanted && messages.len() < filter.limit {
                    messages.push(MessageRecord {
                        id,
                        received_at: timestamp(kept.received_at),
                        account: kept.account,
                        what: kept.what,
                        body: kept.body,
                    });
                }
            }
        }
        Ok(messages)
    }

    /// Drops the oldest kept messages while there are any from before `before` among them: they
    /// stand in the order in which they came.
    pub(super) async fn prune_messages(
        &self,
        names: &Names,
        before: Timestamp,
    ) -> Result<(), StoreError> {
        loop {
            let mut read = redis::cmd("ZRANGE");
            read.arg(names.messages()).arg(0).arg(PIECE - 1);
            let page: Vec<String> = self.redis().ask(names.tag(), read).await?;
            let mut drop = redis::cmd("ZREM");
            drop.arg(names.messages());
            let mut some = false;
            for text in page {
                let (_, kept): (_, Message) = self.logged(&names.messages(), &text)?;
                if kept.received_at < before.as_second() {
                    drop.arg(text);
                    some = true;
                }
            }
            if !some {
                return Ok(());
            }
            let _: u64 = self.redis().ask(names.tag(), drop).await?;
        }
    }
}
