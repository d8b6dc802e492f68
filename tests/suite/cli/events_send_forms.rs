//! `events send`: what is sent, and what is never sent by mistake.

use wxauth::wechat::push::{PushKeys, PushQuery};
use wxauth::wechat::secret::Secret;

use super::events_send::{desk_with_keys, send};
use super::office::{Office, hints, text};
use super::receivers::{ok, receiver};
use super::serving::Serving;
use crate::support::refusing_address;

/// An office whose environment has the keys of pushes as well.
fn office_with_keys() -> Office {
    let office = Office::open();
    let (token, key) = (
        office.sandbox.text("token"),
        office.sandbox.text("encoding_aes_key"),
    );
    office
        .with("WXAUTH_TOKEN", token)
        .with("WXAUTH_ENCODING_AES_KEY", key)
}

#[test]
fn a_wrong_signature_has_to_be_refused() {
    let office = office_with_keys();
    let mut server = Serving::start(&office.desk, &[], &[]);
    let good = server.route("events_url");
    let wrong = |to: &str| send(&office.desk, &["--signature", "wrong", "--to", to]);
    let judged = wrong(&good).expect_code(0).json();
    assert_eq!(judged["delivered"], false);
    assert_eq!(judged["problems"], serde_json::json!([]));
    server.told("rejected", "signature");
    let listed = office.run(["events", "list", "-o", "json"]).expect_code(0);
    assert_eq!(listed.json(), serde_json::json!([]), "nothing was kept");

    let (careless, _pushes) = receiver([ok("success")]);
    let judged = wrong(&careless).expect_code(3).json();
    assert_eq!(judged["delivered"], true);
    assert!(judged["problems"].to_string().contains("wrong signature"));
    // Who does not answer at all has refused nothing.
    wrong(&format!("http://{}/events", refusing_address())).expect_code(3);
}

#[test]
fn the_previous_key_is_used_where_there_is_one() {
    let office = office_with_keys();
    let flags = ["--key", "previous", "--to"];
    let url = format!("http://{}/", refusing_address());
    let nowhere = [&flags[..], &[url.as_str()]].concat();
    let refused = send(&office.desk, &nowhere).expect_code(4);
    assert!(hints(&refused.json_error(), "encoding_aes_key_previous"));

    let previous = "previouspreviouspreviouspreviouspreviousABC";
    let office = office.with("WXAUTH_ENCODING_AES_KEY_PREVIOUS", previous);
    let mut server = Serving::start(&office.desk, &[], &[]);
    let to = server.route("events_url");
    send(&office.desk, &[&flags[..], &[&to]].concat()).expect_code(0);
    let line = server.told("event_accepted", "wxauth_probe");
    assert_eq!(line["key"], "previous");
}

#[test]
fn the_same_push_again_changes_nothing_at_the_receiver() {
    let office = office_with_keys();
    let server = Serving::start(&office.desk, &[], &[]);
    let to = server.route("events_url");
    send(&office.desk, &["--repeat", "3", "--to", &to]).expect_code(0);
    let listed = office.run(["events", "list", "-o", "json"]).expect_code(0);
    let listed = listed.json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed[0]["repeats"], 2);
    // The first failure ends it, and is the one that is told.
    let (url, pushes) = receiver([ok("success"), ok("no"), ok("success")]);
    let judged = send(&office.desk, &["--repeat", "3", "--to", &url]);
    assert_eq!(judged.expect_code(3).json()["body"], "no");
    assert_eq!(pushes.try_iter().count(), 2);
}

#[test]
fn what_a_receiver_may_act_on_leaves_this_machine_with_consent_only() {
    let office = office_with_keys();
    let elsewhere = ["--to", "https://receiver.invalid/events"];
    for info_type in ["authorized", "updateauthorized", "unauthorized"] {
        let words = [&[info_type][..], &elsewhere].concat();
        let refused = send(&office.desk, &words).expect_code(2).json_error();
        assert!(text(&refused, "message").contains("--yes"), "{refused}");
        // Asked and answered: it is tried, and nobody is there.
        send(&office.desk, &[&words[..], &["--yes"]].concat()).expect_code(3);
    }
    send(&office.desk, &elsewhere).expect_code(3);

    // On this machine it is taken, and a made-up end is believed by nobody who asks WeChat.
    office.run(["authorizers", "sync"]).expect_code(0);
    let merchant = office.accounts("mini_program", true).remove(0);
    let mut server = Serving::start(&office.desk, &[], &[]);
    let to = server.route("events_url");
    let words = ["unauthorized", "--about", &merchant, "--to", &to];
    send(&office.desk, &words).expect_code(0);
    server.told("event_worked", &merchant);
    let row = office.run(["authorizers", "show", &merchant, "-o", "json"]);
    assert_eq!(row.expect_code(0).json()["status"], "active");
}

#[test]
fn no_ticket_is_ever_invented() {
    let url = format!("http://{}/", refusing_address());
    let words = ["component_verify_ticket", "--to", &url];
    let refused = send(&desk_with_keys(), &words).expect_code(4).json_error();
    assert!(text(&refused, "message").contains("no live ticket"));

    let office = office_with_keys();
    let (url, pushes) = receiver([ok("success")]);
    send(&office.desk, &["component_verify_ticket", "--to", &url]).expect_code(0);
    let push = pushes.recv().expect("a push");
    let (head, body) = push.split_once("\r\n\r\n").expect("a body");
    let target = head.split(' ').nth(1).expect("a target");
    let query = PushQuery::parse(target.split_once('?').expect("a query").1).expect("a query");
    let secret = |field| Secret::new(office.sandbox.text(field));
    let keys = PushKeys::new(secret("token"), &secret("encoding_aes_key"), None).expect("keys");
    let platform = office.sandbox.text("component_appid").parse();
    let opened = keys.open(&platform.expect("an appid"), &query, body.as_bytes());
    let ticket = office.sandbox.text("component_verify_ticket");
    assert!(opened.expect("sound").message.contains(&ticket));
}
