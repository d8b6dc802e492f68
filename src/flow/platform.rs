//! A third-party platform one can operate.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::api::Api;
use crate::store::backend::Backend;
use crate::store::tickets::TicketSource;
use crate::store::{PlatformKey, Store};
use crate::sys::clock::Clock;
use crate::sys::command;
use crate::wechat::id::{ComponentAppid, UserName};
use crate::wechat::secret::Secret;

use super::{FlowError, Happening, HeldToken, Watcher};

/// Where a secret comes from when it is needed.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// It is here.
    Value(Secret),
    /// A program prints it: the argument vector.
    Command(Vec<String>),
    /// Nobody said.
    Missing,
}

impl SecretSource {
    pub(super) fn is_program(&self) -> bool {
        matches!(self, Self::Command(_))
    }

    pub(super) async fn read(&self) -> Result<Option<Secret>, FlowError> {
        Ok(match self {
            Self::Value(secret) => Some(secret.clone()),
            Self::Command(argv) => {
                Some(Secret::new(command::secret_line(argv, &[]).await?.as_str()))
            }
            Self::Missing => None,
        })
    }
}

/// What proves to WeChat that we are the platform.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// `component_appsecret`.
    pub appsecret: SecretSource,
    /// A ticket given from outside: from the environment or a program.
    pub ticket: SecretSource,
    /// What [`Credentials::ticket`] is noted as in the store.
    pub ticket_source: TicketSource,
}

/// Who asks WeChat for tokens, component and authorizer ones.
#[derive(Clone, Debug)]
pub enum MintPolicy {
    /// We do, under a lease.
    Wxauth,
    /// Somebody else does, and what they hold is borrowed.
    Never {
        /// A program that prints it, as argument vector. It is told what is wanted by
        /// `WXAUTH_WANTED` (`component` or `authorizer`) and `WXAUTH_WANTED_APPID`. It comes before
        /// the backend.
        token_command: Option<Vec<String>>,
        /// The Redis in which their SDK keeps it.
        backend: Option<Backend>,
    },
    /// Both: we in their place, under their SDK's lock, and what we get is written back.
    Shared {
        /// The Redis in which their SDK keeps it.
        backend: Backend,
    },
}

impl MintPolicy {
    /// The backend whose keys are read.
    #[must_use]
    pub fn backend(&self) -> Option<&Backend> {
        match self {
            Self::Never { backend, .. } => backend.as_ref(),
            Self::Shared { backend } => Some(backend),
            Self::Wxauth => None,
        }
    }

    /// The backend that tokens are written back to.
    pub(super) fn sharing(&self) -> Option<&Backend> {
        match self {
            Self::Shared { backend } => Some(backend),
            _ => None,
        }
    }

    /// Whether nobody gives us tokens, nor may we mint them.
    pub(super) fn is_without_lender(&self) -> bool {
        matches!(
            self,
            Self::Never {
                token_command: None,
                backend: None
            }
        )
    }
}

/// Whether WeChat would take authorizations from everybody.
#[derive(Clone, Debug, Default)]
pub struct ReleaseState {
    /// `Some(true)` after the full release (全网发布); `None` when nobody said.
    pub released: Option<bool>,
    /// Original ids that may authorize before it, ten at most.
    pub test_list: Vec<UserName>,
}

/// What makes a [`Platform`].
#[derive(Clone, Debug)]
pub struct PlatformOptions {
    /// Realm and appid: what its records are kept under.
    pub key: PlatformKey,
    /// Its credentials.
    pub credentials: Credentials,
    /// Who mints.
    pub mint: MintPolicy,
    /// How long to wait for another holder of a lease.
    pub lock_timeout: Duration,
}

/// A third-party platform: cheap to clone, all clones are the same platform.
#[derive(Clone)]
pub struct Platform {
    inner: Arc<Inner>,
    store: Store,
}

struct Inner {
    options: PlatformOptions,
    api: Api,
    clock: Clock,
    watcher: Watcher,
    component_token: Mutex<Option<HeldToken>>,
    /// How many steps are under way that must not be cut short; see [`Platform::settled`].
    unfinished: watch::Sender<usize>,
}

/// One such step, from its beginning to its end.
pub(super) struct Unfinished(Arc<Inner>);

impl Unfinished {
    fn begin(inner: &Arc<Inner>) -> Self {
        inner.unfinished.send_modify(|count| *count += 1);
        Self(Arc::clone(inner))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.0.unfinished.send_modify(|count| *count -= 1);
    }
}

impl Platform {
    /// Puts a platform together. Nothing is called and nothing is read yet.
    #[must_use]
    pub fn new(
        options: PlatformOptions,
        store: Store,
        api: Api,
        clock: Clock,
        watcher: Watcher,
    ) -> Self {
        Self {
            store,
            inner: Arc::new(Inner {
                options,
                api,
                clock,
                watcher,
                component_token: Mutex::default(),
                unfinished: watch::Sender::new(0),
            }),
        }
    }

    /// The platform's own appid.
    #[must_use]
    pub fn component_appid(&self) -> &ComponentAppid {
        &self.inner.options.key.component_appid
    }

    /// What this platform's records are kept under.
    #[must_use]
    pub fn key(&self) -> &PlatformKey {
        &self.inner.options.key
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The same platform, whose store is waited for until `deadline`, by all acts together. It is for
    /// acts on the store alone: what WeChat gives must be stored however long that takes.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            store: self.store.until(deadline),
        }
    }

    /// WeChat's API as this platform calls it.
    #[must_use]
    pub fn api(&self) -> &Api {
        &self.inner.api
    }

    /// The clock its lifetimes are measured with.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(super) fn options(&self) -> &PlatformOptions {
        &self.inner.options
    }

    pub(super) fn tell(&self, happening: Happening) {
        (self.inner.watcher)(happening);
    }

    pub(super) fn remembered_component_token(&self) -> Option<HeldToken> {
        self.inner.component_token.lock().ok()?.clone()
    }

    pub(super) fn remember_component_token(&self, token: Option<HeldToken>) {
        if let Ok(mut remembered) = self.inner.component_token.lock() {
            *remembered = token;
        }
    }

    /// Begins a step that [`Platform::settled`] waits for; it is over when this is dropped.
    pub(super) fn begin_unfinished(&self) -> Unfinished {
        Unfinished::begin(&self.inner)
    }

    /// Runs `work` to its end even when the caller stops waiting for it.
    pub(super) async fn uninterrupted<T, W>(&self, work: W) -> Result<T, FlowError>
    where
        T: Send + 'static,
        W: Future<Output = Result<T, FlowError>> + Send + 'static,
    {
        let unfinished = self.begin_unfinished();
        // Boxed, because a task is moved a dozen times on its way, whole each time.
        let work = Box::pin(work);
        let task = tokio::spawn(async move {
            let outcome = work.await;
            drop(unfinished);
            outcome
        });
        match task.await {
            Ok(outcome) => outcome,
            Err(error) => Err(FlowError::Broken {
                detail: error.to_string(),
            }),
        }
    }

    /// Waits until nothing is under way that must not be cut short: a token being exchanged, a
    /// code being redeemed. A program that was asked to stop awaits this before it ends.
    pub async fn settled(&self) {
        // The sender lives in `self`, so that waiting cannot fail.
        let _ = self
            .inner
            .unfinished
            .subscribe()
            .wait_for(|count| *count == 0)
            .await;
    }
}
