//! The one test binary.

#[cfg(feature = "client")]
mod api;
mod wechat;
