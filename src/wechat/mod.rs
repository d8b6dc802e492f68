//! The protocol of WeChat's third-party platforms, pure: no I/O, no clock, no runtime.

pub mod account;
pub mod errcode;
pub mod id;
pub mod link;
mod percent;
pub mod permission;
pub mod redirect;
pub mod secret;
pub mod value;
pub mod wire;
