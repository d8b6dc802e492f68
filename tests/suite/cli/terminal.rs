//! At a terminal: what is asked, what is hidden, and what nobody is asked.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use serde_json::json;

use super::office::Office;
use crate::support::{Outcome, skip};

/// Runs the program on a terminal and answers its prompts, some of them hidden; nothing where Python is missing.
pub(super) fn typed(
    office: &Office,
    words: &[&str],
    answers: &[(&str, &str, bool)],
) -> Option<Outcome> {
    played(&office.desk.command(words), answers)
}

/// Runs any program so, in its own environment and no other.
pub fn played(program: &Command, answers: &[(&str, &str, bool)]) -> Option<Outcome> {
    if Command::new("python3").arg("--version").output().is_err() {
        skip("python3 is missing, which plays the terminal");
        return None;
    }
    let typist = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/terminal/typist.py");
    let child = Command::new("python3")
        .args([typist, &json!(answers).to_string()])
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("TERM", OsStr::new("xterm"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3");
    Some(Outcome::of(child))
}

#[test]
fn init_asks_for_what_is_missing_and_hides_secrets() {
    let office = Office::unnamed();
    let card = |field| office.sandbox.text(field);
    let (appid, redirect) = (card("component_appid"), card("redirect_uri"));
    let (domain, appsecret) = (card("launch_domain"), card("component_appsecret"));
    let api_base = card("url");
    let answers = [
        ("Name of the profile", "shop", false),
        ("Appid of the platform", appid.as_str(), false),
        ("Redirect URI", &redirect, false),
        ("Launch domain", &domain, false),
        ("Released", "true", false),
        ("n (mint = wxauth)", "n", false),
        ("Appsecret", &appsecret, true),
        ("Token of pushes", "", true),
        ("EncodingAESKey", "", true),
    ];
    let Some(asked) = typed(&office, &["init", "--api-base", &api_base], &answers) else {
        return;
    };
    let asked = asked.expect_code(0);
    assert!(
        !asked.stdout.contains(&appsecret),
        "the secret was shown:\n{}",
        asked.stdout
    );
    assert!(
        asked.stdout.contains(&redirect),
        "what is no secret is shown as it is typed"
    );

    let ticket = card("component_verify_ticket");
    let prompt = [("component_verify_ticket", ticket.as_str(), true)];
    let set = typed(&office, &["ticket", "set"], &prompt)
        .expect("python3")
        .expect_code(0);
    assert!(
        !set.stdout.contains(&ticket),
        "the ticket was shown:\n{}",
        set.stdout
    );
    office.run(["token", "component"]).expect_code(0);
    let shown = office
        .run(["profile", "show", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        (&shown["mint"], &shown["released"]),
        (&"wxauth".into(), &true.into())
    );
}

#[test]
fn what_cannot_be_undone_is_asked_for_and_no_is_no() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let remove = ["profile", "remove", "shop"];
    let question = "remove profile `shop`";
    let Some(kept) = typed(&office, &remove, &[(question, "n", false)]) else {
        return;
    };
    assert!(kept.stdout.contains(question));
    office.run(["profile", "show", "shop"]).expect_code(0);
    let silent = typed(&office, &["profile", "remove", "shop", "--no-input"], &[]);
    silent.expect("python3").expect_code(2);
    let gone = typed(&office, &remove, &[(question, "y", false)]);
    gone.expect("python3").expect_code(0);
    office.run(["profile", "show", "shop"]).expect_code(4);
}

#[test]
fn a_terminal_gets_colour_and_a_pipe_does_not() {
    let office = Office::open();
    let words = ["status"];
    let Some(shown) = typed(&office, &words, &[]) else {
        return;
    };
    assert!(shown.expect_code(0).stdout.contains('\u{1b}'));
    assert!(!office.run(words).expect_code(0).stdout.contains('\u{1b}'));
    let plain = office.with("NO_COLOR", "1");
    let shown = typed(&plain, &words, &[]).expect("python3").expect_code(0);
    assert!(!shown.stdout.contains('\u{1b}'), "{:?}", shown.stdout);
}
