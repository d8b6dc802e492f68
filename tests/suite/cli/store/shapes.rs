//! The shapes of what the commands on stores answer.

use serde_json::Value;

use super::super::office::Office;

/// Each command, the name of its schema, and an answer.
pub fn answers(office: &Office) -> Vec<(&'static str, &'static str, Value)> {
    let copy = format!("sqlite:{}", office.desk.home().join("shape.db").display());
    let run = |words: &[&str]| {
        let answer = office.run(words.iter().chain(&["-o", "json"]));
        answer.expect_code(0).json()
    };
    vec![
        ("store info", "store-info", run(&["store", "info"])),
        (
            "store export",
            "store-moved",
            run(&["store", "export", "--to", &copy]),
        ),
        (
            "store import",
            "store-moved",
            run(&["store", "import", &copy, "--dry-run"]),
        ),
        ("store migrate", "store-migrate", run(&["store", "migrate"])),
    ]
}
