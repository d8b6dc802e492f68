//! `--columns`: chosen by name in every list, and a slip is answered with what was meant.

use std::io::{BufRead, BufReader};

use super::office::{Office, text};

/// Every answer that has columns, and one of its columns written not quite right.
const LISTS: &[(&str, &str, &str)] = &[
    ("authorizers list", "nickname", "nick_name"),
    ("authorizers log", "apid", "appid"),
    ("events list", "info-type", "info_type"),
    ("events list --messages", "acount", "account"),
    (
        "link --lint https://open.weixin.qq.com/nothing",
        "severty",
        "severity",
    ),
    ("permissions drift", "mising", "missing"),
    ("permissions list", "kinds", "kind"),
    ("permissions matrix", "apppid", "appid"),
    ("profile list", "nane", "name"),
    ("sandbox accounts", "user", "user_name"),
    ("sandbox journal", "outcom", "outcome"),
    ("sandbox journal --counters", "counts", "count"),
    ("sandbox release-check", "cases", "case"),
    ("ticket show", "sorce", "source"),
];

#[test]
fn every_list_answers_a_wrong_column_with_the_names_and_the_one_that_was_meant() {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    office.run(["authorizers", "sync"]).expect_code(0);
    for (command, slip, meant) in LISTS {
        let words = command.split(' ').chain(["--columns", slip, "-o", "csv"]);
        let refused = office.run(words).expect_code(2);
        assert_eq!(refused.stdout, "", "{command}");
        let said = &refused.stderr;
        assert!(said.contains("there are: "), "{command}: {said}");
        assert!(
            said.contains(&format!("did you mean `--columns {meant}`?")),
            "{command} {slip}: {said}"
        );
    }
    // A title is understood too, and what is like nothing gets the names alone.
    let named = ["--lang", "zh", "authorizers", "list", "--columns", "名称"];
    let refused = office.run(named).expect_code(2).stderr;
    assert!(
        refused.contains("可用的列") && refused.contains("nick_name"),
        "{refused}"
    );
    let far = office.run(["authorizers", "list", "--columns", "zzzz", "-o", "json"]);
    let error = far.expect_code(2).json_error();
    assert!(text(&error, "message").contains("nick_name"));
    assert_eq!(error["hints"].as_array().map(Vec::len), Some(0), "{error}");
}

#[test]
fn a_long_list_as_ndjson_is_read_while_it_is_written() {
    let office = Office::synced();
    let rows = ["sandbox", "accounts", "-o", "ndjson"];
    let whole = office.run(rows).expect_code(0).stdout;
    assert!(whole.lines().count() > 10);
    // A reader that has seen enough ends the command, in order.
    let mut child = office.desk.start(["authorizers", "list", "-o", "ndjson"]);
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
    reader.read_line(&mut line).expect("a line");
    drop(reader);
    let row: serde_json::Value = serde_json::from_str(&line).expect("one object on a line");
    assert!(text(&row, "appid").starts_with("wx"));
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}
