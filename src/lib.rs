//! wxauth: operate a WeChat third-party platform.

pub mod sys;
pub mod wechat;
