//! wxauth: operate a WeChat third-party platform.

#[cfg(feature = "cli")]
pub mod config;
pub mod sys;
pub mod wechat;
