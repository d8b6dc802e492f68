//! The one test binary.

mod wechat;
