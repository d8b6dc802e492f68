//! Clocks that are wrong for a while: this machine's, by libfaketime, and the sandbox's.

mod machine;
mod receiver;
mod sandbox;

use crate::support::{Desk, skip};

/// Whether this machine's clock can be moved for one program; else the test is skipped.
fn can_move_the_clock() -> bool {
    let found = std::process::Command::new("faketime")
        .arg("--version")
        .output();
    if found.is_err() {
        skip("faketime is not installed");
    }
    found.is_ok()
}

/// Runs a test with a store in a file, and with one in Redis.
fn with_each_store(desk: fn() -> Desk, test: impl Fn(Desk)) {
    test(desk());
    #[cfg(feature = "redis")]
    test(desk().with("WXAUTH_STORE", crate::support::shared_redis()));
}
