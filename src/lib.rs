//! wxauth: operate a WeChat third-party platform.

#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod sys;
pub mod wechat;
