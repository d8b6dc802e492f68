//! Completions, asked for by the shells themselves.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use super::office::Office;
use crate::support::{Desk, Outcome, skip};

/// Runs a shell's script at the desk, with `wxauth` on the path; nothing where there is no such shell.
fn shell(desk: &Desk, name: &str, script: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_BIN_EXE_wxauth")).parent()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    let program = desk.command(["--version"]);
    let variables = program.get_envs();
    let child = Command::new(name)
        .args(["-c", script])
        .env_clear()
        .envs(variables.filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", std::env::join_paths(folders).expect("a path"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(child) = child else {
        skip(&format!("{name} is missing, which asks for completions"));
        return None;
    };
    let ended = Outcome::of(child).expect_code(0);
    assert_eq!(ended.stderr, "", "a shell that asks is told no errors");
    Some(ended.stdout)
}

/// What bash offers after these words, the last of which was begun.
fn bash(desk: &Desk, words: &[&str]) -> BTreeSet<String> {
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source <(wxauth completions bash)
        COMP_WORDS=(wxauth {}); COMP_CWORD={}; COMP_TYPE=9
        completer=$(complete -p wxauth | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        \"$completer\" wxauth \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"
        ((${{#COMPREPLY[@]}})) && printf '%s\\n' \"${{COMPREPLY[@]}}\" || true",
        quoted.join(" "),
        words.len()
    );
    let answer = shell(desk, "bash", &script).expect("bash");
    answer.lines().map(str::to_owned).collect()
}

fn words(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn bash_completes_commands_profiles_merchants_sets_and_topics() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.init("stage", &[]).expect_code(0);
    office.run(["authorizers", "sync"]).expect_code(0);
    let mine = office.accounts("mini_program", true).remove(0);
    let note = ["authorizers", "set", &mine, "--external-id", "shop-42"];
    office.run(note).expect_code(0);
    let desk = &office.desk;
    assert_eq!(bash(desk, &["auth"]), words(&["authorizers"]));
    assert_eq!(bash(desk, &["authorizers", "sy"]), words(&["sync"]));
    for flag in [
        &["--profile", "s"][..],
        &["profile", "use", "s"],
        &["serve", "s"],
    ] {
        assert_eq!(bash(desk, flag), words(&["shop", "stage"]), "{flag:?}");
    }
    let appids: BTreeSet<String> = ["mini_program", "official_account", "channels", "store"]
        .iter()
        .flat_map(|kind| office.accounts(kind, true))
        .collect();
    for begun in [
        &["authorizers", "show", "wx"][..],
        &["exec", "--as", "wx"],
        &["link", "--for", "wx"],
        &["token", "authorizer", "wx"],
        &["permissions", "why", "/wxa/commit", "--for", "wx"],
        &["--profile", "shop", "authorizers", "refresh", "wx"],
    ] {
        let offered = bash(desk, begun);
        assert!(
            offered.len() > 5 && offered.is_subset(&appids),
            "{begun:?}: {offered:?}"
        );
    }
    assert_eq!(
        bash(desk, &["authorizers", "show", "shop"]),
        words(&["shop-42"])
    );
    assert_eq!(
        bash(desk, &["authorizers", "show", "街"]),
        words(&["街角咖啡点单"])
    );
    assert!(bash(desk, &["authorizers", "show", ""]).contains("shop-42"));
    // Another platform has other merchants, and the sandbox's store is not there yet.
    assert_eq!(
        bash(desk, &["--sandbox", "authorizers", "show", "wx"]),
        words(&[])
    );
    assert_eq!(
        bash(desk, &["profile", "set", "rele"]),
        words(&["released"])
    );
    assert!(bash(desk, &["link", "--permissions", "17,1"]).contains("17,18"));
    assert_eq!(bash(desk, &["help", "env"]), words(&["environment"]));
    assert_eq!(bash(desk, &["completions", "z"]), words(&["zsh"]));
}

#[test]
fn who_asks_for_completions_is_never_kept_waiting_and_leaves_no_trace() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync"]).expect_code(0);
    let calls = office.sandbox.get("journal");
    let files = |desk: &Desk| -> BTreeSet<_> {
        let entries = std::fs::read_dir(desk.config_dir()).into_iter().flatten();
        entries
            .map(|entry| entry.expect("a file").file_name())
            .collect()
    };
    let before = files(&office.desk);
    assert!(!bash(&office.desk, &["authorizers", "show", "wx"]).is_empty());
    assert_eq!(files(&office.desk), before);
    assert_eq!(office.sandbox.get("journal"), calls);
    // A folder that is not there is not made, and a damaged one says nothing.
    let bare = Desk::new();
    assert_eq!(bash(&bare, &["authorizers", "show", "wx"]), words(&[]));
    assert!(!bare.config_dir().exists());
    std::fs::write(office.desk.config_dir().join("store.db"), "no database").expect("a file");
    assert_eq!(
        bash(&office.desk, &["authorizers", "show", "wx"]),
        words(&[])
    );
    std::fs::write(office.desk.config_dir().join("config.toml"), "{").expect("a file");
    assert_eq!(bash(&office.desk, &["--profile", ""]), words(&[]));
}

/// The scripts of zsh and fish are the shells' own tongues: they are asked themselves.
#[test]
fn zsh_and_fish_show_names_beside_the_words() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync"]).expect_code(0);
    let cafe = office.accounts("mini_program", true);
    let fish = "wxauth completions fish | source
        complete -C 'wxauth authorizers sy'
        complete -C 'wxauth authorizers show wx'";
    if let Some(told) = shell(&office.desk, "fish", fish) {
        assert!(
            told.contains("sync\tPull the merchants from WeChat"),
            "{told}"
        );
        assert!(told.contains("街角咖啡点单"), "{told}");
        assert!(
            cafe.iter().all(|appid| told.contains(appid.as_str())),
            "{told}"
        );
    }
    // What zsh would lay out in columns is printed instead.
    let zsh = "autoload -Uz compinit && compinit -u -D
        source <(wxauth completions zsh)
        _describe() { print -l -- ${(P)3} ${(P)4} }
        words=(wxauth authorizers sy) CURRENT=3; $_comps[wxauth]
        words=(wxauth authorizers show wx) CURRENT=4; $_comps[wxauth]";
    if let Some(told) = shell(&office.desk, "zsh", zsh) {
        assert!(
            told.contains("sync:Pull the merchants from WeChat"),
            "{told}"
        );
        assert!(told.contains("街角咖啡点单"), "{told}");
    }
}

#[test]
fn every_shell_gets_a_script_that_asks_the_program() {
    let desk = Desk::new();
    for (shell, own) in [
        ("bash", "complete -o nospace"),
        ("zsh", "#compdef wxauth"),
        ("fish", "complete --keep-order"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = desk.run(["completions", shell]).expect_code(0).stdout;
        assert!(
            script.contains(own) && script.contains("COMPLETE"),
            "{shell}: {script}"
        );
    }
    desk.run(["completions", "csh"]).expect_code(2);
    // The variable alone starts nothing when it names no shell.
    let other = Desk::new().with("COMPLETE", "yes");
    other.run(["help"]).expect_code(0);
}
