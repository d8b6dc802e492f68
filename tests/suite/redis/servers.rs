//! Several `serve --refresh` on one Redis share the work.

use super::{lapse, scene};
use crate::crash::scene::Scene;
use crate::serve::receiver::Receiver;
use crate::support::{Desk, RedisServer, eventually};

const MERCHANTS: u64 = 60;
const WORDS: &[&str] = &["--sandbox", "--refresh=all", "--daily-budget", "144000"];

/// A further machine: a desk of its own at the same sandbox and the same Redis.
fn machine(scene: &Scene, server: &RedisServer) -> Desk {
    Desk::new()
        .with(
            "WXAUTH_CONFIG_DIR",
            scene.desk.config_dir().display().to_string(),
        )
        .with("WXAUTH_SANDBOX_STORE", server.url())
}

fn refreshed(scene: &Scene) -> u64 {
    scene.sandbox.successes("api_authorizer_token")
}

#[test]
fn each_token_is_refreshed_once_by_one_of_them() {
    let server = RedisServer::start();
    let scene = scene(&server.url(), MERCHANTS as usize);
    scene.run(["authorizers", "sync"]).expect_code(0);
    scene
        .sandbox
        .fault("api_authorizer_token: hold 30ms before");
    let desks: Vec<Desk> = (0..3).map(|_| machine(&scene, &server)).collect();
    let receivers: Vec<Receiver> = desks
        .iter()
        .map(|desk| Receiver::start(desk, WORDS))
        .collect();
    eventually(|| refreshed(&scene) >= MERCHANTS);
    let by_each: Vec<u64> = (receivers.iter())
        .map(|receiver| receiver.told("refreshed")["refreshed"].as_u64().unwrap())
        .collect();
    assert_eq!(by_each.iter().sum::<u64>(), MERCHANTS, "{by_each:?}");
    assert_eq!(refreshed(&scene), MERCHANTS);
    assert_eq!(scene.sandbox.successes("api_component_token"), 1);
}

#[test]
fn a_dead_ones_share_is_taken_over_when_its_leases_end() {
    let server = RedisServer::start();
    let scene = scene(&server.url(), MERCHANTS as usize);
    scene.run(["authorizers", "sync"]).expect_code(0);
    scene
        .sandbox
        .fault("api_authorizer_token: hold 100ms before");
    let desk = machine(&scene, &server);
    let first = Receiver::start(&desk, WORDS);
    eventually(|| refreshed(&scene) >= 10);
    first.signal(rustix::process::Signal::KILL);
    drop(first);
    let before = refreshed(&scene);
    assert!(before < MERCHANTS, "it was in the middle: {before}");
    lapse(&scene, &server);
    let second = Receiver::start(&desk, WORDS);
    let told = second.told("refreshed");
    assert_eq!(told["failed"], 0, "{told}");
    for appid in &scene.merchants {
        scene.accepted(&["authorizer", appid]);
    }
    assert!(
        refreshed(&scene) < MERCHANTS + 30,
        "what was stored is not asked for again"
    );
}
