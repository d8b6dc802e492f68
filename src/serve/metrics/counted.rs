//! What is counted as it happens.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::api::CallReport;
use crate::serve::Notice;
use crate::wechat::id::ComponentAppid;

use super::labels::{self, Labels};

type Counters = Family<Labels, Counter>;
type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

const REFRESH: &str = "/cgi-bin/component/api_authorizer_token";
/// Seconds; WeChat hangs up after 5.
const EVENT_BUCKETS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0, 5.0];
/// Seconds; a call ends after 10.
const CALL_BUCKETS: [f64; 8] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

pub(super) struct Counted {
    events_received: Counters,
    events_worked: Counters,
    event_seconds: Histograms,
    messages: Counters,
    rejections: Counters,
    forwards: Counters,
    links: Counters,
    returns: Counters,
    refreshes: Counters,
    refresh_rounds_failed: Counters,
    budget_left: Family<Labels, Gauge>,
    alerts: Counters,
    page_failures: Counters,
    store_failures: Counters,
    clock_set_back: Counters,
    calls: Counters,
    call_seconds: Histograms,
    refresh_calls: AtomicU64,
}

impl Default for Counted {
    fn default() -> Self {
        Self {
            events_received: Counters::default(),
            events_worked: Counters::default(),
            event_seconds: Histograms::new_with_constructor(|| Histogram::new(EVENT_BUCKETS)),
            messages: Counters::default(),
            rejections: Counters::default(),
            forwards: Counters::default(),
            links: Counters::default(),
            returns: Counters::default(),
            refreshes: Counters::default(),
            refresh_rounds_failed: Counters::default(),
            budget_left: Family::default(),
            alerts: Counters::default(),
            page_failures: Counters::default(),
            store_failures: Counters::default(),
            clock_set_back: Counters::default(),
            calls: Counters::default(),
            call_seconds: Histograms::new_with_constructor(|| Histogram::new(CALL_BUCKETS)),
            refresh_calls: AtomicU64::new(0),
        }
    }
}

impl Counted {
    pub(super) fn register(&self, registry: &mut Registry) {
        for (name, help, counters) in [
            (
                "events_received",
                "Events taken durably",
                &self.events_received,
            ),
            (
                "events_worked",
                "Events worked off, by outcome",
                &self.events_worked,
            ),
            ("messages", "Messages of authorizers", &self.messages),
            ("rejections", "Requests refused", &self.rejections),
            ("forwards", "Tries to pass something on", &self.forwards),
            ("links", "Links made by the launch page", &self.links),
            ("browser_returns", "Browsers that came back", &self.returns),
            (
                "token_refreshes",
                "Tokens of authorizers refreshed",
                &self.refreshes,
            ),
            (
                "refresh_rounds_failed",
                "Rounds of the refresher that ended with an error",
                &self.refresh_rounds_failed,
            ),
            ("alerts", "Alerts sent", &self.alerts),
            (
                "page_failures",
                "Pages that could not be shown",
                &self.page_failures,
            ),
            (
                "store_failures",
                "Failures of the store",
                &self.store_failures,
            ),
            (
                "clock_set_back",
                "How often this machine's clock was set back",
                &self.clock_set_back,
            ),
            ("wechat_calls", "Calls to WeChat, by errcode", &self.calls),
        ] {
            registry.register(name, help, counters.clone());
        }
        registry.register(
            "event_seconds",
            "From an event's first byte to its durable row",
            self.event_seconds.clone(),
        );
        registry.register(
            "wechat_call_seconds",
            "How long calls to WeChat take",
            self.call_seconds.clone(),
        );
        registry.register(
            "refresh_budget_left",
            "Refresh calls left in the running 24 hours",
            self.budget_left.clone(),
        );
    }

    pub(super) fn call(&self, report: &CallReport) {
        if report.path == REFRESH {
            self.refresh_calls.fetch_add(1, Ordering::Relaxed);
        }
        let path = ("path", report.path.to_owned());
        let errcode = report
            .errcode
            .map_or_else(|| "none".to_owned(), |code| code.to_string());
        self.call_seconds
            .get_or_create(&vec![path.clone()])
            .observe(report.elapsed.as_secs_f64());
        self.calls
            .get_or_create(&vec![path, ("errcode", errcode)])
            .inc();
    }

    pub(super) fn refresh_calls(&self) -> u64 {
        self.refresh_calls.load(Ordering::Relaxed)
    }

    pub(super) fn budget_left(&self, platform: &ComponentAppid, left: u64) {
        self.budget_left
            .get_or_create(&series(platform, &[]))
            .set(i64::try_from(left).unwrap_or(i64::MAX));
    }

    pub(super) fn notice(&self, notice: &Notice) {
        match notice {
            Notice::EventAccepted {
                platform,
                info_type,
                repeated,
                elapsed,
                ..
            } => {
                let info_type = ("info_type", labels::info_type(info_type));
                let outcome = ("outcome", if *repeated { "repeated" } else { "new" });
                add(
                    &self.events_received,
                    &series(platform, &[info_type, outcome]),
                    1,
                );
                self.event_seconds
                    .get_or_create(&series(platform, &[]))
                    .observe(elapsed.as_secs_f64());
            }
            Notice::EventWorked {
                platform,
                info_type,
                outcome,
                ..
            } => {
                let info_type = ("info_type", labels::info_type(info_type));
                let outcome = ("outcome", outcome.as_str());
                add(
                    &self.events_worked,
                    &series(platform, &[info_type, outcome]),
                    1,
                );
            }
            Notice::MessageTaken {
                platform,
                what,
                outcome,
                ..
            } => {
                let kind = ("kind", labels::message(what));
                let outcome = ("outcome", outcome.as_str());
                add(&self.messages, &series(platform, &[kind, outcome]), 1);
            }
            // Its message and its exchange are counted where they happen.
            Notice::ReleaseCheckAnswered { .. } => {}
            Notice::Rejected { route, why, .. } => {
                let labels = [("route", *route), ("reason", why.kind())];
                add(&self.rejections, &owned(&labels), 1);
            }
            Notice::Forwarded {
                platform,
                event,
                result,
                ..
            } => {
                let kind = ("kind", if event.is_some() { "event" } else { "message" });
                let result = ("result", labels::forward(result));
                add(&self.forwards, &series(platform, &[kind, result]), 1);
            }
            Notice::LinkMade { platform } => add(&self.links, &series(platform, &[]), 1),
            Notice::BrowserReturned { platform, left, .. } => {
                let result = match left {
                    None => "exchanged",
                    Some(_) => "left_to_event",
                };
                add(&self.returns, &series(platform, &[("result", result)]), 1);
            }
            Notice::Refreshed {
                platform,
                refreshed,
                failed,
                error,
                ..
            } => {
                for (result, count) in [("refreshed", *refreshed), ("failed", *failed)] {
                    add(
                        &self.refreshes,
                        &series(platform, &[("result", result)]),
                        count,
                    );
                }
                let ended = u64::from(error.is_some());
                add(&self.refresh_rounds_failed, &series(platform, &[]), ended);
            }
            Notice::PageFailed {
                platform, route, ..
            } => add(
                &self.page_failures,
                &series(platform, &[("route", route)]),
                1,
            ),
            Notice::AlertSent { kind, error } => {
                let result = match error {
                    None => "sent",
                    Some(_) => "failed",
                };
                add(
                    &self.alerts,
                    &owned(&[("kind", kind), ("result", result)]),
                    1,
                );
            }
            // They were counted one by one.
            Notice::LeftOut { .. } => {}
            // The store says it at the moment of asking.
            Notice::ClockFault { .. } | Notice::AnotherHolder { .. } => {}
            Notice::StoreRecovered { .. } => {}
            Notice::ClockSetBack { platform, .. } => {
                add(&self.clock_set_back, &series(platform, &[]), 1);
            }
            Notice::MessageNotCounted { platform, .. } | Notice::StoreFailed { platform, .. } => {
                add(&self.store_failures, &series(platform, &[]), 1);
            }
        }
    }
}

fn add(counters: &Counters, labels: &Labels, count: u64) {
    counters.get_or_create(labels).inc_by(count);
}

fn owned(labels: &[(&'static str, &str)]) -> Labels {
    let own = |(name, value): &(&'static str, &str)| (*name, (*value).to_owned());
    labels.iter().map(own).collect()
}

fn series(platform: &ComponentAppid, labels: &[(&'static str, &str)]) -> Labels {
    let mut series = vec![("platform", platform.to_string())];
    series.extend(owned(labels));
    series
}
