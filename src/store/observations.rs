//! What WeChat was seen to say about authorizers, and what that changed.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, PermissionSetId, UserName};
use crate::wechat::secret::Secret;

use super::engine::Durability;
use super::handle::on_engine;
use super::ops::authorizers::{Exchange, observe, redeem};
use super::record::RecordKind;
use super::records::{AuthorizerPart, Reads, Records};
use super::roster::AccountStatus;
use super::tokens::NewToken;
use super::words::words;
use super::{PlatformKey, Store, StoreError};

words! {
    /// Through what a change became known.
    ChangeSource {
        /// A pass over the account list.
        Sync => "sync",
        /// The exchange of an authorization code.
        Redeem => "redeem",
        /// A pushed event.
        Event => "event",
        /// The refresh of a token.
        Refresh => "refresh",
        /// A person.
        Operator => "operator",
    }
}

/// A row of the account list (`api_get_authorizer_list`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Who.
    pub appid: Appid,
    /// When it was authorized last (`auth_time`).
    pub authorized_at: Option<Timestamp>,
    /// Its refresh token; an empty one counts as absent.
    pub refresh_token: Option<Secret>,
}

/// What was told about one authorizer (`api_get_authorizer_info`, or part of it by
/// `api_query_auth`). What is absent or unknown changes nothing that is known.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Who.
    pub appid: Appid,
    /// Its original id.
    pub user_name: Option<UserName>,
    /// Its name.
    pub nick_name: Option<String>,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// Who owns it.
    pub principal_name: Option<String>,
    /// How the account stands.
    pub account_status: AccountStatus,
    /// The permission sets granted, in any order.
    pub permission_ids: Option<Vec<PermissionSetId>>,
    /// Those of them that wait for confirmation, in any order; told together with them.
    pub pending_ids: Vec<PermissionSetId>,
    /// Its refresh token; an empty one counts as absent.
    pub refresh_token: Option<Secret>,
    /// What WeChat said, as it said it but for tokens, which must be taken out: it is shown. Its
    /// presence makes the authorizer synced.
    pub details: Option<Box<RawValue>>,
}

/// What was seen of one authorizer at one moment.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Its row in the list.
    pub listed: Option<Listed>,
    /// What was told about it.
    pub profile: Option<Profile>,
    /// When the request began that told it.
    pub as_of: Timestamp,
    /// Through what it became known.
    pub source: ChangeSource,
}

impl Observation {
    /// Who it is about; `None` when nothing was seen.
    #[must_use]
    pub fn appid(&self) -> Option<&Appid> {
        let listed = self.listed.as_ref().map(|listed| &listed.appid);
        listed.or(self.profile.as_ref().map(|profile| &profile.appid))
    }
}

words! {
    /// What an observation did to the roster.
    ChangeKind {
        /// A new authorizer.
        Added => "added",
        /// Something about it is different.
        Updated => "updated",
        /// It had ended and is back.
        Reauthorized => "reauthorized",
        /// All was known.
        Unchanged => "unchanged",
        /// The row speaks of a later moment: nothing was taken from the observation.
        Outdated => "outdated",
    }
}

/// What an observation changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Whose row it was.
    pub appid: Appid,
    /// What became of it.
    pub kind: ChangeKind,
    /// Permission sets that it did not have, sorted; all of them when it is new.
    pub sets_added: Vec<PermissionSetId>,
    /// Permission sets that it no longer has, sorted.
    pub sets_removed: Vec<PermissionSetId>,
}

impl Change {
    /// No change of this authorizer.
    pub(super) fn none(appid: &Appid, kind: ChangeKind) -> Self {
        Self {
            appid: appid.clone(),
            kind,
            sets_added: Vec::new(),
            sets_removed: Vec::new(),
        }
    }
}

impl Store {
    /// Takes observations over into roster, refresh tokens and journal; the changes come in the
    /// same order, without those of observations in which nothing was seen.
    ///
    /// Nothing newer is overwritten: an observation older than its row changes nothing, and a
    /// refresh token is replaced only by one seen at or after the moment it was stored. With a
    /// refresh token an authorizer is active, listed without one it waits for the exchange. A
    /// revoked one stays revoked unless it was authorized after that or has another refresh token.
    ///
    /// Up to 500 (in Redis 100) are one act; more are taken over in several.
    ///
    /// # Errors
    /// When the store cannot be written; earlier acts then stand.
    pub async fn observe(
        &self,
        key: &PlatformKey,
        observations: Vec<Observation>,
    ) -> Result<Vec<Change>, StoreError> {
        let mut changes = Vec::with_capacity(observations.len());
        let mut observations = observations.into_iter();
        let cipher = self.cipher(key).await?;
        loop {
            let batch: Vec<Observation> = observations.by_ref().take(self.batch()).collect();
            if batch.is_empty() {
                return Ok(changes);
            }
            let appids = batch.iter().filter_map(Observation::appid);
            let reads = Reads {
                authorizers: appids.cloned().collect(),
                ..Reads::default()
            };
            let cipher = cipher.clone();
            let decide = move |records: &mut Records, now| observe(records, &batch, &cipher, now);
            let part = self.transact(key, reads, Durability::Cached, decide);
            changes.extend(part.await?);
        }
    }

    /// Takes the exchange of an authorization code over, in one durable act: the authorizer, its
    /// token, the next generation, and the code's fingerprint, by which a second call changes
    /// nothing. A refresh in flight with the former credentials will be refused. The journal names
    /// the event where the observation does, else the exchange.
    ///
    /// `since` is what [`Store::last_fence`] gave before WeChat was asked. When another exchange was
    /// taken over or a refresh begun since then, which of the two tokens WeChat made last is not
    /// known: of this one 300 s are counted on.
    ///
    /// `token` is absent when the answer was lost and the refresh token comes from list or info.
    ///
    /// # Errors
    /// When the store cannot be written, or the observation has seen nothing.
    pub async fn commit_redeem(
        &self,
        key: &PlatformKey,
        code_fingerprint: &str,
        observation: Observation,
        token: Option<NewToken>,
        since: i64,
    ) -> Result<Change, StoreError> {
        let Some(appid) = observation.appid().cloned() else {
            return Err(StoreError::DamagedRecord {
                place: self.place_name(),
                record: "codes".to_owned(),
                reason: "an exchange without an authorizer".to_owned(),
            });
        };
        let cipher = self.cipher(key).await?;
        let exchange = Exchange {
            code: code_fingerprint.to_owned(),
            appid,
            observation,
            token,
            since,
        };
        let reads = Reads {
            named: vec![(RecordKind::RedeemedCodes, exchange.code.clone())],
            ..Reads::authorizer(&exchange.appid, AuthorizerPart::All)
        };
        let decide = move |records: &mut Records, now| redeem(records, &exchange, &cipher, now);
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// The number given last to a lease or an exchange of this platform; 0 before the first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn last_fence(&self, key: &PlatformKey) -> Result<i64, StoreError> {
        on_engine!(self, engine => engine.last_fence(key))
    }

    /// Whose authorization code it was that has this fingerprint, if it was exchanged here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn redeemed(
        &self,
        key: &PlatformKey,
        code_fingerprint: &str,
    ) -> Result<Option<Appid>, StoreError> {
        let name = (RecordKind::RedeemedCodes, code_fingerprint.to_owned());
        let records = self.load(key, Reads::named([name])).await?;
        let code = records.redeemed_code(code_fingerprint);
        Ok(code.map(|code| Appid::from_wire(code.appid.clone())))
    }
}
