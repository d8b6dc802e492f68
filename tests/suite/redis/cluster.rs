//! A cluster of three on the loopback.

use std::net::TcpListener;

use super::scene;
use crate::support::{RedisServer, eventually, free_port};

/// So far above its port a node hears the others.
const BUS: u16 = 10_000;

/// Three masters that share the slots.
struct Cluster {
    nodes: Vec<RedisServer>,
}

impl Cluster {
    fn start() -> Self {
        let nodes: Vec<RedisServer> = (0..3)
            .map(|_| RedisServer::on(port_with_bus(), &["--cluster-enabled", "yes"]))
            .collect();
        let places = nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port()));
        let made = std::process::Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(places)
            .arg("--cluster-yes")
            .output()
            .expect("redis-cli runs");
        assert!(made.status.success(), "{made:?}");
        for node in &nodes {
            eventually(|| node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok"));
        }
        Self { nodes }
    }

    fn address(&self) -> String {
        let places = self
            .nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port()));
        let places: Vec<String> = places.collect();
        format!("redis://{}?cluster", places.join(","))
    }
}

fn port_with_bus() -> u16 {
    let is_free = |port: &u16| {
        let bus = port.checked_add(BUS);
        bus.is_some_and(|bus| TcpListener::bind(("127.0.0.1", bus)).is_ok())
    };
    let mut ports = std::iter::repeat_with(free_port);
    ports.find(is_free).expect("a port")
}

#[test]
fn a_platform_lives_on_one_node_and_every_node_leads_there() {
    let cluster = Cluster::start();
    let scene = scene(&cluster.address(), 3);
    let token = scene.accepted(&["component"]);
    let keys = |node: &RedisServer| node.cli(&["--scan", "--pattern", "wxauth:{*"]);
    let holding: Vec<_> = cluster
        .nodes
        .iter()
        .filter(|node| !keys(node).is_empty())
        .collect();
    assert_eq!(holding.len(), 1, "one slot, one node");
    for node in &cluster.nodes {
        let address = format!("redis://127.0.0.1:{}?cluster", node.port());
        let desk = crate::support::Desk::new().with("WXAUTH_SANDBOX_STORE", address);
        let here = desk
            .command(["--sandbox", "token", "component"])
            .env("WXAUTH_CONFIG_DIR", scene.desk.config_dir())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&here.stdout).trim(), token);
    }
    assert_eq!(scene.calls("api_component_token"), 1);
}
