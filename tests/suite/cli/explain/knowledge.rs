//! The knowledge itself: complete, in both languages, and its commands exist.

use std::collections::BTreeSet;

use clap::{CommandFactory, Parser};
use wxauth::cli::args::Cli;
use wxauth::cli::knowledge::{self, Trouble};
use wxauth::lang::Lang;
use wxauth::wechat::errcode;
use wxauth::wechat::event::INFO_TYPES;

use crate::support::Desk;

fn exit_codes() -> impl Iterator<Item = &'static Trouble> {
    (0..=u8::MAX).filter_map(knowledge::exit_code)
}

#[test]
fn every_known_code_has_an_answer_of_its_own_in_both_languages() {
    let desk = Desk::new();
    let chinese = |text: &str| {
        text.chars()
            .any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
    };
    for entry in errcode::all().iter().filter(|entry| entry.code != 0) {
        for lang in ["en", "zh"] {
            let code = entry.code.to_string();
            let answer = desk
                .run(["explain", &code, "-o", "json", "--lang", lang])
                .expect_code(0)
                .json();
            assert_eq!(
                (&answer["kind"], &answer["known"], &answer["errcode"]),
                (&"errcode".into(), &true.into(), &entry.code.into())
            );
            for field in ["meaning", "advice"] {
                let text = answer[field].as_str().unwrap_or_default();
                assert!(text.chars().count() > 2, "{code} {field}");
                assert_eq!(chinese(text), lang == "zh", "{code} {field}: {text}");
                assert!(
                    !text.contains("No entry") && !text.contains("没有收录"),
                    "{code}"
                );
            }
            assert!(
                answer["source_url"]
                    .as_str()
                    .is_some_and(|url| url.starts_with("https://"))
            );
            assert_eq!(answer["exit_code"], entry.exit, "{code}");
        }
    }
}

#[test]
fn what_is_known_is_whole_and_in_both_languages() {
    let chinese = |text: &str| {
        text.chars()
            .any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
    };
    let mut codes = BTreeSet::new();
    for trouble in knowledge::ALL.iter().copied().chain(exit_codes()) {
        for code in trouble.codes {
            assert!(codes.insert(code), "{code} has two troubles");
            assert!(errcode::lookup(*code).is_some(), "the table lacks {code}");
        }
        assert!(
            trouble.codes.is_empty() != trouble.meaning.is_none(),
            "{}",
            trouble.name
        );
        let same = |other: &&&Trouble| other.name == trouble.name;
        assert!(knowledge::ALL.iter().filter(same).count() <= 1);
        let says = trouble.says.iter().copied();
        assert!(
            says.into_iter().all(|part| part == part.to_lowercase()),
            "{}",
            trouble.name
        );
        let own = [Some(trouble.title), trouble.meaning, trouble.next]
            .into_iter()
            .flatten();
        let theirs = trouble
            .causes
            .iter()
            .flat_map(|cause| [cause.cause, cause.sign]);
        for words in own.chain(theirs) {
            let (english, translated) = (words.of(Lang::En), words.of(Lang::Zh));
            assert!(
                english.len() > 3 && chinese(translated),
                "{}: {english}",
                trouble.name
            );
            assert!(
                !translated.contains("  ") && !english.contains("  "),
                "{english}"
            );
        }
        for cause in trouble.causes {
            assert!(
                !cause.commands.is_empty() || cause.console.is_some(),
                "{}",
                cause.id
            );
            assert!(
                cause.console.is_none_or(chinese),
                "{}: the console speaks Chinese",
                cause.id
            );
        }
    }
    for info_type in INFO_TYPES {
        assert!(
            knowledge::info_type(info_type.name).is_some(),
            "{}",
            info_type.name
        );
    }
}

/// What stands for a value that the reader knows.
fn example(capitals: &str) -> &'static str {
    match capitals {
        "PATH" => "/wxa/commit",
        "LINK" | "URL" | "REDIRECT" => "https://platform.example.com/x",
        "SETS" | "+SETS" => "17,18",
        "FILE" => "file.txt",
        "IP" => "192.0.2.7",
        "HOST" => "platform.example.com",
        "RID" => "64f69b23-60f73830-19f36488",
        "ERRCODE" => "61007",
        "IDS" => "gh_0123456789ab",
        "QUERY" => "timestamp=1",
        "COMMAND" | "NAME" => "name",
        "WHO" | "APPID" => "wx0123456789abcdef",
        other => panic!("nobody says what {other} stands for"),
    }
}

/// Why a command that was printed cannot be typed.
fn fault(command: &str) -> Option<String> {
    let words = command.split(' ').map(|word| {
        let capitals = word.len() > 1
            && word
                .trim_start_matches('+')
                .bytes()
                .all(|byte| byte.is_ascii_uppercase());
        if capitals { example(word) } else { word }
    });
    match Cli::try_parse_from(words) {
        Ok(_) => None,
        Err(error) if !error.use_stderr() => None,
        Err(error) => Some(format!("{command}: {error}")),
    }
}

/// Commands between backticks of a sentence; `…` and bare names of commands are left out.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|part| part.starts_with("wxauth "))
}

#[test]
fn every_command_that_is_named_can_be_typed() {
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut mentioned: BTreeSet<String> = BTreeSet::new();
    let troubles = knowledge::ALL.iter().copied().chain(exit_codes());
    for trouble in troubles {
        for cause in trouble.causes {
            named.extend(
                cause
                    .commands
                    .iter()
                    .chain(&cause.in_sandbox)
                    .map(ToString::to_string),
            );
            for words in [cause.cause, cause.sign] {
                mentioned.extend(
                    [words.0, words.1]
                        .into_iter()
                        .flat_map(quoted)
                        .map(str::to_owned),
                );
            }
        }
        for words in trouble.next.into_iter().chain(trouble.meaning) {
            mentioned.extend(
                [words.0, words.1]
                    .into_iter()
                    .flat_map(quoted)
                    .map(str::to_owned),
            );
        }
    }
    for info_type in INFO_TYPES {
        let push = knowledge::info_type(info_type.name).expect("known");
        named.extend(push.commands.iter().map(ToString::to_string));
    }
    for event in knowledge::EVENTS {
        named.extend(event.push.commands.iter().map(ToString::to_string));
    }
    for thing in super::reading::THINGS {
        let known = knowledge::value(thing);
        named.extend(known.commands.iter().map(ToString::to_string));
        let words = known
            .secret
            .into_iter()
            .flat_map(|words| [words.0, words.1]);
        mentioned.extend(words.flat_map(quoted).map(str::to_owned));
    }
    assert!(named.len() > 60, "only {} commands were found", named.len());
    let faults: Vec<_> = named.iter().filter_map(|command| fault(command)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // A sentence may name a command without its arguments, never one that does not exist.
    for command in &mentioned {
        let mut at = Cli::command();
        let words = command.split(' ').skip(1);
        let plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
        for word in words.take_while(plain) {
            match at.find_subcommand(word).cloned() {
                Some(next) => at = next,
                None => {
                    assert!(!at.has_subcommands(), "{command}");
                    break;
                }
            }
        }
    }
}
