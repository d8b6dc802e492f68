//! WeChat's calls over HTTP: one transport, one retry policy, one method per call; `raw` makes any
//! other by its path.
//!
//! Nothing here keeps state or decides what an operator means; that is `flow`.

mod answer;
mod authorizer;
mod call;
mod cleaning;
mod component;
mod date;
mod diagnosis;
mod error;
mod observer;
mod probe;
pub mod raw;
mod retry;
mod transport;
mod walk;

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use jiff::SignedDuration;
use url::Url;

use crate::sys::clock::Clock;
use crate::sys::http::{self, HttpClientError, HttpOptions};

pub use authorizer::OptionGeneration;
pub use call::{Call, Effect};
pub use error::{ApiError, LostCause, UnreachableReason};
pub use observer::{CallReport, Observer};
pub use probe::Probed;
pub use raw::{RawAnswer, RawContent, RawFailure, RawRequest};
pub use retry::RetryPolicy;
pub use walk::ListWalk;

/// What an [`Api`] is made of.
#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// Where WeChat answers; a path in it is kept as a prefix.
    pub base: Url,
    /// Timeouts and certificate authorities.
    pub http: HttpOptions,
    /// What is repeated, and after what wait.
    pub retry: RetryPolicy,
    /// The clock by which the caller counts the lives of what this `Api` brings.
    pub clock: Clock,
    /// Is told of every request, for metrics.
    pub observer: Observer,
}

/// A client of WeChat's third-party-platform calls. Clones share connections.
#[derive(Clone, Debug)]
pub struct Api {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Built by the first call: most commands answer from the store, and reading the system's
    /// certificate authorities would be most of their time.
    client: OnceLock<Result<reqwest::Client, HttpClientError>>,
    options: ApiOptions,
    /// How far our clock was ahead of WeChat's at the last answer with a date.
    clock_ahead: Mutex<Option<SignedDuration>>,
}

impl Api {
    /// An `Api` with these options; nothing is built or sent yet.
    #[must_use]
    pub fn new(options: ApiOptions) -> Self {
        let client = OnceLock::new();
        Self {
            shared: Arc::new(Shared {
                client,
                options,
                clock_ahead: Mutex::default(),
            }),
        }
    }

    fn client(&self, call: Call) -> Result<&reqwest::Client, ApiError> {
        let Shared {
            client, options, ..
        } = &*self.shared;
        client
            .get_or_init(|| http::client(&options.base, &options.http))
            .as_ref()
            .map_err(|error| ApiError::NoClient {
                call,
                reason: error.to_string(),
            })
    }

    /// Where the calls go.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.shared.options.base
    }

    /// The clock given in the options: note it before a call, count `expires_in` from there.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.options.clock
    }

    /// The longest that a minting call can take, repeats and waits included. A lease that guards
    /// one must outlast this.
    #[must_use]
    pub fn call_time_limit(&self) -> Duration {
        let options = &self.shared.options;
        options.retry.time_limit(options.http.timeout)
    }
}
