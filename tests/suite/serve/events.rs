//! Events that are taken: tickets, repeats and replays, the previous key, late ones, unknown ones,
//! and what merchants do.

use serde_json::{Value, json};
use wxauth::wechat::event::{AuthorizationEvent, authorization_xml, unauthorized_xml, unknown_xml};
use wxauth::wechat::id::Appid;
use wxauth::wechat::push::{KeyUsed, To};
use wxauth::wechat::secret::Secret;

use crate::support::{Desk, SandboxProcess, tamper};

use super::receiver::{Receiver, WeChat, desk, events, link, registered};

/// Now, in Unix seconds: what comes late is judged by it.
fn now() -> i64 {
    wxauth::sys::clock::machine_milliseconds() / 1000
}

fn success() -> (u16, String) {
    (200, "success".to_owned())
}

#[test]
fn repeats_and_replays_are_answered_and_change_nothing() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let first = wechat.ticket(1);
    for _ in 0..3 {
        assert_eq!(receiver.send("/events", &first), success());
    }
    // The same event, sealed anew with the key before.
    let text = wxauth::wechat::event::ticket_xml(
        &wechat.platform,
        1_700_000_001,
        &Secret::new("ticket@@@story-00000001"),
    );
    let again = wechat.push(KeyUsed::Previous, &text, To::Platform);
    assert_eq!(receiver.send("/events", &again), success());
    let told: Vec<Value> = (0..4).map(|_| receiver.told("event_accepted")).collect();
    let repeated: Vec<bool> = told
        .iter()
        .map(|line| line["repeated"].as_bool().unwrap_or_default())
        .collect();
    assert_eq!(repeated, [false, true, true, true]);
    assert_eq!(told[3]["key"], "previous");
    let kept = events(&desk, &[]);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["repeats"], 3);
}

#[test]
fn an_unknown_type_is_kept_and_answered() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let text = unknown_xml(&wechat.platform, 1_700_000_000, "notify_of_tomorrow");
    assert_eq!(receiver.send("/events", &wechat.event(&text)), success());
    let bare = format!(
        "<xml><AppId>{}</AppId><CreateTime>1700000000</CreateTime><InfoType>bare</InfoType></xml>",
        wechat.platform
    );
    assert_eq!(receiver.send("/events", &wechat.event(&bare)), success());
    let kept = events(&desk, &[]);
    let types: Vec<&Value> = kept.iter().map(|row| &row["info_type"]).collect();
    assert_eq!(types, [&json!("bare"), &json!("notify_of_tomorrow")]);
}

#[test]
fn what_was_done_before_the_store_failed_is_told() {
    let (desk, sandbox, receiver) = played();
    sandbox.fault("api_query_auth: -1");
    let wechat = WeChat::of(&sandbox);
    let appid = a_merchant(&sandbox);
    for number in 1..=2 {
        let code = format!("queryauthcode@@@{number}");
        receiver.send("/events", &authorized_now(&wechat, &appid, &code));
        assert_eq!(receiver.told("event_worked")["outcome"], "pending");
    }
    assert_eq!(receiver.stop(), 0);
    sandbox.post("faults", &json!({ "clear": true }));
    let path = desk.config_dir().join("sandbox").join("client.db");
    let broken = "CREATE TRIGGER broken BEFORE UPDATE OF outcome ON events
         WHEN NEW.id = (SELECT max(id) FROM events WHERE outcome = 'pending')
         BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    tamper(&path, broken);
    let receiver = Receiver::start(&desk, &["--sandbox"]);
    let worked = receiver.told("event_worked");
    assert_ne!(worked["outcome"], "pending", "{worked}");
    receiver.told("store_failed");
}

/// A sandbox with merchants, and a receiver that it pushes to.
fn played() -> (Desk, SandboxProcess, Receiver) {
    let desk = Desk::new();
    let sandbox = SandboxProcess::start(&desk, &[]);
    let receiver = Receiver::start(&desk, &["--sandbox"]);
    (desk, sandbox, receiver)
}

fn a_merchant(sandbox: &SandboxProcess) -> String {
    let listed = sandbox.get("accounts?authorized=false");
    let row = &listed.as_array().expect("an array")[0];
    row["appid"].as_str().expect("an appid").to_owned()
}

#[test]
fn a_merchant_who_authorizes_and_leaves_is_followed() {
    let (desk, sandbox, receiver) = played();
    let appid = a_merchant(&sandbox);
    let show = || {
        let show = ["--sandbox", "authorizers", "show", &appid, "-o", "json"];
        desk.run(show).expect_code(0).json()
    };
    link(&desk);
    sandbox.post("authorize", &json!({ "appid": appid }));
    let worked = receiver.told("event_worked");
    assert_eq!(worked["info_type"], "authorized");
    assert_eq!(worked["outcome"], "done");
    assert_eq!(worked["code"], "spent");
    assert_eq!(show()["status"], "active");
    assert_eq!(show()["has_refresh_token"], true);

    sandbox.post("revoke", &json!({ "appid": appid }));
    let worked = receiver.told("event_worked");
    assert_eq!(worked["info_type"], "unauthorized");
    assert_eq!(show()["status"], "revoked");
    assert_eq!(receiver.stop(), 0);
}

#[test]
fn an_end_that_is_told_late_ends_nothing() {
    let (desk, sandbox, receiver) = played();
    let appid = a_merchant(&sandbox);
    link(&desk);
    sandbox.post("authorize", &json!({ "appid": appid }));
    receiver.told("event_worked");
    let wechat = WeChat::of(&sandbox);
    let long_ago = 1_700_000_000;
    let text = unauthorized_xml(&wechat.platform, long_ago, &Appid::from_wire(&appid));
    assert_eq!(receiver.send("/events", &wechat.event(&text)), success());
    let worked = receiver.told("event_worked");
    assert_eq!(worked["outcome"], "ignored");
    let show = ["--sandbox", "authorizers", "show", &appid, "-o", "json"];
    assert_eq!(desk.run(show).expect_code(0).json()["status"], "active");
}

#[test]
fn work_that_wechat_has_no_time_for_is_kept_and_done_by_the_next_start() {
    let (desk, sandbox, receiver) = played();
    sandbox.fault("api_query_auth: 5 times -1");
    let appid = a_merchant(&sandbox);
    link(&desk);
    sandbox.post("authorize", &json!({ "appid": appid }));
    let worked = receiver.told("event_worked");
    assert_eq!(worked["outcome"], "pending");
    assert!(worked["error"].is_string(), "{worked}");
    assert_eq!(receiver.stop(), 0);
    sandbox.post("faults", &json!({ "clear": true }));
    let receiver = Receiver::start(&desk, &["--sandbox"]);
    assert_eq!(receiver.told("event_worked")["outcome"], "done");
}

/// An event that says now that a merchant authorized the platform, made by hand.
fn authorized_now(wechat: &WeChat, appid: &str, code: &str) -> (String, String) {
    let grant = AuthorizationEvent {
        appid: Appid::from_wire(appid),
        code: Some(Secret::new(code)),
        code_expires_at: Some(now() + 3600),
        pre_auth_code: None,
    };
    wechat.event(&authorization_xml(&wechat.platform, now(), true, &grant))
}

#[test]
fn a_lost_answer_is_never_credited_to_somebody_else() {
    let desk = Desk::new();
    let sandbox = SandboxProcess::start(&desk, &["--accounts", "2", "--authorized", "all"]);
    let appid = |index: usize| {
        let listed = sandbox.get("accounts");
        listed[index]["appid"]
            .as_str()
            .expect("an appid")
            .to_owned()
    };
    let (known, newcomer) = (appid(0), appid(1));
    sandbox.post("revoke", &json!({ "appid": newcomer }));
    desk.run(["--sandbox", "authorizers", "sync"])
        .expect_code(0);
    // Nobody receives yet: the store knows nothing of the newcomer, whom WeChat's list has as soon as
    // this very code is exchanged.
    link(&desk);
    let confirmed = sandbox.post("authorize", &json!({ "appid": newcomer }));
    let code = confirmed["auth_code"].as_str().expect("a code");
    let receiver = Receiver::start(&desk, &["--sandbox"]);
    sandbox.fault("api_query_auth: once drop after");
    let event = authorized_now(&WeChat::of(&sandbox), &known, code);
    assert_eq!(receiver.send("/events", &event), success());
    let worked = receiver.told("event_worked");
    assert_eq!(worked["outcome"], "pending", "{worked}");
    let list = ["--sandbox", "authorizers", "log", "-o", "json"];
    let told = desk.run(list).expect_code(0).stdout;
    assert!(!told.contains("redeemed"), "{told}");
}

#[test]
fn the_code_of_a_quick_registration_is_exchanged() {
    let desk = Desk::new();
    let sandbox = SandboxProcess::start(&desk, &[]);
    let appid = a_merchant(&sandbox);
    // The code of this merchant reaches nobody but by the registration's result.
    link(&desk);
    let confirmed = sandbox.post("authorize", &json!({ "appid": appid }));
    let code = confirmed["auth_code"].as_str().expect("a code");
    let receiver = Receiver::start(&desk, &["--sandbox"]);
    let wechat = WeChat::of(&sandbox);
    let text = registered(&wechat, &appid, code, now());
    assert_eq!(receiver.send("/events", &wechat.event(&text)), success());
    let worked = receiver.told("event_worked");
    assert_eq!(worked["info_type"], "notify_third_fasteregister");
    assert_eq!(worked["outcome"], "done", "{worked}");
    assert_eq!(worked["code"], "spent");
    let show = ["--sandbox", "authorizers", "show", &appid, "-o", "json"];
    let merchant = desk.run(show).expect_code(0).json();
    assert_eq!(merchant["status"], "active");
    assert_eq!(merchant["has_refresh_token"], true);
}

#[test]
fn an_end_that_wechat_does_not_confirm_at_once_is_asked_about_once_more() {
    for ends in [true, false] {
        let (desk, sandbox, receiver) = played();
        let appid = a_merchant(&sandbox);
        link(&desk);
        sandbox.post("authorize", &json!({ "appid": appid }));
        receiver.told("event_worked");
        let wechat = WeChat::of(&sandbox);
        let text = unauthorized_xml(&wechat.platform, now(), &Appid::from_wire(&appid));
        assert_eq!(receiver.send("/events", &wechat.event(&text)), success());
        assert_eq!(receiver.told("event_worked")["outcome"], "pending");
        // The claim of a process that ended is over: the next one need not wait a minute.
        assert_eq!(receiver.stop(), 0);
        if ends {
            sandbox.post("revoke", &json!({ "appid": appid }));
        }
        let receiver = Receiver::start(&desk, &["--sandbox"]);
        let worked = receiver.told("event_worked");
        let outcome = if ends { "done" } else { "ignored" };
        assert_eq!(worked["outcome"], outcome, "{worked}");
        let show = ["--sandbox", "authorizers", "show", &appid, "-o", "json"];
        let status = if ends { "revoked" } else { "active" };
        assert_eq!(desk.run(show).expect_code(0).json()["status"], status);
    }
}

#[test]
fn work_that_fails_for_an_hour_is_given_up() {
    let (desk, sandbox, receiver) = played();
    // The address of this machine is not listed: an operator may mend that, within the hour.
    sandbox.fault("api_query_auth: 9 times 61004");
    // After the hour the code is dead, and the merchant would be read without it.
    sandbox.fault("api_get_authorizer_info: 9 times 61004");
    let appid = a_merchant(&sandbox);
    link(&desk);
    sandbox.post("authorize", &json!({ "appid": appid }));
    assert_eq!(receiver.told("event_worked")["outcome"], "pending");
    assert_eq!(receiver.stop(), 0);
    sandbox.pass("+61m");
    let receiver = Receiver::start(&desk, &["--sandbox"]);
    let worked = receiver.told("event_worked");
    assert_eq!(worked["outcome"], "failed", "{worked}");
    assert!(worked["error"].as_str().unwrap_or("").contains("61004"));
}
