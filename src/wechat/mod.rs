//! The protocol of WeChat's third-party platforms, pure: no I/O, no clock, no runtime.

pub mod account;
pub mod api_permission;
pub mod crypto;
pub mod errcode;
#[cfg(feature = "client")]
pub mod event;
pub mod id;
pub mod limits;
pub mod link;
pub mod masking;
#[cfg(feature = "client")]
pub mod message;
mod percent;
pub mod permission;
#[cfg(feature = "client")]
pub mod push;
pub mod redirect;
#[cfg(feature = "client")]
pub mod release_check;
pub mod rid;
pub mod secret;
mod table;
pub mod value;
pub mod wire;
#[cfg(feature = "client")]
pub mod xml;
