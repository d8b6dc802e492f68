//! `events send`: what is wrong with a receiver, each thing by its name.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::front::TlsFront;
use super::office::{Office, text};
use super::receivers::{Answer, ok, receiver};
use super::serving::Serving;
use crate::support::{Desk, Outcome};

/// A desk that knows a platform with its keys, and no WeChat at all.
pub fn desk_with_keys() -> Desk {
    Desk::new()
        .with("WXAUTH_COMPONENT_APPID", "wx0123456789abcdef")
        .with("WXAUTH_TOKEN", "wxauth_story_token")
        .with(
            "WXAUTH_ENCODING_AES_KEY",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        )
}

pub fn send(desk: &Desk, words: &[&str]) -> Outcome {
    desk.run(["events", "send", "-o", "json"].iter().chain(words))
}

/// The only problem of a judgement.
#[track_caller]
fn problem(judgement: &Value) -> String {
    let problems = judgement["problems"].as_array().expect("an array");
    assert_eq!(problems.len(), 1, "{judgement}");
    problems[0].as_str().expect("a text").to_owned()
}

#[test]
fn every_wrong_answer_is_named() {
    let desk = desk_with_keys();
    let moved = "location: https://elsewhere.example.com/events\r\n";
    let cases = [
        (
            Answer::Http("500 Internal Server Error", "", b"success"),
            json!(500),
            "the status is 500",
        ),
        (
            Answer::Http("200 OK", "", b"\xef\xbb\xbfsuccess"),
            json!(200),
            "byte order mark",
        ),
        (ok("success\r\n"), json!(200), "blanks or line ends"),
        (ok("{\"errcode\":0}"), json!(200), "`success` and nothing"),
        (ok(""), json!(200), "`success` and nothing"),
        (
            Answer::Http("301 Moved Permanently", moved, b""),
            json!(301),
            "redirects to https://elsewhere.example.com/events",
        ),
        (Answer::Drop, json!(null), "broke off"),
        (Answer::Hold, json!(null), "within 5 s"),
    ];
    for (answer, status, words) in cases {
        let (url, _pushes) = receiver([answer]);
        let judged = send(&desk, &["--to", &url]).expect_code(3).json();
        assert_eq!(judged["delivered"], false);
        assert_eq!(judged["http_status"], status, "{judged}");
        assert!(problem(&judged).contains(words), "{words}: {judged}");
    }
    let (url, _pushes) = receiver([ok("success")]);
    let judged = send(&desk, &["--to", &url]).expect_code(0).json();
    assert_eq!(
        (&judged["delivered"], &judged["body"], &judged["problems"]),
        (&json!(true), &json!("success"), &json!([]))
    );
}

#[test]
fn the_bytes_of_a_wrong_answer_are_shown_to_a_person() {
    let (url, _pushes) = receiver([Answer::Http("200 OK", "", b"\xef\xbb\xbfsuccess\n")]);
    let judged = desk_with_keys().run(["events", "send", "--to", &url]);
    let shown = judged.expect_code(3).stdout;
    assert!(shown.contains("WeChat would count a failure"), "{shown}");
    assert!(shown.contains("ef bb bf 73 75 63 63 65 73 73 0a"));
}

#[test]
fn an_address_nobody_answers_at_is_told_from_one_that_wechat_cannot_use() {
    let desk = desk_with_keys();
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let closed = format!("http://{}/", free.local_addr().expect("an address"));
    drop(free);
    let judged = send(&desk, &["--to", &closed]).expect_code(3).json();
    assert!(problem(&judged).contains("no connection"), "{judged}");

    let foreign = "http://receiver.invalid:8080/events";
    let judged = send(&desk, &["--to", foreign]).expect_code(3).json();
    let problems = judged["problems"].to_string();
    for words in ["http is not encrypted", "never 8080", "no connection"] {
        assert!(problems.contains(words), "{words}: {problems}");
    }
    for wrong in ["nonsense", "ftp://example.com/"] {
        send(&desk, &["--to", wrong]).expect_code(2);
    }
}

#[test]
fn a_certificate_that_nobody_knows_is_no_delivery() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    for (key, field) in [("token", "token"), ("encoding_aes_key", "encoding_aes_key")] {
        let value = office.sandbox.text(field);
        office
            .desk
            .run_with_input(["profile", "set", key], &value)
            .expect_code(0);
    }
    let server = Serving::start(&office.desk, &[], &[]);
    let front = TlsFront::before(&text(&server.card, "url"));
    let url = format!("{}/events", front.url());
    let judged = send(&office.desk, &["--to", &url]).expect_code(3).json();
    assert!(problem(&judged).contains("certificate"), "{judged}");
    office
        .run(["profile", "set", "ca_file", front.authority()])
        .expect_code(0);
    let judged = send(&office.desk, &["--to", &url]).expect_code(0).json();
    assert_eq!(judged["delivered"], true);
}
