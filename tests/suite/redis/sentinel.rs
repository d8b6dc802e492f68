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
        let replica = RedisServer::with(&["--replicaof", &format!("127.0.0.1 {port}")]);
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
