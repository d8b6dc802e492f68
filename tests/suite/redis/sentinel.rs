//! A master that dies, a replica that takes over, and sentinels that know.

use std::time::Duration;

use super::{lapse, scene};
use crate::crash::scene::Scene;
use crate::support::{RedisServer, eventually};

/// A master, its replica and three sentinels.
struct Watched {
    master: RedisServer,
    replica: RedisServer,
    sentinels: Vec<RedisServer>,
}

impl Watched {
    fn start() -> Self {
        let master = RedisServer::start();
        let port = master.port().to_string();
        let replica = RedisServer::with(&["--replicaof", "127.0.0.1", &port]);
        eventually(|| {
            replica
                .cli(&["INFO", "replication"])
                .contains("master_link_status:up")
        });
        let sentinels = (0..3)
            .map(|_| RedisServer::sentinel(master.port()))
            .collect();
        let watched = Self {
            master,
            replica,
            sentinels,
        };
        // Two must see each other to agree on a death.
        for sentinel in &watched.sentinels {
            eventually(|| {
                let seen = sentinel.ask(&["SENTINEL", "MASTER", "platform"]);
                let field = |name: &str| {
                    let mut lines = seen.lines().skip_while(|line| *line != name);
                    lines.nth(1).unwrap_or_default().to_owned()
                };
                field("num-other-sentinels") == "2" && field("num-slaves") == "1"
            });
        }
        watched
    }

    fn address(&self) -> String {
        let ports = self
            .sentinels
            .iter()
            .map(|one| format!("127.0.0.1:{}", one.port()));
        let ports: Vec<String> = ports.collect();
        format!("redis://{}?sentinel=platform", ports.join(","))
    }

    /// The master is gone, and its replica has taken over.
    fn fail_over(&self) {
        self.master.signal("KILL");
        eventually(|| self.replica.cli(&["ROLE"]).starts_with("master"));
    }
}

fn minted(scene: &Scene) -> u64 {
    scene.sandbox.successes("api_component_token")
}

#[test]
fn after_a_failover_the_token_is_still_there() {
    let watched = Watched::start();
    let scene = scene(&watched.address(), 1);
    let before = scene.accepted(&["component"]);
    watched.fail_over();
    assert_eq!(scene.accepted(&["component"]), before);
    assert_eq!(minted(&scene), 1);
}

#[test]
fn what_a_failover_loses_costs_one_token_and_nobody_trusts_the_dead_one() {
    let watched = Watched::start();
    let scene = scene(&watched.address(), 1);
    scene.accepted(&["component"]);
    scene.sandbox.pass("1h55m");
    // WeChat makes the next token; the replica knows that it was asked for, and then hears no more.
    scene
        .sandbox
        .fault("api_component_token: once hold 3s after");
    let late = scene.start(["token", "component"]);
    scene.until_held(1);
    watched.replica.signal("STOP");
    watched.master.cli(&["CLIENT", "KILL", "TYPE", "replica"]);
    let printed = crate::support::Outcome::of(late).expect_code(0).stdout;
    let lost = printed.trim().to_owned();
    assert_eq!(minted(&scene), 2);
    watched.master.signal("KILL");
    watched.replica.signal("CONT");
    eventually(|| watched.replica.cli(&["ROLE"]).starts_with("master"));
    lapse(&scene, &watched.replica);

    let next = scene.accepted(&["component"]);
    assert_ne!(next, lost);
    assert_eq!(minted(&scene), 3, "one token more than without a failover");
    scene.sandbox.pass("6m");
    assert_eq!(scene.accepted(&["component"]), next);
    assert_eq!(minted(&scene), 3);
}

#[test]
fn a_master_that_was_deposed_while_it_slept_keeps_nothing_to_itself() {
    let watched = Watched::start();
    let scene = scene(&watched.address(), 80);
    scene.run(["authorizers", "sync", "-q"]).expect_code(0);
    // Slow enough that the work is under way when the master sleeps and when it wakes.
    scene.sandbox.fault("api_authorizer_token: delay 300ms");
    let refresh = ["authorizers", "refresh", "--concurrency", "8", "-q"];
    let bulk = scene.start(refresh);
    scene.until_answered("api_authorizer_token", 16);
    watched.master.signal("STOP");
    eventually(|| watched.replica.cli(&["ROLE"]).starts_with("master"));
    watched.master.signal("CONT");
    // It goes on with the new master, or ends with a clear word.
    let outcome = crate::support::Outcome::of(bulk);
    assert!([0, 7].contains(&outcome.code), "{outcome:?}");
    eventually(|| watched.master.cli(&["ROLE"]).starts_with("slave"));

    lapse(&scene, &watched.replica);
    scene.sandbox.pass("6m");
    scene.run(refresh).expect_code(0);
    for appid in scene.merchants.iter().step_by(4) {
        scene.accepted(&["authorizer", appid]);
    }
    // Only those that were under way when it fell asleep may have cost one more.
    let (calls, merchants) = (
        scene.sandbox.successes("api_authorizer_token"),
        scene.merchants.len() as u64,
    );
    assert!(
        calls <= merchants + 8,
        "{calls} calls for {merchants} merchants"
    );
}

#[test]
fn wechat_is_not_asked_while_no_replica_confirms() {
    let watched = Watched::start();
    let scene = scene(&watched.address(), 1);
    scene.accepted(&["component"]);
    scene.sandbox.pass("1h55m");
    watched.replica.signal("STOP");
    let outcome = scene.run(["token", "component", "-o", "json"]);
    let error = outcome.expect_code(7).json_error();
    assert!(error["hints"].to_string().contains("replicas"), "{error}");
    assert_eq!(minted(&scene), 1);
    watched.replica.signal("CONT");
    std::thread::sleep(Duration::from_millis(100));
    scene.accepted(&["component"]);
    assert_eq!(minted(&scene), 2);
}

#[test]
fn bulk_work_stops_when_replicas_fall_silent() {
    let watched = Watched::start();
    let scene = scene(&watched.address(), 120);
    scene.run(["authorizers", "sync", "-q"]).expect_code(0);
    scene.sandbox.fault("api_authorizer_token: delay 300ms");
    let refresh = ["authorizers", "refresh", "--concurrency", "4", "-q"];
    let bulk = scene.start(refresh);
    scene.until_answered("api_authorizer_token", 8);
    watched.replica.signal("STOP");
    let outcome = crate::support::Outcome::of(bulk).expect_code(7);
    assert!(outcome.stderr.contains("replica"), "{outcome:?}");
    let (calls, merchants) = (
        scene.sandbox.successes("api_authorizer_token"),
        scene.merchants.len() as u64,
    );
    assert!(calls < merchants, "WeChat was asked for all {merchants}");
    watched.replica.signal("CONT");
    lapse(&scene, &watched.master);
    let words = ["authorizers", "refresh", "-q"];
    scene.run(words).expect_code(0);
    let calls = scene.sandbox.successes("api_authorizer_token");
    assert!(calls <= merchants + 4, "{calls} for {merchants} merchants");
}

#[test]
fn a_name_that_the_sentinels_do_not_know_is_said() {
    let sentinel = RedisServer::sentinel(RedisServer::start().port());
    let address = format!("redis://127.0.0.1:{}?sentinel=another", sentinel.port());
    let outcome = scene(&address, 1).run(["token", "component", "-o", "json"]);
    let error = outcome.expect_code(7).json_error();
    assert!(
        error["hints"].to_string().contains("sentinel masters"),
        "{error}"
    );
}
