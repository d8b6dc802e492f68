//! WeChat refuses what the platform holds: what is repaired, what is not, and after how many calls.

use serde_json::{Value, json};

use crate::support::Desk;

use super::scene::Scene;

const TOKEN: &str = "api_authorizer_token";

fn status_of(scene: &Scene, appid: &str) -> Value {
    scene.json(["authorizers", "show", appid])["status"].clone()
}

/// The merchant changes its permission sets, and WeChat gives it another refresh token with that.
fn refresh_token_changes(scene: &Scene, appid: &str) {
    scene.behave(&json!({"update_changes_refresh_token": true}));
    let granted = &scene.json(["authorizers", "show", appid])["permission_ids"];
    let fewer = json!({"appid": appid, "permissions": [granted[0]]});
    scene.sandbox.post("update", &fewer);
    scene.sandbox.pass("2h");
}

#[test]
fn another_refresh_token_at_wechat_is_taken_up_with_one_retry() {
    let scene = Scene::synced(2);
    let appid = scene.merchants[0].clone();
    refresh_token_changes(&scene, &appid);
    let told = scene.run(["token", "authorizer", &appid]).expect_code(0);
    assert!(told.stderr.contains("refresh token"), "{}", told.stderr);
    assert_eq!(scene.errcode_for(told.stdout.trim()), 0);
    assert_eq!(scene.outcomes(TOKEN, "61023"), 1);
    assert_eq!(scene.calls(TOKEN), 2);
    // It lasts.
    scene.sandbox.pass("2h");
    scene.accepted(&["authorizer", &appid]);
    assert_eq!(scene.calls(TOKEN), 3);
}

#[test]
fn a_bulk_refresh_takes_up_another_refresh_token_too() {
    let scene = Scene::synced(4);
    let appid = scene.merchants[0].clone();
    refresh_token_changes(&scene, &appid);
    let row = scene.json(["authorizers", "refresh"]);
    let all = scene.merchants.len() as u64;
    assert_eq!(
        (&row["refreshed"], &row["failed"]),
        (&json!(all), &json!([]))
    );
    assert_eq!(scene.calls(TOKEN), all + 1);
    scene.accepted(&["authorizer", &appid]);
}

#[test]
fn a_refresh_token_that_wechat_itself_shows_and_refuses_is_dead() {
    let scene = Scene::synced(1);
    scene.sandbox.fault("api_authorizer_token: 61023");
    let outcome = scene.run(["token", "authorizer", &scene.merchants[0], "-o", "json"]);
    let outcome = outcome.expect_code(4);
    assert_eq!(outcome.json_error()["kind"], "action_required");
    assert!(outcome.stderr.contains("link --for"), "{}", outcome.stderr);
    assert_eq!(
        scene.calls(TOKEN),
        1,
        "the same again would be refused again"
    );
}

#[test]
fn nobody_has_another_refresh_token_until_the_code_is_exchanged() {
    let scene = Scene::synced(1);
    let appid = scene.merchants[0].clone();
    scene.sandbox.post("revoke", &json!({"appid": appid}));
    let code = scene.code_of(&appid);
    let outcome = scene.run(["authorizers", "refresh", &appid]);
    outcome.expect_code(4);
    assert_eq!(scene.calls(TOKEN), 1);
    let redeemed = scene
        .desk
        .run_with_input(["--sandbox", "authorizers", "redeem"], &code);
    redeemed.expect_code(0);
    scene.accepted(&["authorizer", &appid]);
}

#[test]
fn a_merchant_that_withdrew_is_marked_and_only_a_person_can_help() {
    let scene = Scene::synced(3);
    let appid = scene.merchants[1].clone();
    scene.sandbox.post("revoke", &json!({"appid": appid}));
    let outcome = scene.run(["token", "authorizer", &appid]).expect_code(4);
    assert!(
        outcome.stderr.contains("`wxauth --sandbox link`"),
        "{}",
        outcome.stderr
    );
    assert_eq!(status_of(&scene, &appid), "revoked");
    assert_eq!(status_of(&scene, &scene.merchants[0]), "active");
    // One refusal and one confirmation, and none of it again.
    assert_eq!(scene.outcomes(TOKEN, "61003"), 1);
    assert_eq!(scene.outcomes("api_get_authorizer_info", "61003"), 1);
}

#[test]
fn a_single_61003_that_info_does_not_confirm_ends_nobody() {
    let scene = Scene::synced(1);
    let appid = scene.merchants[0].clone();
    scene.sandbox.fault("api_authorizer_token: once 61003");
    scene.run(["token", "authorizer", &appid]).expect_code(4);
    assert_eq!(status_of(&scene, &appid), "active");
    scene.accepted(&["authorizer", &appid]);
}

/// Somebody else who has the platform's secrets mints a component token, and six minutes pass: the
/// stored one is dead.
fn minted_elsewhere(scene: &Scene) {
    scene.accepted(&["component"]);
    let desk = (scene.sandbox.environment().into_iter())
        .fold(Desk::new(), |desk, (name, value)| desk.with(&name, value));
    desk.run(["token", "component"]).expect_code(0);
    scene.sandbox.pass("6m");
}

#[test]
fn a_component_token_minted_elsewhere_costs_one_retry() {
    let scene = Scene::synced(2);
    minted_elsewhere(&scene);
    let minted = scene.calls("api_component_token");
    let told = scene.run(["link"]).expect_code(0);
    assert!(told.stderr.contains("40001"), "{}", told.stderr);
    assert_eq!(scene.outcomes("api_create_preauthcode", "40001"), 1);
    assert_eq!(scene.calls("api_create_preauthcode"), 2);
    assert_eq!(scene.calls("api_component_token"), minted + 1);
}

#[test]
fn a_merchants_token_survives_a_component_token_minted_elsewhere() {
    let scene = Scene::synced(2);
    minted_elsewhere(&scene);
    scene.accepted(&["authorizer", &scene.merchants[0]]);
    assert_eq!(scene.outcomes(TOKEN, "40001"), 1);
    assert_eq!(scene.calls(TOKEN), 2);
}

#[test]
fn bulk_work_renews_a_dead_component_token_once_for_all() {
    let scene = Scene::synced(12);
    minted_elsewhere(&scene);
    let minted = scene.calls("api_component_token");
    let row = scene.json(["authorizers", "refresh"]);
    assert_eq!(row["refreshed"], scene.merchants.len());
    assert_eq!(scene.calls("api_component_token"), minted + 1);
}

#[test]
fn refusals_of_a_token_never_become_a_loop() {
    for errcode in ["40001", "42001"] {
        let scene = Scene::synced(1);
        let minted = scene.calls("api_component_token");
        scene
            .sandbox
            .fault(&format!("api_create_preauthcode: {errcode}"));
        scene.run(["link"]).expect_code(6);
        assert_eq!(scene.calls("api_create_preauthcode"), 2);
        assert_eq!(scene.calls("api_component_token"), minted + 1);
        scene.sandbox.fault(&format!("{TOKEN}: {errcode}"));
        let appid = scene.merchants[0].as_str();
        scene.run(["token", "authorizer", appid]).expect_code(6);
        assert_eq!(scene.calls(TOKEN), 2);
        assert_eq!(scene.calls("api_component_token"), minted + 2);
    }
}

#[test]
fn a_used_up_quota_stops_a_bulk_refresh_and_the_next_run_goes_on() {
    let scene = Scene::synced(30);
    let path = "/cgi-bin/component/api_authorizer_token";
    scene
        .sandbox
        .post("quota", &json!({"path": path, "used": 9_999_990}));
    let stopped = scene.run(["authorizers", "refresh", "--concurrency", "2", "-o", "json"]);
    let stopped = stopped.expect_code(6).json();
    assert_eq!(stopped["refreshed"], 10);
    let refused = scene.outcomes(TOKEN, "45009");
    assert!(
        (1..=2).contains(&refused),
        "as many as were in flight: {refused}"
    );
    assert_eq!(stopped["failed"][0]["errcode"], 45009);
    scene
        .sandbox
        .post("quota", &json!({"path": path, "used": 0}));
    let rest = scene.json(["authorizers", "refresh"]);
    let all = scene.merchants.len() as u64;
    assert_eq!(rest["refreshed"], all - 10);
    assert_eq!(
        scene.sandbox.successes(TOKEN),
        all,
        "nobody's token was made twice"
    );
}

#[test]
fn a_rotated_refresh_token_is_stored_with_the_token_it_came_with() {
    let scene = Scene::synced(1);
    scene.behave(&json!({"refresh_token_rotates": true}));
    for _ in 0..3 {
        scene.sandbox.pass("2h");
        scene.accepted(&["authorizer", &scene.merchants[0]]);
    }
    assert_eq!(
        scene.calls(TOKEN),
        3,
        "each with the refresh token of the one before"
    );
}
