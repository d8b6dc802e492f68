//! Pushes as an operator orders them at the sandbox.

use serde_json::json;

use super::office::{Office, text};
use super::receivers::{ok, receiver};
use crate::support::{Desk, refusing_address};

#[test]
fn a_push_is_judged_by_its_answer() {
    let office = Office::open();
    let (url, _pushes) = receiver([ok("success"), ok("{\"code\":0}")]);
    let push = ["sandbox", "push", "notify_3rd_wxa_auth", "--to", &url];
    let taken = office.run(push).expect_code(0);
    assert!(taken.stdout.contains("was taken"), "{}", taken.stdout);
    let refused = office.run(push).expect_code(3);
    assert!(
        refused.stdout.contains("{\\\"code\\\":0}"),
        "{}",
        refused.stdout
    );
    assert!(refused.stdout.contains("the answer is JSON"));
}

#[test]
fn a_platform_hears_from_a_sandbox_that_runs_for_one_command() {
    let desk = Desk::new();
    // The address is kept from one command to the next, and so is the rhythm of tickets: of three
    // commands the first pushes one.
    let (url, _pushes) = receiver([ok("success"), ok("success")]);
    desk.run(["sandbox", "platform", "--events-url", &url])
        .expect_code(0);
    let accounts = desk
        .run(["sandbox", "accounts", "--authorized", "true", "-o", "json"])
        .expect_code(0)
        .json();
    let appid = text(&accounts[0], "appid");
    desk.run(["sandbox", "revoke", &appid]).expect_code(0);
    let journal = desk
        .run(["sandbox", "journal", "-o", "json"])
        .expect_code(0)
        .json();
    let pushes: Vec<_> = (journal.as_array().expect("an array").iter())
        .filter(|entry| entry["method"] == "PUSH")
        .map(|entry| (text(entry, "path"), text(entry, "outcome")))
        .collect();
    let expected =
        ["component_verify_ticket", "unauthorized"].map(|path| (path.to_owned(), "ok".to_owned()));
    assert_eq!(pushes, expected);
}

#[test]
fn what_stands_in_the_way_of_a_push_is_said_with_the_cure() {
    let office = Office::open();
    let nowhere = office.run(["sandbox", "push", "brand_new"]).expect_code(4);
    assert!(
        nowhere.stderr.contains("--events-url"),
        "{}",
        nowhere.stderr
    );
    let url = format!("http://{}/", refusing_address());
    let previous = office
        .run(["sandbox", "push", "x", "--to", &url, "--key", "previous"])
        .expect_code(4);
    assert!(
        previous.stderr.contains("--rotate-key"),
        "{}",
        previous.stderr
    );
    for wrong in [
        &["sandbox", "push"][..],
        &["sandbox", "push", "x", "--message", "text"],
        &["sandbox", "push", "x", "--to", &url, "--field", "nonsense"],
        &["sandbox", "push", "x", "--to", &url, "--field", "a b=1"],
        &["sandbox", "push", "x", "--json"],
        &["sandbox", "push", "x", "--to", "nonsense"],
        &[
            "sandbox",
            "platform",
            "--messages-url",
            "https://example.com/",
        ],
        &["sandbox", "platform", "wx00000000000000ff"],
        &["sandbox", "start", "--events-url", "ftp://example.com"],
    ] {
        office.run(wrong).expect_code(2);
    }
}

#[test]
fn a_platform_is_shown_and_changed() {
    let office = Office::open();
    let run = |words: &[&str]| office.run(words.iter().chain(&["-o", "json"]));
    let before = run(&["sandbox", "platform"]).expect_code(0).json();
    assert_eq!(before["previous_encoding_aes_key"], json!(null));
    let changed = run(&[
        "sandbox",
        "platform",
        "--rotate-key",
        "--released",
        "false",
        "--test-list",
        "gh_0123456789ab",
        "--ip-whitelist",
        "",
        "--permissions",
        "1,15",
        "--tickets",
        "false",
        "--launch-domain",
        "other.example.com",
    ])
    .expect_code(0)
    .json();
    assert_eq!(
        changed["previous_encoding_aes_key"],
        before["encoding_aes_key"]
    );
    assert_eq!(changed["released"], false);
    assert_eq!(changed["test_list"], json!(["gh_0123456789ab"]));
    assert_eq!(changed["ip_whitelist"], json!([]));
    assert_eq!(changed["permission_ids"], json!([1, 15]));
    assert_eq!(changed["ticket_pushes"], false);
    assert_eq!(changed["launch_domain"], "other.example.com");
    let shown = office.run(["sandbox", "platform"]).expect_code(0).stdout;
    assert!(shown.contains("Previous key"), "{shown}");
    let status = run(&["sandbox", "status"]).expect_code(0).json();
    assert_eq!(
        status["previous_encoding_aes_key"],
        before["encoding_aes_key"]
    );
}

#[test]
fn alarms_are_shown_with_the_status() {
    let office = Office::open();
    let nowhere = format!("http://{}/events", refusing_address());
    office
        .run([
            "sandbox",
            "platform",
            "--tickets",
            "false",
            "--events-url",
            &nowhere,
        ])
        .expect_code(0);
    for _ in 0..5 {
        office.run(["sandbox", "push", "brand_new"]).expect_code(3);
    }
    let status = office.run(["sandbox", "status"]).expect_code(0).stdout;
    assert!(status.contains("message_failure × 5"), "{status}");
    assert!(status.contains("paused until"), "{status}");
}

#[test]
fn a_release_check_that_fails_says_where_and_ends_with_3() {
    let office = Office::open();
    let (url, _pushes) = receiver([ok("success"), ok("no"), ok("no")]);
    let checked = office
        .run([
            "sandbox",
            "release-check",
            "--events",
            &url,
            "--messages",
            &format!("http://{}/$APPID$", refusing_address()),
            "-o",
            "json",
        ])
        .expect_code(3)
        .json();
    let verdict = |index: usize| text(&checked[index], "verdict");
    assert_eq!((verdict(0).as_str(), verdict(1).as_str()), ("pass", "fail"));
    assert!(text(&checked[2], "reason").contains("not_reached"));
}
