//! Bulk work and verdicts: it finishes first, then its exit code says what happened.

use super::office::{Office, hints, text};

#[test]
fn bulk_work_finishes_and_exits_with_the_worst_failure() {
    let office = Office::synced();
    let appids = office.accounts("mini_program", true);
    let active: Vec<_> = appids.iter().take(2).map(String::as_str).collect();
    office.sandbox.fault("api_authorizer_token: once 48001");
    let refresh = |flags: &[&str]| {
        let words = ["authorizers", "refresh", "--concurrency", "1", "-o", "json"];
        office.run(words.iter().chain(&active).chain(flags))
    };
    let outcome = refresh(&[]).expect_code(6).json();
    assert_eq!(
        (&outcome["refreshed"], &outcome["skipped"]),
        (&1.into(), &0.into())
    );
    let failed = &outcome["failed"][0];
    assert_eq!(failed["errcode"], 48001);
    assert!(
        active.contains(&text(failed, "appid").as_str()) && !text(failed, "message").is_empty()
    );

    office.sandbox.fault("api_authorizer_token: once 48001");
    let tolerated = refresh(&["--allow-failures", "1"]).expect_code(0).json();
    assert_eq!(tolerated["failed"].as_array().map(Vec::len), Some(1));
}

#[test]
fn merchants_known_to_have_ended_are_no_failure_of_bulk_work() {
    let office = Office::synced();
    let appid = office.accounts("official_account", true).remove(0);
    office.run(["sandbox", "revoke", &appid]).expect_code(0);
    let outcome = office.run(["authorizers", "refresh", &appid, "-o", "json"]);
    let outcome = outcome.expect_code(0).json();
    assert_eq!(outcome["refreshed"], 0);
    let shown = office
        .run(["authorizers", "show", &appid, "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(shown["status"], "revoked");
    // Asked for by name, its token is a matter for a person.
    let token = office
        .run(["token", "authorizer", &appid, "-o", "json"])
        .expect_code(4);
    assert!(hints(&token.json_error(), "wxauth link"));
}

#[test]
fn a_sync_tells_what_came_changed_and_went() {
    let office = Office::open();
    let sync = |flags: &[&str]| {
        let synced = office.run(["authorizers", "sync", "-o", "json"].iter().chain(flags));
        synced.expect_code(0).json()
    };
    let first = sync(&[]);
    let count = first["added"].as_array().map(Vec::len);
    assert_eq!(first["total"].as_u64(), count.map(|count| count as u64));
    let again = sync(&[]);
    assert_eq!(
        (&again["unchanged"], &again["added"]),
        (&first["total"], &serde_json::json!([]))
    );

    let gone = office.accounts("channels", true).remove(0);
    office.run(["sandbox", "revoke", &gone]).expect_code(0);
    let after = sync(&[]);
    assert_eq!(after["revoked"], serde_json::json!([gone]));
    let merchant = office
        .run(["authorizers", "show", &gone, "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        (&merchant["status"], &merchant["revoked_source"]),
        (&"revoked".into(), &"sync".into())
    );

    let changed = office.accounts("mini_program", true).remove(0);
    office
        .run(["sandbox", "update", &changed, "--permissions", "17,18"])
        .expect_code(0);
    assert_eq!(sync(&["--full"])["updated"], serde_json::json!([changed]));
    let log = office
        .run(["authorizers", "log", &changed, "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(log[0]["appid"], *changed);
}

#[test]
fn an_account_list_that_comes_back_empty_once_ends_nobody() {
    let office = Office::synced();
    let before = office
        .run(["authorizers", "list", "-o", "json"])
        .expect_code(0)
        .json();
    office
        .sandbox
        .fault("api_get_authorizer_list: once empty list");
    let shrunk = office.run(["authorizers", "sync", "-o", "json"]);
    assert_ne!(shrunk.code, 2, "{}", shrunk.stderr);
    let after = office.run(["authorizers", "list", "--status", "revoked", "-o", "json"]);
    assert_eq!(after.expect_code(0).json(), serde_json::json!([]));
    office.run(["authorizers", "sync"]).expect_code(0);
    let after = office
        .run(["authorizers", "list", "-o", "json"])
        .expect_code(0)
        .json();
    let statuses = |list: &serde_json::Value| {
        let rows = list.as_array().expect("rows").clone();
        rows.iter()
            .map(|row| (text(row, "appid"), text(row, "status")))
            .collect::<Vec<_>>()
    };
    assert_eq!(statuses(&before), statuses(&after));
}

#[test]
fn the_days_quota_stops_bulk_work_and_says_when_it_comes_back() {
    let office = Office::synced();
    office.sandbox.fault("api_get_authorizer_info: 45009");
    let synced = office.run(["authorizers", "sync", "--full", "-o", "json"]);
    assert!((4..=7).contains(&synced.code), "{synced:?}");
    let link = {
        office.sandbox.fault("api_create_preauthcode: once 45009");
        office.run(["link", "-o", "json"])
    };
    let error = link.json_error();
    assert_eq!(error["errcode"], 45009);
    assert!(hints(&error, "midnight"), "{error}");
}

#[test]
fn status_is_a_verdict() {
    let office = Office::synced();
    let healthy = office.run(["status", "-o", "json"]).expect_code(0).json();
    assert_eq!(
        (&healthy["healthy"], &healthy["problems"]),
        (&true.into(), &serde_json::json!([]))
    );
    assert_eq!(healthy["authorizers"]["pending_exchange"], 1);

    let empty = Office::open().with("WXAUTH_COMPONENT_VERIFY_TICKET", "");
    let sick = empty.run(["status", "-o", "json"]).expect_code(3);
    assert_eq!(sick.json()["healthy"], false);
    assert!(
        sick.json()["problems"][0]
            .as_str()
            .is_some_and(|said| said.contains("no live ticket"))
    );
    assert_eq!(sick.stderr, "", "a bad verdict is an answer, not an error");
    let screen = empty.run(["status"]).expect_code(3);
    assert!(
        screen.stdout.contains("Wrong: no live ticket"),
        "{}",
        screen.stdout
    );
    // What status, list and show say, they say without calling anybody.
    assert_eq!(empty.calls(), 0);
}

#[test]
fn forgetting_takes_consent_and_recovery_brings_the_merchants_back() {
    let office = Office::synced();
    let appid = office.accounts("mini_program", true).remove(0);
    office.run(["authorizers", "forget", &appid]).expect_code(2);
    office
        .run(["authorizers", "forget", &appid, "--yes"])
        .expect_code(0);
    office.run(["authorizers", "show", &appid]).expect_code(2);
    let synced = office
        .run(["authorizers", "sync", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(synced["added"], serde_json::json!([appid]));

    std::fs::remove_dir_all(office.desk.config_dir()).expect("the store is lost");
    let rebuilt = office.run(["authorizers", "recover"]).expect_code(0);
    assert!(
        rebuilt.stderr.contains("no refresh token at WeChat for"),
        "{}",
        rebuilt.stderr
    );
    office.run(["token", "authorizer", &appid]).expect_code(0);
}
