//! The one test binary.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests set up the world"
)]

#[cfg(feature = "client")]
mod api;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod config;
#[cfg(feature = "cli")]
mod console;
#[cfg(feature = "cli")]
mod flow;
#[cfg(feature = "client")]
mod store;
#[cfg(feature = "cli")]
mod support;
mod wechat;
