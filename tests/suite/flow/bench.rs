//! A platform in this process, with a WeChat that answers what a test tells it to.
//!
//! The clock begins at [`NOW`], as in the tests of the store, whose short names are used here too.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use wxauth::api::{Api, ApiOptions, Observer, RetryPolicy};
use wxauth::flow::{
    Credentials, FlowError, Freshness, Happening, HeldToken, MintPolicy, Platform, PlatformOptions,
    SecretSource,
};
use wxauth::store::encryption::Keyring;
use wxauth::store::observations::{ChangeSource, Observation};
use wxauth::store::roster::{AuthorizationStatus, Authorizer};
use wxauth::store::tickets::TicketSource;
use wxauth::store::tokens::{StoredToken, TokenOwner};
use wxauth::store::{Store, StoreLocation};
use wxauth::sys::clock::{Clock, machine_milliseconds};
use wxauth::sys::http::HttpOptions;

use crate::api::server::{Seen, Server, Step};
use crate::store::support::{NOW, appid, key, secret};
use crate::support::open_store;

use super::wechat::{WeChat, call_of, granted};

/// A platform, its WeChat and its clock.
pub struct Bench {
    pub platform: Platform,
    pub clock: Clock,
    server: Server,
    wechat: Arc<Mutex<WeChat>>,
    happenings: Arc<Mutex<Vec<Happening>>>,
}

impl Bench {
    /// A platform with a ticket, an appsecret and an empty store in memory.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A platform with changed options; the ticket in its store is fresh.
    pub async fn with(change: impl FnOnce(&mut PlatformOptions)) -> Self {
        let bench = Self::without_ticket(change).await;
        bench.ticket("ticket@@@first").await;
        bench
    }

    /// A platform whose store holds nothing at all.
    pub async fn without_ticket(change: impl FnOnce(&mut PlatformOptions)) -> Self {
        let (wechat, happenings) = (Arc::<Mutex<WeChat>>::default(), Arc::default());
        let answers = Arc::clone(&wechat);
        let server = Server::answering(move |seen| answers.lock().unwrap().answer(seen)).await;
        let clock = Clock::shifted(NOW - machine_milliseconds() / 1000);
        let store = open_store(&StoreLocation::Memory, Keyring::none(), clock.clone()).await;
        let api = Api::new(ApiOptions {
            base: server.base.clone(),
            http: HttpOptions::default(),
            retry: RetryPolicy {
                attempts: 2,
                base_delay: Duration::from_millis(1),
                max_delay: Duration::from_millis(2),
            },
            clock: clock.clone(),
            observer: Observer::default(),
        });
        let mut options = PlatformOptions {
            key: key(),
            credentials: Credentials {
                appsecret: SecretSource::Value(secret("appsecret")),
                ticket: SecretSource::Missing,
                ticket_source: TicketSource::Set,
            },
            mint: MintPolicy::Wxauth,
            lock_timeout: Duration::from_secs(60),
        };
        change(&mut options);
        let told: Arc<Mutex<Vec<Happening>>> = Arc::clone(&happenings);
        let watcher = Arc::new(move |happening| told.lock().unwrap().push(happening));
        let platform = Platform::new(options, store.unwrap(), api, clock.clone(), watcher);
        Self {
            platform,
            clock,
            server,
            wechat,
            happenings,
        }
    }

    pub fn store(&self) -> &Store {
        self.platform.store()
    }

    /// A ticket comes that is not known yet.
    pub async fn ticket(&self, text: &str) {
        let new = self.platform.set_ticket(secret(text), TicketSource::Set);
        assert!(new.await.unwrap());
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.set_offset(self.clock.offset() + seconds);
    }

    /// The next answers to a call; the usual ones come after them.
    pub fn next(&self, call: &str, steps: impl IntoIterator<Item = Step>) {
        let mut wechat = self.wechat.lock().unwrap();
        wechat
            .next
            .entry(call.to_owned())
            .or_default()
            .extend(steps);
    }

    /// The only answer to a call from now on.
    pub fn always(&self, call: &str, step: Step) {
        self.wechat
            .lock()
            .unwrap()
            .always
            .insert(call.to_owned(), step);
    }

    /// A call is answered as usual again.
    pub fn as_usual(&self, call: &str) {
        let mut wechat = self.wechat.lock().unwrap();
        wechat.always.remove(call);
        wechat.next.remove(call);
    }

    /// The answer to the next call waits until the permit that is returned is given.
    pub fn hold(&self, call: &str, answer: &Value) -> Arc<Semaphore> {
        let permit = Arc::new(Semaphore::new(0));
        let step = Step::Held(Arc::clone(&permit), answer.to_string());
        self.next(call, [step]);
        permit
    }

    /// An account in WeChat's list that authorized at this moment, in seconds from the beginning.
    pub fn list(&self, number: u32, refresh_token: Option<&str>, authorized_at: i64) {
        let mut row = json!({
            "authorizer_appid": appid(number),
            "auth_time": NOW + authorized_at,
        });
        if let Some(refresh_token) = refresh_token {
            row["refresh_token"] = json!(refresh_token);
        }
        let mut wechat = self.wechat.lock().unwrap();
        wechat.listed.insert(appid(number).to_string(), row);
    }

    /// Takes an account out of WeChat's list.
    pub fn unlist(&self, number: u32) {
        let mut wechat = self.wechat.lock().unwrap();
        wechat.listed.remove(appid(number).as_str());
    }

    /// What WeChat says of an account that granted these sets.
    pub fn info(&self, number: u32, refresh_token: Option<&str>, ids: &[u32]) {
        let mut grant = json!({"authorizer_appid": appid(number), "func_info": granted(ids)});
        if let Some(refresh_token) = refresh_token {
            grant["authorizer_refresh_token"] = json!(refresh_token);
        }
        let info = json!({
            "authorizer_info": {
                "nick_name": format!("Shop {number}"),
                "user_name": format!("gh_{number:012}"),
                "MiniProgramInfo": {},
                "account_status": 1,
            },
            "authorization_info": grant,
        });
        let mut wechat = self.wechat.lock().unwrap();
        wechat.infos.insert(appid(number).to_string(), info);
    }

    /// WeChat answers 61003 to questions about this account.
    pub fn ended(&self, number: u32) {
        let mut wechat = self.wechat.lock().unwrap();
        wechat.infos.remove(appid(number).as_str());
    }

    /// The requests of this call, in order.
    pub fn requests(&self, call: &str) -> Vec<Seen> {
        let seen = self.server.seen().into_iter();
        seen.filter(|seen| call_of(seen) == call).collect()
    }

    /// How often a call was made.
    pub fn calls(&self, call: &str) -> usize {
        self.requests(call).len()
    }

    /// Waits until a call was made so often.
    pub async fn until_called(&self, call: &str, times: usize) {
        for _ in 0..6000 {
            if self.calls(call) >= times {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{call} was not called {times} times");
    }

    /// How many happenings of a kind were reported.
    pub fn reported(&self, of: impl Fn(&Happening) -> bool) -> usize {
        let happenings = self.happenings.lock().unwrap();
        happenings.iter().filter(|happening| of(happening)).count()
    }

    pub async fn observe(&self, seen: Observation) {
        self.store().observe(&key(), vec![seen]).await.unwrap();
    }

    /// Marks an authorizer of the store as ended.
    pub async fn revoke(&self, number: u32, at: Timestamp) {
        let (key, appid, source) = (key(), appid(number), ChangeSource::Sync);
        let marked = self.store().mark_revoked(&key, &appid, at, source).await;
        assert!(marked.unwrap());
    }

    pub async fn token(&self, number: u32) -> Result<HeldToken, FlowError> {
        let appid = appid(number);
        self.platform
            .authorizer_token(&appid, Freshness::Usable)
            .await
    }

    pub async fn stored(&self, owner: &TokenOwner) -> StoredToken {
        self.store().token(&key(), owner).await.unwrap().unwrap()
    }

    pub async fn authorizer(&self, number: u32) -> Option<Authorizer> {
        let row = self.store().authorizer(&key(), &appid(number)).await;
        row.unwrap()
    }

    pub async fn status(&self, number: u32) -> AuthorizationStatus {
        self.authorizer(number).await.unwrap().status
    }
}
