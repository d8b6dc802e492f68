//! `/metrics`: counters of what happened, and the store's state at the moment of asking, in the
//! text format of OpenMetrics that Prometheus reads.

mod counted;
mod labels;
mod looked_up;

use std::fmt;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use crate::api::CallReport;
use crate::wechat::id::ComponentAppid;

use super::Notice;
use super::shared::Shared;
use counted::Counted;

/// Counters of a server; they begin at nothing with every process.
pub struct Metrics {
    registry: Registry,
    counted: Counted,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("wxauth");
        let counted = Counted::default();
        counted.register(&mut registry);
        Self { registry, counted }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}

impl Metrics {
    /// Counts what happened.
    pub fn count(&self, notice: &Notice) {
        self.counted.notice(notice);
    }

    /// Counts a call to WeChat: for [`crate::api::Observer`].
    pub fn call(&self, report: &CallReport) {
        self.counted.call(report);
    }

    /// How many calls for merchants' tokens were made so far, repeats included.
    pub(super) fn refresh_calls(&self) -> u64 {
        self.counted.refresh_calls()
    }

    /// How many refresh calls may still be made in the running 24 hours.
    pub(super) fn budget_left(&self, platform: &ComponentAppid, left: u64) {
        self.counted.budget_left(platform, left);
    }
}

pub(super) async fn answer(State(shared): State<Shared>) -> Response {
    let mut gathered = Registry::with_prefix("wxauth");
    looked_up::register(&shared, &mut gathered).await;
    let mut text = String::new();
    let counted = &shared.options().metrics.registry;
    let written = prometheus_client::encoding::text::encode_registry(&mut text, counted)
        .and_then(|()| encode(&mut text, &gathered));
    match written {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
