//! `exec`, pipes and signals: how wxauth behaves among other programs.

use std::process::{Command, Stdio};

use super::office::{Office, text};

#[test]
fn a_command_finds_the_token_and_its_exit_code_becomes_ours() {
    let office = Office::synced();
    let token = office.run(["token", "component"]).expect_code(0);
    let script = "printf '%s %s' \"$COMPONENT_APPID\" \"$COMPONENT_ACCESS_TOKEN\"; exit 7";
    let ran = office
        .run(["exec", "--", "sh", "-c", script])
        .expect_code(7);
    let appid = office.sandbox.text("component_appid");
    assert_eq!(ran.stdout, format!("{appid} {}", token.stdout.trim()));

    let merchant = office.accounts("mini_program", true).remove(0);
    let token = office
        .run(["token", "authorizer", &merchant])
        .expect_code(0);
    let script = "printf '%s %s' \"$AUTHORIZER_APPID\" \"$AUTHORIZER_ACCESS_TOKEN\"";
    let ran = office.run(["exec", "--as", &merchant, "--", "sh", "-c", script]);
    assert_eq!(
        ran.expect_code(0).stdout,
        format!("{merchant} {}", token.stdout.trim())
    );
}

#[test]
fn a_command_that_a_signal_ends_is_told_as_a_shell_would() {
    let office = Office::open();
    office
        .run(["exec", "--", "sh", "-c", "kill -TERM $$"])
        .expect_code(143);
    office
        .run(["exec", "--", "sh", "-c", "kill -KILL $$"])
        .expect_code(137);
    let program = office.desk.missing_file();
    let missing = office.run(["exec", "--", &program, "-x"]).expect_code(2);
    assert!(missing.stderr.contains(&program));
    office.run(["exec"]).expect_code(2);
}

#[test]
fn a_token_comes_in_the_forms_programs_take() {
    let office = Office::synced();
    let plain = office.run(["token", "component"]).expect_code(0);
    let token = plain.stdout.trim();
    assert_eq!(
        plain.stdout,
        format!("{token}\n"),
        "a token alone on its line"
    );
    let form = |format: &str| {
        office
            .run(["token", "component", "-o", format])
            .expect_code(0)
    };
    assert_eq!(
        form("env").stdout.trim(),
        format!("COMPONENT_ACCESS_TOKEN={token}")
    );
    assert_eq!(
        form("header").stdout.trim(),
        format!("Authorization: Bearer {token}")
    );
    let process = form("process").json();
    assert_eq!(
        (&process["Version"], &process["Token"]),
        (&1.into(), &token.into())
    );
    assert!(text(&process, "Expiration").ends_with('Z'));
    let json = form("json").json();
    assert_eq!(
        (&json["source"], &json["kind"]),
        (&"cache".into(), &"component".into())
    );
    office
        .run(["token", "component", "-o", "tsv"])
        .expect_code(2);

    let merchant = office.accounts("official_account", true).remove(0);
    let first = office
        .run(["token", "authorizer", &merchant, "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(first["source"], "refreshed");
    let life = office.run([
        "token",
        "authorizer",
        &merchant,
        "--min-life",
        "119m",
        "-o",
        "json",
    ]);
    // More than a token of WeChat lives would cost a call each time.
    life.expect_code(2);
    office.sandbox.pass("+20m");
    let life = office.run(["token", "authorizer", &merchant, "--min-life", "110m"]);
    life.expect_code(0);
    let env = office
        .run(["token", "authorizer", &merchant, "-o", "env"])
        .expect_code(0);
    assert!(env.stdout.starts_with("AUTHORIZER_ACCESS_TOKEN="));
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure() {
    let office = Office::open();
    // More than a pipe holds, so that writing goes on after the reader has left.
    let home = crate::support::Desk::new();
    let big = crate::support::SandboxProcess::start(&home, &["--accounts", "3000"]);
    let mut child = office
        .desk
        .command(["sandbox", "accounts", "-o", "ndjson", "--url", big.url()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let stdout = child.stdout.take().expect("a pipe");
    let head = Command::new("head")
        .args(["-n", "1"])
        .stdin(stdout)
        .output()
        .expect("head");
    assert_eq!(String::from_utf8_lossy(&head.stdout).lines().count(), 1);
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_is_told() {
    let office = Office::synced();
    for format in ["table", "json", "csv"] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full");
        let mut command = office.desk.command(["authorizers", "list", "-o", format]);
        let child = command.stdout(full).spawn().expect("the program");
        let ended = crate::support::Outcome::of(child).expect_code(1);
        assert!(
            ended.stderr.contains("cannot write the answer"),
            "{}",
            ended.stderr
        );
    }
}

#[cfg(unix)]
#[test]
fn a_command_is_interrupted_while_wechat_takes_its_time() {
    let office = Office::open();
    office.sandbox.fault("api_component_token: hold 8s before");
    let mut child = office.desk.start(["token", "component"]);
    while office.sandbox.get("faults")["held"].as_u64() == Some(0) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // The first one waits for WeChat's answer, which must be stored; a second one does not.
    while child.try_wait().expect("a child").is_none() {
        let id = child.id().to_string();
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .expect("kill");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    crate::support::Outcome::of(child).expect_code(130);
}
