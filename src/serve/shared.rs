//! What every route works with.

use std::sync::Arc;

use crate::wechat::id::ComponentAppid;

use super::forward::Forwarder;
use super::limits::Limits;
use super::worker::Worker;
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
    pub(super) alerts: Option<super::alerts::Alerts>,
}

impl Shared {
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
