//! The account list misbehaves: what a sync believes, and what it asks about first.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::scene::Scene;

const INFO: &str = "api_get_authorizer_info";

/// Those whom the operator's store calls active.
fn active(scene: &Scene) -> BTreeSet<String> {
    let rows = scene.json(["authorizers", "list"]);
    (rows.as_array().expect("rows").iter())
        .filter(|row| row["status"] == "active")
        .map(|row| row["appid"].as_str().expect("an appid").to_owned())
        .collect()
}

fn all(scene: &Scene) -> BTreeSet<String> {
    scene.merchants.iter().cloned().collect()
}

fn leave(scene: &Scene, leaving: usize) -> BTreeSet<String> {
    let gone: BTreeSet<String> = scene.merchants[..leaving].iter().cloned().collect();
    for appid in &gone {
        scene.sandbox.post("revoke", &json!({"appid": appid}));
    }
    gone
}

fn texts(value: &Value) -> BTreeSet<String> {
    (value.as_array().expect("an array").iter())
        .map(|text| text.as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn a_list_that_comes_back_empty_once_ends_nobody() {
    let scene = Scene::synced(12);
    scene
        .sandbox
        .fault("api_get_authorizer_list: once empty list");
    let row = scene.json(["authorizers", "sync"]);
    assert_eq!(
        (&row["revoked"], &row["total"]),
        (&json!([]), &json!(scene.merchants.len()))
    );
    assert_eq!(active(&scene), all(&scene));
}

#[test]
fn an_empty_list_of_a_few_merchants_ends_nobody_either() {
    // So few that one in a hundred, or five, would be all of them.
    let scene = Scene::synced(4);
    scene
        .sandbox
        .fault("api_get_authorizer_list: once empty list");
    let row = scene.json(["authorizers", "sync"]);
    assert_eq!(row["revoked"], json!([]));
    assert_eq!(active(&scene), all(&scene));
}

#[test]
fn a_list_that_stays_empty_stops_the_sync_and_names_the_way_on() {
    let scene = Scene::synced(12);
    scene
        .sandbox
        .fault("api_get_authorizer_list: 99 times empty list");
    let infos = scene.calls(INFO);
    let outcome = scene.run(["authorizers", "sync"]).expect_code(4);
    assert!(
        outcome.stderr.contains("--allow-shrink"),
        "{}",
        outcome.stderr
    );
    assert_eq!(active(&scene), all(&scene));
    assert_eq!(
        scene.calls(INFO),
        infos,
        "it asked before it looked at each"
    );
}

#[test]
fn allowed_to_shrink_only_those_go_whom_wechat_confirms() {
    let scene = Scene::synced(12);
    let gone = leave(&scene, 2);
    scene
        .sandbox
        .fault("api_get_authorizer_list: 99 times empty list");
    let row = scene.json(["authorizers", "sync", "--allow-shrink"]);
    assert_eq!(texts(&row["revoked"]), gone);
    let left = all(&scene).difference(&gone).cloned().collect();
    assert_eq!(active(&scene), left);
}

#[test]
fn many_who_left_at_once_are_marked_when_the_operator_says_so() {
    let scene = Scene::synced(12);
    let gone = leave(&scene, 8);
    let outcome = scene
        .run(["authorizers", "sync", "-o", "json"])
        .expect_code(4);
    assert!(
        outcome.stderr.contains("--allow-shrink"),
        "{}",
        outcome.stderr
    );
    assert_eq!(active(&scene), all(&scene));
    let row = scene.json(["authorizers", "sync", "--allow-shrink"]);
    assert_eq!(texts(&row["revoked"]), gone);
    assert_eq!(row["unchanged"], scene.merchants.len() - 8);
}

#[test]
fn a_few_who_left_are_marked_without_a_word() {
    let scene = Scene::synced(12);
    let gone = leave(&scene, 3);
    let row = scene.json(["authorizers", "sync"]);
    assert_eq!(texts(&row["revoked"]), gone);
    assert_eq!(scene.outcomes(INFO, "61003"), 3, "each was confirmed, once");
}

#[test]
fn pages_that_begin_with_the_end_of_the_page_before_count_everyone_once() {
    let scene = Scene::unseen(1_100);
    scene.behave(&json!({"duplicates_between_pages": true}));
    let row = scene.json(["authorizers", "sync", "--rate", "0"]);
    assert_eq!(texts(&row["added"]), all(&scene));
    let known = scene.merchants.len() as u64;
    assert_eq!(scene.calls(INFO), known, "nobody was asked about twice");
    assert_eq!(active(&scene), all(&scene));
}

#[test]
fn a_total_that_moves_from_page_to_page_ends_nobody() {
    let scene = Scene::unseen(1_100);
    let sync = ["authorizers", "sync", "--rate", "0"];
    scene.run(sync).expect_code(0);
    let gone = leave(&scene, 1);
    scene.behave(&json!({"moving_total": true}));
    let outcome = scene.run(sync).expect_code(5);
    assert!(
        outcome.stderr.contains("run the command again"),
        "{}",
        outcome.stderr
    );
    assert_eq!(active(&scene), all(&scene));
    scene.behave(&json!({"moving_total": false}));
    let row = scene.json(sync);
    assert_eq!(texts(&row["revoked"]), gone);
}

#[test]
fn what_the_release_check_left_behind_breaks_no_sync() {
    let scene = Scene::synced(6);
    scene.behave(&json!({"release_check_accounts": true}));
    let row = scene.json(["authorizers", "sync"]);
    assert_eq!(
        (&row["total"], &row["revoked"]),
        (&json!(scene.merchants.len() + 2), &json!([]))
    );
    assert!(all(&scene).is_subset(&active(&scene)));
}

#[test]
fn a_full_sync_killed_half_way_asks_only_for_the_rest() {
    let scene = Scene::unseen(300);
    let known = scene.merchants.len() as u64;
    let full = [
        "authorizers",
        "sync",
        "--full",
        "--rate",
        "0",
        "--concurrency",
        "4",
    ];
    let paced = [
        "authorizers",
        "sync",
        "--full",
        "--rate",
        "150",
        "--concurrency",
        "4",
    ];
    let mut child = scene.start(paced);
    scene.until_answered(INFO, 120);
    child.kill().expect("it lives");
    child.wait().expect("it ends");
    let first = scene.calls(INFO);
    assert!(first < known, "it was killed half-way, not after {first}");
    scene.is_whole();
    let told = scene.run(full).expect_code(0);
    assert!(told.stderr.contains("going on"), "{}", told.stderr);
    let second = scene.calls(INFO) - first;
    // What was answered and not yet written: the calls in flight and one batch behind them.
    let lost = second
        .checked_sub(known - first)
        .expect("everybody is asked about");
    assert!(lost <= 16, "{lost} were asked about again");
    assert_eq!(active(&scene), all(&scene));
    // The next full one is another sync.
    scene.sandbox.pass("1m");
    scene.run(full).expect_code(0);
    assert_eq!(scene.calls(INFO), first + second + known);
}
