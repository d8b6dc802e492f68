//! `serve` as it is left running.

use std::io::{BufRead, BufReader};

use serde_json::{Value, json};

use super::office::{Office, text};
use super::secrets::{assert_silent, live_secrets};
use super::serving::Serving;
use super::shape;
use crate::support::Desk;

/// An office with one profile for each of two platforms, their keys and their tickets.
fn two_profiles() -> Office {
    let office = Office::unnamed();
    for (name, index) in [("one", 0), ("two", 1)] {
        let card = |field| text(&office.sandbox.card["platforms"][index], field);
        let mut init = office.desk.command(["init", name, "--mint", "wxauth"]);
        for (flag, value) in [
            ("--component-appid", card("component_appid")),
            ("--redirect-uri", card("redirect_uri")),
            ("--launch-domain", card("launch_domain")),
            ("--api-base", office.sandbox.url().to_owned()),
        ] {
            init.args([flag, &value]);
        }
        for (variable, field) in [
            ("WXAUTH_COMPONENT_APPSECRET", "component_appsecret"),
            ("WXAUTH_TOKEN", "token"),
            ("WXAUTH_ENCODING_AES_KEY", "encoding_aes_key"),
        ] {
            init.env(variable, card(field));
        }
        let made = crate::support::Outcome::of(init.spawn().expect("the program"));
        made.expect_code(0);
        let ticket = card("component_verify_ticket");
        let words = ["--profile", name, "ticket", "set"];
        office.desk.run_with_input(words, &ticket).expect_code(0);
    }
    office
}

#[test]
fn two_platforms_are_served_side_by_side_each_under_its_appid() {
    let office = two_profiles();
    let mut server = Serving::start(&office.desk, &[], &["one", "two"]);
    let found = shape::differences(&server.card, &shape::load("serve"));
    assert_eq!(found, Vec::<String>::new());
    let routes = server.card["platforms"]
        .as_array()
        .expect("platforms")
        .clone();
    for (name, routes) in ["one", "two"].into_iter().zip(&routes) {
        let appid = text(routes, "component_appid");
        let events = text(routes, "events_url");
        assert!(events.ends_with(&format!("/{appid}/events")), "{events}");
        let words = ["--profile", name, "events", "send", "--to", &events];
        office.run(words).expect_code(0);
        assert_eq!(server.told("event_accepted", "probe")["platform"], *appid);
    }
    // The one platform's push at the other's address is nobody's.
    let events = text(&routes[1], "events_url");
    let words = ["--profile", "one", "events", "send", "--to", &events];
    office.run(words).expect_code(3);
    for name in ["one", "two"] {
        let words = ["--profile", name, "events", "list", "-o", "json"];
        let listed = office.run(words).expect_code(0).json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    }
    server.end("TERM").expect_code(0);
}

#[test]
fn a_signal_ends_it_after_the_work_and_puts_the_sandbox_back() {
    let desk = Desk::new();
    // A sandbox that outlives the server; the server ends first.
    let sandbox = crate::support::SandboxProcess::start(&desk, &[]);
    let platform = || {
        let shown = desk.run(["sandbox", "platform", "-o", "json"]);
        shown.expect_code(0).json()
    };
    let before = platform();
    for signal in ["TERM", "INT"] {
        let mut server = Serving::start(&desk, &["--sandbox"], &[]);
        server.told("event_accepted", "component_verify_ticket");
        assert_eq!(platform()["events_url"], *server.route("events_url"));
        desk.run(["--sandbox", "link", "-q"]).expect_code(0);
        sandbox.fault("api_query_auth: once hold 2s before");
        desk.run(["sandbox", "authorize"]).expect_code(0);
        server.told("event_accepted", "\"authorized\"");
        let ended = server.end(signal).expect_code(0);
        let last = ended
            .stderr
            .lines()
            .find(|line| line.contains("event_worked"));
        let last: Value = serde_json::from_str(last.expect("worked at")).expect("JSON");
        assert_eq!(
            (&last["outcome"], &last["code"]),
            (&json!("done"), &json!("spent"))
        );
        assert_eq!(ended.stdout, "", "one line on stdout, and no more");
        assert_eq!(platform(), before);
    }
}

#[test]
fn log_lines_hold_no_secret_however_much_is_told() {
    let office = two_profiles();
    let profile = ["--profile", "one"];
    office
        .run(["--profile", "one", "authorizers", "sync"])
        .expect_code(0);
    let flags = ["-vv", "--release-check", "--keep-bodies", "--refresh"];
    let mut server = Serving::start(&office.desk, &profile, &flags);
    let (events, messages) = (server.route("events_url"), server.route("messages_url"));
    let set = ["sandbox", "platform", "--events-url", &events];
    office
        .run(set.iter().chain(&["--messages-url", &messages]))
        .expect_code(0);
    server.told("event_accepted", "component_verify_ticket");
    let link = office.run(["--profile", "one", "link", "-o", "json"]);
    let url = text(&link.expect_code(0).json(), "url");
    let confirmed = office.run(["sandbox", "authorize", "--link", &url, "-o", "json"]);
    let confirmed = confirmed.expect_code(0).json();
    server.told("event_worked", "authorized");
    office
        .run([
            "events",
            "send",
            "--profile",
            "one",
            "--signature",
            "wrong",
            "--to",
            &events,
        ])
        .expect_code(0);
    let ended = server.end("TERM").expect_code(0);
    for line in ended.stderr.lines() {
        let told: Value = serde_json::from_str(line).unwrap_or_default();
        // -vv tells the calls as well, for people.
        assert!(told["what"].is_string() || !line.starts_with('{'), "{line}");
    }
    let mut secrets = live_secrets(&office);
    secrets.insert(
        text(&confirmed, "auth_code"),
        "authorization code".to_owned(),
    );
    assert_silent(&["serve"], &ended.stderr, &secrets);
    assert_silent(&["serve"], &ended.stdout, &secrets);
}

#[test]
fn a_person_is_told_which_address_goes_where() {
    let desk = Desk::new();
    let words = ["--sandbox", "serve", "--bind", "127.0.0.1:0"];
    let mut child = desk.start(words.iter().chain(&["--admin-bind", "127.0.0.1:0"]));
    let stdout = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut told = String::new();
    for line in stdout {
        told.push_str(&line.expect("UTF-8"));
        if told.contains("Ctrl-C") {
            break;
        }
    }
    for words in [
        "授权事件接收URL",
        "消息与事件接收URL",
        "授权发起页",
        "/metrics",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    super::serving::signal(&child, "INT");
    crate::support::Outcome::of(child).expect_code(0);
}
