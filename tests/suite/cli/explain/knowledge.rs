//! The knowledge itself: complete, in both languages, and its commands exist.

use std::collections::BTreeSet;

use clap::{CommandFactory, Parser};
use wxauth::cli::args::Cli;
use wxauth::cli::knowledge::{self, Cause, Trouble};
use wxauth::lang::Lang;
use wxauth::wechat::errcode;
use wxauth::wechat::event::INFO_TYPES;

use crate::support::Desk;

/// Commands that the knowledge may name before they are built.
const AWAITED: [&str; 7] = ["doctor", "check", "api", "quota", "rid", "ips", "callback"];

/// Where each cause is provoked, cured by its own commands and seen to be cured; or why it is not.
const STORIES: &[(&str, &str)] = &[
    (
        "receiver_answer",
        "ticket::a_receiver_that_answers_wrongly_is_found_and_serve_takes_its_place",
    ),
    (
        "pushes_stopped",
        "ticket::pushes_that_stopped_are_asked_for_again",
    ),
    (
        "ticket_elsewhere",
        "ticket::a_ticket_that_another_process_received_is_handed_over",
    ),
    (
        "push_keys_differ",
        "ticket::pushes_that_cannot_be_read_are_read_with_the_consoles_token",
    ),
    ("pushes_blocked", "no story: the sandbox has no firewall"),
    (
        "ticket_cut",
        "ticket::a_ticket_that_is_cut_or_of_another_platform_is_replaced",
    ),
    (
        "ticket_of_another_platform",
        "ticket::a_ticket_that_is_cut_or_of_another_platform_is_replaced",
    ),
    ("ticket_empty", "no story: wxauth sends no empty ticket"),
    (
        "set_not_updated",
        "permission::an_old_grant_grows_when_the_merchant_updates",
    ),
    (
        "set_not_configured",
        "permission::a_set_that_the_platform_does_not_offer_is_configured_first",
    ),
    (
        "set_held_elsewhere",
        "permission::a_set_that_another_platform_holds_is_free_when_that_one_ends",
    ),
    (
        "token_of_another_account",
        "permission::the_token_of_another_merchant_is_told_apart",
    ),
    (
        "link_pasted",
        "launch::a_pasted_pc_link_becomes_one_that_can_be_scanned",
    ),
    (
        "redirect_elsewhere",
        "launch::a_redirect_to_another_host_is_seen_by_the_lint_and_corrected",
    ),
    (
        "launch_domain_differs",
        "launch::a_launch_domain_that_differs_in_the_console_is_set_there",
    ),
    (
        "referrer_hidden",
        "no story: a matter of the reader's own page",
    ),
    (
        "sets_of_another_kind",
        "no story: `link` refuses such sets before a code is spent",
    ),
    ("kind_without_sets", "no story: as set_not_configured"),
    (
        "scanned_by_another",
        "no story: only the right person can scan",
    ),
    (
        "not_an_administrator",
        "no story: only the right person can scan",
    ),
    (
        "kind_not_offered",
        "launch::a_link_for_official_accounts_only_is_widened_for_a_mini_program",
    ),
    (
        "link_too_old",
        "launch::a_link_that_is_too_old_is_made_anew",
    ),
    ("link_damaged", "no story: as link_too_old"),
    (
        "not_in_the_test_list",
        "launch::before_the_release_the_test_list_or_the_release_lets_a_merchant_in",
    ),
    (
        "release_pending",
        "launch::before_the_release_the_test_list_or_the_release_lets_a_merchant_in",
    ),
    (
        "refresh_token_replaced",
        "codes::a_refresh_token_from_before_a_new_authorization_is_looked_up",
    ),
    ("store_lost", "codes::a_store_that_was_lost_is_rebuilt"),
    (
        "never_exchanged",
        "codes::an_authorization_whose_code_was_never_exchanged_gets_a_new_code_by_a_change",
    ),
    (
        "refresh_token_cut",
        "no story: wxauth's store does not cut; as refresh_token_replaced",
    ),
    (
        "address_not_listed",
        "platform::the_address_of_the_message_is_added_to_the_list",
    ),
    (
        "whitelist_not_released",
        "platform::the_address_of_the_message_is_added_to_the_list",
    ),
    (
        "whitelist_of_another_platform",
        "no story: the sandbox's verb names one platform",
    ),
    (
        "several_exits",
        "platform::the_address_of_the_message_is_added_to_the_list",
    ),
    (
        "minted_elsewhere",
        "tokens::a_token_that_somebody_else_replaced_is_noticed_and_replaced",
    ),
    (
        "token_before_reauthorization",
        "tokens::a_merchants_token_from_before_a_new_authorization_is_replaced",
    ),
    (
        "token_cut_or_other",
        "no story: wxauth's store does not cut",
    ),
    ("secret_behind_token", "no story: as secret_reset"),
    (
        "token_kept_too_long",
        "tokens::a_token_past_its_two_hours_is_made_anew",
    ),
    ("refresher_down", "no story: as token_kept_too_long"),
    (
        "authorization_ended",
        "codes::a_merchant_that_withdrew_authorizes_again",
    ),
    ("other_pair", "no story: a look at what is in use"),
    ("release_check_account", "no story: nothing is to be cured"),
    (
        "code_spent",
        "codes::a_code_that_another_process_took_is_not_needed",
    ),
    (
        "pre_auth_code_sent",
        "codes::a_pre_auth_code_is_told_from_an_authorization_code",
    ),
    (
        "code_of_another_platform",
        "no story: as pre_auth_code_sent",
    ),
    ("service_market_code", "no story: the call is another one"),
    (
        "code_too_old",
        "codes::a_code_past_its_hour_is_replaced_by_a_new_confirmation",
    ),
    ("token_known_already", "no story: as code_spent"),
    (
        "token_for_every_request",
        "platform::a_clear_brings_the_calls_back",
    ),
    ("many_calls", "platform::a_clear_brings_the_calls_back"),
    ("merchants_quota", "no story: as many_calls"),
    (
        "wait_for_midnight",
        "platform::a_day_later_the_calls_are_there_again",
    ),
    ("clears_used", "no story: the month has to end"),
    (
        "ability_missing",
        "permission::a_call_for_another_kind_of_account_is_no_matter_of_grants",
    ),
    ("own_token_only", "no story: no platform can make the call"),
    ("provider_set_missing", "no story: as set_not_updated"),
    (
        "secret_reset",
        "platform::the_present_appsecret_takes_the_place_of_one_that_was_reset",
    ),
    (
        "secret_of_another_account",
        "platform::the_present_appsecret_takes_the_place_of_one_that_was_reset",
    ),
    (
        "merchants_token_used",
        "tokens::each_call_is_made_with_the_token_it_takes",
    ),
    (
        "platforms_token_used",
        "tokens::each_call_is_made_with_the_token_it_takes",
    ),
    (
        "accounts_appid_used",
        "platform::an_accounts_appid_in_the_platforms_place_is_corrected",
    ),
    (
        "account_frozen",
        "account::a_frozen_account_works_again_when_the_merchant_has_settled_it",
    ),
    (
        "account_cancelled",
        "no story: nothing brings the account back",
    ),
    (
        "token_differs",
        "pushes::the_consoles_keys_open_a_push_that_others_did_not",
    ),
    (
        "signature_in_place_of_msg_signature",
        "no story: a fault of the reader's receiver",
    ),
    (
        "two_platforms_one_address",
        "no story: a fault of the reader's receiver",
    ),
    (
        "authorizers_appid_compared",
        "no story: a fault of the reader's receiver",
    ),
    (
        "key_changed",
        "pushes::the_consoles_keys_open_a_push_that_others_did_not",
    ),
    (
        "strict_library",
        "no story: a fault of the reader's receiver",
    ),
];

/// The sources of the stories.
const SOURCES: [(&str, &str); 8] = [
    ("account", include_str!("account.rs")),
    ("codes", include_str!("codes.rs")),
    ("launch", include_str!("launch.rs")),
    ("permission", include_str!("permission.rs")),
    ("platform", include_str!("platform.rs")),
    ("pushes", include_str!("pushes.rs")),
    ("ticket", include_str!("ticket.rs")),
    ("tokens", include_str!("tokens.rs")),
];

/// Whether the program has this command.
pub fn exists(command: &str) -> bool {
    Cli::command().find_subcommand(command).is_some()
}

fn exit_codes() -> impl Iterator<Item = &'static Trouble> {
    (0..=u8::MAX).filter_map(knowledge::exit_code)
}

fn causes() -> impl Iterator<Item = &'static Cause> {
    let troubles = knowledge::ALL.iter().copied();
    troubles.flat_map(|trouble| trouble.causes)
}

#[test]
fn every_cause_has_a_story_that_cures_it_or_says_why_not() {
    let known: BTreeSet<_> = causes().map(|cause| cause.id).collect();
    let told: BTreeSet<_> = STORIES.iter().map(|(id, _)| *id).collect();
    assert_eq!(told.len(), STORIES.len(), "a cause stands there twice");
    assert_eq!(known, told);
    for (id, story) in STORIES {
        if story.starts_with("no story: ") {
            continue;
        }
        let (file, name) = story.split_once("::").expect("file::story");
        let (_, source) = SOURCES
            .iter()
            .find(|(known, _)| *known == file)
            .expect("a file");
        let (_, after) = source.split_once(&format!("fn {name}(")).expect(story);
        let body = after.split("\n#[test]").next().unwrap_or_default();
        assert!(
            body.contains(&format!("\"{id}\"")),
            "{story} does not ask for {id}"
        );
    }
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
    let first = command.split(' ').nth(1).unwrap_or_default();
    if AWAITED.contains(&first) && !exists(first) {
        return None;
    }
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
                None if AWAITED.contains(&word) => break,
                None => {
                    assert!(!at.has_subcommands(), "{command}");
                    break;
                }
            }
        }
    }
}
