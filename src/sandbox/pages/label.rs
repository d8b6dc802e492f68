//! What the pages call things.

use crate::sandbox::catalogue;
use crate::sandbox::state::kind::Kind;

/// A kind of account.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Subscription => "订阅号",
        Kind::Service => "服务号",
        Kind::MiniProgram => "小程序",
        Kind::SmallShop => "小商店",
        Kind::Channels => "视频号",
        Kind::Store => "微信小店",
        Kind::SalesAssistant => "带货助手",
        Kind::Supplier => "供货商",
        Kind::MiniGame => "小游戏",
        Kind::Trial => "试用小程序",
    }
}

/// A state of an account, where it is not the usual one.
pub fn status(status: u32) -> Option<&'static str> {
    match status {
        14 => Some("已注销"),
        16 => Some("已封禁"),
        18 => Some("已告警"),
        19 => Some("已冻结"),
        _ => None,
    }
}

/// A platform of the sandbox, which has no name of its own.
pub fn platform(index: u8) -> String {
    format!("第三方平台 {}", char::from(b'A' + index % 26))
}

/// A permission set.
pub fn set(id: u32) -> String {
    match catalogue::permission_sets().get(&id) {
        Some(set) if !set.name.is_empty() => set.name.clone(),
        _ => format!("权限集 {id}"),
    }
}
