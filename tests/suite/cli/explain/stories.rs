//! Each cause has a story: the fault is provoked, the commands that `explain` prints are run, and
//! what failed works.

use std::collections::BTreeSet;

use wxauth::cli::knowledge::{self, Cause};

/// Where each cause is provoked, cured by its own commands and seen to be cured; or why it is not.
const STORIES: &[(&str, &str)] = &[
    (
        "sent_as_a_form",
        "request::fields_belong_in_the_body_as_json",
    ),
    ("field_misspelt", "no story: as sent_as_a_form"),
    (
        "secret_has_three_names",
        "request::the_appsecret_has_a_name_of_its_own_in_each_call",
    ),
    (
        "secret_not_loaded",
        "no story: wxauth sends no empty secret",
    ),
    (
        "platform_appid_wrong",
        "request::an_appid_that_nobody_has_is_corrected",
    ),
    ("merchant_field_null", "no story: wxauth sends no null"),
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
const SOURCES: [(&str, &str); 9] = [
    ("account", include_str!("account.rs")),
    ("codes", include_str!("codes.rs")),
    ("launch", include_str!("launch.rs")),
    ("permission", include_str!("permission.rs")),
    ("platform", include_str!("platform.rs")),
    ("pushes", include_str!("pushes.rs")),
    ("request", include_str!("request.rs")),
    ("ticket", include_str!("ticket.rs")),
    ("tokens", include_str!("tokens.rs")),
];

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
