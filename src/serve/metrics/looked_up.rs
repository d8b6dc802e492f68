//! What the store says at the moment of asking.

use jiff::Timestamp;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::flow::AnotherHolder;
use crate::serve::shared::Shared;
use crate::serve::{Hosted, health};
use crate::store::roster::Counts;

use super::labels::Labels;

type Gauges = Family<Labels, Gauge>;

/// Adds gauges of every platform: those that cannot be told are left out.
pub(super) async fn register(shared: &Shared, registry: &mut Registry) {
    let gauge = |registry: &mut Registry, name: &str, help: &str| {
        let gauges = Gauges::default();
        registry.register(name, help, gauges.clone());
        gauges
    };
    let store_up = gauge(registry, "store_up", "Whether the store answers");
    let ticket_age = gauge(
        registry,
        "ticket_age_seconds",
        "Since the newest component_verify_ticket came; it lives 12 hours",
    );
    let token_life = gauge(
        registry,
        "component_token_life_seconds",
        "What is left of the stored component token",
    );
    let clock_fault = gauge(
        registry,
        "clock_fault",
        "Whether ticket or component token were stored with a time in the future",
    );
    let another_holder = gauge(
        registry,
        "another_holder",
        "Owners whose tokens WeChat refused before expiry in the last 24 hours although wxauth had not replaced them, by kind of token",
    );
    let authorizers = gauge(registry, "authorizers", "Authorizers by status");
    let tokens = gauge(
        registry,
        "authorizer_tokens",
        "Tokens of active authorizers by state",
    );
    for hosted in &shared.options().platforms {
        let platform = || ("platform", hosted.appid().to_string());
        let set = |gauges: &Gauges, label: Option<(&'static str, &str)>, value: i64| {
            let label = label.map(|(name, value)| (name, value.to_owned()));
            let labels: Labels = [platform()].into_iter().chain(label).collect();
            gauges.get_or_create(&labels).set(value);
        };
        let now = hosted.platform.clock().now();
        let (Some(Ok(standing)), Some(counts)) =
            (health::standing(hosted).await, counts(hosted, now).await)
        else {
            set(&store_up, None, 0);
            continue;
        };
        set(&store_up, None, 1);
        if let Some(age) = standing.ticket_age(now) {
            set(&ticket_age, None, age);
        }
        if let Some(left) = standing.token_left(now) {
            set(&token_life, None, left);
        }
        let fault = standing.clock_fault(now).is_some();
        set(&clock_fault, None, i64::from(fault));
        if let Some(refused) = refused(hosted).await {
            for (token, count) in refused {
                set(&another_holder, Some(("token", token)), gauge_value(count));
            }
        }
        for (status, count) in [
            ("active", counts.active),
            ("pending_exchange", counts.pending_exchange),
            ("revoked", counts.revoked),
        ] {
            set(&authorizers, Some(("status", status)), gauge_value(count));
        }
        for (state, count) in [
            ("fresh", counts.tokens_fresh),
            ("expired", counts.tokens_expired),
            ("never", counts.tokens_never),
            ("without_refresh_token", counts.without_refresh_token),
        ] {
            set(&tokens, Some(("state", state)), gauge_value(count));
        }
    }
}

/// The roster in numbers, if the store tells them in time.
async fn counts(hosted: &Hosted, now: Timestamp) -> Option<Counts> {
    let (store, key) = (hosted.platform.store(), hosted.platform.key());
    let counts = tokio::time::timeout(health::PATIENCE, store.counts(key, now));
    counts.await.ok()?.ok()
}

/// How many owners' tokens were refused before their expiry, by kind of token, if the store tells it in
/// time.
async fn refused(hosted: &Hosted) -> Option<[(&'static str, u64); 2]> {
    let found = tokio::time::timeout(health::PATIENCE, hosted.platform.another_holder());
    let found = found.await.ok()?.ok()?;
    let component = found.as_ref().is_some_and(AnotherHolder::component_token);
    let authorizers = found.map_or(0, |found| found.authorizers().len() as u64);
    Some([
        ("component", u64::from(component)),
        ("authorizer", authorizers),
    ])
}

fn gauge_value(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
