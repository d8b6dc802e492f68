//! Troubles that last: told when they are one, once, and once when they are over.

use serde_json::{Value, json};
use wxauth::serve::{ForwardForm, ForwardOptions, ForwardResult, Notice, RefreshPlan};
use wxauth::store::events::ForwardState;

use super::alerts::{await_alerts, webhook};
use super::backend::Backend;
use super::site::{Site, control};

/// How often the refresher told of a failure.
fn failed_rounds(site: &Site) -> usize {
    let notices = site.notices.lock().unwrap();
    let failed = |notice: &&Notice| matches!(notice, Notice::Refreshed { error: Some(_), .. });
    notices.iter().filter(failed).count()
}

/// A minute lies between two rounds, so that the platform is served as often as rounds are wanted:
/// each has its first one at once. The alerts, of which so many are waited for.
fn rounds_that_fail(count: usize, awaited: usize) -> Vec<Value> {
    let (alerts, taken) = webhook("");
    let mut site = Site::prepared(
        async |platform| {
            let base = platform.api().base().as_str().trim_end_matches('/');
            let fault = json!({"fault": "api_component_token: 9 times 61004"});
            control(base, "faults", Some(&fault)).await;
        },
        |options| {
            options.alerts = Some(alerts);
            options.refresh = RefreshPlan::Used;
            options.platforms = vec![options.platforms[0].clone(); count];
        },
    );
    for _ in 0..600 {
        if failed_rounds(&site) == count {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(failed_rounds(&site), count);
    await_alerts(&taken, awaited);
    site.stop();
    std::mem::take(&mut *taken.lock().unwrap())
}

#[test]
fn a_refresh_that_fails_three_times_in_a_row_is_told() {
    assert_eq!(rounds_that_fail(2, 0), [] as [Value; 0]);
    let taken = rounds_that_fail(3, 1);
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(taken[0]["kind"], "refresh_failing");
    let text = taken[0]["message_en"].as_str().expect("a text");
    assert!(text.contains("61004"), "{text}");
}

/// Pushes an event that is new; it also makes the forwarder look for what is due.
fn push(site: &Site, number: u32) {
    let order = json!({
        "info_type": format!("notify_{number}"),
        "to": format!("{}/events", site.url),
    });
    let pushed = site.control("push", Some(&order));
    assert_eq!(pushed["delivered"], true, "{pushed}");
}

/// The number of the first event pushed: the site's own ticket has 1.
const FIRST: i64 = 2;

/// How the nth try to pass the first event on went.
fn try_of_first(site: &Site, wanted: u32) -> ForwardResult {
    site.told(|notice| match notice {
        Notice::Forwarded {
            event: Some(FIRST),
            result,
            tries,
            ..
        } if *tries == wanted => Some(result.clone()),
        _ => None,
    })
}

fn site(backend: &Backend, change: impl FnOnce(&mut wxauth::serve::ServeOptions)) -> Site {
    Site::with(|options| {
        options.forward = Some(ForwardOptions {
            url: backend.url.parse().expect("a URL"),
            form: ForwardForm::Json,
            with_secrets: false,
        });
        change(options);
    })
}

#[test]
fn a_backend_that_fails_three_times_is_told_of_and_that_it_is_back_as_well() {
    let (alerts, taken) = webhook("");
    // Three tries of the first event and between them one of the second; the next is taken.
    let backend = Backend::start(&[500; 4]);
    let mut site = site(&backend, |options| options.alerts = Some(alerts));
    for number in 1..=3 {
        push(&site, number);
        let result = try_of_first(&site, number);
        assert!(
            matches!(result, ForwardResult::Retrying { .. }),
            "{result:?}"
        );
        site.control("clock", Some(&json!({"offset": "+2m"})));
    }
    await_alerts(&taken, 2);
    site.stop();
    let taken = taken.lock().unwrap();
    let told: Vec<(&Value, &Value)> = taken
        .iter()
        .map(|alert| (&alert["kind"], &alert["resolved"]))
        .collect();
    let kind = json!("forward_failing");
    assert_eq!(told, [(&kind, &json!(false)), (&kind, &json!(true))]);
}

#[test]
fn a_backend_that_fails_ten_times_is_given_up_for_that_event() {
    let backend = Backend::start(&[500; 80]);
    let site = site(&backend, |_| {});
    for number in 1..=10 {
        push(&site, number);
        let result = try_of_first(&site, number);
        match number {
            10 => assert!(matches!(result, ForwardResult::Failed { .. }), "{result:?}"),
            _ => assert!(
                matches!(result, ForwardResult::Retrying { .. }),
                "{result:?}"
            ),
        }
        site.control("clock", Some(&json!({"offset": "+2h"})));
    }
    let row = site
        .runtime
        .block_on(site.platform.store().event(site.platform.key(), FIRST));
    let row = row.expect("the store").expect("the event");
    assert_eq!(row.forward, Some(ForwardState::Failed));
    assert_eq!(row.forward_payload, None);
}
