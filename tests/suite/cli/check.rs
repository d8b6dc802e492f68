//! `check`: what a probe is told of a platform, and what it is not told.

use serde_json::{Value, json};

use super::office::Office;

/// What `check` answers, with this exit code.
#[track_caller]
fn check(office: &Office, words: &[&str], code: i32) -> Value {
    let words = ["check"].iter().chain(words).chain(&["-o", "json"]);
    office.run(words).expect_code(code).json()
}

/// Name, target and outcome of each check listed.
fn listed(answer: &Value) -> Vec<(String, String, String)> {
    let word = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let rows = answer["checks"].as_array().expect("checks").iter();
    rows.map(|row| (word(row, "name"), word(row, "target"), word(row, "status")))
        .collect()
}

fn row(name: &str, target: &str, status: &str) -> (String, String, String) {
    (name.to_owned(), target.to_owned(), status.to_owned())
}

#[test]
fn a_platform_in_order_passes_without_a_call_and_lists_nothing() {
    let office = Office::synced();
    let calls = office.calls();
    let answer = check(&office, &[], 0);
    assert_eq!(answer["healthy"], true);
    assert_eq!(listed(&answer), []);
    assert!(answer["counts"]["pass"].as_u64() > Some(2));
    let all = check(&office, &["--all"], 0);
    let passed = listed(&all).len() as u64;
    assert_eq!(answer["counts"]["pass"].as_u64(), Some(passed));
    assert_eq!(office.calls(), calls, "the store alone is read");
}

#[test]
fn a_store_that_knows_nothing_gives_nothing_to_judge() {
    let office = Office::unnamed();
    office.init("shop", &["--mint", "wxauth"]).expect_code(0);
    let refused = office.run(["check"]).expect_code(4);
    assert!(refused.stderr.contains("wxauth ticket set"), "{refused:?}");
}

#[test]
fn a_merchant_who_left_counts_within_the_time_asked_for_and_when_named() {
    let office = Office::synced();
    let gone = office.accounts("mini_program", true).remove(0);
    office.run(["sandbox", "revoke", &gone]).expect_code(0);
    // The store does not know yet; WeChat's list does.
    assert_eq!(listed(&check(&office, &[], 0)), []);
    let online = check(&office, &["--online"], 3);
    assert_eq!(listed(&online), [row("account_list", &gone, "fail")]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    assert_eq!(listed(&check(&office, &["--online"], 0)), []);
    let ended = [row("authorization", &gone, "fail")];
    assert_eq!(listed(&check(&office, &["--since", "24h"], 3)), ended);
    assert_eq!(listed(&check(&office, &["--authorizers", &gone], 3)), ended);
    let all = listed(&check(&office, &["--authorizers", "all"], 0));
    assert!(all.iter().all(|row| row.1 != gone), "{all:?}");
}

#[test]
fn a_required_set_that_was_not_granted_fails_for_whom_it_is_missing() {
    let office = Office::synced();
    let merchant = office.accounts("mini_program", true).remove(0);
    let words = ["--authorizers", &merchant, "--require-permissions", "17,88"];
    let answer = check(&office, &words, 3);
    assert_eq!(listed(&answer), [row("permissions", &merchant, "fail")]);
    let detail = answer["checks"][0]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("88") && !detail.contains("17"), "{detail}");
}

#[test]
fn life_left_is_asked_of_the_platform_and_of_those_named() {
    let office = Office::synced();
    let merchant = office.accounts("official_account", true).remove(0);
    office
        .run(["authorizers", "refresh", &merchant])
        .expect_code(0);
    let named = ["--authorizers", &*merchant];
    for (life, code) in [("10m", 0), ("75%", 0), ("3h", 3)] {
        let words: Vec<_> = named
            .iter()
            .chain(&["--expires-in", life])
            .copied()
            .collect();
        let answer = check(&office, &words, code);
        let names: Vec<_> = listed(&answer).into_iter().map(|row| row.0).collect();
        let short = ["component_token", "authorizer_token"];
        assert_eq!(
            names,
            if code == 0 { &[][..] } else { &short[..] },
            "{life}"
        );
    }
    for wrong in ["soon", "101%", "-1%", "%"] {
        office
            .run(["check", &format!("--expires-in={wrong}")])
            .expect_code(2);
    }
}

#[test]
fn an_unused_code_is_a_warning_that_strict_counts() {
    let office = Office::synced();
    let newcomer = office.accounts("mini_program", false).remove(0);
    let order = json!({ "appid": newcomer });
    office.run(["link", "-q"]).expect_code(0);
    office.sandbox.post("authorize", &order);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    assert_eq!(listed(&check(&office, &["--strict"], 0)), []);
    let all = listed(&check(&office, &["--authorizers", "all"], 0));
    let unused = row("authorization", &newcomer, "warn");
    assert!(all.contains(&unused), "{all:?}");
    let strict = check(&office, &["--strict", "--authorizers", &newcomer], 3);
    assert_eq!(listed(&strict), [unused]);
    assert_eq!(strict["healthy"], false);
}

#[test]
fn the_accounts_of_the_release_check_never_count() {
    let office = Office::open();
    let behaviour = [
        "sandbox",
        "fault",
        "--behaviour",
        "release_check_accounts=true",
    ];
    office.run(behaviour).expect_code(0);
    office
        .run(["authorizers", "sync", "-q", "--allow-failures", "20"])
        .expect_code(0);
    assert_eq!(listed(&check(&office, &["--strict", "--online"], 0)), []);
    let all = check(&office, &["--authorizers", "all", "--all"], 0);
    for (_, target, _) in listed(&all) {
        assert!(!wxauth::wechat::release_check::is_check_account(&target));
    }
}

#[test]
fn borrowed_tokens_without_a_lender_fail_as_in_status() {
    let office = Office::synced().with("WXAUTH_MINT", "never");
    let answer = check(&office, &[], 3);
    assert_eq!(listed(&answer), [row("component_token", "", "fail")]);
    office.run(["status"]).expect_code(3);
}
