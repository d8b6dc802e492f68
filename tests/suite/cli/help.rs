//! Helps, as they are printed.

use std::collections::BTreeSet;

use clap::CommandFactory;
use snapbox::{Assert, Data};
use wxauth::cli::args::Cli;
use wxauth::cli::exit::{Exit, Kind};

use crate::support::Desk;

/// Every command, by the words that call it; the program itself is the empty one.
pub fn commands() -> BTreeSet<String> {
    fn walk(command: &clap::Command, path: &str, into: &mut BTreeSet<String>) {
        into.insert(path.to_owned());
        for child in command.get_subcommands() {
            let path = format!("{path} {}", child.get_name());
            walk(child, path.trim(), into);
        }
    }
    let mut found = BTreeSet::new();
    walk(&Cli::command(), "", &mut found);
    found
}

fn help(desk: &Desk, command: &str) -> String {
    let words = command.split(' ').filter(|word| !word.is_empty());
    let help = desk.run(words.chain(["--help"])).expect_code(0);
    assert_eq!(help.stderr, "");
    help.stdout
}

#[test]
fn every_help_reads_as_it_was_agreed() {
    let desk = Desk::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/help");
    let assert = Assert::new().action_env("SNAPSHOTS");
    let mut expected = BTreeSet::new();
    for command in commands() {
        let name = format!("wxauth {command}").trim().replace(' ', "-");
        let path = folder.join(format!("{name}.txt"));
        expected.insert(format!("{name}.txt"));
        assert.eq(help(&desk, &command), Data::read_from(&path, None).raw());
    }
    let files = std::fs::read_dir(&folder).expect("the helps");
    let files = files.map(|file| {
        file.expect("a file")
            .file_name()
            .into_string()
            .expect("a name")
    });
    assert_eq!(
        files.collect::<BTreeSet<_>>(),
        expected,
        "no help of a command that is gone"
    );
}

#[test]
fn a_help_starts_with_what_the_command_does_and_holds_no_secret_of_the_environment() {
    let desk = Desk::new()
        .with(
            "WXAUTH_COMPONENT_APPSECRET",
            "5ec4e75ec4e75ec4e75ec4e75ec4e75e",
        )
        .with(
            "WXAUTH_COMPONENT_VERIFY_TICKET",
            "ticket@@@in-the-environment",
        );
    for command in commands() {
        let help = help(&desk, &command);
        let first = help.lines().next().unwrap_or_default();
        assert!(
            first.starts_with(char::is_uppercase) && !first.ends_with('.'),
            "`{command}`: {first}"
        );
        assert!(!help.contains("5ec4e7") && !help.contains("in-the-environment"));
    }
}

#[test]
fn every_exit_code_is_in_the_help() {
    let help = help(&Desk::new(), "");
    let codes = help.split("Exit codes:").nth(1).expect("exit codes");
    let verdicts = [Exit::Done.code(), Exit::BadVerdict.code()];
    for code in Kind::ALL.map(Kind::code).into_iter().chain(verdicts) {
        let listed = codes
            .split(|letter: char| !letter.is_ascii_digit())
            .any(|word| word == code.to_string());
        assert!(listed, "{code} is not in:{codes}");
    }
}
