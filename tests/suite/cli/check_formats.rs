//! `check` in every format: the same exit code, and what each reader expects.

use serde_json::Value;

use super::office::Office;

const FORMATS: [&str; 8] = [
    "table",
    "json",
    "ndjson",
    "csv",
    "tsv",
    "junit",
    "prometheus",
    "github",
];

#[test]
fn every_format_gives_the_same_exit_code_and_names_what_failed() {
    let office = Office::synced();
    let merchant = office.accounts("mini_program", true).remove(0);
    let fine: &[&str] = &["check"];
    let bad: &[&str] = &[
        "check",
        "--authorizers",
        &merchant,
        "--require-permissions",
        "88",
    ];
    for format in FORMATS {
        let run = |words: &[&str]| office.run(words.iter().chain(&["-o", format]));
        run(fine).expect_code(0);
        let failed = run(bad).expect_code(3);
        assert!(failed.stdout.contains(&merchant), "{format}: {failed:?}");
    }
}

#[test]
fn each_format_reads_as_its_reader_expects() {
    let office = Office::synced();
    let merchant = office.accounts("mini_program", true).remove(0);
    let run = |format: &str| {
        let words = [
            "check",
            "--authorizers",
            &merchant,
            "--require-permissions",
            "88",
            "-o",
            format,
        ];
        office.run(words).expect_code(3).stdout
    };
    let line = run("ndjson");
    let only: Value = serde_json::from_str(line.trim_end()).expect("one line");
    assert_eq!(
        (&only["name"], &only["status"]),
        (&"permissions".into(), &"fail".into())
    );
    let metrics = run("prometheus");
    assert!(metrics.contains("\nwxauth_check_healthy 0\n"), "{metrics}");
    assert!(
        metrics.contains("wxauth_checks{status=\"fail\"} 1\n"),
        "{metrics}"
    );
    let junit = run("junit");
    assert!(junit.contains("tests=\"5\" failures=\"1\""), "{junit}");
    assert!(junit.trim_end().ends_with("</testsuite>"), "{junit}");
    let github = run("github");
    let title = format!("::error title=wxauth permissions {merchant}::");
    assert!(github.starts_with(&title), "{github}");
}
