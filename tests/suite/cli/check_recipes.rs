//! The recipes under `examples/ci`, each line run as it is written.

use std::process::Command;

use super::office::Office;
use crate::support::Outcome;

fn recipe(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci");
    std::fs::read_to_string(folder.join(name)).expect("a recipe")
}

/// What stands after `before` on the lines that have it.
fn lines(name: &str, before: &str) -> Vec<String> {
    let recipe = recipe(name);
    let lines = recipe.lines().filter_map(|line| line.split_once(before));
    lines.map(|(_, line)| line.trim().to_owned()).collect()
}

/// Every shell line of every recipe.
fn every_line() -> Vec<String> {
    let mut every = lines("github.yml", "run: ");
    every.extend(
        lines("gitlab.yml", "    - wxauth ")
            .iter()
            .map(|line| format!("wxauth {line}")),
    );
    every.extend(
        lines("crontab", "* * * * ")
            .into_iter()
            .filter(|line| line.contains("wxauth")),
    );
    let probe = lines("kubernetes.yml", "command: ").remove(0);
    let words: Vec<String> = serde_json::from_str(&probe).expect("a list of words");
    every.push(words.join(" "));
    every
}

fn shell(office: &Office, line: &str) -> Outcome {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_wxauth"));
    let folder = program.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let environment = office.desk.command(["--version"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(office.desk.home());
    for (name, value) in environment.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell.env("PATH", format!("{folder}:{path}"));
    shell.stdout(std::process::Stdio::piped());
    shell.stderr(std::process::Stdio::piped());
    Outcome::of(shell.spawn().expect("a shell"))
}

#[test]
fn every_recipe_runs_as_it_is_written() {
    let office = Office::synced();
    let every = every_line();
    assert_eq!(every.len(), 5, "{every:#?}");
    for line in &every {
        shell(&office, line).expect_code(0);
    }
    let gone = office.accounts("mini_program", true).remove(0);
    office.run(["sandbox", "revoke", &gone]).expect_code(0);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let marked = shell(&office, &every[0]).expect_code(3);
    assert!(marked.stdout.contains(&gone), "{marked:?}");
    let report = std::fs::read_to_string(office.desk.home().join("wxauth.prom"));
    assert!(report.expect("metrics").contains("wxauth_check_healthy 1"));
}
