//! Values from outside, at every command that prints them: nothing of them acts on a terminal.

use super::office::Office;
use super::receivers::{Answer, receiver};
use super::terminal::typed;
use crate::support::Outcome;

/// A forged line, hidden text, a window title, a turned line, a C1 control, nothing, a separator.
const HOSTILE: &str =
    "shop\nhint: run `evil` first\u{1b}[8m\u{1b}]0;x\u{7}\u{202e}\u{9b}2J\u{200b}\u{2028}\r";

/// The sequences that the program's own colours and QR codes are made of.
const COLOURS: [&str; 8] = [
    "\u{1b}[38;5;16;48;5;231m",
    "\u{1b}[0m",
    "\u{1b}[1m",
    "\u{1b}[2m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[33m",
    "\u{1b}[36m",
];

/// Asserts that `text` is lines of visible text and the program's own colours.
#[track_caller]
fn assert_inert(words: &[&str], text: &str) {
    let plain = COLOURS
        .iter()
        .fold(text.to_owned(), |text, colour| text.replace(colour, ""));
    let acts = |letter: char| {
        (letter.is_control() && letter != '\n') || "\u{202e}\u{200b}\u{2028}".contains(letter)
    };
    assert!(!plain.contains(acts), "{words:?} prints {plain:?}");
    let forged = plain
        .lines()
        .any(|line| line.starts_with("hint: run `evil`"));
    assert!(!forged, "{words:?} prints a forged line:\n{plain}");
}

#[track_caller]
fn assert_both_inert(words: &[&str], outcome: &Outcome) {
    // What csv ends its lines with, and tsv parts its columns with.
    let stdout = outcome.stdout.replace("\r\n", "\n").replace('\t', " ");
    assert_inert(words, &stdout);
    assert_inert(words, &outcome.stderr);
}

/// An office, one of whose merchants has a hostile name, and one an ordinary one like it; the
/// hostile one's appid.
fn office() -> (Office, String) {
    let office = Office::synced();
    let export = ["store", "export", "--without-secrets"];
    let exported = office.run(export).expect_code(0).stdout;
    let name = serde_json::to_string(HOSTILE).expect("JSON");
    assert!(exported.contains(r#""nick_name":"江南书院""#));
    let renamed = exported
        .replace(
            r#""nick_name":"江南书院""#,
            &format!(r#""nick_name":{name}"#),
        )
        .replace(r#""nick_name":"城市"#, r#""nick_name":"shop城市"#);
    let file = office.file("renamed.ndjson", &renamed);
    let file = file.to_str().expect("a path");
    office
        .run(["store", "import", file, "--replace", "--yes"])
        .expect_code(0);
    let merchants = office
        .run(["authorizers", "list", "-o", "json"])
        .expect_code(0);
    let merchants = merchants.json();
    let rows = merchants.as_array().expect("rows");
    let hostile = rows.iter().find(|row| row["nick_name"] == HOSTILE);
    let appid = hostile.expect("the merchant")["appid"].as_str();
    (office, appid.expect("an appid").to_owned())
}

#[test]
fn names_are_inert_in_every_command_that_prints_them() {
    let (office, appid) = office();
    let appid = appid.as_str();
    let commands: [&[&str]; 24] = [
        &["authorizers", "list"],
        &["authorizers", "list", "-o", "csv"],
        &["authorizers", "list", "-o", "tsv"],
        &["authorizers", "show", appid],
        &["authorizers", "show", "shop"],
        &["authorizers", "guide", appid],
        &["authorizers", "guide", appid, "--lang", "zh"],
        &["authorizers", "forget", appid],
        &["authorizers", "log"],
        &["authorizers", "refresh", "shop"],
        &["authorizers", "set", "shop", "--external-id", HOSTILE],
        &["link", "--for", appid, "--message"],
        &["link", "--for", appid, "--message", "--lang", "zh"],
        &["link", "--for", "shop"],
        &["token", "authorizer", "shop"],
        &["api", "/cgi-bin/menu/get", "--as", "shop"],
        &["permissions", "matrix"],
        &["permissions", "drift", "--require", "18"],
        &["permissions", "plan", "73"],
        &["permissions", "why", "/wxa/commit", "--all"],
        &["permissions", "why", "/cgi-bin/menu/create", "--all"],
        &["check", "--all"],
        &["check", "--all", "-o", "github"],
        &["events", "list", "--for", "shop"],
    ];
    let mut named = 0;
    for words in commands {
        let coloured = [&["--color", "always"], words].concat();
        let outcome = office.run(&coloured);
        assert_both_inert(words, &outcome);
        let said = [outcome.stdout, outcome.stderr].concat();
        named += usize::from(said.contains(r"shop\nhint"));
    }
    assert!(named > 14, "{named} commands print the name");
}

/// Names that a command prints: see the comparisons below.
type Names = &'static [(&'static str, &'static str, bool)];

#[test]
fn names_are_inert_at_a_terminal() {
    let (office, appid) = office();
    let appid = appid.as_str();
    let commands: [(&[&str], Names); 6] = [
        (&["authorizers", "list", "-o", "json"], &[]),
        (&["authorizers", "list", "-o", "ndjson"], &[]),
        // What a filter makes of a text keeps its line breaks: they may be the filter's.
        (
            &[
                "authorizers",
                "list",
                "--jq",
                ".[].nick_name | split(\"\\n\") | join(\" \")",
            ],
            &[],
        ),
        (&["authorizers", "show", appid, "--jq", "."], &[]),
        (&["store", "export", "--without-secrets", "-q"], &[]),
        (&["authorizers", "forget", appid], &[("shop", "n", false)]),
    ];
    for (words, answers) in commands {
        let Some(outcome) = typed(&office, words, answers) else {
            return;
        };
        // The terminal writes CR LF; sequences of the prompt are its own.
        let shown = outcome.stdout.replace("\r\n", "\n");
        let shown = match answers.is_empty() {
            true => shown,
            false => shown.split_once("[y/N]").expect("a question").0.to_owned(),
        };
        assert!(shown.contains("shop"), "{words:?}: {shown}");
        let asked = shown.replace("\u{1b}[?25l", "");
        assert_inert(words, &asked);
    }
}

#[test]
fn programs_read_the_exact_name() {
    let (office, appid) = office();
    let words = ["authorizers", "show", &appid, "-o", "json"];
    let shown = office.run(words).expect_code(0).json();
    assert_eq!(shown["nick_name"], HOSTILE);
    let words = ["authorizers", "show", &appid, "--jq", ".nick_name"];
    let shown = office.run(words).expect_code(0).stdout;
    assert_eq!(shown, format!("{HOSTILE}\n"));
}

#[test]
fn messages_of_wechat_are_inert() {
    let errmsg = serde_json::to_string(HOSTILE).expect("JSON");
    let body: &'static str = format!(r#"{{"errcode":40001,"errmsg":{errmsg}}}"#).leak();
    let words: [&[&str]; 3] = [
        &["token", "component"],
        &["authorizers", "sync"],
        &["--color", "always", "-vv", "ips"],
    ];
    for words in words {
        let answers = (0..8).map(|_| {
            let json = "content-type: application/json\r\n";
            Answer::Http("200 OK", json, body.as_bytes())
        });
        let (address, _taken) = receiver(answers);
        let base = address.trim_end_matches("/events");
        let office = Office::open().with("WXAUTH_API_BASE", base);
        let outcome = office.run(words).expect_code(6);
        assert!(outcome.stderr.contains(r"shop\nhint"), "{}", outcome.stderr);
        assert_both_inert(words, &outcome);
    }
}

#[test]
fn file_names_arguments_and_settings_are_inert() {
    let office = Office::open();
    std::fs::write(office.desk.home().join(HOSTILE.replace('/', "")), "x").expect("a file");
    let commands: [&[&str]; 13] = [
        &[HOSTILE],
        &["token", HOSTILE],
        &["authorizers", "list", &format!("--{HOSTILE}")],
        &["authorizers", "list", "--status", HOSTILE],
        &["authorizers", "list", "--columns", HOSTILE],
        &["authorizers", "show", HOSTILE],
        &["help", HOSTILE],
        &["explain", HOSTILE],
        &["init", "--from", HOSTILE],
        &["events", "decode", HOSTILE],
        &["--profile", HOSTILE, "status"],
        &["link", "--lint", HOSTILE],
        &["link", "--save", &format!("{HOSTILE}.png")],
    ];
    for lang in ["en", "zh"] {
        for words in commands {
            let words = [&["--color", "always", "--lang", lang], words].concat();
            let mut command = office.desk.command(&words);
            command.current_dir(office.desk.home());
            let outcome = Outcome::of(command.spawn().expect("the program"));
            assert_both_inert(&words, &outcome);
        }
    }
    for variable in [
        "WXAUTH_PROFILE",
        "WXAUTH_API_BASE",
        "WXAUTH_STORE",
        "WXAUTH_REDIRECT_URI",
        "WXAUTH_COMPONENT_APPID",
        "WXAUTH_LANG",
        "WXAUTH_MINT",
        "WXAUTH_CA_FILE",
    ] {
        let outcome = office
            .desk
            .command(["status"])
            .env(variable, HOSTILE)
            .spawn();
        let outcome = Outcome::of(outcome.expect("the program"));
        assert_both_inert(&[variable], &outcome);
    }
}
