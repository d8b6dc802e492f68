//! Passing on to the operator's own backend.

use serde_json::{Value, json};
use wxauth::wechat::push::{KeyUsed, To};

use crate::support::{Desk, SandboxProcess, eventually, tamper};

use super::backend::Backend;
use super::receiver::{Receiver, WeChat, desk, events, link, registered};

fn document(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn an_event_is_passed_on_as_json_after_its_work_with_the_state_of_its_code() {
    for (exchange, secrets) in [("always", false), ("never", true), ("never", false)] {
        let desk = Desk::new();
        let sandbox = SandboxProcess::start(&desk, &[]);
        let backend = Backend::start(&[]);
        let mut words = vec![
            "--sandbox",
            "--forward-to",
            &backend.url,
            "--exchange",
            exchange,
        ];
        words.extend(secrets.then_some("--forward-secrets"));
        let receiver = Receiver::start(&desk, &words);
        let listed = sandbox.get("accounts?authorized=false");
        let appid = listed[0]["appid"].clone();
        link(&desk);
        sandbox.post("authorize", &json!({ "appid": appid }));
        let got = loop {
            let got = backend.got();
            if document(&got.body)["info_type"] == "authorized" {
                break got;
            }
        };
        assert_eq!(got.target, "/wechat?key=own");
        let event = document(&got.body);
        assert_eq!(event["kind"], "event");
        assert_eq!(event["appid"], appid);
        let id = event["id"].as_i64().expect("a number");
        assert!(got.head.contains(&format!("x-wxauth-event-id: {id}\r\n")));
        let state = if exchange == "always" {
            "spent"
        } else {
            "unspent"
        };
        assert_eq!(event["code"]["state"], state);
        assert_eq!(event["code"]["value"].is_string(), secrets);
        let open = got.body.contains("queryauthcode@@@") && !got.body.contains("@@@…");
        assert!(!open || secrets, "a code goes out unasked: {}", got.body);
        drop(receiver);
    }
}

/// With codes left to the backend the event is passed on before the work that stores the ids.
#[test]
fn passes_on_the_external_id_and_the_claimed_one() {
    for exchange in ["always", "never"] {
        let desk = Desk::new();
        let sandbox = SandboxProcess::start(&desk, &[]);
        let backend = Backend::start(&[]);
        let words = ["--forward-to", &backend.url, "--exchange", exchange];
        let receiver = Receiver::start(&desk, &[&["--sandbox"], &words[..]].concat());
        let accounts = sandbox.get("accounts?authorized=false");
        let event = |index: usize| {
            let appid = accounts[index]["appid"].clone();
            sandbox.post("authorize", &json!({ "appid": appid }));
            loop {
                let event = document(&backend.got().body);
                if event["info_type"] == "authorized" && event["appid"] == appid {
                    break event;
                }
            }
        };
        let press = "POST /authorize?state=claimed-7 HTTP/1.1\r\nHost: receiver\r\n\
                     Content-Length: 0\r\nConnection: close\r\n\r\n";
        assert_eq!(receiver.raw(press.as_bytes()).0, 200);
        let claimed = event(0);
        assert_eq!(claimed["external_id"], Value::Null, "{exchange}");
        assert_eq!(claimed["claimed_external_id"], "claimed-7", "{exchange}");
        let signed = ["--sandbox", "link", "--no-qr", "--state", "shop-7"];
        for (index, id) in [(1, json!("shop-7")), (2, Value::Null)] {
            desk.run(signed).expect_code(0);
            let event = event(index);
            assert_eq!(event["external_id"], id, "{exchange}");
            assert_eq!(event["claimed_external_id"], Value::Null, "{exchange}");
            // The work on the first must be over before the second can be refused the id.
            let show = ["--sandbox", "authorizers", "show", "shop-7"];
            eventually(|| desk.run(show).code == 0);
        }
    }
}

#[test]
fn a_code_left_to_the_backend_reaches_it_while_it_lives_or_is_called_expired() {
    let backend = Backend::start(&[]);
    // Nobody answers our own questions: the work on the event fails, and is tried again for long.
    let desk = desk();
    let words = ["--forward-to", &backend.url, "--forward-secrets"];
    let receiver = Receiver::start(&desk, &words);
    let wechat = WeChat::new();
    let now = wxauth::sys::clock::machine_milliseconds() / 1000;
    // Far from now CreateTime tells nothing: the code counts from its arrival.
    for (number, created_at) in [(1, now), (2, now - 3601)] {
        let code = format!("queryauthcode@@@{number}");
        let text = registered(&wechat, &format!("wx{number:016}"), &code, created_at);
        receiver.send("/events", &wechat.event(&text));
        let got = document(&backend.got().body);
        assert_eq!(got["info_type"], "notify_third_fasteregister");
        assert_eq!(got["code"]["state"], "unspent", "{got}");
        assert_eq!(got["code"]["value"], code);
    }
    let text = format!(
        "<xml><AppId>{}</AppId><CreateTime>{now}</CreateTime><InfoType>authorized</InfoType>\
         <AuthorizerAppid>wx0000000000000003</AuthorizerAppid>\
         <AuthorizationCode>queryauthcode@@@3</AuthorizationCode>\
         <AuthorizationCodeExpiredTime>{}</AuthorizationCodeExpiredTime></xml>",
        wechat.platform,
        now - 1
    );
    receiver.send("/events", &wechat.event(&text));
    let got = document(&backend.got().body);
    assert_eq!(got["code"], json!({"state": "expired"}), "{got}");
}

#[test]
fn untouched_means_byte_for_byte() {
    let backend = Backend::start(&[]);
    let words = ["--forward-to", &backend.url, "--forward-as", "untouched"];
    let desk = desk();
    let receiver = Receiver::start(&desk, &words);
    let wechat = WeChat::new();
    let (query, body) = wechat.ticket(1);
    let answer = receiver.send("/events", &(query.clone(), body.clone()));
    assert_eq!(answer, (200, "success".to_owned()));
    assert_eq!(receiver.told("forwarded")["result"], "delivered");
    let got = backend.got();
    assert_eq!(got.target, format!("/wechat?key=own&{query}"));
    assert_eq!(got.body, body);
    assert!(
        got.head.contains("content-type: text/xml\r\n"),
        "{}",
        got.head
    );
    let text = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
                <MsgType>text</MsgType></xml>";
    let (query, body) = wechat.push(KeyUsed::Present, text, To::Account("gh_a"));
    receiver.send("/messages/wx00000000000000aa", &(query, body.clone()));
    assert_eq!(backend.got().body, body);
}

#[test]
fn a_backend_that_fails_is_asked_again_and_the_next_start_goes_on() {
    let desk = desk();
    let backend = Backend::start(&[500]);
    let words = ["--forward-to", &backend.url, "--forward-secrets"];
    let receiver = Receiver::start(&desk, &words);
    receiver.send("/events", &WeChat::new().ticket(1));
    assert_eq!(
        document(&backend.got().body)["ticket"],
        "ticket@@@story-00000001"
    );
    assert_eq!(receiver.told("forwarded")["result"], "retrying");
    assert_eq!(receiver.stop(), 0);
    let waiting = &events(&desk, &[])[0]["forwarded"];
    assert_eq!(waiting, "pending");
    let receiver = Receiver::start(&desk, &words);
    let again = backend.got();
    assert_eq!(document(&again.body)["ticket"], "ticket@@@story-00000001");
    let told = receiver.told("forwarded");
    assert_eq!(
        (&told["result"], &told["tries"]),
        (&json!("delivered"), &json!(2))
    );
    assert_eq!(events(&desk, &[])[0]["forwarded"], "delivered");
}

#[test]
fn a_message_is_passed_on_with_all_its_fields() {
    let backend = Backend::start(&[503]);
    let desk = desk();
    let receiver = Receiver::start(&desk, &["--forward-to", &backend.url]);
    let text = "<xml><ToUserName>gh_a</ToUserName><FromUserName>oUser</FromUserName>\
                <MsgType>location</MsgType><Label>here</Label></xml>";
    let push = WeChat::new().push(KeyUsed::Present, text, To::Account("gh_a"));
    let answer = receiver.send("/messages/wx00000000000000aa", &push);
    assert_eq!(answer, (200, "success".to_owned()));
    backend.got();
    let message = document(&backend.got().body);
    assert_eq!(message["kind"], "message");
    assert_eq!(message["account"], "wx00000000000000aa");
    assert_eq!(message["from"], "oUser");
    assert_eq!(message["what"], "location");
    assert_eq!(message["message"]["Label"], "here");
    assert_eq!(receiver.told("forwarded")["tries"], 2);
}

#[test]
fn a_start_gives_up_what_waited_too_long() {
    let desk = desk();
    let backend = Backend::start(&[500]);
    let words = ["--forward-to", &backend.url];
    let receiver = Receiver::start(&desk, &words);
    receiver.send("/events", &WeChat::new().ticket(1));
    backend.got();
    assert_eq!(receiver.told("forwarded")["result"], "retrying");
    assert_eq!(receiver.stop(), 0);
    // A night passes.
    let store = desk.config_dir().join("store.db");
    let passed = "UPDATE events SET received_at = received_at - 28800, forward_after = NULL";
    assert_eq!(tamper(&store, passed), 1);
    let receiver = Receiver::start(&desk, &words);
    receiver.send("/events", &WeChat::new().ticket(2));
    assert_eq!(document(&backend.got().body)["id"], 2);
    assert_eq!(events(&desk, &[])[1]["forwarded"], "failed");
}
