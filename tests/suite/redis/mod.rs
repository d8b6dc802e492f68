//! One platform, many machines: the store in a Redis that is really there.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod addresses;
