//! Helps: as they are printed, and each of their examples as it is typed.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use clap::CommandFactory;
use snapbox::{Assert, Data};
use wxauth::cli::args::Cli;
use wxauth::cli::exit::{Exit, Kind};
use wxauth::wechat::event::unknown_xml;
use wxauth::wechat::push::{KeyUsed, PushKeys, Stamp, To};
use wxauth::wechat::secret::Secret;

use super::office::text;
use crate::support::{Desk, Outcome, SandboxProcess};

/// What stands for an appid of the reader's own.
const PLACEHOLDER: &str = "wx0123456789abcdef";

/// Examples that show another end than 0, and why.
const OTHER_ENDS: &[(&str, i32)] = &[
    // The link is cut short, so that the example stays on its line.
    ("link --lint", 3),
    // Nobody takes pushes at the port of these examples.
    ("sandbox push", 3),
    ("sandbox release-check", 3),
];

/// Every command, by the words that call it; the program itself is the empty one.
fn commands() -> BTreeSet<String> {
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

/// The lines under the examples of a help.
fn examples(command: &str) -> Vec<String> {
    let mut found = Cli::command();
    for word in command.split(' ').filter(|word| !word.is_empty()) {
        let next = found.find_subcommand(word).cloned();
        found = next.unwrap_or_else(|| panic!("no `{command}`"));
    }
    let after = found.get_after_help().map(ToString::to_string);
    let after = after.unwrap_or_default();
    let below = |heading: &str| after.split_once(heading).map(|(_, below)| below.to_owned());
    let Some(below) = below("Examples:\n").or_else(|| below("without an account:\n")) else {
        return Vec::new();
    };
    let lines = below.lines().map_while(|line| line.strip_prefix("  "));
    lines.map(str::to_owned).collect()
}

/// A folder where every example works: a running sandbox, merchants, a code, files.
struct Scene {
    desk: Desk,
    _sandbox: SandboxProcess,
    appid: String,
    variables: Vec<(String, String)>,
}

impl Scene {
    fn set(with_merchants: bool) -> Self {
        let desk = Desk::new();
        let sandbox = SandboxProcess::start(&desk, &[]);
        let platforms = [&[][..], &["--sandbox"]];
        for platform in platforms.iter().filter(|_| with_merchants) {
            let mut sync = desk.command(*platform);
            sync.args(["authorizers", "sync", "-q"])
                .envs(sandbox.environment());
            Outcome::of(sync.spawn().expect("the program")).expect_code(0);
        }
        desk.run(["--sandbox", "link", "-q"]).expect_code(0);
        let confirmed = desk
            .run(["sandbox", "authorize", "-o", "json"])
            .expect_code(0)
            .json();
        desk.run(["--sandbox", "link", "-q"]).expect_code(0);
        let accounts = sandbox.get("accounts?kind=official_account&authorized=true");
        let appid = text(&accounts[0], "appid");
        let code = text(&confirmed, "auth_code");
        let ticket = sandbox.text("component_verify_ticket");
        for (name, content) in [
            ("ticket.txt", &ticket),
            ("appids.txt", &appid),
            (
                "redirect.txt",
                &format!("https://platform-one.example.com/?auth_code={code}"),
            ),
        ] {
            std::fs::write(desk.home().join(name), content).expect("a file");
        }
        let (query, body) = push(&sandbox);
        let curl = format!("curl 'https://platform-one.example.com/events?{query}' -d '{body}'");
        for (name, content) in [("body.xml", &body), ("curl.txt", &curl)] {
            std::fs::write(desk.home().join(name), content).expect("a file");
        }
        let mut variables = sandbox.environment();
        for (name, field) in [
            ("WXAUTH_TOKEN", "token"),
            ("WXAUTH_ENCODING_AES_KEY", "encoding_aes_key"),
        ] {
            variables.push((name.to_owned(), sandbox.text(field)));
        }
        variables.push(("QUERY".to_owned(), query));
        variables.push(("TICKET".to_owned(), ticket));
        variables.push(("AUTH_CODE".to_owned(), code));
        Self {
            desk,
            _sandbox: sandbox,
            appid,
            variables,
        }
    }

    fn shell(&self, line: &str) -> Command {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_wxauth"));
        let folder = program.parent().expect("a folder").display();
        let path = std::env::var("PATH").unwrap_or_default();
        let environment = self.desk.command(["--version"]);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &line.replace(PLACEHOLDER, &self.appid)])
            .env_clear()
            .envs(
                environment
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("PATH", format!("{folder}:{path}"))
            .current_dir(self.desk.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        shell
    }
}

/// Query and body of a push for the sandbox's first platform.
fn push(sandbox: &SandboxProcess) -> (String, String) {
    let secret = |field| Secret::new(sandbox.text(field));
    let keys = PushKeys::new(secret("token"), &secret("encoding_aes_key"), None).expect("keys");
    let platform = sandbox.text("component_appid").parse().expect("an appid");
    let stamp = Stamp {
        timestamp: "1700000000".to_owned(),
        nonce: "1".to_owned(),
        random: [7; 16],
    };
    let message = unknown_xml(&platform, 1_700_000_000, "wxauth_probe");
    let sent = keys.push(&platform, KeyUsed::Present, &message, &stamp, To::Platform);
    let (query, body) = sent.expect("a present key");
    (query.to_query(), body)
}

#[test]
fn every_example_of_every_help_works_as_it_is_typed() {
    let mut told = BTreeSet::new();
    let shared = Scene::set(true);
    for command in commands() {
        // It serves until it is stopped: the next story.
        if command == "sandbox start" {
            continue;
        }
        for example in examples(&command) {
            if !told.insert(example.clone()) {
                continue;
            }
            // These change the world for whoever comes after them.
            let alone = ["init", "sandbox", "authorizers forget"]
                .iter()
                .any(|known| command.starts_with(known));
            let own = alone.then(|| Scene::set(command.starts_with("authorizers")));
            let scene = own.as_ref().unwrap_or(&shared);
            let ended = Outcome::of(scene.shell(&example).spawn().expect("a shell"));
            let end = OTHER_ENDS.iter().find(|(part, _)| example.contains(part));
            let end = end.map_or(0, |(_, code)| *code);
            assert_eq!(
                ended.code, end,
                "{example}\n{}\n{}",
                ended.stdout, ended.stderr
            );
        }
    }
    assert!(told.len() > 30, "only {} examples were found", told.len());
}

#[test]
fn the_examples_of_sandbox_start_serve_until_they_are_stopped() {
    for example in examples("sandbox start") {
        // No test takes a port that somebody else may have.
        let line = match example.contains("--port 0") {
            true => format!("exec {example}"),
            false => format!("exec {example} --port 0"),
        };
        let scene = Scene {
            desk: Desk::new(),
            _sandbox: SandboxProcess::start(&Desk::new(), &[]),
            appid: String::new(),
            variables: Vec::new(),
        };
        let mut child = scene.shell(&line).spawn().expect("a shell");
        let mut first = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout)
            .read_line(&mut first)
            .expect("a line");
        assert!(first.contains("http://127.0.0.1:"), "{example}: {first}");
        let id = child.id().to_string();
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill");
        assert_eq!(child.wait().expect("it ends").code(), Some(0), "{example}");
    }
}
