//! What every route works with.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::wechat::id::ComponentAppid;

use super::accounts::Accounts;
use super::alerts::Alerts;
use super::forward::{Forwarder, Parcels};
use super::health::TICKET_EVENT;
use super::limits::{Limiter, Rate};
use super::log_limiter::LogLimiter;
use super::network::Network;
use super::returns::Returns;
use super::worker::{Work, Worker};
use super::writes::Writes;
use super::{Hosted, LaunchLimits, Notice, ServeOptions};

/// Pages that one address may ask for: two a second, and many at once.
const VISITS: Rate = Rate {
    burst: 120,
    refill: Duration::from_secs(60),
};

/// A server at work; clones share it.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) options: ServeOptions,
    pub(super) forwarder: Option<Forwarder>,
    pub(super) worker: Worker,
    /// Pages that one address may ask for.
    pub(super) visits: Limiter<Network>,
    /// Links that one address may make.
    pub(super) links: Limiter<Network>,
    pub(super) returns: Returns,
    pub(super) accounts: Accounts,
    pub(super) alerts: Option<Alerts>,
    pub(super) log_limiter: LogLimiter,
    pub(super) writes: Writes,
    /// Changes whenever a ticket came.
    pub(super) tickets: watch::Sender<()>,
}

/// What the tasks behind a server take from.
pub(super) struct Tasks {
    pub(super) work: Work,
    pub(super) parcels: Option<Parcels>,
}

impl Shared {
    /// Puts a server together; nothing runs yet.
    pub(super) fn new(options: ServeOptions) -> io::Result<(Self, Tasks)> {
        let alerts = Alerts::of(&options).map_err(io::Error::other)?;
        let ca_file = options.ca_file.as_deref();
        let forward = options.forward.as_ref();
        let (forwarder, parcels) = forward
            .map(|forward| Forwarder::new(forward, ca_file))
            .transpose()
            .map_err(io::Error::other)?
            .unzip();
        let (worker, work) = Worker::new();
        let inner = Inner {
            visits: Limiter::new(VISITS),
            links: Limiter::new(options.launches.rate()),
            returns: Returns::new(options.launches.rate()),
            log_limiter: LogLimiter::default(),
            accounts: Accounts::default(),
            writes: Writes::default(),
            forwarder,
            worker,
            alerts,
            tickets: watch::Sender::new(()),
            options,
        };
        let shared = Self {
            inner: Arc::new(inner),
        };
        Ok((shared, Tasks { work, parcels }))
    }

    pub(super) fn worker(&self) -> &Worker {
        &self.inner.worker
    }

    pub(super) fn forwarder(&self) -> Option<&Forwarder> {
        self.inner.forwarder.as_ref()
    }

    pub(super) fn options(&self) -> &ServeOptions {
        &self.inner.options
    }

    /// The platform with this appid.
    pub(super) fn platform(&self, appid: &str) -> Option<&Hosted> {
        let platforms = &self.options().platforms;
        platforms
            .iter()
            .find(|hosted| hosted.platform.component_appid().as_str() == appid)
    }

    /// The only platform, when there is one alone.
    pub(super) fn only(&self) -> Option<&Hosted> {
        match self.options().platforms.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Tells log, metrics and alerts.
    pub(super) fn tell(&self, notice: &Notice) {
        if self.inner.log_limiter.passes(notice, Instant::now()) {
            (self.options().log)(notice);
        }
        self.options().metrics.count(notice);
        if let Some(alerts) = &self.inner.alerts {
            alerts.consider(notice);
        }
        if let Notice::EventAccepted {
            info_type,
            repeated: false,
            ..
        } = notice
            && info_type == TICKET_EVENT
        {
            self.inner.tickets.send_replace(());
        }
    }

    /// Tells the log how much it was not told.
    pub(super) fn tell_left_out(&self) {
        let left_out = self.inner.log_limiter.left_out();
        left_out.iter().for_each(|notice| self.tell(notice));
    }
}

impl LaunchLimits {
    fn rate(self) -> Rate {
        Rate {
            burst: self.per_address_an_hour,
            refill: Duration::from_secs(3600),
        }
    }
}

impl Hosted {
    pub(super) fn appid(&self) -> &ComponentAppid {
        self.platform.component_appid()
    }
}
