//! What every route works with.

use std::io;
use std::sync::Arc;

use crate::wechat::id::ComponentAppid;

use super::alerts::Alerts;
use super::forward::{Forwarder, Parcels};
use super::limits::{Limits, Returns};
use super::repeats::Repeats;
use super::worker::{Work, Worker};
use super::{Hosted, Notice, ServeOptions};

/// A server at work; clones share it.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) options: ServeOptions,
    pub(super) forwarder: Option<Forwarder>,
    pub(super) worker: Worker,
    pub(super) limits: Limits,
    pub(super) returns: Returns,
    pub(super) repeats: Repeats,
    pub(super) alerts: Option<Alerts>,
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
            limits: Limits::new(options.launches),
            returns: Returns::new(options.launches),
            repeats: Repeats::default(),
            forwarder,
            worker,
            alerts,
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
        (self.options().log)(notice);
        self.options().metrics.count(notice);
        if let Some(alerts) = &self.inner.alerts {
            alerts.consider(notice);
        }
    }
}

impl Hosted {
    pub(super) fn appid(&self) -> &ComponentAppid {
        self.platform.component_appid()
    }
}
