//! The protocol of WeChat's third-party platforms, pure: no I/O, no clock, no runtime.

pub mod id;
pub mod secret;
