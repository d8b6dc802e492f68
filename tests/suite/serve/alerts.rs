//! What an operator is told without looking.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wxauth::serve::{AlertForm, AlertOptions, Notice, RefreshPlan};
use wxauth::wechat::push::{KeyUsed, To};

use crate::support::{eventually, lock_store};

use super::receiver::{Receiver, WeChat, desk};
use super::refresher::sync;
use super::site::{Site, control};

pub type Taken = Arc<Mutex<Vec<Value>>>;

/// A webhook that takes everything and says `answer`; it ends with the story's process.
pub fn webhook(answer: &'static str) -> (AlertOptions, Taken) {
    let taken = Taken::default();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let take = move |State(taken): State<Taken>, body: String| async move {
        let body = serde_json::from_str(&body).expect("JSON");
        taken.lock().unwrap().push(body);
        answer
    };
    let site = Router::new()
        .route("/hook", post(take))
        .with_state(Arc::clone(&taken));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let listener = TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, site).await.expect("a webhook");
        });
    });
    let url = format!("http://{address}/hook?key=SECRETKEY");
    let options = AlertOptions {
        url: url.parse().expect("a URL"),
        form: AlertForm::Json,
    };
    (options, taken)
}

fn sent(site: &Site) -> (&'static str, Option<String>) {
    site.told(|notice| match notice {
        Notice::AlertSent { kind, error } => Some((*kind, error.clone())),
        _ => None,
    })
}

/// A server that begins when its ticket is `age` old.
fn late_site(age: i64, form: AlertForm, answer: &'static str) -> (Site, Taken) {
    let (mut alerts, taken) = webhook(answer);
    alerts.form = form;
    let site = Site::with(|options| {
        let clock = options.platforms[0].platform.clock();
        clock.set_offset(clock.offset() + age);
        options.alerts = Some(alerts);
    });
    (site, taken)
}

#[test]
fn a_late_ticket_is_told_once_in_both_languages() {
    for (age, kind, severity) in [
        (26 * 60, "ticket_late", "warning"),
        (3 * 3600, "ticket_alarm", "critical"),
        (13 * 3600, "ticket_dead", "critical"),
    ] {
        let (mut site, taken) = late_site(age, AlertForm::Json, "");
        assert_eq!(sent(&site), (kind, None));
        site.stop();
        let taken = taken.lock().unwrap();
        assert_eq!(taken.len(), 1, "{taken:?}");
        let alert = &taken[0];
        assert_eq!(alert["kind"], kind);
        assert_eq!(alert["severity"], severity);
        assert_eq!(alert["platform"], site.platform.component_appid().as_str());
        assert_eq!(alert["resolved"], false);
        assert!(
            alert["message_zh"]
                .as_str()
                .is_some_and(|text| text.contains("component_verify_ticket"))
        );
        assert!(
            alert["since"]
                .as_str()
                .is_some_and(|text| text.ends_with('Z'))
        );
    }
}

#[test]
fn robots_get_their_form_and_their_refusal_is_told_without_the_key() {
    for form in [AlertForm::Wecom, AlertForm::Dingtalk] {
        let (site, taken) = late_site(26 * 60, form, r#"{"errcode":0,"errmsg":"ok"}"#);
        assert_eq!(sent(&site), ("ticket_late", None));
        let alert = taken.lock().unwrap()[0].clone();
        assert_eq!(alert["msgtype"], "text");
        let content = alert["text"]["content"].as_str().expect("a text");
        assert!(content.contains("超过 25 分钟"), "{content}");
    }
    let refusal = r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#;
    let (site, _) = late_site(26 * 60, AlertForm::Wecom, refusal);
    let (_, error) = sent(&site);
    assert_eq!(error.as_deref(), Some("errcode 93000: invalid webhook url"));
}

#[test]
fn a_webhook_that_is_away_is_told_without_its_address() {
    let (mut alerts, _) = webhook("");
    alerts
        .url
        .set_port(Some(9))
        .expect("a port that nobody has");
    let site = Site::with(|options| {
        let clock = options.platforms[0].platform.clock();
        clock.set_offset(clock.offset() + 1600);
        options.alerts = Some(alerts);
    });
    let (kind, error) = sent(&site);
    let error = error.expect("it is away");
    assert_eq!(kind, "ticket_late");
    assert!(
        !error.contains("SECRETKEY") && !error.contains("127.0.0.1"),
        "{error}"
    );
}

#[test]
fn a_fresh_ticket_gives_no_alert() {
    let (alerts, taken) = webhook("");
    let mut site = Site::with(|options| {
        options.alerts = Some(alerts);
        options.refresh = RefreshPlan::Used;
    });
    site.get("/healthz", &[]).expect(200);
    site.stop();
    assert_eq!(*taken.lock().unwrap(), Vec::<Value>::new());
}

#[test]
fn when_a_ticket_comes_at_last_the_trouble_is_over() {
    let (mut site, taken) = late_site(26 * 60, AlertForm::Json, "");
    assert_eq!(sent(&site), ("ticket_late", None));
    site.receive_pushes();
    site.told(|notice| match notice {
        Notice::EventAccepted { info_type, .. } => {
            (info_type == "component_verify_ticket").then_some(())
        }
        _ => None,
    });
    await_alerts(&taken, 2);
    site.stop();
    let taken = taken.lock().unwrap();
    assert_eq!(taken.len(), 2, "{taken:?}");
    assert_eq!(taken[1]["kind"], "ticket_late");
    assert_eq!(taken[1]["resolved"], true);
    assert_eq!(taken[1]["since"], taken[0]["since"]);
    let text = taken[1]["message_zh"].as_str().expect("a text");
    assert!(text.starts_with("已恢复"), "{text}");
}

#[test]
fn the_end_of_a_merchant_is_told() {
    let (alerts, taken) = webhook("");
    let site = Site::with(|options| options.alerts = Some(alerts));
    site.receive_pushes();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post("/authorize?type=mini-program", &[]);
    site.get(&site.confirm(&made.link("pc"), appid, None), &[])
        .expect(200);
    site.control("revoke", Some(&json!({ "appid": appid })));
    await_alerts(&taken, 1);
    let alert = taken.lock().unwrap()[0].clone();
    assert_eq!(alert["kind"], "merchant_ended");
    let text = alert["message_en"].as_str().expect("a text");
    assert_eq!(text, format!("{appid} ended its authorization"));
}

/// Waiting does not mend a dead refresh token: it is told at the first time it is met.
#[test]
fn a_dead_refresh_token_is_told_at_once_and_again_after_six_hours() {
    let (alerts, taken) = webhook("");
    let mut site = Site::prepared(
        async |platform| {
            sync(platform).await;
            let base = platform.api().base().as_str().trim_end_matches('/');
            let fault = json!({"fault": "api_authorizer_token: once 61023"});
            control(base, "faults", Some(&fault)).await;
        },
        |options| {
            options.alerts = Some(alerts);
            options.refresh = RefreshPlan::All { daily_budget: 100 };
        },
    );
    await_alerts(&taken, 1);
    let alert = taken.lock().unwrap()[0].clone();
    assert_eq!(alert["kind"], "refresh_token_dead", "{alert}");
    assert_eq!(alert["severity"], "critical");

    // Every ticket that comes makes it look again, and tell again what is due.
    site.receive_pushes();
    site.told(|notice| matches!(notice, Notice::EventAccepted { .. }).then_some(()));
    site.control("clock", Some(&json!({"offset": "+6h1m"})));
    await_alerts(&taken, 2);
    // The next looks have nothing to tell.
    for tickets in 3..=5 {
        site.control("clock", Some(&json!({"offset": "+10m"})));
        await_tickets(&site, tickets);
    }
    site.stop();
    let taken = taken.lock().unwrap();
    assert_eq!(taken.len(), 2, "{taken:#?}");
    assert_eq!(taken[1], alert);
}

/// Waits until so many tickets came.
#[track_caller]
fn await_tickets(site: &Site, count: usize) {
    eventually(|| {
        let notices = site.notices.lock().unwrap();
        let accepted = notices.iter().filter(|notice| {
            matches!(notice, Notice::EventAccepted { info_type, .. } if info_type == "component_verify_ticket")
        });
        accepted.count() >= count
    });
}

/// Whoever is told of one only goes on asking why the others' calls fail.
#[test]
fn every_merchant_with_a_dead_refresh_token_is_named_and_asked_for_once() {
    let (alerts, taken) = webhook("");
    let mut site = Site::prepared(
        async |platform| {
            sync(platform).await;
            let base = platform.api().base().as_str().trim_end_matches('/');
            let fault = json!({"fault": "api_authorizer_token: 100 times 61023"});
            control(base, "faults", Some(&fault)).await;
        },
        |options| {
            options.alerts = Some(alerts);
            options.refresh = RefreshPlan::All {
                daily_budget: 14_400,
            };
        },
    );
    let (died, dead) = site.told(|notice| match notice {
        Notice::Refreshed { died, dead, .. } => Some((*died, dead.clone())),
        _ => None,
    });
    assert!(dead.len() > 2 && died == dead.len() as u64, "{dead:?}");
    await_alerts(&taken, 1);
    site.stop();
    assert_eq!(taken.lock().unwrap().len(), 1, "{taken:?}");
    let alert = taken.lock().unwrap()[0].clone();
    assert_eq!(alert["kind"], "refresh_token_dead", "{alert}");
    for appid in dead.iter().take(10) {
        let text = alert["message_en"].as_str().expect("a text");
        assert!(text.contains(appid.as_str()), "{text}");
    }
}

/// A store that takes nothing is told; that it can still be read does not end the trouble.
#[test]
fn a_store_that_cannot_be_written_is_told_until_something_is_written() {
    let (alerts, taken) = webhook("");
    let desk = desk().with("WXAUTH_ALERT_WEBHOOK", alerts.url.to_string());
    let receiver = Receiver::start(&desk, &["--alert-form", "json"]);
    let wechat = WeChat::new();
    let success = (200, "success".to_owned());
    assert_eq!(receiver.send("/events", &wechat.ticket(1)), success);

    let lock = lock_store(&desk.config_dir().join("store.db"));
    let text = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
                <MsgType>text</MsgType></xml>";
    let push = wechat.push(KeyUsed::Present, text, To::Account("gh_a"));
    assert_eq!(receiver.send("/messages/gh_a", &push), success);
    receiver.told("store_failed");
    await_store_alert(&taken, false);

    drop(lock);
    assert_eq!(receiver.send("/events", &wechat.ticket(2)), success);
    await_store_alert(&taken, true);
}

/// A trouble that a test write found ends with one that succeeds, though nothing is pushed.
#[test]
fn a_store_that_can_be_written_again_is_told_without_a_push() {
    let (alerts, taken) = webhook("");
    let desk = desk().with("WXAUTH_ALERT_WEBHOOK", alerts.url.to_string());
    let receiver = Receiver::start(&desk, &["--alert-form", "json"]);
    let lock = lock_store(&desk.config_dir().join("store.db"));
    assert_eq!(
        receiver.send("/events", &WeChat::new().ticket(1)).0,
        500,
        "nothing can be kept"
    );
    await_store_alert(&taken, false);
    drop(lock);
    await_store_alert(&taken, true);
}

/// Waits for what is said of the store; the tickets of these stories are old, which is told as well.
#[track_caller]
fn await_store_alert(taken: &Taken, resolved: bool) {
    for _ in 0..600 {
        let told = taken.lock().unwrap().clone();
        let of_store = |alert: &&Value| alert["kind"] == "store_failing";
        if told
            .iter()
            .filter(of_store)
            .any(|alert| alert["resolved"] == json!(resolved))
        {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("not told: {taken:?}");
}

/// Waits until so many alerts came.
#[track_caller]
pub fn await_alerts(taken: &Taken, count: usize) {
    for _ in 0..600 {
        if taken.lock().unwrap().len() >= count {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("came only: {:#?}", taken.lock().unwrap());
}
