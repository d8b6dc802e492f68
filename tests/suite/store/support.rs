//! A place to keep a store in, and short names for what goes into it.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::value::RawValue;
use tempfile::TempDir;
use wxauth::store::encryption::Keyring;
use wxauth::store::events::{Accepted, EventRecord, NewEvent};
use wxauth::store::leases::{Lease, LeaseAttempt, OpenIntent};
use wxauth::store::messages::{MessageMark, NewMessage};
use wxauth::store::observations::{ChangeSource, Listed, Observation, Profile};
use wxauth::store::roster::AccountStatus;
use wxauth::store::tokens::{NewToken, StoredToken, TokenOwner};
use wxauth::store::{PlatformKey, Store, StoreError, StoreLocation};
use wxauth::sys::clock::{self, Clock};
#[cfg(feature = "redis")]
use wxauth::sys::redis::Address;
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::{Appid, ComponentAppid, PermissionSetId, UserName};
use wxauth::wechat::secret::Secret;

/// The time at which every story begins.
pub const NOW: i64 = 1_800_000_000;
/// Longer than any story.
pub const LONG: Duration = Duration::from_secs(600);

/// Where a story's stores live; gone with it.
pub struct Place {
    pub location: StoreLocation,
    _folder: Option<TempDir>,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            location: StoreLocation::Sqlite(folder.path().join("state/wxauth.db")),
            _folder: Some(folder),
        }
    }

    pub fn memory() -> Self {
        Self {
            location: StoreLocation::Memory,
            _folder: None,
        }
    }

    #[cfg(feature = "redis")]
    pub fn redis() -> Self {
        let address = Address::parse(&crate::support::shared_redis()).unwrap();
        Self {
            location: StoreLocation::Redis(address),
            _folder: None,
        }
    }

    pub fn path(&self) -> PathBuf {
        match &self.location {
            StoreLocation::Sqlite(path) => path.clone(),
            StoreLocation::Memory | StoreLocation::Redis(_) => {
                unreachable!("this story is about files")
            }
        }
    }

    pub async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Store, StoreError> {
        open(&self.location).await
    }
}

pub async fn open(location: &StoreLocation) -> Result<Store, StoreError> {
    open_encrypted(location, Keyring::none()).await
}

pub async fn open_encrypted(location: &StoreLocation, keys: Keyring) -> Result<Store, StoreError> {
    let offset = NOW - clock::machine_milliseconds() / 1000;
    crate::support::open_store(location, keys, Clock::shifted(offset)).await
}

pub fn at(seconds_from_now: i64) -> Timestamp {
    clock::timestamp(NOW + seconds_from_now)
}

pub fn key() -> PlatformKey {
    PlatformKey {
        realm: "api.weixin.qq.com".to_owned(),
        component_appid: ComponentAppid::from_wire("wxc0c0c0c0c0c0c0c0"),
    }
}

pub fn other_key() -> PlatformKey {
    PlatformKey {
        realm: "127.0.0.1:8787".to_owned(),
        ..key()
    }
}

pub fn appid(number: u32) -> Appid {
    Appid::from_wire(format!("wx{number:016x}"))
}

pub fn owner(number: u32) -> TokenOwner {
    TokenOwner::Authorizer(appid(number))
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text)
}

pub fn sets(ids: &[u32]) -> Vec<PermissionSetId> {
    ids.iter().copied().map(PermissionSetId).collect()
}

pub fn new_token(access: &str, refresh: Option<&str>) -> NewToken {
    NewToken {
        access_token: secret(access),
        refresh_token: refresh.map(Secret::new),
        expires_at: at(7140),
        issued_at: at(0),
        contested: false,
    }
}

pub fn listed(number: u32, refresh: Option<&str>, authorized_at: i64, as_of: i64) -> Observation {
    Observation {
        listed: Some(Listed {
            appid: appid(number),
            authorized_at: Some(at(authorized_at)),
            refresh_token: refresh.map(Secret::new),
        }),
        profile: None,
        as_of: at(as_of),
        source: ChangeSource::Sync,
    }
}

pub fn told(number: u32, name: &str, ids: &[u32], as_of: i64) -> Observation {
    Observation {
        listed: None,
        profile: Some(Profile {
            appid: appid(number),
            user_name: Some(UserName::from_wire(format!("gh_{number:012}"))),
            nick_name: Some(name.to_owned()),
            kind: AccountKind::OfficialAccount,
            principal_name: Some("Demo Ltd".to_owned()),
            account_status: AccountStatus::Normal,
            permission_ids: Some(sets(ids)),
            pending_ids: Vec::new(),
            refresh_token: None,
            details: Some(RawValue::from_string(format!("{{\"nick_name\":{name:?}}}")).unwrap()),
        }),
        as_of: at(as_of),
        source: ChangeSource::Sync,
    }
}

/// Makes an active authorizer with the refresh token `refresh-<number>`.
pub async fn authorize(store: &Store, number: u32) {
    let refresh = format!("refresh-{number}");
    let seen = listed(number, Some(&refresh), -1000, -100);
    store.observe(&key(), vec![seen]).await.unwrap();
}

/// What was granted; fails when a living holder has it.
pub async fn lease(
    store: &Store,
    owner: &TokenOwner,
) -> (Lease, Option<StoredToken>, Option<OpenIntent>) {
    match store.lease(&key(), owner, LONG).await.unwrap() {
        LeaseAttempt::Granted {
            lease,
            token,
            open_intent,
        } => (lease, token, open_intent),
        held @ LeaseAttempt::Held { .. } => panic!("{held:?}"),
    }
}

pub async fn stored(store: &Store, owner: &TokenOwner) -> StoredToken {
    store.token(&key(), owner).await.unwrap().unwrap()
}

/// An `authorized` event about the authorizer `number`, with a code and work to do.
pub fn authorized(number: u32) -> NewEvent {
    NewEvent {
        received_at: at(0),
        created_at: Some(at(-1)),
        info_type: "authorized".to_owned(),
        appid: Some(appid(number)),
        fingerprint: format!("authorized-{number}"),
        fields: serde_json::json!({"AuthorizerAppid": appid(number)}),
        ticket: None,
        code: Some(secret(&format!("queryauthcode@@@{number}"))),
        code_expires_at: Some(at(3600)),
        pre_auth_code_fingerprint: Some(format!("pre-auth-{number}")),
        needs_work: true,
        forward: None,
        forward_early: false,
    }
}

/// A text message to `gh_1` that WeChat made at `created_at` and that arrives now.
pub fn new_message(id: &str, created_at: Option<i64>) -> NewMessage {
    NewMessage {
        mark: MessageMark::of(&["gh_1", id]),
        created_at: created_at.map(|seconds| NOW + seconds),
        received_at: at(0),
        account: "gh_1".to_owned(),
        what: "text".to_owned(),
    }
}

/// A ticket that WeChat made at `created_at` and that arrives at `received_at`.
pub fn pushed_ticket(text: &str, created_at: i64, received_at: i64) -> NewEvent {
    NewEvent {
        received_at: at(received_at),
        created_at: Some(at(created_at)),
        info_type: "component_verify_ticket".to_owned(),
        appid: None,
        fingerprint: format!("{text}-{created_at}"),
        fields: serde_json::json!({}),
        ticket: Some(secret(text)),
        code: None,
        code_expires_at: None,
        pre_auth_code_fingerprint: None,
        needs_work: false,
        forward: None,
        forward_early: false,
    }
}

/// Accepts an event that must be new; its number.
pub async fn accept(store: &Store, event: NewEvent) -> i64 {
    match store.accept_event(&key(), event).await.unwrap() {
        Accepted::New { id, .. } => id,
        repeat @ Accepted::Repeat { .. } => panic!("{repeat:?}"),
    }
}

pub async fn event(store: &Store, id: i64) -> EventRecord {
    store.event(&key(), id).await.unwrap().unwrap()
}
