//! The protocol, against captured answers and the shapes that WeChat's documents print.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod captured;
mod errcode;
mod link;
mod lint;
mod mending;
mod permission;
mod redirect;
mod refusal;
mod samples;
mod value;
