//! Between here and WeChat: proxy, name, connection, trust, clock.

use jiff::Timestamp;
use url::{Host, Url};

use crate::api::{ApiError, Probed, UnreachableReason};
use crate::sys::http::ProxyInUse;

use crate::flow::{ClockFault, Outcome};

use super::facts::Facts;
use super::{Diagnosis, Examination, Finding, Line, SKEW_HARMFUL, SKEW_SEEN};

/// The line of the network that a failed probe makes fail; `proxied` where a proxy is in use.
pub(super) fn culprit(probe: &Result<Probed, ApiError>, proxied: bool) -> Option<Line> {
    let Err(error) = probe else { return None };
    Some(match error {
        ApiError::Unreachable { reason, .. } => match reason {
            UnreachableReason::Tls => Line::Tls,
            UnreachableReason::Proxy => Line::Proxy,
            // Whoever uses a proxy looks up and connects to nothing else.
            UnreachableReason::Dns | UnreachableReason::Connect if proxied => Line::Proxy,
            UnreachableReason::Dns => Line::Dns,
            UnreachableReason::Connect | UnreachableReason::Other => Line::Connection,
        },
        _ => Line::Connection,
    })
}

/// What went wrong in the network's own words.
fn words(error: &ApiError) -> String {
    match error {
        ApiError::Unreachable { detail, .. } => detail.clone(),
        ApiError::NoClient { reason, .. } => reason.clone(),
        other => other.to_string(),
    }
}

pub(super) fn lines(
    facts: &Facts,
    examination: &Examination,
    base: &Url,
    now: Timestamp,
) -> Vec<Diagnosis> {
    let status = facts.status.as_ref();
    let fault = status.and_then(|status| status.clock_fault(now));
    let proxy = examination.proxy.as_ref();
    let failed = facts.probe.as_ref().err();
    let blame = culprit(&facts.probe, proxy.is_some());
    let host = base.host_str().unwrap_or_default();
    let own = |line| failed.filter(|_| blame == Some(line)).map(words);
    let found = [
        proxy_line(proxy, own(Line::Proxy)),
        dns_line(base, proxy, own(Line::Dns), blame).about(host),
        connection_line(failed, blame).about(host),
        tls_line(base, own(Line::Tls), blame).about(host),
        clock_line(&facts.probe, blame, fault),
    ];
    found.into()
}

fn proxy_line(proxy: Option<&ProxyInUse>, failed: Option<String>) -> Diagnosis {
    let Some(proxy) = proxy else {
        return Diagnosis::new(Line::Proxy, Outcome::Pass, Finding::NoProxy);
    };
    let (outcome, finding) = match failed {
        Some(why) => (Outcome::Fail, Finding::ProxyFails(proxy.clone(), why)),
        None => (Outcome::Pass, Finding::Proxied(proxy.clone())),
    };
    Diagnosis::new(Line::Proxy, outcome, finding).about(proxy.address.clone())
}

fn dns_line(
    base: &Url,
    proxy: Option<&ProxyInUse>,
    failed: Option<String>,
    blame: Option<Line>,
) -> Diagnosis {
    let told = |outcome, finding| Diagnosis::new(Line::Dns, outcome, finding);
    match (failed, base.host()) {
        (Some(why), _) => told(Outcome::Fail, Finding::NotResolved(why)),
        (None, _) if blame == Some(Line::Proxy) => Diagnosis::because(Line::Dns, Line::Proxy),
        (None, Some(Host::Domain(_))) if proxy.is_none() => told(Outcome::Pass, Finding::Resolves),
        _ => told(Outcome::Pass, Finding::NoLookup),
    }
}

fn connection_line(failed: Option<&ApiError>, blame: Option<Line>) -> Diagnosis {
    let told = |outcome, finding| Diagnosis::new(Line::Connection, outcome, finding);
    match (failed, blame) {
        (Some(error), Some(Line::Connection)) => told(
            Outcome::Fail,
            match error {
                ApiError::NotJson { .. } | ApiError::Status { .. } | ApiError::TooLarge { .. } => {
                    Finding::NotWechat(error.clone())
                }
                error => Finding::NoConnection(words(error)),
            },
        ),
        (Some(_), Some(line @ (Line::Proxy | Line::Dns | Line::Tls))) => {
            Diagnosis::because(Line::Connection, line)
        }
        _ => told(Outcome::Pass, Finding::Answers),
    }
}

fn tls_line(base: &Url, failed: Option<String>, blame: Option<Line>) -> Diagnosis {
    let told = |outcome, finding| Diagnosis::new(Line::Tls, outcome, finding);
    match (failed, blame) {
        (Some(why), _) => told(Outcome::Fail, Finding::NotTrusted(why)),
        _ if base.scheme() == "http" => told(Outcome::Pass, Finding::NotEncrypted),
        (None, Some(line)) => Diagnosis::because(Line::Tls, line),
        (None, None) => told(Outcome::Pass, Finding::Trusted),
    }
}

fn clock_line(
    probe: &Result<Probed, ApiError>,
    blame: Option<Line>,
    fault: Option<ClockFault>,
) -> Diagnosis {
    let against_wechat = skew_line(probe, blame);
    match fault {
        // A clock that is wrong now comes first: it may be why.
        Some(fault) if !matches!(against_wechat.outcome, Outcome::Fail | Outcome::Warn) => {
            Diagnosis::new(Line::Clock, Outcome::Warn, Finding::ClockFault(fault))
        }
        _ => against_wechat,
    }
}

fn skew_line(probe: &Result<Probed, ApiError>, blame: Option<Line>) -> Diagnosis {
    let Ok(probed) = probe else {
        let line = blame.unwrap_or(Line::Connection);
        return Diagnosis::because(Line::Clock, line);
    };
    let Some(date) = probed.date else {
        return Diagnosis::new(Line::Clock, Outcome::Unknown, Finding::NoDate);
    };
    let skew = probed.received_at.duration_since(date);
    let outcome = match skew.abs() {
        off if off > SKEW_HARMFUL => Outcome::Fail,
        off if off > SKEW_SEEN => Outcome::Warn,
        _ => Outcome::Pass,
    };
    Diagnosis::new(Line::Clock, outcome, Finding::Skew(skew))
}
