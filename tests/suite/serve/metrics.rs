//! What Prometheus reads.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use wxauth::flow::CodeFate;
use wxauth::serve::{Metrics, Notice};
use wxauth::store::events::EventOutcome;
use wxauth::store::messages::MessageOutcome;
use wxauth::wechat::id::ComponentAppid;

use super::site::Site;

/// Every series with its value, as the text format has them.
fn scrape(site: &Site) -> HashMap<String, f64> {
    let seen = site
        .get(&format!("{}/metrics", site.admin), &[])
        .expect(200);
    assert!(seen.headers["content-type"].starts_with("application/openmetrics-text"));
    assert!(seen.text.ends_with("# EOF\n"), "{}", seen.text);
    let (mut series, mut declared) = (HashMap::new(), Vec::new());
    for line in seen.text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            if let Some(name) = comment.strip_prefix("TYPE ") {
                let name = name.split(' ').next().expect("a name");
                assert!(!declared.contains(&name), "{name} is declared twice");
                declared.push(name);
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').expect("a value");
        let known = declared.iter().any(|declared| name.starts_with(declared));
        assert!(known, "{name} is not declared");
        let value: f64 = value.parse().expect("a number");
        assert!(
            series.insert(name.to_owned(), value).is_none(),
            "{name} twice"
        );
    }
    series
}

#[test]
fn the_state_of_the_platform_and_every_call_can_be_read() {
    let site = Site::open();
    let platform = format!("platform=\"{}\"", site.platform.component_appid());
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post("/authorize?type=mini-program", &[]).expect(200);
    site.get(&site.confirm(&made.link("pc"), appid, None), &[])
        .expect(200);
    site.control("clock", Some(&serde_json::json!({"offset": "+5m"})));

    let series = scrape(&site);
    assert!(series[&format!("wxauth_ticket_age_seconds{{{platform}}}")] >= 300.0);
    assert!(series[&format!("wxauth_component_token_life_seconds{{{platform}}}")] > 6000.0);
    assert_eq!(series[&format!("wxauth_store_up{{{platform}}}")], 1.0);
    assert_eq!(
        series[&format!("wxauth_authorizers{{{platform},status=\"active\"}}")],
        1.0
    );
    assert_eq!(
        series[&format!("wxauth_authorizer_tokens{{{platform},state=\"fresh\"}}")],
        1.0
    );
    assert_eq!(series[&format!("wxauth_links_total{{{platform}}}")], 1.0);
    let path = "path=\"/cgi-bin/component/api_query_auth\"";
    assert_eq!(
        series[&format!("wxauth_wechat_calls_total{{{path},errcode=\"0\"}}")],
        1.0
    );
    assert_eq!(
        series[&format!("wxauth_wechat_call_seconds_count{{{path}}}")],
        1.0
    );
}

#[test]
fn whoever_sends_pushes_cannot_make_series_without_end() {
    let site = Site::with(|options| count_strangers(&options.metrics));
    let series = scrape(&site);
    let events: Vec<_> = series
        .keys()
        .filter(|name| name.starts_with("wxauth_events_received_total"))
        .collect();
    assert_eq!(events.len(), 2, "{events:?}");
    let other = "wxauth_events_received_total{platform=\"wx0000000000000001\",info_type=\"other\",outcome=\"new\"}";
    assert_eq!(series[other], 500.0);
    let messages: Vec<_> = series
        .keys()
        .filter(|name| name.starts_with("wxauth_messages_total"))
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
}

fn count_strangers(metrics: &Arc<Metrics>) {
    let platform: ComponentAppid = "wx0000000000000001".parse().expect("an appid");
    let accepted = |info_type: String| Notice::EventAccepted {
        platform: platform.clone(),
        id: 1,
        info_type,
        appid: None,
        repeated: false,
        previous_key: false,
        elapsed: Duration::from_millis(2),
    };
    metrics.count(&accepted("component_verify_ticket".to_owned()));
    for number in 0..500 {
        metrics.count(&accepted(format!("invented_{number}")));
        metrics.count(&Notice::MessageTaken {
            platform: platform.clone(),
            account: format!("wx{number:016}"),
            what: format!("invented_{number}"),
            outcome: MessageOutcome::New,
            release_check: false,
        });
        metrics.count(&Notice::MessageTaken {
            platform: platform.clone(),
            account: format!("wx{number:016}"),
            what: format!("event/invented_{number}"),
            outcome: MessageOutcome::New,
            release_check: false,
        });
    }
    metrics.count(&Notice::EventWorked {
        platform,
        id: 1,
        info_type: "unauthorized".to_owned(),
        appid: None,
        outcome: EventOutcome::Done,
        code: CodeFate::None,
        error: None,
    });
}
