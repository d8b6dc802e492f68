//! Launches: links that were made, so that what comes back can be matched with them.

use jiff::Timestamp;

use crate::sys::clock::timestamp;
use crate::wechat::id::{Appid, PermissionSetId};

use super::engine::Durability;
use super::handle::on_engine;
use super::ops::launches;
use super::records::{Reads, Records};
use super::words::words;
use super::{PlatformKey, Store, StoreError, record};

words! {
    /// What made a link.
    LaunchSource {
        /// An operator, with the command `link`.
        Link => "link",
        /// The launch page, for who visited it.
        Page => "page",
    }
}

/// A link that was made, and who confirmed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The [fingerprint](crate::wechat::secret::Secret::fingerprint) of its pre-auth code.
    pub pre_auth_code_fingerprint: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When its pre-auth code ends.
    pub expires_at: Timestamp,
    /// The operator's own id for whoever confirms.
    pub external_id: Option<String>,
    /// What a visitor's own `state` called whoever confirms.
    pub claimed_external_id: Option<String>,
    /// The only account that may confirm (`biz_appid`).
    pub only: Option<Appid>,
    /// The permission sets asked for, sorted; empty when all that are configured.
    pub permission_ids: Vec<PermissionSetId>,
    /// What made it.
    pub source: LaunchSource,
    /// The fingerprint of the state issued with it.
    pub state: Option<String>,
    /// Who confirmed.
    pub appid: Option<Appid>,
}

impl Launch {
    fn record(self) -> record::Launch {
        let owned = |appid: Option<Appid>| appid.map(|appid| appid.as_str().to_owned());
        record::Launch {
            pre_auth_code_fingerprint: self.pre_auth_code_fingerprint,
            made_at: self.made_at.as_second(),
            expires_at: self.expires_at.as_second(),
            external_id: self.external_id,
            claimed_external_id: self.claimed_external_id,
            only: owned(self.only),
            permission_ids: self.permission_ids,
            source: self.source.as_str().to_owned(),
            state: self.state,
            appid: owned(self.appid),
        }
    }

    /// A launch from its record; `None` for a source that only a newer program knows.
    pub(super) fn of(record: record::Launch) -> Option<Self> {
        Some(Self {
            pre_auth_code_fingerprint: record.pre_auth_code_fingerprint,
            made_at: timestamp(record.made_at),
            expires_at: timestamp(record.expires_at),
            external_id: record.external_id,
            claimed_external_id: record.claimed_external_id,
            only: record.only.map(Appid::from_wire),
            permission_ids: record.permission_ids,
            source: LaunchSource::from_word(&record.source)?,
            state: record.state,
            appid: record.appid.map(Appid::from_wire),
        })
    }
}

impl Store {
    /// Keeps a launch, durably; one with the same pre-auth code is replaced.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put_launch(&self, key: &PlatformKey, launch: Launch) -> Result<(), StoreError> {
        let launch = record::Record::Launch(launch.record());
        let reads = Reads::named([(launch.kind(), launch.identity())]);
        let decide = move |records: &mut Records, _| {
            records.put(launch.clone());
            Ok(())
        };
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// The launch with this pre-auth code, given by its fingerprint.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn launch(
        &self,
        key: &PlatformKey,
        pre_auth_code_fingerprint: &str,
    ) -> Result<Option<Launch>, StoreError> {
        let mut records = self.load(key, by_code(pre_auth_code_fingerprint)).await?;
        let launch = records.launch(pre_auth_code_fingerprint);
        Ok(launch.cloned().and_then(Launch::of))
    }

    /// The latest launch with this state, given by its fingerprint.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn launch_by_state(
        &self,
        key: &PlatformKey,
        state: &str,
    ) -> Result<Option<Launch>, StoreError> {
        let code = on_engine!(self, engine => engine.launch_of_state(key, state))?;
        let Some(code) = code else { return Ok(None) };
        let launch = self.launch(key, &code).await?;
        Ok(launch.filter(|launch| launch.state.as_deref() == Some(state)))
    }

    /// Notes, durably, who confirmed; the first one stays, because a pre-auth code is used once.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn settle_launch(
        &self,
        key: &PlatformKey,
        pre_auth_code_fingerprint: &str,
        appid: &Appid,
    ) -> Result<(), StoreError> {
        let (code, appid) = (pre_auth_code_fingerprint.to_owned(), appid.clone());
        let reads = by_code(&code);
        let decide = move |records: &mut Records, _| {
            launches::settle(records, &code, &appid);
            Ok(())
        };
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// How many launches `source` made at or after `since`, and not in the future.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count_launches(
        &self,
        key: &PlatformKey,
        source: LaunchSource,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        on_engine!(self, engine => engine.count_launches(key, source, since))
    }
}

fn by_code(fingerprint: &str) -> Reads {
    Reads::named([(record::RecordKind::Launches, fingerprint.to_owned())])
}
