//! Helps, topics and manuals.

use std::collections::BTreeSet;
use std::process::Command;

use wxauth::cli::help::LINES;
use wxauth::cli::topics::TOPICS;
use wxauth::cli::{Exit, Kind};
use wxauth::config::environment_names;
use wxauth::lang::Lang;

use super::help::commands;
use crate::support::{Desk, skip};

fn is_chinese(text: &str) -> bool {
    text.chars()
        .any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

#[test]
fn every_command_has_a_chinese_line_and_no_line_is_stale() {
    let commands = commands();
    let lines: BTreeSet<String> = LINES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(lines.len(), LINES.len(), "a command has two lines");
    let without: Vec<_> = commands.difference(&lines).collect();
    assert!(without.is_empty(), "write a Chinese line for {without:?}");
    let stale: Vec<_> = lines.difference(&commands).collect();
    assert!(stale.is_empty(), "there is no command {stale:?}");
    for (path, line) in LINES {
        assert!(
            is_chinese(line) && !line.ends_with('。'),
            "`{path}`: {line}"
        );
        assert!(
            line.chars().count() <= 32,
            "`{path}` is no short line: {line}"
        );
    }
}

#[test]
fn a_chinese_reader_is_led_in_by_a_line_and_english_stays_as_it_is() {
    let desk = Desk::new();
    let english = desk.run(["authorizers", "--help"]).expect_code(0).stdout;
    for chinese in [
        Desk::new().run(["--lang", "zh", "authorizers", "--help"]),
        Desk::new().run(["authorizers", "--help", "--lang=zh"]),
        Desk::new()
            .with("WXAUTH_LANG", "zh")
            .run(["authorizers", "--help"]),
        Desk::new()
            .with("LANG", "zh_CN.UTF-8")
            .run(["authorizers", "--help"]),
    ] {
        let help = chinese.expect_code(0).stdout;
        let mut lines = help.lines();
        assert_eq!(lines.next(), Some("管理已授权的公众号、小程序等授权方"));
        assert_eq!(lines.nth(1), english.lines().next(), "the English follows");
        assert!(help.contains("sync     从微信拉取全部授权方"), "{help}");
    }
    let named = Desk::new().with("LANG", "zh_CN.UTF-8");
    let help = named.run(["--lang", "en", "authorizers", "--help"]);
    assert_eq!(help.expect_code(0).stdout, english);
}

#[test]
fn help_of_words_is_the_help_of_that_command() {
    let desk = Desk::new();
    for command in commands() {
        let words = || command.split(' ').filter(|word| !word.is_empty());
        if words().count() == 0 || TOPICS.iter().any(|topic| topic.name == command) {
            continue;
        }
        let asked = desk.run(["help"].into_iter().chain(words())).expect_code(0);
        let flagged = desk.run(words().chain(["--help"])).expect_code(0);
        assert_eq!(asked.stdout, flagged.stdout, "{command}");
    }
    let list = desk.run(["help"]).expect_code(0).stdout;
    let own = desk.run(["--help"]).expect_code(0).stdout;
    assert!(list.starts_with(&own));
    for topic in TOPICS {
        assert!(
            list.contains(&format!("wxauth help {}", topic.name)),
            "{list}"
        );
    }
    let unknown = desk.run(["help", "nothing"]).expect_code(2);
    assert!(unknown.stderr.contains("exit-codes"), "{}", unknown.stderr);
    desk.run(["help", "output", "-o", "json"]).expect_code(2);
}

#[test]
fn topics_print_without_markup_in_both_languages() {
    let desk = Desk::new().with("WXAUTH_OUTPUT", "json");
    for topic in TOPICS {
        for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
            let told = desk
                .run(["help", topic.name, "--lang", name])
                .expect_code(0);
            assert_eq!(told.stdout.lines().next(), Some(topic.title(lang)));
            assert!(told.stdout.lines().count() > 3, "{} is empty", topic.name);
            assert_eq!(is_chinese(&told.stdout), lang == Lang::Zh, "{}", topic.name);
            for line in told.stdout.lines() {
                assert!(
                    !line.starts_with(['#', '|']) && !line.starts_with("```"),
                    "{line}"
                );
            }
        }
    }
}

#[test]
fn topics_name_every_variable_every_exit_code_and_every_file_is_one() {
    let topic = |name: &str| TOPICS.into_iter().find(|topic| topic.name == name);
    let environment = topic("environment").expect("a topic");
    let codes = topic("exit-codes").expect("a topic");
    let verdicts = [Exit::Done.code(), Exit::BadVerdict.code()];
    for lang in [Lang::En, Lang::Zh] {
        for variable in environment_names() {
            let row = format!("| {} |", variable.name);
            assert!(
                environment.text(lang).contains(&row),
                "{lang}: {}",
                variable.name
            );
        }
        for code in Kind::ALL.map(Kind::code).into_iter().chain(verdicts) {
            assert!(
                codes.text(lang).contains(&format!("\n| {code} |")),
                "{lang}: {code}"
            );
        }
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/topics");
    let files = std::fs::read_dir(folder).expect("the topics");
    let names = files.map(|file| {
        file.expect("a file")
            .file_name()
            .into_string()
            .expect("UTF-8")
    });
    let documents: BTreeSet<String> = names.filter(|name| name.ends_with(".md")).collect();
    let named = TOPICS.iter().flat_map(|topic| {
        [
            format!("{}.md", topic.name),
            format!("{}.zh.md", topic.name),
        ]
    });
    assert_eq!(documents, named.collect());
    let changes = topic("changelog").expect("a topic");
    for lang in [Lang::En, Lang::Zh] {
        let version = format!("\n## {}\n", env!("CARGO_PKG_VERSION"));
        assert!(
            changes.text(lang).contains(&version),
            "this version's changes are missing"
        );
    }
}

#[test]
fn manuals_are_written_for_every_command() {
    let desk = Desk::new();
    let page = desk
        .run(["man", "authorizers", "sync"])
        .expect_code(0)
        .stdout;
    assert!(page.contains(".TH wxauth-authorizers-sync 1"), "{page}");
    assert!(page.contains("\\-\\-full") && page.contains("wxauth \\-\\-sandbox authorizers sync"));
    desk.run(["man", "nothing"]).expect_code(2);
    let folder = desk.home().join("man1");
    let arguments = ["man".as_ref(), "--dir".as_ref(), folder.as_os_str()];
    let missing = desk.run(arguments).expect_code(2);
    assert!(missing.stderr.contains("man1"), "{}", missing.stderr);
    std::fs::create_dir(&folder).expect("a folder");
    desk.run(arguments).expect_code(0);
    let shown = Command::new("man")
        .args(["--warnings", "-l"])
        .args(["wxauth.1", "wxauth-link.1", "wxauth-serve.1"])
        .current_dir(&folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C.UTF-8")
        .output();
    match shown {
        Ok(shown) => {
            let told = String::from_utf8_lossy(&shown.stderr);
            assert!(shown.status.success() && told.is_empty(), "{told}");
            assert!(String::from_utf8_lossy(&shown.stdout).contains("第三方平台"));
        }
        Err(_) => skip("man is missing, which reads manuals"),
    }
    let pages = std::fs::read_dir(&folder).expect("pages");
    let pages = pages.map(|page| {
        page.expect("a page")
            .file_name()
            .into_string()
            .expect("UTF-8")
    });
    // One command is hidden: it only says that it cannot be.
    let shown = |command: &String| command != "authorizers revoke";
    let expected = commands().into_iter().filter(shown).map(|command| {
        let name = format!("wxauth {command}");
        format!("{}.1", name.trim().replace(' ', "-"))
    });
    assert_eq!(pages.collect::<BTreeSet<_>>(), expected.collect());
}
