//! Servers that share a Redis: what one receives, all know, and one works on it.

use serde_json::{Value, json};

use crate::support::{Desk, RedisServer, SandboxProcess, eventually};

use super::receiver::{Receiver, WeChat, events};

fn event(number: u32) -> String {
    format!("notify_of_tomorrow_{number}")
}

#[test]
fn two_servers_at_one_redis_receive_for_each_other() {
    let redis = RedisServer::start();
    let first = Desk::new();
    let sandbox = SandboxProcess::start(&first, &[]);
    let at_redis = |mut desk: Desk| {
        for (name, value) in sandbox.environment() {
            desk = desk.with(&name, value);
        }
        desk.with("WXAUTH_TOKEN", sandbox.text("token"))
            .with("WXAUTH_ENCODING_AES_KEY", sandbox.text("encoding_aes_key"))
            .with("WXAUTH_STORE", redis.url())
    };
    let desks = [at_redis(Desk::new()), at_redis(Desk::new())];
    let servers = desks.each_ref().map(|desk| Receiver::start(desk, &[]));
    let wechat = WeChat::of(&sandbox);
    let success = (200, "success".to_owned());
    for number in 0..20 {
        let text =
            wxauth::wechat::event::unknown_xml(&wechat.platform, 1_700_000_000, &event(number));
        // WeChat repeats what it believes to be lost, and the balancer sends that elsewhere.
        for server in &servers {
            assert_eq!(server.send("/events", &wechat.event(&text)), success);
        }
    }
    let repeated = |server: &Receiver| {
        let line = server.told("event_accepted");
        line["repeated"].as_bool().unwrap_or_default()
    };
    let repeated = servers.each_ref().map(repeated);
    assert_eq!(repeated, [false, true]);
    for desk in &desks {
        let kept = events(desk, &[]);
        assert_eq!(kept.len(), 20);
        assert!(kept.iter().all(|row| row["repeats"] == 1), "{kept:?}");
    }

    // A merchant comes by the first; whichever server works on it, it is exchanged once.
    let change = json!({ "events_url": format!("http://{}/events", servers[0].address) });
    sandbox.post("platform", &change);
    desks[0].run(["link", "--no-qr"]).expect_code(0);
    let accounts = sandbox.get("accounts?authorized=false");
    let appid = accounts[0]["appid"].as_str().expect("an appid").to_owned();
    sandbox.post("authorize", &json!({ "appid": appid }));
    let authorized = || {
        let rows = events(&desks[1], &[]);
        rows.into_iter()
            .find(|row| row["info_type"] == "authorized")
    };
    eventually(|| authorized().is_some_and(|row| row["outcome"] == "done"));
    assert_eq!(sandbox.successes("api_query_auth"), 1);
    let show = ["authorizers", "show", &appid, "-o", "json"];
    let shown: Value = desks[1].run(show).expect_code(0).json();
    assert_eq!(shown["appid"], json!(appid));

    for server in servers {
        assert_eq!(server.stop(), 0);
    }
}
