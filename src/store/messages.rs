//! Messages to authorizers: counted; kept only when the operator asks for it.

use jiff::Timestamp;
use serde::Serialize;

use super::handle::database_or;
use super::sqlite::{Weight, messages};
use super::{PlatformKey, Store, StoreError};

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
    /// Counts a message of the kind `what` to an account. A power cut may take the last ones back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn count_message(
        &self,
        key: &PlatformKey,
        appid_or_user_name: &str,
        what: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let database =
            database_or!(self, redis => redis.count_message(key, appid_or_user_name, what, at));
        let key = key.clone();
        let (account, what) = (appid_or_user_name.to_owned(), what.to_owned());
        database
            .write(Weight::cached(1), move |connection| {
                messages::count(connection, &key, &account, &what, at)
            })
            .await
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
        let database = database_or!(self, redis => redis.keep_message(key, &message));
        let key = key.clone();
        database
            .write(Weight::cached(1), move |connection| {
                messages::keep(connection, &key, &message)
            })
            .await
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
        let database = database_or!(self, redis => redis.messages(key, filter));
        let (key, filter) = (key.clone(), filter.clone());
        database
            .read(move |connection| messages::list(connection, &key, &filter))
            .await
    }

    /// How many messages arrived, by account and kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn message_counts(&self, key: &PlatformKey) -> Result<Vec<MessageCount>, StoreError> {
        let database = database_or!(self, redis => redis.message_counts(key));
        let key = key.clone();
        database
            .read(move |connection| messages::counts(connection, &key))
            .await
    }
}
