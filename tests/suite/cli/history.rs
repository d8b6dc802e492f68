//! `authorizers log`: how a merchant's grant came to be what it is, and through what it was noticed.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr};

use serde_json::{Value, json};

use crate::support::{Desk, SandboxProcess};

/// A `wxauth serve` beside the built-in sandbox, which pushes to it.
struct Receiver {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Receiver {
    fn start(desk: &Desk) -> Self {
        let words = [
            "--sandbox",
            "serve",
            "--bind",
            "127.0.0.1:0",
            "--admin-bind",
        ];
        let words = words.iter().chain(&["none", "--log", "json", "-o", "json"]);
        let mut child = desk.start(words);
        let stdout = child.stdout.take().expect("a pipe");
        let mut first = String::new();
        BufReader::new(stdout)
            .read_line(&mut first)
            .expect("it says where it listens");
        let log = BufReader::new(child.stderr.take().expect("a pipe"));
        Self { child, log }
    }

    /// Waits until an event was worked off; its type.
    fn worked(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.log.read_line(&mut line).expect("the log");
            assert!(read > 0, "the receiver ended");
            let told: Value = serde_json::from_str(&line).unwrap_or_default();
            if told["what"] == "event_worked" {
                assert_eq!(told["outcome"], "done", "{told}");
                return told["info_type"].as_str().unwrap_or_default().to_owned();
            }
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn history(desk: &Desk, words: &[&str]) -> Vec<Value> {
    let words = ["--sandbox", "authorizers", "log"].iter().chain(words);
    let log = desk.run(words.chain(&["-o", "json"])).expect_code(0).json();
    log.as_array().expect("an array").clone()
}

/// What happened and through what it was noticed, oldest first, exchanges of codes left out.
fn told(desk: &Desk, who: &str) -> Vec<(String, String, Value)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = history(desk, &[who]).into_iter().rev();
    entries
        .filter(|entry| entry["what"] != "redeemed")
        .map(|entry| {
            let ids = entry["detail"]["permission_ids"].clone();
            (text(&entry["what"]), text(&entry["who"]), ids)
        })
        .collect()
}

fn change(what: &str, who: &str, ids: Value) -> (String, String, Value) {
    (what.to_owned(), who.to_owned(), ids)
}

#[test]
fn every_change_of_a_grant_is_told_with_its_source() {
    let desk = Desk::new();
    let sandbox = SandboxProcess::start(&desk, &[]);
    let account = &sandbox.get("accounts?kind=mini_program&authorized=false&count=1")[0];
    let appid = account["appid"].as_str().expect("an appid").to_owned();
    let mut receiver = Receiver::start(&desk);
    let mut merchant = |act: &str, permissions: Value, info_type: &str| {
        sandbox.post(act, &json!({ "appid": appid, "permissions": permissions }));
        assert_eq!(receiver.worked(), info_type);
    };
    desk.run(["--sandbox", "link", "-q"]).expect_code(0);
    merchant("authorize", json!([17, 30]), "authorized");
    merchant("update", json!([17, 18]), "updateauthorized");
    merchant("revoke", Value::Null, "unauthorized");
    let sync = ["--sandbox", "authorizers", "sync", "-q"];
    desk.run(sync).expect_code(0);
    let shown = desk.run(["--sandbox", "authorizers", "show", &appid, "-o", "json"]);
    let shown = shown.expect_code(0).json();
    assert_eq!(shown["status"], "revoked");
    assert_eq!(shown["revoked_source"], "event");
    assert!(shown["revoked_at"].is_string());
    // Seconds tell an authorization from an end before it.
    sandbox.pass("+1m");
    drop(receiver);

    // With nobody listening, the next pass over the list notices.
    desk.run(["--sandbox", "link", "-q"]).expect_code(0);
    sandbox.post("authorize", &json!({ "appid": appid, "permissions": [17] }));
    desk.run(sync).expect_code(0);
    let expected = [
        change("authorized", "event", json!([17, 30])),
        change("sets_added", "event", json!([18])),
        change("sets_removed", "event", json!([30])),
        change("revoked", "event", Value::Null),
        change("reauthorized", "sync", json!([17])),
    ];
    let told = told(&desk, &appid);
    assert_eq!(told[..4], expected[..4], "{told:#?}");
    let again = told.iter().find(|(what, ..)| what == "reauthorized");
    assert_eq!(
        again.map(|(_, who, _)| who.as_str()),
        Some("sync"),
        "{told:#?}"
    );
    assert!(told.iter().any(|(what, ..)| what == "sets_removed"));

    let table = ["--sandbox", "--lang", "zh", "authorizers", "log", &appid];
    let table = desk.run(table).expect_code(0).stdout;
    for words in ["首次授权", "30 小程序基本信息管理", "解除授权", "重新授权"]
    {
        assert!(table.contains(words), "{words}:\n{table}");
    }
    assert!(history(&desk, &[&appid, "--since", "7d"]).len() > 4);
    sandbox.pass("+8d");
    assert_eq!(
        history(&desk, &[&appid, "--since", "7d"]),
        Vec::<Value>::new()
    );

    desk.run(["--sandbox", "authorizers", "forget", &appid, "--yes"])
        .expect_code(0);
    let gone = [
        "--sandbox",
        "authorizers",
        "list",
        "--search",
        &appid,
        "-o",
        "json",
    ];
    assert_eq!(desk.run(gone).expect_code(0).json(), json!([]));
}
