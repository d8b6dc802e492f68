//! What stories share: a home of its own for each, the program, and a sandbox beside it.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "sandbox")]
mod browser;
mod desk;
#[cfg(feature = "redis")]
mod redis;
mod sandbox;
#[cfg(feature = "redis")]
mod wire;

#[cfg(feature = "sandbox")]
pub use browser::Browser;
pub use desk::{Desk, Outcome};
#[cfg(feature = "redis")]
pub use redis::{RedisServer, free_port, shared_redis};
pub use sandbox::{SandboxProcess, plain_client};
#[cfg(feature = "redis")]
pub use wire::Wire;

/// Ends a story that cannot be told on this machine: loudly where nothing may be skipped.
pub fn skip(reason: &str) {
    let forbidden = std::env::var_os("WXAUTH_TEST_REQUIRE_ALL").is_some();
    assert!(!forbidden, "a test may not be skipped here: {reason}");
    eprintln!("skipped: {reason}");
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
