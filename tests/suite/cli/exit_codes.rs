//! Every documented exit code, reached as an operator reaches it, and the same in every format.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::json;
use wxauth::cli::exit::{Exit, Kind};

use super::office::{Office, eventually};
use super::serving::signal;
use crate::support::{Desk, Outcome};

const FORMATS: [&str; 3] = ["table", "json", "ndjson"];

/// How a command ends in each format; all of them alike.
fn ends(mut run: impl FnMut(&str) -> Outcome) -> (i32, Outcome) {
    let mut ended: Vec<_> = FORMATS.iter().map(|format| run(format)).collect();
    let last = ended.pop().expect("a format");
    for other in ended {
        assert_eq!(other.code, last.code, "{}{}", other.stderr, last.stderr);
    }
    (last.code, last)
}

/// What WeChat answers to a call for the component token, and what the program makes of it.
fn when_wechat(office: &Office, answers: &str) -> i32 {
    let (code, _) = ends(|format| {
        // As often as a harmless call is repeated, and more.
        let fault = format!("api_create_preauthcode: 9 times {answers}");
        office.sandbox.fault(&fault);
        let ended = office.run(["link", "--no-qr", "-o", format]);
        office.sandbox.post("faults", &json!({ "clear": true }));
        ended
    });
    code
}

#[test]
fn every_documented_code_is_reached() {
    let documented = Kind::ALL.map(Kind::code).into_iter();
    let documented = documented.chain([Exit::Done.code(), Exit::BadVerdict.code()]);
    let documented: BTreeSet<i32> = documented.map(i32::from).collect();

    let office = Office::synced();
    let simple = |words: &[&str]| {
        let run = |format: &str| office.run(words.iter().chain(&["-o", format]));
        ends(run).0
    };
    let nobody = Desk::new();
    let reached = BTreeSet::from([
        simple(&["authorizers", "list"]),
        full_disk(&office),
        simple(&["authorizers", "show", "nobody-of-this-name"]),
        simple(&[
            "link",
            "--lint",
            "http://open.weixin.qq.com/wxaopen/safe/bindcomponent",
        ]),
        ends(|format| nobody.run(["status", "-o", format])).0,
        when_wechat(&office, "drop"),
        when_wechat(&office, "61004"),
        folder_of_somebody_else(),
        simple(&["link", "--no-qr", "--wait", "--timeout", "1s"]),
        interrupted(&office),
    ]);
    assert_eq!(reached, documented);
}

/// 1: stdout takes nothing more.
fn full_disk(office: &Office) -> i32 {
    let (code, _) = ends(|format| {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = office.desk.command(["authorizers", "list", "-o", format]);
        command.stdout(Stdio::from(full.expect("a full device")));
        Outcome::of(command.spawn().expect("the program"))
    });
    code
}

/// 7: the store cannot be made where it should be.
fn folder_of_somebody_else() -> i32 {
    let desk = Desk::new().with("WXAUTH_STORE", "sqlite:/proc/self/store.db");
    let desk = desk.with("WXAUTH_COMPONENT_APPID", "wx0123456789abcdef");
    ends(|format| desk.run(["status", "-o", format])).0
}

/// 130: Ctrl-C while WeChat has not answered.
fn interrupted(office: &Office) -> i32 {
    let (code, _) = ends(|format| {
        eventually(|| held(office) == 0);
        let fault = "api_create_preauthcode: once hold 3s before";
        office.sandbox.fault(fault);
        let child = office.desk.start(["link", "--no-qr", "-o", format]);
        eventually(|| held(office) > 0);
        signal(&child, "INT");
        Outcome::of(child)
    });
    code
}

/// How many calls WeChat is holding back.
fn held(office: &Office) -> u64 {
    let faults = office.sandbox.get("faults");
    faults["held"].as_u64().expect("a number")
}

#[test]
fn who_waits_too_long_for_another_process_is_told_whom_it_waited_for() {
    let office = Office::open();
    office
        .sandbox
        .fault("api_component_token: once hold 8s before");
    let slow = office.desk.start(["token", "component"]);
    eventually(|| held(&office) > 0);
    let (code, last) =
        ends(|format| office.run(["link", "--no-qr", "--lock-timeout", "1s", "-o", format]));
    assert_eq!(code, 7);
    let error = last.json_error();
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains(&slow.id().to_string()), "{message}");
    Outcome::of(slow).expect_code(0);
}
