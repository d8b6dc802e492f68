//! Stories told to the sandbox over real HTTP, with no code of the client.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a story fails where it breaks"
)]

mod authorizers;
mod business;
mod codes;
mod confirming;
mod control;
mod coverage;
mod diagnosis;
mod disputed;
mod faults;
mod home;
mod options;
mod pages_computer;
mod pages_console;
mod pages_guard;
mod pages_phone;
mod protocol;
#[cfg(feature = "client")]
mod push;
mod quota;
mod samples;
mod stage;
mod standing;
mod state;
mod tables;
mod tokens;
mod visitor;
