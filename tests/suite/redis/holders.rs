//! Holders of leases that die, or that sleep longer than their lease.

use std::process::{Child, Command};

use super::{lapse, scene};
use crate::crash::scene::Scene;
use crate::support::{Outcome, RedisServer};

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Six minutes later every process holds tokens that WeChat accepts, and all hold the same.
#[track_caller]
fn converges(scene: &Scene) {
    scene.until_held(0);
    let all = || {
        let mut tokens = vec![scene.accepted(&["component"])];
        let merchants = scene.merchants.iter();
        tokens.extend(merchants.map(|appid| scene.accepted(&["authorizer", appid])));
        tokens
    };
    all();
    scene.sandbox.pass("6m");
    let first = all();
    assert_eq!(all(), first, "processes agree");
    scene.sandbox.pass("6m");
    assert_eq!(all(), first, "and nothing is replaced without need");
}

/// A call of this kind is under way when its holder is stopped.
fn under_way(server: &RedisServer, call: &str, hold: &str) -> (Scene, Child, String) {
    let scene = scene(&server.url(), 3);
    scene.run(["authorizers", "sync"]).expect_code(0);
    let merchant = scene.merchants[0].clone();
    for whose in [&["component"][..], &["authorizer", &merchant]] {
        scene.accepted(whose);
    }
    scene.sandbox.pass("1h55m");
    let before = scene.sandbox.successes(call);
    scene.sandbox.fault(&format!("{call}: once hold 2s {hold}"));
    let child = match call {
        "api_component_token" => scene.start(["token", "component"]),
        _ => scene.start(["token", "authorizer", &merchant]),
    };
    scene.until_held(1);
    assert!(scene.sandbox.successes(call) >= before);
    (scene, child, merchant)
}

#[test]
fn a_sleeper_past_its_lease_writes_nothing_when_it_wakes() {
    for call in ["api_component_token", "api_authorizer_token"] {
        let server = RedisServer::start();
        let (scene, sleeper, merchant) = under_way(&server, call, "after");
        let whose = match call {
            "api_component_token" => vec!["component"],
            _ => vec!["authorizer", &merchant],
        };
        signal(&sleeper, "STOP");
        scene.until_held(0);
        lapse(&scene, &server);
        let taken = scene.accepted(&whose);
        let token = server.cli(&["--scan", "--pattern", "wxauth:{*}:token*"]);
        let kept = |field: &str| -> Vec<String> {
            let keys = token.lines();
            keys.map(|key| server.cli(&["HGET", key, field])).collect()
        };
        let fences = kept("fence");
        assert!(kept("access").contains(&taken));
        signal(&sleeper, "CONT");
        let woken = Outcome::of(sleeper).expect_code(0).stdout;
        let late: Vec<String> = kept("access");
        assert!(
            late.contains(&woken.trim().to_owned()),
            "{call}: what the sleeper printed is what is stored now"
        );
        // It took no one's place by an old number: what it stored came under a new lease, or it
        // took over what was there.
        let now = kept("fence");
        let grown = fences
            .iter()
            .zip(&now)
            .all(|(before, after)| before <= after);
        assert!(grown, "{call}: {fences:?} then {now:?}");
        assert_eq!(scene.errcode_for(woken.trim()), 0, "{call}");
        converges(&scene);
    }
}

#[test]
fn a_dead_ones_lease_is_taken_over_when_it_ends() {
    for (call, hold) in [
        ("api_component_token", "before"),
        ("api_component_token", "after"),
        ("api_authorizer_token", "before"),
        ("api_authorizer_token", "after"),
    ] {
        let server = RedisServer::start();
        let (scene, mut holder, merchant) = under_way(&server, call, hold);
        holder.kill().unwrap();
        holder.wait().unwrap();
        let whose = match call {
            "api_component_token" => vec!["component"],
            _ => vec!["authorizer", &merchant],
        };
        // Until then it is named, because from another machine nobody can see that it is dead.
        let patience = ["-o", "json", "--lock-timeout", "1s"];
        let waits = scene.run(["token"].iter().chain(&whose).chain(&patience));
        let error = waits.expect_code(7).json_error();
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|said| said.contains("process")),
            "{error}"
        );
        lapse(&scene, &server);
        scene.accepted(&whose);
        converges(&scene);
    }
}
