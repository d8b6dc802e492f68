//! The catalogue of permission sets, with and without a platform.

use serde_json::{Value, json};

use super::office::Office;
use crate::support::{Desk, Outcome};

/// The JSON of a successful run.
#[track_caller]
fn answer(outcome: Outcome) -> Value {
    outcome.expect_code(0).json()
}

#[test]
fn the_catalogue_answers_where_there_is_no_platform() {
    let desk = Desk::new();
    let list = |extra: &[&str]| {
        let words = ["permissions", "list", "-o", "json"].iter().chain(extra);
        let list = answer(desk.run(words));
        list.as_array().expect("a list").clone()
    };
    let all = list(&[]);
    assert!(all.len() >= 117 && all.iter().all(|row| row["granted"].is_null()));
    let ids: Vec<_> = all.iter().map(|row| row["id"].as_u64()).collect();
    assert!(ids.is_sorted(), "by number");
    let exclusive = |answer: &str| list(&["--exclusive", answer]);
    let (yes, no, unknown) = (exclusive("yes"), exclusive("no"), exclusive("unknown"));
    assert_eq!(yes.len() + no.len() + unknown.len(), all.len());
    assert!(yes.iter().all(|row| row["mutually_exclusive"] == true));
    assert!(
        unknown
            .iter()
            .all(|row| row["mutually_exclusive"].is_null())
    );
    let channels = list(&["--kind", "channels"]);
    assert!(channels.iter().all(|row| row["kind"] == "channels") && !channels.is_empty());
    assert_eq!(list(&["--search", "消息管理"])[0]["id"], 1);
    assert_eq!(list(&["--search", "MESSAGE MANAGEMENT"])[0]["id"], 1);
    assert_eq!(list(&["--search", "18"])[0]["id"], 18);

    let shown = answer(desk.run(["permissions", "show", "开发与数据分析", "-o", "json"]));
    assert_eq!((&shown["id"], &shown["known"]), (&json!(18), &json!(true)));
    let calls = shown["calls"].as_array().expect("calls");
    assert!(calls.iter().any(|call| call["path"] == "/wxa/commit"));
    assert!(shown["accounts"].is_null());
    // A profile that is named has to exist all the same.
    let missing = desk.run(["--profile", "nowhere", "permissions", "list"]);
    missing.expect_code(4);
}

#[test]
fn a_set_the_catalogue_does_not_know_is_shown_as_such_and_never_dropped() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office
        .run([
            "profile",
            "set",
            "configured_permissions.mini_program",
            "18,9001",
        ])
        .expect_code(0);
    let list = answer(office.run(["permissions", "list", "-o", "json"]));
    let last = list.as_array().expect("a list").last().expect("a row");
    assert_eq!((&last["id"], &last["known"]), (&json!(9001), &json!(false)));
    assert_eq!(
        (&last["configured"], &last["uncertain"]),
        (&json!(true), &json!(true))
    );
    let shown = office.run(["permissions", "show", "9001"]).expect_code(0);
    assert!(
        shown.stdout.contains("not in the catalogue"),
        "{}",
        shown.stdout
    );
}

#[test]
fn merchants_are_counted_for_a_set_by_how_they_stand() {
    let office = Office::synced();
    let granted = office.accounts("mini_program", true).len();
    let list = answer(office.run(["permissions", "list", "-o", "json", "--search", "18"]));
    assert_eq!(list[0]["granted"], granted);
    office
        .run([
            "sandbox",
            "revoke",
            &office.accounts("mini_program", true)[0],
        ])
        .expect_code(0);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let list = answer(office.run(["permissions", "list", "-o", "json", "--search", "18"]));
    assert_eq!(list[0]["granted"], granted - 1);
    let shown = answer(office.run(["permissions", "show", "18", "-o", "json"]));
    assert_eq!(
        shown["granted"],
        granted - 1,
        "an ended authorization does not count"
    );
    assert_eq!(shown["accounts"]["granted"], granted - 1);
    assert_eq!(shown["accounts"]["missing"], 0);
}
