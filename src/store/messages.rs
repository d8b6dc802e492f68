//! Messages to authorizers: counted once each; kept only when the operator asks for it.
//!
//! A message is counted in the same act that stores its [mark](MessageMark), so that neither a
//! restart nor a second server counts it again, and a failed act leaves no mark. Marks are dropped
//! when they are `MARK_LIFE` old or beyond the newest `MARKS`. The store notes the newest
//! `CreateTime` whose mark was dropped, and refuses what is not newer than that: it may have been
//! counted. So a message with a `CreateTime` counts at most once, however late it is replayed.
//!
//! Ages are differences between WeChat's own times, so the clock of this machine does not matter
//! to that. A mark is old when both that clock and the newest `CreateTime` say so: a clock that is
//! ahead, or one `CreateTime` in the future, does not make new messages look old. A clock that is
//! behind only keeps marks longer, within the limit.
//!
//! Not covered: a text without `CreateTime` counts again once its mark was dropped, and so does any
//! message of the last day when the store lost the mark: an older copy, an import into a new store, a
//! power cut, a failover of Redis. A store that is new remembers nothing: in its first day, old messages
//! that somebody replays count once more. A process that is killed between counting a message and
//! passing it on loses what it would have passed on: when WeChat repeats the message, it is known.

use jiff::Timestamp;
use ring::digest;
use serde::Serialize;

use super::engine::Durability;
use super::handle::on_engine;
use super::record::{Message, Record};
use super::records::{Reads, Records};
use super::words::words;
use super::{PlatformKey, Store, StoreError};

/// How long a message is remembered, in seconds. WeChat repeats one within seconds.
pub(super) const MARK_LIFE: i64 = 24 * 3600;
/// How many messages of a platform are remembered at most.
pub(super) const MARKS: i64 = 100_000;
/// How many marks one act drops at most: more than it adds.
pub(super) const DROPPED_AT_ONCE: i64 = 4;

words! {
    /// Whether a message was counted.
    MessageOutcome {
        /// It is new and counts.
        New => "new",
        /// It was counted before.
        Repeated => "repeated",
        /// It is as old as messages that are no longer remembered, and may have been counted.
        TooOld => "too_old",
    }
}

/// What a message is recognized by: a fingerprint of what identifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageMark([u8; 16]);

impl MessageMark {
    /// The mark of a message that is identified by these texts together.
    #[must_use]
    pub fn of(texts: &[&str]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for text in texts {
            // With its length, so that no text can continue in the next one.
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
        let mut mark = [0; 16];
        let hash = context.finish();
        for (byte, from) in mark.iter_mut().zip(hash.as_ref()) {
            *byte = *from;
        }
        Self(mark)
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A message to be counted.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// What it is recognized by.
    pub mark: MessageMark,
    /// When WeChat made it (`CreateTime`), in Unix seconds.
    pub created_at: Option<i64>,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The account, as in [`MessageCount::account`].
    pub account: String,
    /// The kind, as in [`MessageCount::what`].
    pub what: String,
}

impl NewMessage {
    /// By which time its mark is dropped, where the newest one remembered has `newest`. One without
    /// a `CreateTime` must not make others look old.
    pub(super) fn age_from(&self, newest: i64) -> i64 {
        let arrived = self.received_at.as_second();
        self.dated().unwrap_or_else(|| newest.min(arrived))
    }

    /// Its `CreateTime`, unless that is no time in seconds: with milliseconds in it a mark would
    /// never be old.
    pub(super) fn dated(&self) -> Option<i64> {
        self.created_at
            .filter(|at| (1..10_000_000_000).contains(at))
    }
}

/// How many messages of a kind an account received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageCount {
    /// The account: its appid, or its original id (`gh_…`) where no appid was told.
    pub account: String,
    /// The kind, for example `text` or `event/subscribe`.
    pub what: String,
    /// How many.
    pub count: u64,
    /// When the last one arrived.
    pub last_at: Timestamp,
}

/// A message that is kept whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageRecord {
    /// Its number, growing; given by the store.
    pub id: i64,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The account, as in [`MessageCount::account`].
    pub account: String,
    /// The kind, as in [`MessageCount::what`].
    pub what: String,
    /// The decrypted text.
    pub body: String,
}

/// Which kept messages to read; empty parts let all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Those to this account.
    pub account: Option<String>,
    /// Those with a lower number: the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

impl Store {
    /// Counts a message, unless it was counted before or may have been. A power cut may take the
    /// last ones back.
    ///
    /// # Errors
    /// When the store cannot be written; the message is not remembered then.
    pub async fn count_message(
        &self,
        key: &PlatformKey,
        message: NewMessage,
    ) -> Result<MessageOutcome, StoreError> {
        on_engine!(self, engine => engine.count_message(key, &message))
    }

    /// Keeps a message whole; its number is given now. [`Store::prune_events`] drops it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn keep_message(
        &self,
        key: &PlatformKey,
        message: MessageRecord,
    ) -> Result<(), StoreError> {
        let record = Record::Message(Message {
            received_at: message.received_at.as_second(),
            account: message.account,
            what: message.what,
            body: message.body,
        });
        let decide = move |records: &mut Records, _| {
            records.appended.push(record.clone());
            Ok(())
        };
        let (reads, durability) = (Reads::default(), Durability::Cached);
        self.transact(key, reads, durability, decide).await
    }

    /// Reads kept messages, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn messages(
        &self,
        key: &PlatformKey,
        filter: &MessageFilter,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        on_engine!(self, engine => engine.messages(key, filter))
    }

    /// How many messages arrived, by account and kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn message_counts(&self, key: &PlatformKey) -> Result<Vec<MessageCount>, StoreError> {
        on_engine!(self, engine => engine.message_counts(key))
    }
}
