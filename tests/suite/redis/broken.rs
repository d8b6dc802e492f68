//! A Redis that goes away in the middle of work.

use super::scene;
use crate::support::{Outcome, RedisServer};

const ACCOUNTS: usize = 400;

#[test]
fn killed_in_a_bulk_refresh_it_loses_nothing_and_the_next_run_goes_on() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let mut server = RedisServer::with(&durable);
    let scene = scene(&server.url(), ACCOUNTS);
    scene.run(["authorizers", "sync"]).expect_code(0);
    let bulk = scene.start(["authorizers", "refresh", "-o", "json"]);
    scene.until_answered("api_authorizer_token", 20);
    server.signal("KILL");
    let outcome = Outcome::of(bulk);
    let error = outcome.expect_code(7).json_error();
    assert_eq!(error["kind"], "store", "{error}");
    assert!(
        error["hints"].to_string().contains("run the command again"),
        "{error}"
    );
    let due = scene.merchants.len();
    let before = scene.sandbox.successes("api_authorizer_token");
    assert!(before < due as u64, "it was in the middle: {before}");

    server.restart();
    super::lapse(&scene, &server);
    let done = scene.json(["authorizers", "refresh"]);
    assert_eq!(done["failed"], serde_json::json!([]), "{done}");
    for appid in scene.merchants.iter().step_by(10) {
        scene.accepted(&["authorizer", appid]);
    }
    let calls = scene.sandbox.successes("api_authorizer_token");
    // What was stored before is not asked for again; what was under way may be.
    assert!(
        calls <= (due + 160) as u64,
        "{calls} calls for {due} merchants"
    );
    let listed = scene.json(["authorizers", "list"]);
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), due);
    assert!(listed.iter().all(|row| row["has_refresh_token"] == true));
}
