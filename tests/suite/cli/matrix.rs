//! Merchants by permission sets: who granted what, on a screen and for a script.

use serde_json::{Value, json};

use super::office::{Office, text};

/// An office that declared what it offers, and whose first mini program granted 17 and 30 only.
pub fn with_gaps() -> (Office, String) {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    let offered = "configured_permissions.mini_program";
    office
        .run(["profile", "set", offered, "17,18,19,30,31"])
        .expect_code(0);
    let merchant = office.accounts("mini_program", true).remove(0);
    office
        .run(["sandbox", "update", &merchant, "--permissions", "17,30"])
        .expect_code(0);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    (office, merchant)
}

fn row_of(rows: &Value, appid: &str) -> Value {
    let mut rows = rows.as_array().expect("rows").iter();
    let found = rows.find(|row| row["appid"] == appid);
    found.expect("the merchant's row").clone()
}

#[test]
fn a_merchants_row_says_what_it_granted_and_why_the_rest_is_missing() {
    let (office, merchant) = with_gaps();
    let rows = office
        .run(["permissions", "matrix", "-o", "json"])
        .expect_code(0)
        .json();
    let states = &row_of(&rows, &merchant)["states"];
    assert_eq!(states["17"], "granted");
    // Offered to everybody and not granted: the merchant must update.
    assert_eq!(states["19"], "missing");
    // Exclusive: probably another platform's.
    assert_eq!(states["18"], "held_elsewhere");
    // Others granted it once, but the platform does not offer it any more.
    assert_eq!(states["49"], "not_configured");
    // For official accounts only.
    assert_eq!(states["1"], Value::Null);
    let official = office.accounts("official_account", true).remove(0);
    let states = &row_of(&rows, &official)["states"];
    assert_eq!(
        (&states["1"], &states["17"]),
        (&json!("granted"), &Value::Null)
    );
}

#[test]
fn a_script_gets_a_line_for_each_merchant_and_a_column_for_each_set() {
    let (office, merchant) = with_gaps();
    let csv = office
        .run([
            "permissions",
            "matrix",
            "--sets",
            "18,17,客服管理",
            "-o",
            "csv",
        ])
        .expect_code(2);
    assert!(csv.stderr.contains("19 小程序客服管理"), "{}", csv.stderr);
    let words = ["permissions", "matrix", "--kind", "mini-program"];
    let run = |more: &[&str]| office.run(words.iter().chain(more));
    let csv = run(&["--sets", "18,17,17", "-o", "csv"])
        .expect_code(0)
        .stdout;
    let mut lines = csv.split("\r\n");
    assert_eq!(lines.next(), Some("appid,nick_name,kind,status,18,17"));
    let line = csv.split("\r\n").find(|line| line.starts_with(&merchant));
    let line = line.expect("the merchant's line");
    assert!(
        line.ends_with(",mini_program,active,held_elsewhere,granted"),
        "{line}"
    );
    let some = run(&["--columns", "18,appid", "-o", "tsv"])
        .expect_code(0)
        .stdout;
    assert!(some.starts_with("18\tappid\n"), "{some}");
    assert!(
        some.contains(&format!("held_elsewhere\t{merchant}\n")),
        "{some}"
    );
    let wrong = run(&["--columns", "999", "-o", "csv"]).expect_code(2);
    assert!(wrong.stderr.contains("999"), "{}", wrong.stderr);

    let lines = run(&["-o", "ndjson"]).expect_code(0).stdout;
    assert_eq!(
        lines.lines().count(),
        office.accounts("mini_program", true).len()
    );
    for line in lines.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(row["kind"], "mini_program");
        let doubtful = row["uncertain_ids"].as_array().expect("ids");
        assert!(doubtful.contains(&json!(36)), "{row}");
    }
}

#[test]
fn those_that_ended_are_shown_when_asked_for() {
    let office = Office::synced();
    let gone = office.accounts("official_account", true).remove(0);
    office.run(["sandbox", "revoke", &gone]).expect_code(0);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let run = |more: &[&str]| {
        let words = ["permissions", "matrix", "--sets", "1", "-o", "json"];
        office.run(words.iter().chain(more)).expect_code(0).json()
    };
    let shown = |rows: &Value| {
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|row| text(row, "appid")).collect::<Vec<_>>()
    };
    assert!(!shown(&run(&[])).contains(&gone));
    let ended = run(&["--status", "revoked"]);
    assert_eq!(shown(&ended), [gone.as_str()]);
    assert_eq!(ended[0]["states"]["1"], "missing");
}

#[test]
fn the_screen_has_a_section_for_each_kind_and_names_the_sets() {
    let (office, merchant) = with_gaps();
    let screen = office
        .run(["permissions", "matrix", "--lang", "zh"])
        .expect_code(0)
        .stdout;
    let section = screen
        .split("\n\n")
        .find(|part| part.starts_with("小程序："));
    let section = section.expect("the mini programs");
    let ids = section.lines().nth(1).expect("the titles");
    assert!(ids.contains(" 17 18 19 "), "{ids}");
    assert!(
        !ids.contains(" 15 "),
        "official accounts' sets stand elsewhere: {ids}"
    );
    let line = section.lines().find(|line| line.starts_with(&merchant));
    assert!(
        line.is_some_and(|line| line.contains(" ✓  !  ✗ ")),
        "{section}"
    );
    assert!(screen.contains("19 小程序客服管理") && screen.contains("（存疑）"));
    assert!(screen.contains("! 未授权（可能被其他平台占用"), "{screen}");
}
