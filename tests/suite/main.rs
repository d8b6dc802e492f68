//! The one test binary.

#[cfg(feature = "client")]
mod api;
#[cfg(feature = "cli")]
mod config;
#[cfg(feature = "cli")]
mod console;
#[cfg(feature = "client")]
mod store;
mod wechat;
