//! What scripts rely on stands in the README.

use std::collections::BTreeSet;

use wxauth::cli::{Exit, Kind};
use wxauth::config::environment_names;

use super::sources;

/// Names that are not settings of the program, and why.
const NO_SETTINGS: [(&str, &str); 10] = [
    ("WXAUTH_WANTED", "handed to token_command"),
    ("WXAUTH_WANTED_APPID", "handed to token_command"),
    ("WXAUTH_CRASH_POINT", "in test builds only"),
    ("LANG", "the terminal's own"),
    ("LC_ALL", "the terminal's own"),
    ("LC_MESSAGES", "the terminal's own"),
    ("COLUMNS", "the terminal's own"),
    ("TZ", "the terminal's own"),
    ("TERM", "the terminal's own"),
    ("COLORFGBG", "the terminal's own"),
];

#[test]
fn every_variable_that_is_read_is_a_declared_one() {
    let mut read = BTreeSet::new();
    for source in sources::rust("src") {
        let own = source.strings.iter().filter(|text| is_own_variable(text));
        read.extend(own.cloned());
        // A chain of calls may be broken over lines.
        let text: String = source.text.split_whitespace().collect();
        for question in ["environment.get(\"", "environment.has(\""] {
            for (start, _) in text.match_indices(question) {
                let rest = &text[start + question.len()..];
                read.extend(rest.split('"').next().map(str::to_owned));
            }
        }
    }
    assert!(
        read.len() > 15,
        "the search finds nothing any more: {read:?}"
    );
    let declared = |name: &str| {
        environment_names().iter().any(|known| known.name == name)
            || NO_SETTINGS.iter().any(|(known, _)| *known == name)
    };
    let unknown: Vec<_> = read.iter().filter(|name| !declared(name)).collect();
    assert!(
        unknown.is_empty(),
        "declare {unknown:?} in config::environment_names()"
    );
}

/// `init` makes names of variables from keys, so a search for names does not find those.
#[cfg(feature = "sandbox")]
#[test]
fn init_takes_declared_variables_only() {
    let desk = crate::support::Desk::new()
        .with("WXAUTH_COMPONENT_APPID", "wx0123456789abcdef")
        .with("WXAUTH_LAUNCH_DOMAIN", "platform.example.com")
        .with("WXAUTH_RELEASED", "true")
        .with("WXAUTH_CA_FILE", "/nowhere.pem");
    let _ = desk.run(["init", "shop"]).expect_code(0);
    let written = std::fs::read_to_string(desk.config_dir().join("config.toml"));
    let written = written.expect("the profile");
    assert!(written.contains("platform.example.com"), "{written}");
    assert!(!written.contains("released"), "{written}");
    assert!(!written.contains("nowhere.pem"), "{written}");
}

fn is_own_variable(text: &str) -> bool {
    text.strip_prefix("WXAUTH_").is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .chars()
                .all(|letter| letter.is_ascii_uppercase() || letter == '_')
    })
}

#[test]
fn the_readme_names_every_variable() {
    let readme = sources::read("README.md");
    for variable in environment_names() {
        assert!(
            readme.contains(&format!("`{}`", variable.name)),
            "the README lacks {}",
            variable.name
        );
    }
}

#[test]
fn the_readme_has_every_exit_code_in_both_languages() {
    let readme = sources::read("README.md");
    let (english, chinese) = readme
        .split_once("\n## 简体中文")
        .expect("a section in Chinese");
    let codes = Kind::ALL.map(Kind::code).into_iter();
    let codes = codes.chain([Exit::Done.code(), Exit::BadVerdict.code()]);
    for code in codes {
        let row = format!("\n| {code} | ");
        assert!(english.contains(&row), "the README lacks exit code {code}");
        assert!(chinese.contains(&row), "说明里缺退出码 {code}");
    }
}

/// What is not built yet must not be promised.
#[test]
fn the_readme_names_only_commands_that_exist() {
    use clap::CommandFactory;
    let command = wxauth::cli::args::Cli::command();
    let readme = sources::read("README.md");
    for (start, _) in readme.match_indices("`wxauth ") {
        let text = &readme[start + "`wxauth ".len()..];
        let text = &text[..text.find('`').expect("a closed backtick")];
        let mut at = &command;
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            if word.starts_with('-') {
                // The global flags with a value that the README uses.
                if matches!(word, "--profile" | "--lang") {
                    words.next();
                }
                continue;
            }
            let Some(inner) = at.find_subcommand(word) else {
                assert!(
                    !at.has_subcommands(),
                    "the README has `wxauth {text}`, but there is no `{word}`"
                );
                break;
            };
            at = inner;
        }
    }
}
