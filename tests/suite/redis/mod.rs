//! One platform, many machines: the store in a Redis that is really there.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod addresses;
mod broken;
mod cluster;
mod herd;
mod holders;
mod overwritten;
mod reached;
mod sentinel;
#[cfg(feature = "serve")]
mod servers;
mod versions;
mod words;

use crate::crash::scene::Scene;
use crate::support::{Desk, RedisServer};

/// A platform with `count` merchants whose operator keeps the state in this Redis.
fn scene(address: &str, count: usize) -> Scene {
    let desk = Desk::new().with("WXAUTH_SANDBOX_STORE", address);
    Scene::at_desk(desk, count)
}

/// Lets the time of every lease on this server pass, at the server and for the operators.
fn lapse(scene: &Scene, server: &RedisServer) {
    let keys = server.cli(&["--scan", "--pattern", "wxauth:{*}:token*"]);
    for key in keys.lines() {
        server.cli(&["HSET", key, "lease_until", "0"]);
    }
    scene.sandbox.pass("70s");
}
