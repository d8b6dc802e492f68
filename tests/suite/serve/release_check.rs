//! The full-release check, played by the sandbox against `serve --release-check`.

use serde_json::{Value, json};
use wxauth::wechat::push::{KeyUsed, To};

use crate::support::{Desk, SandboxProcess};

use super::backend::Backend;
use super::receiver::{Receiver, WeChat};

const CASES: [&str; 5] = [
    "ticket",
    "authorization",
    "text",
    "api_text_official_account",
    "api_text_mini_program",
];

/// What the sandbox finds out about the receiver: exit code, and case by case the verdict.
fn checked(desk: &Desk, receiver: &Receiver) -> (i32, Vec<(String, String)>) {
    let events = format!("http://{}/events", receiver.address);
    let messages = format!("http://{}/messages/$APPID$", receiver.address);
    let words = ["sandbox", "release-check", "-o", "json"];
    let outcome = desk.run(words.iter().chain(&[
        "--events",
        events.as_str(),
        "--messages",
        messages.as_str(),
    ]));
    let text = |case: &Value, name: &str| case[name].as_str().expect("a text").to_owned();
    let cases = outcome.json();
    let cases = cases.as_array().expect("an array").iter();
    let cases = cases.map(|case| (text(case, "case"), text(case, "verdict")));
    (outcome.code, cases.collect())
}

fn all(verdicts: [&str; 5]) -> Vec<(String, String)> {
    let cases = CASES.iter().zip(verdicts);
    cases
        .map(|(case, verdict)| ((*case).to_owned(), verdict.to_owned()))
        .collect()
}

#[test]
fn a_platform_without_a_backend_passes_the_check() {
    let desk = Desk::new();
    let _sandbox = SandboxProcess::start(&desk, &[]);
    let receiver = Receiver::start(&desk, &["--sandbox", "--release-check"]);
    let passed = all(["pass"; 5]);
    assert_eq!(checked(&desk, &receiver), (0, passed.clone()));
    let line = receiver.told("release_check_answered");
    assert_eq!(line["error"], json!(null), "{line}");
    // WeChat checks again with every release.
    assert_eq!(checked(&desk, &receiver), (0, passed));
}

/// The backend exchanges codes and answers messages, and need not know of the check: it hears the
/// events and none of the check's texts.
#[test]
fn the_check_is_kept_from_a_backend_that_exchanges_codes_itself() {
    let desk = Desk::new();
    let sandbox = SandboxProcess::start(&desk, &[]);
    let backend = Backend::start(&[]);
    let words = ["--sandbox", "--release-check", "--forward-to", &backend.url];
    let receiver = Receiver::start(&desk, &words);
    assert_eq!(checked(&desk, &receiver), (0, all(["pass"; 5])));
    let text = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
                <MsgType>text</MsgType><Content>an ordinary one</Content></xml>";
    let wechat = WeChat::of(&sandbox);
    let push = wechat.push(KeyUsed::Present, text, To::Account("gh_a"));
    receiver.send("/messages/wx00000000000000aa", &push);
    let first_message = loop {
        let got = backend.got();
        let got: Value = serde_json::from_str(&got.body).expect("JSON");
        if got["kind"] == "message" {
            break got;
        }
    };
    assert_eq!(first_message["message"]["Content"], "an ordinary one");
}

#[test]
fn without_the_flag_what_wants_an_answer_fails() {
    let desk = Desk::new();
    let _sandbox = SandboxProcess::start(&desk, &[]);
    let receiver = Receiver::start(&desk, &["--sandbox"]);
    let failed = all(["pass", "pass", "fail", "fail", "fail"]);
    assert_eq!(checked(&desk, &receiver), (3, failed));
}
