//! A Chinese engineer at the desk: nothing is said in English alone, and programs see no difference.

use std::collections::BTreeSet;
use std::process::Command;

use super::help::commands;
use super::scene::{Scene, examples};
use super::serving::signal;
use crate::support::{Desk, Outcome, SandboxProcess, refusing_address};

/// Examples that go on until they are stopped.
const UNENDING: [&str; 4] = ["sandbox start", " serve", "--follow", "--wait"];

/// Three English words in a row in a line without a Chinese one, names and commands aside.
fn english(line: &str) -> bool {
    let command = line.trim_start().starts_with("wxauth ");
    if command || line.contains(|letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter)) {
        return false;
    }
    let outside = |text: String, mark: char| -> String {
        let parts: Vec<_> = text.split(mark).step_by(2).collect();
        parts.join(" · ")
    };
    let line = outside(outside(line.to_owned(), '`'), '"');
    let mut row = 0;
    for word in line.split(' ') {
        let word = word.trim_matches(|letter: char| ".,;:!?()".contains(letter));
        let letters = word.chars().all(|letter| letter.is_ascii_alphabetic());
        row = match word {
            "" => row,
            _ if letters => row + 1,
            _ => 0,
        };
        if row >= 3 {
            return true;
        }
    }
    false
}

#[test]
fn an_english_line_is_told_from_names_and_commands() {
    for line in [
        "Nothing is wrong",
        "hint: run the command again",
        "Tickets are pushed    yes",
    ] {
        assert!(english(line), "{line}");
    }
    for line in [
        "提示：look at that again",
        "run `wxauth authorizers sync` now",
        "wx0123456789abcdef  mini_program",
    ] {
        assert!(!english(line), "{line}");
    }
}

/// What of an answer is not Chinese; answers for programs are not judged, nor helps, which stay
/// English but for the line that leads them in.
fn judge(what: &str, ended: &Outcome, found: &mut Vec<String>) {
    let apart = [
        " -o ",
        "exec ",
        "wxauth completions ",
        "wxauth man",
        "wxauth help",
    ];
    let apart = apart.iter().any(|part| what.contains(part));
    let stdout = if apart { "" } else { &ended.stdout };
    for line in stdout.lines().chain(ended.stderr.lines()) {
        if english(line) {
            found.push(format!("{what}: {line}"));
        }
    }
}

fn in_chinese(mut command: Command) -> Outcome {
    command.env("LC_ALL", "zh_CN.UTF-8");
    Outcome::of(command.spawn().expect("the program"))
}

#[test]
fn every_example_answers_a_chinese_locale_in_chinese() {
    let (mut told, mut found) = (BTreeSet::new(), Vec::new());
    let shared = Scene::set(true);
    for command in commands() {
        for example in examples(&command) {
            let unending = UNENDING.iter().any(|part| example.contains(part));
            if unending || !told.insert(example.clone()) {
                continue;
            }
            let alone = ["init", "sandbox", "authorizers forget"];
            let alone = alone.iter().any(|known| command.starts_with(known));
            let own = alone.then(|| Scene::set(command.starts_with("authorizers")));
            let scene = own.as_ref().unwrap_or(&shared);
            judge(&example, &in_chinese(scene.shell(&example)), &mut found);
        }
    }
    assert!(told.len() > 30, "only {} examples were found", told.len());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What an operator does in the sandbox beyond the examples, in this order.
const DAY: &[&str] = &[
    "sandbox status",
    "sandbox env",
    "sandbox platform",
    "sandbox platform --rotate-key",
    "sandbox fault",
    "sandbox clock +1h",
    "sandbox clock reset",
    "sandbox accounts --count 3",
    "sandbox account 江南书院 --confirm 18=need",
    "sandbox push wxauth_probe",
    "sandbox push wxauth_probe --to http://REFUSED/events",
    "--sandbox status",
    "--sandbox ticket show",
    "--sandbox ticket request",
    "--sandbox authorizers sync",
    "--sandbox authorizers refresh",
    "--sandbox authorizers recover",
    "--sandbox authorizers list",
    "--sandbox authorizers show 江南书院",
    "--sandbox authorizers set 江南书院 --external-id one",
    "--sandbox authorizers set 江南书院 --external-id",
    "--sandbox authorizers log",
    "--sandbox authorizers option 江南书院 location_report",
    "--sandbox authorizers option 江南书院 location_report 9",
    "--sandbox authorizers revoke 江南书院",
    "--sandbox authorizers forget 江南书院",
    "--sandbox authorizers forget 江南书院 --yes",
    "--sandbox authorizers show nobody",
    "--sandbox permissions drift",
    "--sandbox permissions drift --require 999",
    "--sandbox permissions plan 999",
    "--sandbox permissions why /nowhere/known",
    "--sandbox permissions show nothing",
    "--sandbox link --pc",
    "--sandbox link --permissions 18,999",
    "--sandbox link --type nothing",
    "--sandbox link --redirect-uri ftp://x",
    "--sandbox link --save MISSING.png",
    "--sandbox link --save file.gif",
    "--sandbox link --wait --timeout 1s",
    "link --lint https://open.weixin.qq.com/wxaopen/nowhere?x=1",
    "--sandbox exec -- MISSING",
    "--sandbox exec",
    "--sandbox events list",
    "--sandbox events list --messages",
    "--sandbox events list --follow -o csv",
    "--sandbox events send --to ftp://127.0.0.1/x",
    "--sandbox events send --to http://REFUSED/x",
    "--sandbox events send authorized --to https://wx.example.com/events",
    "--sandbox events decode no-such-file",
    "--sandbox profile set released true",
    "--sandbox serve one",
    "--sandbox serve --bind 203.0.113.1:1",
    "--sandbox serve --forward-to http://example.com/ --forward-secrets",
    "--sandbox serve --refresh=all",
    "--sandbox serve --logo nothing.gif",
    "--sandbox serve --alert-webhook http://example.com/",
    "sandbox authorize nobody",
    "sandbox authorize --pre-auth-code nothing",
    "sandbox revoke wx0123456789abcdef",
    "sandbox fault nonsense",
    "sandbox fault --behaviour x",
    "sandbox status --url nonsense",
    "sandbox status --url http://REFUSED",
    "sandbox release-check --events http://REFUSED/events",
    "sandbox reset",
    "sandbox reset --yes",
    "--sandbox --profile other status",
    "status",
    "token component",
    "profile show",
    "profile show other",
    "profile set released",
    "profile use other",
    "profile list",
    "init --component-appid nonsense",
    "init --component-appid wx0123456789abcdef",
    "init --component-appid wx0123456789abcdef",
    "init --component-appid wx0123456789abcdef --force --mint nobody",
    "status --columns name",
    "profile list --columns nothing",
    "status -o csv",
    "profile show",
    "profile set released maybe",
    "profile set nothing x",
    "profile set configured_permissions 17",
    "profile set configured_permissions --from-grants",
    "profile set test_list a,b",
    "profile set api_base http://example.com",
    "profile set store redis://localhost/first",
    "profile set appsecret x",
    "profile set mint wxauth",
    "profile set mint",
    "profile set token_command",
    "profile set store memory",
    "token component",
    "link",
    "ticket show",
    "ticket set",
    "permissions drift",
    "authorizers redeem",
    "authorizers list",
    "profile remove default",
    "profile remove default --yes",
];

/// Arguments that clap refuses.
const SLIPS: &[&str] = &[
    "nonsense",
    "stats",
    "status --sandbx",
    "status -o yaml",
    "status --output",
    "authorizers log --since soon",
    "authorizers list --limit many",
    "link --pc --save x.png",
    "link --timeout 1m",
    "status --sandbox --sandbox",
    "authorizers show",
    "status one",
    "events send --to nonsense",
    "events send --to https://a.example --repeat 1000",
    "events send --to https://a.example --about x",
    "sandbox start --events-url x",
    "sandbox start --messages-url https://a.example",
    "--sandbox --profile x status",
];

#[test]
fn a_day_of_commands_and_of_slips_is_answered_in_chinese() {
    let desk = Desk::new().with("WXAUTH_LANG", "zh");
    let sandbox = SandboxProcess::start(&desk, &[]);
    let mut found = Vec::new();
    let mut failures = 0;
    for line in DAY.iter().chain(SLIPS) {
        let line = line
            .replace("REFUSED", refusing_address())
            .replace("MISSING", &desk.missing_file());
        let mut words: Vec<_> = line.split(' ').collect();
        if line.ends_with("--external-id") {
            words.push("");
        }
        let ended = desk.run(words);
        failures += usize::from(ended.code != 0);
        judge(&line, &ended, &mut found);
        // A refusal has something Chinese to say.
        if !matches!(ended.code, 0 | 3) && !ended.stderr.contains("错误：") {
            found.push(format!("{line}: {}", ended.stderr));
        }
    }
    drop(sandbox);
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(failures > 60, "only {failures} of them failed");
}

#[test]
fn servers_greet_in_chinese() {
    let desk = Desk::new().with("WXAUTH_LANG", "zh");
    let mut found = Vec::new();
    for line in [
        "sandbox start --port 0",
        "--sandbox serve --bind 127.0.0.1:0 --admin-bind none",
    ] {
        let mut child = desk.start(line.split(' '));
        let stdout = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
        let greeting = std::io::BufRead::lines(stdout).map_while(Result::ok);
        for said in greeting {
            if english(&said) {
                found.push(format!("{line}: {said}"));
            }
            if said.contains("Ctrl-C") {
                break;
            }
        }
        signal(&child, "TERM");
        judge(line, &Outcome::of(child), &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn programs_read_the_same_in_either_language() {
    let desk = Desk::new();
    let _sandbox = SandboxProcess::start(&desk, &[]);
    desk.run(["--sandbox", "authorizers", "sync", "-q"])
        .expect_code(0);
    for command in [
        "authorizers list",
        "authorizers log",
        "events list",
        "permissions list",
        "permissions matrix",
        "permissions drift --require 17,18",
        "link --lint https://open.weixin.qq.com/wxaopen/nowhere?x=1",
    ] {
        for format in ["json", "ndjson", "csv", "tsv"] {
            let run = |lang| {
                let words = command.split(' ').chain(["-o", format, "--lang", lang]);
                desk.run(["--sandbox"].into_iter().chain(words))
            };
            let (english, chinese) = (run("en"), run("zh"));
            assert_eq!(english.stdout, chinese.stdout, "{command} -o {format}");
            assert_eq!(english.code, chinese.code, "{command} -o {format}");
        }
    }
    for command in ["authorizers show nobody", "nonsense", "status --sandbx"] {
        let run = |lang| desk.run(format!("--sandbox {command} -o json --lang {lang}").split(' '));
        let (english, chinese) = (run("en").json_error(), run("zh").json_error());
        let fields = |error: &serde_json::Value| {
            let fields = error.as_object().expect("an object").keys().cloned();
            fields.collect::<Vec<_>>()
        };
        assert_eq!(fields(&english), fields(&chinese), "{command}");
        assert_eq!(english["kind"], chinese["kind"], "{command}");
        assert_ne!(english["message"], chinese["message"], "{command}");
        assert_ne!(english["hints"], chinese["hints"], "{command}");
    }
}

#[test]
fn the_flag_wins_over_the_variable_and_the_variable_over_the_locale() {
    let desk = Desk::new().with("LC_ALL", "zh_CN.UTF-8");
    let said = |words: &str| desk.run(words.split(' ')).stderr;
    assert!(said("stats").starts_with("错误："), "{}", said("stats"));
    assert!(said("stats --lang en").starts_with("error: "));
    assert!(said("--lang=en stats").starts_with("error: "));
    let desk = Desk::new()
        .with("LC_ALL", "zh_CN.UTF-8")
        .with("WXAUTH_LANG", "en");
    assert!(desk.run(["stats"]).stderr.starts_with("error: "));
    assert!(
        desk.run(["stats", "--lang", "zh"])
            .stderr
            .starts_with("错误：")
    );
}
