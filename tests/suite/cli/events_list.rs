//! `events list`: what came in.

use std::io::{BufRead, BufReader};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use wxauth::store::events::{Accepted, NewEvent};
use wxauth::sys::clock::Clock;

use super::office::{Office, text};
use super::serving::{Serving, signal};
use crate::support::{Desk, with_platform};

/// Pushes of the built-in sandbox to its server: a ticket, an authorization and its end, a notice.
fn busy_day(desk: &Desk) -> (Serving, String) {
    let mut server = Serving::start(desk, &["--sandbox"], &[]);
    server.told("event_accepted", "component_verify_ticket");
    desk.run(["--sandbox", "link", "-q"]).expect_code(0);
    let confirmed = desk.run(["sandbox", "authorize", "-o", "json"]);
    let appid = text(&confirmed.expect_code(0).json(), "authorizer_appid");
    server.told("event_worked", "\"authorized\"");
    desk.run(["sandbox", "revoke", &appid]).expect_code(0);
    server.told("event_worked", "unauthorized");
    desk.run(["sandbox", "push", "notify_3rd_wxa_auth"])
        .expect_code(0);
    (server, appid)
}

fn list(desk: &Desk, flags: &[&str]) -> Vec<Value> {
    let words = ["--sandbox", "events", "list", "-o", "json"];
    let listed = desk.run(words.iter().chain(flags)).expect_code(0).json();
    listed.as_array().expect("an array").clone()
}

fn types(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| text(row, "info_type")).collect()
}

#[test]
fn events_are_found_by_type_merchant_outcome_and_age() {
    let desk = Desk::new();
    let (server, appid) = busy_day(&desk);
    let all = list(&desk, &[]);
    let newest_first = [
        "notify_3rd_wxa_auth",
        "unauthorized",
        "authorized",
        "component_verify_ticket",
    ];
    assert_eq!(types(&all), newest_first);
    assert_eq!(types(&list(&desk, &["--limit", "2"])), newest_first[..2]);
    assert_eq!(list(&desk, &["--limit", "0"]), Vec::<Value>::new());
    assert_eq!(
        types(&list(&desk, &["--type", "authorized"])),
        ["authorized"]
    );
    assert_eq!(
        types(&list(&desk, &["--for", &appid])),
        ["unauthorized", "authorized"]
    );
    assert_eq!(list(&desk, &["--outcome", "done"]).len(), 4);
    assert_eq!(list(&desk, &["--outcome", "failed"]), Vec::<Value>::new());
    desk.run(["sandbox", "clock", "+2h"]).expect_code(0);
    let since = |span| list(&desk, &["--type", "authorized", "--since", span]).len();
    assert_eq!((since("3h"), since("1h")), (1, 0));
    for wrong in [
        &["--outcome", "perhaps"][..],
        &["--since", "yesterday"],
        &["--follow"],
    ] {
        let words = ["--sandbox", "events", "list", "-o", "json"];
        desk.run(words.iter().chain(wrong)).expect_code(2);
    }
    server.end("TERM").expect_code(0);
}

#[test]
fn every_format_shows_what_an_event_held_with_codes_and_tickets_masked() {
    let desk = Desk::new();
    let (server, _) = busy_day(&desk);
    let list = |format| {
        desk.run(["--sandbox", "events", "list", "-o", format])
            .stdout
    };
    assert!(list("table").contains(" exchanged_by=event "));
    assert!(list("csv").contains(r#""{""exchanged_by"":""event""}""#));
    for format in ["table", "json", "ndjson", "csv"] {
        let shown = desk.run(["--sandbox", "events", "list", "-o", format, "-vv"]);
        let shown = shown.expect_code(0);
        let text = format!("{}{}", shown.stdout, shown.stderr);
        for kind in ["ticket@@@", "queryauthcode@@@", "preauthcode@@@"] {
            let mut held = text.split(kind).skip(1);
            assert!(held.all(|rest| rest.starts_with('…')), "{format}:\n{text}");
        }
    }
    server.end("TERM").expect_code(0);
}

#[test]
fn a_follower_sees_what_arrives_until_ctrl_c() {
    let desk = Desk::new();
    let (server, _) = busy_day(&desk);
    let follow = |limit: &str| {
        let words = ["--sandbox", "events", "list", "--follow", "-o", "ndjson"];
        let mut child = desk.start(words.iter().chain(&["--limit", limit]));
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        (child, lines)
    };
    let mut seen = [follow("1"), follow("2")];
    let mut row = |follower: usize| {
        let line = seen[follower].1.next().expect("a line").expect("UTF-8");
        serde_json::from_str::<Value>(&line).expect("one object a line")["info_type"].clone()
    };
    assert_eq!(row(0), "notify_3rd_wxa_auth");
    assert_eq!([row(1), row(1)], ["unauthorized", "notify_3rd_wxa_auth"]);
    desk.run(["sandbox", "push", "brand_new"]).expect_code(0);
    assert_eq!([row(0), row(1)], ["brand_new", "brand_new"]);
    for (mut child, _) in seen {
        signal(&child, "INT");
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
    }
    server.end("TERM").expect_code(0);
}

#[test]
fn a_follower_that_wants_nothing_of_the_past_gets_nothing_of_it() {
    let desk = Desk::new();
    let (_server, _) = busy_day(&desk);
    let words = ["--sandbox", "events", "list", "--follow", "-o", "ndjson"];
    let mut child = desk.start(words.iter().chain(&["--limit", "0"]));
    let stdout = child.stdout.take().expect("a pipe");
    let (told, first) = std::sync::mpsc::channel();
    std::thread::spawn(move || told.send(BufReader::new(stdout).lines().next()));
    // Nothing says when it has begun to look: one of these comes after that.
    let line = loop {
        desk.run(["sandbox", "push", "brand_new"]).expect_code(0);
        if let Ok(line) = first.recv_timeout(std::time::Duration::from_secs(1)) {
            break line.expect("a line").expect("UTF-8");
        }
    };
    assert!(line.contains("brand_new"), "{line}");
    signal(&child, "INT");
    child.wait().expect("it ends");
}

#[test]
fn more_events_than_one_page_of_the_store_are_listed_whole() {
    let office = Office::open();
    let (token, key) = (
        office.sandbox.text("token"),
        office.sandbox.text("encoding_aes_key"),
    );
    let office = office
        .with("WXAUTH_TOKEN", token)
        .with("WXAUTH_ENCODING_AES_KEY", key);
    let server = Serving::start(&office.desk, &[], &[]);
    let to = server.route("events_url");
    office.run(["events", "send", "--to", &to]).expect_code(0);
    server.end("TERM").expect_code(0);
    accept_events(&office, 1200);
    for (limit, count) in [("5000", 1201), ("1001", 1001), ("500", 500)] {
        let listed = office.run(["events", "list", "-o", "json", "--limit", limit]);
        let listed = listed.expect_code(0).json();
        let ids = listed.as_array().expect("an array").iter();
        let ids: Vec<_> = ids
            .map(|row| row["id"].as_i64().expect("a number"))
            .collect();
        assert_eq!(ids.len(), count);
        assert!(ids.is_sorted_by(|newer, older| newer > older));
    }
    let first = office.run(["events", "list", "-o", "json", "--type", "wxauth_probe"]);
    assert_eq!(
        first.expect_code(0).json()[0]["fields"]["InfoType"],
        json!("wxauth_probe")
    );
}

/// So many further events come in.
fn accept_events(office: &Office, count: usize) {
    let event = |number: usize| NewEvent {
        received_at: Clock::system().now(),
        created_at: None,
        info_type: "notice".to_owned(),
        appid: None,
        fingerprint: format!("notice-{number}"),
        fields: json!({}),
        ticket: None,
        code: None,
        code_expires_at: None,
        pre_auth_code_fingerprint: None,
        needs_work: false,
        forward: None,
        forward_early: false,
    };
    with_platform(&office.store(), async |store, key| {
        let mut accepting = JoinSet::new();
        for number in 0..count {
            let (store, key, event) = (store.clone(), key.clone(), event(number));
            accepting.spawn(async move { store.accept_event(&key, event).await });
        }
        for accepted in accepting.join_all().await {
            assert!(matches!(accepted, Ok(Accepted::New { .. })), "{accepted:?}");
        }
    });
}

/// WeChat repeats what was answered late: it is one message all the same.
#[test]
fn messages_are_counted_by_account_and_kind_and_repeats_once() {
    let desk = Desk::new();
    let mut server = Serving::start(&desk, &["--sandbox"], &["--keep-bodies"]);
    server.told("event_accepted", "component_verify_ticket");
    let to = server.route("messages_url");
    let push = |words: &[&str]| {
        let push = ["sandbox", "push", "--to", &to];
        desk.run(push.iter().chain(words)).expect_code(0);
    };
    let hello = ["--message", "text", "--field", "Content=hello"];
    push(&[&hello[..], &["--repeat", "3"]].concat());
    push(&["--message", "image"]);
    server.told("message_taken", "image");
    let rows = list(&desk, &["--messages"]);
    let counted: Vec<_> = rows
        .iter()
        .map(|row| (text(row, "kind"), row["count"].clone()))
        .collect();
    let once = |kind: &str| (kind.to_owned(), json!(1));
    assert_eq!(counted, [once("image"), once("text")]);
    let kept = rows[1]["kept"].as_array().expect("an array");
    assert_eq!(kept.len(), 1, "{rows:?}");
    assert!(text(&kept[0], "body").contains("hello"), "{rows:?}");

    let account = text(&rows[0], "account");
    assert_eq!(list(&desk, &["--messages", "--for", &account]), rows);
    let other = ["--messages", "--for", "wx0000000000000000"];
    assert_eq!(list(&desk, &other), Vec::<Value>::new());
    let words = ["--sandbox", "events", "list", "--messages", "--follow"];
    desk.run(words).expect_code(2);
    server.end("TERM").expect_code(0);
}
