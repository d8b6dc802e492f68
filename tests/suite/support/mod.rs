//! What stories share: a home of its own for each, the program, and a sandbox beside it.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io::Write as _;
use std::sync::LazyLock;

#[cfg(feature = "sandbox")]
mod browser;
mod database;
mod desk;
#[cfg(all(feature = "cli", feature = "sandbox", feature = "serve"))]
mod disk;
#[cfg(feature = "redis")]
mod redis;
mod sandbox;
#[cfg(feature = "redis")]
mod wire;

#[cfg(feature = "sandbox")]
pub use browser::Browser;
pub use database::{
    Held, count_commits, hold_old_state, lock_store, open_store, rename_merchant, tamper,
    with_platform, with_store,
};
pub use desk::{Desk, Outcome};
#[cfg(all(feature = "cli", feature = "sandbox", feature = "serve"))]
pub use disk::Disk;
#[cfg(feature = "redis")]
pub use redis::{RedisServer, free_port, shared_redis};
pub use sandbox::{SandboxProcess, plain_client};
#[cfg(feature = "redis")]
pub use wire::Wire;

/// Reports that a test cannot run on this machine; a failure where `WXAUTH_TEST_REQUIRE_ALL=1`.
#[track_caller]
pub fn skip(reason: &str) {
    let required = std::env::var_os("WXAUTH_TEST_REQUIRE_ALL").is_some_and(|value| value == "1");
    assert!(!required, "a test may not be skipped here: {reason}");
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    // Past the capture of the test harness, which would hide it.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
}

/// An address of this machine that refuses connections, `127.0.0.1:PORT`.
///
/// The port is bound for as long as the tests run, so that no other program can listen at it.
pub fn refusing_address() -> &'static str {
    static BOUND: LazyLock<(tokio::net::TcpSocket, String)> = LazyLock::new(|| {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(any).expect("a free port");
        let address = socket.local_addr().expect("an address").to_string();
        (socket, address)
    });
    &BOUND.1
}

/// Waits until something is so that nobody tells of.
#[track_caller]
pub fn eventually(so: impl Fn() -> bool) {
    for _ in 0..600 {
        if so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it does not come");
}
