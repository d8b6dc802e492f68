//! Several `serve --refresh` on one Redis share the work.

use super::{lapse, scene};
use crate::crash::scene::Scene;
use crate::serve::receiver::Receiver;
use crate::support::{Desk, RedisServer, eventually};

const ACCOUNTS: usize = 60;
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
    let scene = scene(&server.url(), ACCOUNTS);
    scene.run(["authorizers", "sync"]).expect_code(0);
    scene
        .sandbox
        .fault("api_authorizer_token: hold 30ms before");
    let desks: Vec<Desk> = (0..3).map(|_| machine(&scene, &server)).collect();
    let receivers: Vec<Receiver> = desks
        .iter()
        .map(|desk| Receiver::start(desk, WORDS))
        .collect();
    let due = scene.merchants.len() as u64;
    eventually(|| refreshed(&scene) >= due);
    for receiver in receivers {
        assert_eq!(receiver.stop(), 0);
    }
    assert_eq!(refreshed(&scene), due);
    assert_eq!(scene.sandbox.successes("api_component_token"), 1);
    for appid in &scene.merchants {
        scene.accepted(&["authorizer", appid]);
    }
    assert_eq!(refreshed(&scene), due);
}

#[test]
fn a_dead_ones_share_is_taken_over_when_its_leases_end() {
    let server = RedisServer::start();
    let scene = scene(&server.url(), ACCOUNTS);
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
    let due = scene.merchants.len() as u64;
    assert!(before < due, "it was in the middle: {before}");
    lapse(&scene, &server);
    let second = Receiver::start(&desk, WORDS);
    let told = second.told("refreshed");
    assert_eq!(told["failed"], 0, "{told}");
    for appid in &scene.merchants {
        scene.accepted(&["authorizer", appid]);
    }
    assert!(
        refreshed(&scene) < due + 30,
        "what was stored is not asked for again"
    );
}
