//! wxauth: operate a WeChat third-party platform.

#[cfg(feature = "client")]
pub mod api;
pub mod sys;
pub mod wechat;
