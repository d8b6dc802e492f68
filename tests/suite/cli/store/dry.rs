//! What is said before anything is written, and of what an answer has no room for.

use super::{Movers, PASSPHRASE};
use crate::support::Desk;

#[test]
fn a_dry_run_says_what_would_be_written() {
    let movers = Movers::with_merchants("3");
    movers
        .desk
        .run(["authorizers", "sync", "-q"])
        .expect_code(0);
    let (copy, passphrase) = (movers.file("copy.wxauth"), movers.passphrase());
    let export = [
        "store",
        "export",
        "--to",
        &copy,
        "--passphrase-file",
        &passphrase,
    ];
    let told = movers
        .desk
        .run(export.iter().chain(&["-o", "json"]))
        .expect_code(0);
    assert_eq!(told.json()[0]["dry_run"], false);
    let import = ["store", "import", &copy, "--passphrase-file", &passphrase];
    let elsewhere = movers.file("other.db");
    let run = |more: &[&str]| {
        let mut command = movers.desk.command(import.iter().chain(more));
        command.env("WXAUTH_STORE", format!("sqlite:{elsewhere}"));
        crate::support::Outcome::of(command.spawn().expect("the program")).expect_code(0)
    };
    let planned = run(&["--dry-run"]);
    let head = planned.stdout.lines().next().unwrap_or_default();
    assert!(
        head.contains("Would be written") && !head.contains("  Written"),
        "{head}"
    );
    assert!(
        planned.stderr.contains("nothing was written"),
        "{}",
        planned.stderr
    );
    let planned = run(&["--dry-run", "--lang", "zh"]).stdout;
    assert!(
        planned.contains("将写入") && !planned.contains("已写入"),
        "{planned}"
    );
    assert_eq!(run(&["--dry-run", "-o", "json"]).json()[0]["dry_run"], true);
    let done = run(&[]).stdout;
    assert!(
        done.contains("Written") && !done.contains("Would"),
        "{done}"
    );
    assert!(!done.contains(PASSPHRASE));
}

#[test]
fn an_export_to_a_pipe_has_no_room_for_a_report() {
    let desk = Desk::new();
    for report in [&["-o", "json"][..], &["--jq", "."]] {
        let words = ["--sandbox", "store", "export", "--without-secrets"];
        let refused = desk.run(words.iter().chain(report)).expect_code(2);
        for said in ["goes to stdout", "--to FILE"] {
            assert!(refused.stderr.contains(said), "{}", refused.stderr);
        }
    }
}
