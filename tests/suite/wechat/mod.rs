//! The protocol, against captured answers and the shapes that WeChat's documents print.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api_permission;
mod captured;
mod crypto;
mod document;
mod errcode;
#[cfg(feature = "client")]
mod event;
mod link;
mod lint;
mod masking;
mod mending;
#[cfg(feature = "client")]
mod message;
mod permission;
#[cfg(feature = "client")]
mod push;
mod redirect;
mod refusal;
mod samples;
mod value;
pub(crate) mod vectors;
#[cfg(feature = "client")]
mod xml;
