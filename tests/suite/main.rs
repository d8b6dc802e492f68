//! The one test binary.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests set up the world"
)]

#[cfg(feature = "client")]
mod api;
#[cfg(all(feature = "cli", feature = "sandbox"))]
mod browser;
#[cfg(all(feature = "cli", feature = "sandbox"))]
mod cli;
#[cfg(all(feature = "cli", feature = "sandbox", feature = "serve"))]
mod clocks;
#[cfg(all(feature = "cli", feature = "sandbox"))]
mod compat;
#[cfg(feature = "cli")]
mod config;
#[cfg(feature = "cli")]
mod console;
#[cfg(all(feature = "cli", feature = "sandbox"))]
mod crash;
#[cfg(feature = "cli")]
mod flow;
#[cfg(feature = "cli")]
mod house;
#[cfg(all(feature = "cli", feature = "redis", feature = "sandbox"))]
mod redis;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(all(feature = "cli", feature = "sandbox", feature = "serve"))]
mod serve;
#[cfg(feature = "cli")]
mod store;
#[cfg(feature = "cli")]
mod support;
mod wechat;
