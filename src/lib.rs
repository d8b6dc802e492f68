//! wxauth: operate a WeChat third-party platform.

#[cfg(feature = "client")]
pub mod store;
pub mod sys;
pub mod wechat;
