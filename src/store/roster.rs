//! The roster: the authorizers as the platform knows them.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, PermissionSetId, UserName};
use crate::wechat::permission;

use super::engine::Durability;
use super::handle::on_engine;
use super::observations::ChangeSource;
use super::ops::upkeep;
use super::records::{AuthorizerPart, Reads, Records};
use super::search::{Meant, decide, identified};
use super::validity::TokenState;
use super::words::words;
use super::{PlatformKey, Store, StoreError};

words! {
    /// How the authorization stands.
    AuthorizationStatus {
        /// A refresh token is known.
        Active => "active",
        /// WeChat lists it, but no refresh token is known yet.
        PendingExchange => "pending_exchange",
        /// The merchant ended it.
        Revoked => "revoked",
    }
}

words! {
    /// How the account itself stands at WeChat.
    AccountStatus {
        /// In order.
        Normal => "normal",
        /// 注销.
        Cancelled => "cancelled",
        /// 封禁.
        Banned => "banned",
        /// 告警.
        Warned => "warned",
        /// 冻结.
        Frozen => "frozen",
        /// WeChat has not said, or said something new.
        Unknown => "unknown",
    }
}

/// An authorizer: a row of the roster, and with these fields in this order its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Authorizer {
    /// Its appid.
    pub appid: Appid,
    /// Its original id.
    pub user_name: Option<UserName>,
    /// Its name; it comes from strangers.
    pub nick_name: Option<String>,
    /// The operator's own id for it.
    pub external_id: Option<String>,
    /// The id that a visitor's own `state` brought. It comes from strangers and finds nothing.
    pub claimed_external_id: Option<String>,
    /// What kind of account it is.
    pub kind: AccountKind,
    /// Who owns the account.
    pub principal_name: Option<String>,
    /// How the authorization stands.
    pub status: AuthorizationStatus,
    /// How the account stands.
    pub account_status: AccountStatus,
    /// When it was authorized last (`auth_time`).
    pub authorized_at: Option<Timestamp>,
    /// The permission sets granted, sorted.
    pub permission_ids: Vec<PermissionSetId>,
    /// Those of them that work only once the platform confirmed them, sorted: rules R8c. Not in a
    /// list's JSON.
    #[serde(skip)]
    pub pending_ids: Vec<PermissionSetId>,
    /// When the stored access token ends.
    pub token_expires_at: Option<Timestamp>,
    /// Whether a refresh token is stored.
    pub has_refresh_token: bool,
    /// When WeChat last told all about it.
    pub synced_at: Option<Timestamp>,
    /// When the authorization ended.
    pub revoked_at: Option<Timestamp>,
    /// What told that it ended: a [`ChangeSource`].
    pub revoked_source: Option<String>,
}

/// Which authorizers a list shows; empty parts let all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterFilter {
    /// Any of these.
    pub statuses: Vec<AuthorizationStatus>,
    /// Any of these.
    pub kinds: Vec<AccountKind>,
    /// A part of the name, the owner's name or an id, in any case.
    pub search: Option<String>,
    /// All of these granted, by an authorization that stands.
    pub granted: Vec<PermissionSetId>,
    /// One of these at least not granted, though accounts of the kind may grant it. Those of whose
    /// grants nothing is known do not pass.
    pub missing: Vec<PermissionSetId>,
}

impl RosterFilter {
    /// Whether the sets of an account are what the filter asks for. `held` are sorted; `never_told`
    /// says that of them nothing is known.
    pub(super) fn sets_fit(
        &self,
        kind: AccountKind,
        status: AuthorizationStatus,
        held: &[PermissionSetId],
        never_told: bool,
    ) -> bool {
        let stands = status != AuthorizationStatus::Revoked;
        let holds = |id: &PermissionSetId| stands && held.binary_search(id).is_ok();
        let fits = |id: &PermissionSetId| permission::get(*id).is_none_or(|set| set.fits(kind));
        let lacks_one = || self.missing.iter().any(|id| fits(id) && !holds(id));
        self.granted.iter().all(holds) && (self.missing.is_empty() || (!never_told && lacks_one()))
    }
}

/// What a sync needs to decide about an authorizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its appid.
    pub appid: Appid,
    /// How the authorization stands.
    pub status: AuthorizationStatus,
    /// When it was authorized last.
    pub authorized_at: Option<Timestamp>,
    /// When WeChat last told all about it.
    pub synced_at: Option<Timestamp>,
    /// How the account stands.
    pub account_status: AccountStatus,
    /// Whether a refresh token is stored.
    pub has_refresh_token: bool,
}

/// The roster in numbers. Tokens are counted for active authorizers only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Active authorizers.
    pub active: u64,
    /// Listed ones without a refresh token.
    pub pending_exchange: u64,
    /// Ended ones.
    pub revoked: u64,
    /// Active ones whose access token is valid.
    pub tokens_fresh: u64,
    /// Active ones whose access token is not valid any more, or was stored with a time in the future.
    pub tokens_expired: u64,
    /// Those of them whose token was stored with a time in the future.
    pub tokens_ahead: u64,
    /// Active ones that never had an access token.
    pub tokens_never: u64,
    /// Active ones without a refresh token.
    pub without_refresh_token: u64,
}

impl Counts {
    /// Counts an authorizer; whether its token counts too.
    pub(super) fn count_status(&mut self, status: AuthorizationStatus) -> bool {
        match status {
            AuthorizationStatus::Active => self.active += 1,
            AuthorizationStatus::PendingExchange => self.pending_exchange += 1,
            AuthorizationStatus::Revoked => self.revoked += 1,
        }
        status == AuthorizationStatus::Active
    }

    /// Counts the token of an active authorizer.
    pub(super) fn count_token(&mut self, state: TokenState, has_refresh_token: bool) {
        match state {
            TokenState::Valid => self.tokens_fresh += 1,
            TokenState::Expired | TokenState::Ahead => self.tokens_expired += 1,
            TokenState::Never => self.tokens_never += 1,
        }
        self.tokens_ahead += u64::from(state == TokenState::Ahead);
        self.without_refresh_token += u64::from(!has_refresh_token);
    }
}

impl Store {
    /// One authorizer.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn authorizer(
        &self,
        key: &PlatformKey,
        appid: &Appid,
    ) -> Result<Option<Authorizer>, StoreError> {
        on_engine!(self, engine => engine.authorizer(key, appid))
    }

    /// What WeChat said about an authorizer, as it said it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn details(
        &self,
        key: &PlatformKey,
        appid: &Appid,
    ) -> Result<Option<Box<RawValue>>, StoreError> {
        on_engine!(self, engine => engine.details(key, appid))
    }

    /// Those that `who` means, at most `limit`, sorted by appid; two and more are ambiguous. An appid
    /// or original id means that account; an external id the authorizer it was given to, and all
    /// that have it as their whole name; anything else all that have it in their name, in any case.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find(
        &self,
        key: &PlatformKey,
        who: &str,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        match decide(who, self.exactly(key, who).await?) {
            Meant::These(mut rows) => {
                rows.truncate(limit);
                Ok(rows)
            }
            Meant::PartOfName => self.named(key, who, limit).await,
        }
    }

    /// The one with exactly this appid, original id or external id; none when two have it. Names
    /// are not searched.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn identified(
        &self,
        key: &PlatformKey,
        id: &str,
    ) -> Result<Option<Authorizer>, StoreError> {
        Ok(identified(id, self.exactly(key, id).await?))
    }

    async fn exactly(&self, key: &PlatformKey, who: &str) -> Result<Vec<Authorizer>, StoreError> {
        on_engine!(self, engine => engine.exactly(key, who))
    }

    async fn named(
        &self,
        key: &PlatformKey,
        part: &str,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        on_engine!(self, engine => engine.named(key, part, limit))
    }

    /// The authorizers that pass the filter, sorted by appid, from the one after `after`, at most
    /// `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page(
        &self,
        key: &PlatformKey,
        filter: &RosterFilter,
        after: Option<&Appid>,
        limit: usize,
    ) -> Result<Vec<Authorizer>, StoreError> {
        on_engine!(self, engine => engine.page(key, filter, after, limit))
    }

    /// What a sync needs of each authorizer, paged as [`Store::page`] is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn known(
        &self,
        key: &PlatformKey,
        after: Option<&Appid>,
        limit: usize,
    ) -> Result<Vec<Known>, StoreError> {
        on_engine!(self, engine => engine.known(key, after, limit))
    }

    /// The roster in numbers; tokens are fresh or expired at `now`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn counts(&self, key: &PlatformKey, now: Timestamp) -> Result<Counts, StoreError> {
        on_engine!(self, engine => engine.counts(key, now))
    }

    /// Notes that the merchant ended the authorization at `at`. `false` when nothing changed: not
    /// known, revoked already, or the row speaks of a later moment.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn mark_revoked(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        at: Timestamp,
        source: ChangeSource,
    ) -> Result<bool, StoreError> {
        let reads = Reads::authorizer(appid, AuthorizerPart::Row);
        let (appid, at) = (appid.clone(), at.as_second());
        let decide =
            move |records: &mut Records, now| Ok(upkeep::revoke(records, &appid, at, source, now));
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// Sets or removes the operator's own id of an authorizer.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another has it, [`StoreError::UnknownAuthorizer`], or when the
    /// store cannot be written.
    pub async fn set_external_id(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        external_id: Option<&str>,
    ) -> Result<(), StoreError> {
        let (appid, external_id) = (appid.clone(), external_id.map(str::to_owned));
        let reads = Reads {
            external_ids: external_id.iter().cloned().collect(),
            ..Reads::authorizer(&appid, AuthorizerPart::Row)
        };
        let decide = move |records: &mut Records, now| {
            upkeep::set_external_id(records, &appid, external_id.as_deref(), now)
        };
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// Notes the id that a visitor's own `state` brought for an authorizer; the latest one stays.
    /// Others may have the same, and it finds none of them.
    ///
    /// # Errors
    /// [`StoreError::UnknownAuthorizer`], or when the store cannot be written.
    pub async fn claim_external_id(
        &self,
        key: &PlatformKey,
        appid: &Appid,
        claimed: &str,
        source: ChangeSource,
    ) -> Result<(), StoreError> {
        let reads = Reads::authorizer(appid, AuthorizerPart::Row);
        let (appid, claimed) = (appid.clone(), claimed.to_owned());
        let decide = move |records: &mut Records, now| {
            upkeep::claim_external_id(records, &appid, &claimed, source, now)
        };
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// Drops an authorizer with its tokens; the journal keeps its history. Whether it was there.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget(&self, key: &PlatformKey, appid: &Appid) -> Result<bool, StoreError> {
        let appid = appid.clone();
        let reads = Reads {
            anything_of: Some(appid.clone()),
            ..Reads::default()
        };
        let decide = move |records: &mut Records, now| Ok(upkeep::forget(records, &appid, now));
        self.transact(key, reads, Durability::Durable, decide).await
    }

    /// Drops all that is stored of a platform but the count of its fences; in Redis not in one act.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_platform(&self, key: &PlatformKey) -> Result<(), StoreError> {
        on_engine!(self, engine => engine.forget_platform(key))
    }
}
