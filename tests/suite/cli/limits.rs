//! What the process keeps to itself: its memory, its secrets, and how much it reads.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::office::{Office, eventually};
use super::scene::ENCRYPTION_KEY;
use super::terminal::played;
use crate::support::{Desk, Outcome};

/// The same run in a shell that sets a limit before.
fn limited(desk: &Desk, limit: &str, words: &[&str]) -> Command {
    let program = desk.command(words);
    let script = format!("{limit}; exec \"$0\" \"$@\"");
    let mut shell = desk.command([""; 0]);
    let mut command = Command::new("sh");
    command
        .args(["-c", &script])
        .arg(program.get_program())
        .args(words)
        .env_clear()
        .envs(
            shell
                .stdin(Stdio::null())
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn no_core_is_dumped_and_the_environment_is_not_read_by_others() {
    let office = Office::open();
    let ready = office.desk.home().join("ready");
    let script = format!("touch '{}'; sleep 60", ready.display());
    let words = ["exec", "--", "sh", "-c", &script];
    let allowed = "ulimit -c unlimited 2>/dev/null";
    let mut child = limited(&office.desk, allowed, &words).spawn().expect("sh");
    eventually(|| ready.exists());
    let process = Path::new("/proc").join(child.id().to_string());
    let limits = std::fs::read_to_string(process.join("limits")).expect("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core"));
    let core: Vec<&str> = core.expect("a line").split_whitespace().collect();
    assert_eq!(core[4], "0", "{limits}");
    // Root may read what it likes.
    let is_root = rustix::process::geteuid().is_root();
    assert!(is_root || std::fs::read(process.join("environ")).is_err());
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-ABRT", &id]).status();
    assert!(sent.expect("kill").success());
    let status = child.wait().expect("the program");
    assert_eq!(status.signal(), Some(6));
    assert!(!status.core_dumped());
}

#[test]
fn endless_files_are_refused_at_the_limit() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let pipe = office.desk.home().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            let mut pipe = File::options().write(true).open(pipe).expect("the pipe");
            while pipe.write_all(&[b'a'; 4096]).is_ok() {}
        }
    });
    let pipe = pipe.to_str().expect("a path");
    let cases: [(&[&str], &str); 8] = [
        (&["init", "other", "--from", "/dev/zero"], "1 MiB"),
        (&["init", "other", "--from", pipe], "1 MiB"),
        (&["ticket", "set", "--file", "/dev/zero"], "4 MiB"),
        (&["authorizers", "redeem", "--file", "/dev/zero"], "4 MiB"),
        (&["ips", "--diff", "/dev/zero"], "4 MiB"),
        (
            &["store", "export", "--passphrase-file", "/dev/zero"],
            "4 MiB",
        ),
        (&["authorizers", "refresh", "@/dev/zero"], "64 MiB"),
        (&["api", "/wxa/commit", "-d", "@/dev/zero"], "256 MiB"),
    ];
    let memory = "ulimit -v 4000000";
    let run = |words: &[&str]| {
        let child = limited(&office.desk, memory, words).spawn();
        Outcome::of(child.expect("sh"))
    };
    for (words, limit) in cases {
        let refused = run(words).expect_code(2);
        let named = refused
            .stderr
            .contains(&format!("longer than {limit}, the most that is read"));
        assert!(named, "{words:?}: {}", refused.stderr);
    }
    writer.join().expect("the writer ends");
    let refused = run(&["store", "import", "/dev/zero"]).expect_code(2);
    assert!(refused.stderr.contains("/dev/zero") || refused.stderr.contains("export"));
    let mut piped = limited(&office.desk, memory, &["ticket", "set"]);
    piped.stdin(File::open("/dev/zero").expect("zeros"));
    let refused = Outcome::of(piped.spawn().expect("sh")).expect_code(2);
    assert!(refused.stderr.contains("4 MiB"), "{}", refused.stderr);
    for key in ["ca_file", "encryption_key_file"] {
        let set = ["profile", "set", key, "/dev/zero"];
        let told = Outcome::of(limited(&office.desk, memory, &set).spawn().expect("sh"));
        let told = match told.code {
            0 => run(&["token", "component"]),
            _ => told,
        };
        assert!(
            told.stderr.contains("the most that is read"),
            "{key}: {}",
            told.stderr
        );
        let _ = run(&["profile", "set", key, ""]);
    }
}

#[test]
fn a_program_that_prints_without_end_is_ended() {
    let office = Office::with_profile(&["--mint", "never"]);
    let set = ["profile", "set", "token_command", "cat /dev/zero"];
    office.run(set).expect_code(0);
    let refused = office.run(["token", "component"]).expect_code(4);
    assert!(refused.stderr.contains("64 KiB"), "{}", refused.stderr);
}

/// Values of every variable that holds a secret, none of which a child may see.
const SECRETS: [(&str, &str); 8] = [
    ("WXAUTH_ALERT_WEBHOOK", "https://hidden-hook.example/"),
    ("WXAUTH_COMPONENT_APPSECRET", "hidden-appsecret"),
    ("WXAUTH_COMPONENT_VERIFY_TICKET", "hidden-ticket"),
    ("WXAUTH_ENCODING_AES_KEY", "hidden-aes-key"),
    ("WXAUTH_ENCODING_AES_KEY_PREVIOUS", "hidden-previous"),
    ("WXAUTH_ENCRYPTION_KEY", ENCRYPTION_KEY),
    ("WXAUTH_ENCRYPTION_KEY_PREVIOUS", ENCRYPTION_KEY),
    ("WXAUTH_TOKEN", "hidden-token"),
];

#[track_caller]
fn assert_without_secrets(seen: &str) {
    assert!(
        seen.contains("PATH=") && seen.contains("PLAIN=kept"),
        "{seen}"
    );
    for (name, value) in SECRETS {
        assert!(
            !seen.contains(name) && !seen.contains(value),
            "{name}:\n{seen}"
        );
    }
    assert!(!seen.contains("hidden"), "{seen}");
    assert!(
        seen.contains("WXAUTH_STORE=redis://app@127.0.0.1:1/2"),
        "{seen}"
    );
}

#[test]
fn children_get_what_they_need_and_no_other_secret() {
    let mut office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync"]).expect_code(0);
    for (name, value) in SECRETS {
        office = office.with(name, value);
    }
    office.run(["store", "encrypt", "-q"]).expect_code(0);
    office = office
        .with("PLAIN", "kept")
        .with("WXAUTH_STORE", "redis://app:hidden-password@127.0.0.1:1/2");
    let seen = office.run(["exec", "--", "env"]).expect_code(0).stdout;
    assert!(seen.contains("COMPONENT_ACCESS_TOKEN="), "{seen}");
    assert_without_secrets(&seen);

    let kept = office.desk.home().join("pager");
    let pager = format!("env > '{}'; cat", kept.display());
    let office = office.with("WXAUTH_PAGER", pager);
    let mut list = office.desk.command(["authorizers", "list"]);
    list.env("LINES", "6");
    let shown = played(&list, &[]);
    if shown.is_some() && kept.exists() {
        assert_without_secrets(&std::fs::read_to_string(&kept).expect("the environment"));
    }

    let kept = office.desk.home().join("printed");
    let script = format!("env > '{}'; echo borrowed-token", kept.display());
    let program = office.desk.home().join("print");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a program");
    let command = format!("sh {}", program.display());
    for (key, value) in [("mint", "never"), ("token_command", &command)] {
        office.run(["profile", "set", key, value]).expect_code(0);
    }
    office.run(["token", "component"]).expect_code(0);
    assert_without_secrets(&std::fs::read_to_string(&kept).expect("the environment"));
}
