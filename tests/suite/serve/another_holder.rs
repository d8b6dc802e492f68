//! A server beside another program that requests tokens of its platform: log, metrics and alert.

use serde_json::{Value, json};
use wxauth::flow::{AnotherHolder, Caller, Freshness, Platform};
use wxauth::serve::{Notice, RefreshPlan};
use wxauth::store::roster::RosterFilter;

use crate::crash::scene::Scene;
use crate::support::{Desk, plain_client};

use super::alerts::{await_alerts, webhook};
use super::receiver::Receiver;
use super::refresher::sync;
use super::site::{Site, control};

/// A program of the same platform, which has nothing to do with wxauth, requests a component token, and
/// six minutes pass.
async fn requested_elsewhere(base: &str) {
    let card = control(base, "status", None).await;
    let body = json!({
        "component_appid": card["component_appid"],
        "component_appsecret": card["component_appsecret"],
        "component_verify_ticket": card["component_verify_ticket"],
    });
    let url = format!("{base}/cgi-bin/component/api_component_token");
    let sent = plain_client().post(url).json(&body).send().await;
    let answer: Value = sent.expect("an answer").json().await.expect("JSON");
    assert!(answer["component_access_token"].is_string(), "{answer}");
    control(base, "clock", Some(&json!({ "offset": "+6m" }))).await;
}

fn base(platform: &Platform) -> &str {
    platform.api().base().as_str().trim_end_matches('/')
}

/// What was told of it, one by one.
fn told(site: &Site) -> Vec<Option<AnotherHolder>> {
    let notices = site.notices.lock().unwrap();
    let holders = notices.iter().filter_map(|notice| match notice {
        Notice::AnotherHolder { holder, .. } => Some(holder.clone()),
        _ => None,
    });
    holders.collect()
}

fn alerts_of(taken: &[Value]) -> Vec<&Value> {
    let alerts = taken.iter();
    alerts
        .filter(|alert| alert["kind"] == "another_holder")
        .collect()
}

#[test]
fn another_holder_is_told_once_with_when_it_began_and_once_when_it_is_over() {
    let (alerts, taken) = webhook("");
    let (mut began, mut merchant) = (None, None);
    let mut site = Site::prepared(
        async |platform| {
            sync(platform).await;
            let filter = RosterFilter::default();
            let rows = platform.authorizers(&filter, None, 100).await;
            let mut rows = rows.expect("a list").into_iter();
            let usable = rows.find(|row| row.has_refresh_token).expect("a merchant");
            let appid = usable.appid;
            let token = platform.authorizer_token(&appid, Freshness::Usable).await;
            token.expect("a token");
            merchant = Some(appid);
            requested_elsewhere(base(platform)).await;
            sync(platform).await;
            let holder = platform.another_holder().await.expect("the store");
            began = Some(holder.expect("it is noted").since);
            // The server begins later.
            control(base(platform), "clock", Some(&json!({ "offset": "+10m" }))).await;
        },
        |options| {
            options.alerts = Some(alerts);
            options.refresh = RefreshPlan::Off;
        },
    );
    let since = began.expect("a time");
    let holder = site.told(|notice| match notice {
        Notice::AnotherHolder { holder, .. } => holder.clone(),
        _ => None,
    });
    assert_eq!(holder.since, since);
    assert!(holder.component_token());
    await_alerts(&taken, 1);
    let alert = taken.lock().unwrap()[0].clone();
    assert_eq!(alert["kind"], "another_holder", "{alert}");
    assert_eq!(alert["since"], json!(since));
    assert_eq!(alert["severity"], "warning");
    assert_eq!(alert["resolved"], false);
    for (language, words) in [
        ("message_en", "refused the component token before expiry"),
        ("message_zh", "到期前拒绝了平台令牌"),
    ] {
        let text = alert[language].as_str().expect("a text");
        assert!(text.contains(words), "{text}");
    }
    let series = |site: &Site| {
        let metrics = site.get(&format!("{}/metrics", site.admin), &[]).text;
        let mut lines = metrics.lines().filter(|line| {
            line.starts_with("wxauth_another_holder{") && line.contains("\"component\"")
        });
        lines.next().expect("a series").to_owned()
    };
    assert!(series(&site).ends_with(" 1"), "{}", series(&site));

    // A merchant's token is refused as well: no news, but the alerts that are sent later name it.
    let merchant = merchant.expect("a merchant");
    let fault = json!({ "fault": "get_api_domain_ip: once 40001" });
    site.control("faults", Some(&fault));
    let caller = Caller::Authorizer(merchant.clone());
    let called = site.platform.api_addresses(&caller);
    site.runtime.block_on(called).expect("addresses");

    // Each ticket makes it look again; hours later it is as it was, a day later it is over.
    site.receive_pushes();
    for offset in ["+20m", "+3h", "+2h", "+20h"] {
        let tickets = tickets(&site);
        site.control("clock", Some(&json!({ "offset": offset })));
        crate::support::eventually(|| self::tickets(&site) > tickets);
    }
    crate::support::eventually(|| told(&site).len() == 2);
    crate::support::eventually(|| {
        let taken = taken.lock().unwrap();
        alerts_of(&taken)
            .iter()
            .any(|alert| alert["resolved"] == true)
    });
    assert!(series(&site).ends_with(" 0"), "{}", series(&site));
    site.stop();
    assert_eq!(told(&site)[1], None);
    let taken = taken.lock().unwrap();
    let alerts = alerts_of(&taken);
    // Told, over, and once more in between where six hours had passed.
    assert!((2..=3).contains(&alerts.len()), "{alerts:#?}");
    assert!(alerts.iter().all(|alert| alert["since"] == json!(since)));
    let named = |alert: &Value| {
        let text = alert["message_en"].as_str().expect("a text");
        text.contains(merchant.as_str())
    };
    assert!(!named(alerts[0]), "{alerts:#?}");
    assert!(named(alerts[alerts.len() - 1]), "{alerts:#?}");
}

/// How many tickets came.
fn tickets(site: &Site) -> usize {
    let notices = site.notices.lock().unwrap();
    let accepted = notices.iter().filter(|notice| {
        matches!(notice, Notice::EventAccepted { info_type, .. } if info_type == "component_verify_ticket")
    });
    accepted.count()
}

/// What one process notices, a server on the same store says, without asking WeChat.
#[test]
fn a_server_says_what_another_process_on_its_store_noticed() {
    let test = |desk: Desk| {
        let scene = Scene::at_desk(desk, 2);
        scene.run(["authorizers", "sync"]).expect_code(0);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(requested_elsewhere(scene.sandbox.url()));
        let (alerts, taken) = webhook("");
        let words = ["--sandbox", "--alert-webhook", alerts.url.as_str()];
        let server = Receiver::start(&scene.desk, &words);
        scene.run(["link"]).expect_code(0);
        // The next ticket makes it look at once.
        scene.sandbox.pass("11m");
        let line = server.told("another_holder");
        let check = scene.json(["check"]);
        let mut rows = check["checks"].as_array().expect("rows").iter();
        let row = rows.find(|row| row["name"] == "another_holder");
        let row = row.expect("it is noticed");
        assert_eq!(
            (&line["level"], &line["since"], &line["component_token"]),
            (&json!("warn"), &row["since"], &json!(true))
        );
        await_alerts(&taken, 1);
        let taken = taken.lock().unwrap();
        let alerts = alerts_of(&taken);
        assert_eq!(alerts.len(), 1, "{taken:?}");
        assert_eq!(alerts[0]["since"], row["since"]);
        server.stop();
    };
    test(Desk::new());
    #[cfg(feature = "redis")]
    test(Desk::new().with("WXAUTH_SANDBOX_STORE", crate::support::shared_redis()));
}
