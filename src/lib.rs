//! wxauth: operate a WeChat third-party platform.

#[cfg(feature = "cli")]
pub mod console;
pub mod lang;
pub mod sys;
pub mod wechat;
