//! Output: one answer in every format, the same exit code in each, and stderr that parses.

use serde_json::Value;

use super::office::{Office, text};

/// Commands that answer with rows: every format applies.
const ROWS: &[&[&str]] = &[
    &["authorizers", "list"],
    &["authorizers", "log"],
    &["permissions", "matrix"],
    &["profile", "list"],
    &["sandbox", "accounts"],
    &["sandbox", "journal"],
    &["sandbox", "journal", "--counters"],
    &["ticket", "show"],
    &["link", "--lint", "https://open.weixin.qq.com/nothing"],
];
/// Commands that answer with one document.
const DOCUMENTS: &[&[&str]] = &[
    &["authorizers", "show", "街角咖啡"],
    &["authorizers", "sync"],
    &["authorizers", "refresh"],
    &["link"],
    &["profile", "show"],
    &["sandbox", "clock"],
    &["sandbox", "env"],
    &["sandbox", "fault"],
    &["sandbox", "status"],
    &["status"],
    &["ticket", "request"],
];

fn office() -> Office {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    office.run(["authorizers", "sync"]).expect_code(0);
    office
}

#[test]
fn rows_come_in_every_format_with_the_same_exit_code() {
    let office = office();
    for command in ROWS {
        let run = |format: &str| office.run(command.iter().chain(&["-o", format]));
        let json = run("json");
        let code = json.code;
        assert!(
            code == 0 || command.contains(&"--lint"),
            "{command:?}: {json:?}"
        );
        let document = json.json();
        let one = usize::from(document.is_object());
        let rows = document.as_array().map_or(one, Vec::len);
        assert!(rows > 0, "{command:?} shows nothing to compare");

        let ndjson = run("ndjson").expect_code(code);
        let lines = ndjson.stdout.lines().map(|line| {
            serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("no JSON: {line}"))
        });
        // The journal of the sandbox grows by no call of ours: control calls do not count.
        assert_eq!(lines.count(), rows, "{command:?}");
        for format in ["csv", "tsv"] {
            let delimited = run(format).expect_code(code);
            assert_eq!(
                delimited.stdout.lines().count(),
                rows + 1,
                "{command:?} as {format}"
            );
        }
        assert!(!run("table").expect_code(code).stdout.is_empty());
        let unfit = office.run(command.iter().chain(&["-o", "env"]));
        unfit.expect_code(2);
    }
}

#[test]
fn a_document_is_a_document_and_no_table_of_cells() {
    let office = office();
    for command in DOCUMENTS {
        let run = |format: &str| office.run(command.iter().chain(&["-o", format]));
        let json = run("json").expect_code(0);
        assert!(json.json().is_object(), "{command:?}");
        assert_eq!(
            json.stderr, "",
            "{command:?}: JSON formats keep stderr quiet"
        );
        let line = run("ndjson").expect_code(0);
        assert_eq!(line.stdout.lines().count(), 1, "{command:?}");
        assert!(line.json().is_object());
        for format in ["csv", "tsv", "header"] {
            let told = run(format).expect_code(2);
            assert!(
                told.stderr.contains("it has: table, json, ndjson"),
                "{}",
                told.stderr
            );
            assert_eq!(told.stdout, "");
        }
    }
}

#[test]
fn a_format_of_the_environment_that_does_not_apply_falls_back_to_the_table() {
    let office = office().with("WXAUTH_OUTPUT", "csv");
    let status = office.run(["status"]).expect_code(0);
    assert!(status.stdout.starts_with("Platform "), "{}", status.stdout);
    let list = office.run(["authorizers", "list"]).expect_code(0);
    assert!(list.stdout.starts_with("appid,"), "{}", list.stdout);
    // A flag wins over the environment.
    office
        .run(["authorizers", "list", "-o", "json"])
        .expect_code(0)
        .json();
}

#[test]
fn an_error_under_a_json_environment_is_json_and_alone_on_stderr() {
    let office = office().with("WXAUTH_OUTPUT", "json");
    for (arguments, code, kind) in [
        (&["authorizers", "show", "nobody"][..], 2, "usage"),
        (&["no-such-command"], 2, "usage"),
        (&["--profile", "nope", "status"], 4, "action_required"),
    ] {
        let refused = office.run(arguments).expect_code(code);
        assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
        assert_eq!(refused.json_error()["kind"], kind);
        assert_eq!(refused.stdout, "");
    }
}

#[test]
fn the_error_line_has_its_fields_and_only_v_puts_anything_before_it() {
    let office = office();
    office.sandbox.fault("api_create_preauthcode: 48001");
    let arguments = ["link", "-o", "json"];
    let refused = office.run(arguments).expect_code(6);
    assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
    let error = refused.json_error();
    let mut fields: Vec<_> = error.as_object().expect("an object").keys().collect();
    fields.sort();
    assert_eq!(fields, ["errcode", "hints", "kind", "message", "rid"]);
    assert_eq!(
        (&error["kind"], &error["errcode"]),
        (&"refused".into(), &48001.into())
    );
    assert!(!text(&error, "rid").is_empty());

    let verbose = office.run(arguments.iter().chain(&["-vv"])).expect_code(6);
    assert!(verbose.stderr.lines().count() > 1);
    assert_eq!(verbose.json_error()["errcode"], 48001);
    // The exit code does not depend on the format.
    for format in ["table", "ndjson"] {
        office.run(["link", "-o", format]).expect_code(6);
    }
}

#[test]
fn columns_are_chosen_by_name_and_a_wrong_one_is_answered_with_the_names() {
    let office = office();
    let chosen = office.run([
        "authorizers",
        "list",
        "--columns",
        "kind,appid",
        "-o",
        "csv",
    ]);
    let chosen = chosen.expect_code(0);
    assert!(chosen.stdout.starts_with("kind,appid"), "{}", chosen.stdout);
    for command in [
        "authorizers list",
        "authorizers log",
        "sandbox accounts",
        "profile list",
    ] {
        let words = command
            .split(' ')
            .chain(["--columns", "nope", "-o", "json"]);
        let error = office.run(words).expect_code(2).json_error();
        let message = text(&error, "message");
        assert!(
            message.contains("nope") && message.contains("there are: "),
            "{command}: {message}"
        );
    }
}

#[test]
fn lists_are_sorted_and_filters_take_closed_words() {
    let office = office();
    let list = |flags: &[&str]| {
        let list = office.run(["authorizers", "list", "-o", "json"].iter().chain(flags));
        let list = list.expect_code(0).json();
        list.as_array().expect("rows").clone()
    };
    let all: Vec<_> = list(&[]).iter().map(|row| text(row, "appid")).collect();
    assert!(all.is_sorted() && all.len() > 5);
    let of_kind = list(&["--kind", "mini_program,channels"]);
    assert!(
        of_kind
            .iter()
            .all(|row| row["kind"] == "mini_program" || row["kind"] == "channels")
    );
    assert_eq!(list(&["--status", "pending_exchange"]).len(), 1);
    assert!(list(&["--status", "revoked"]).is_empty());
    let refused = office
        .run(["authorizers", "list", "--status", "gone"])
        .expect_code(2);
    assert!(
        refused.stderr.contains("pending_exchange"),
        "{}",
        refused.stderr
    );
}

#[test]
fn times_are_utc_in_json_and_local_with_a_distance_for_people() {
    let office = office().with("TZ", "Asia/Shanghai");
    let shown = office
        .run(["ticket", "show", "-o", "json"])
        .expect_code(0)
        .json();
    assert!(text(&shown, "received_at").ends_with('Z'), "{shown}");
    assert_eq!(
        shown["expires_in"].as_i64().map(|left| left > 42_000),
        Some(true)
    );
    let table = office.run(["ticket", "show"]).expect_code(0);
    assert!(table.stdout.contains("(in 1"), "{}", table.stdout);
}

#[test]
fn quiet_leaves_out_notes_but_no_warning_and_no_error() {
    let office = Office::open();
    let noisy = office.run(["link", "--pc"]).expect_code(0);
    assert!(noisy.stderr.contains("hint: "));
    let quiet = office.run(["link", "--pc", "-q"]).expect_code(0);
    assert!(!quiet.stderr.contains("hint: "), "{}", quiet.stderr);
    assert!(
        !office
            .run(["authorizers", "show", "x", "-q"])
            .expect_code(2)
            .stderr
            .is_empty()
    );
}

#[test]
fn secrets_are_masked_until_they_are_asked_for() {
    let office = office();
    let ticket = office.sandbox.text("component_verify_ticket");
    let appsecret = office.sandbox.text("component_appsecret");
    for (command, secret) in [
        (&["ticket", "show"][..], &ticket),
        (&["profile", "show"], &appsecret),
    ] {
        for format in ["table", "json"] {
            let output = ["-o", format];
            let arguments = command.iter().chain(&output);
            let masked = office.run(arguments.clone()).expect_code(0);
            assert!(!masked.stdout.contains(secret.as_str()) && masked.stdout.contains('…'));
            let revealed = office.run(arguments.chain(&["--reveal"])).expect_code(0);
            assert!(revealed.stdout.contains(secret.as_str()), "{command:?}");
        }
    }
}
