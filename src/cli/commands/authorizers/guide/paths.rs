//! Where a merchant does what: the paths of spec R9, R10 and R12.

use crate::wechat::account::AccountKind::{self, Channels, MiniProgram, OfficialAccount};

/// What it is in English, the path itself, and the kinds of account that have it.
pub(in crate::cli::commands::authorizers) type Path =
    (&'static str, &'static str, &'static [AccountKind]);

/// Where it says who administers an account.
pub(super) const ADMINISTRATORS: &str = "「公众平台安全助手」– 绑定查询 – 微信号绑定账号";

/// Where an authorization is ended.
pub(in crate::cli::commands::authorizers) const END_PATHS: [Path; 4] = [
    (
        "mini program",
        "微信公众平台 – 设置 – 第三方设置 – 解除授权",
        &[MiniProgram],
    ),
    (
        "official account",
        "微信公众平台 – 设置与开发 – 公众号设置 – 授权管理 – 查看平台详情 – 取消授权",
        &[OfficialAccount],
    ),
    (
        "official account or mini program, in WeChat",
        "「公众平台安全助手」– 绑定查询 – 微信号绑定账号 – 选择账号 – 已授权的第三方平台列表 – 取消授权图标",
        &[OfficialAccount, MiniProgram],
    ),
    (
        "channels account",
        "视频号助手 – 直播管理 – 开放能力",
        &[Channels],
    ),
];

/// Where an authorization is updated without a link.
pub(super) const UPDATE_PATHS: [Path; 2] = [
    (
        "mini programs only",
        "微信公众平台 – 设置 – 第三方设置 – 管理授权",
        &[MiniProgram],
    ),
    (
        "official account or mini program, in WeChat",
        "「公众平台安全助手」– 绑定查询 – 微信号绑定账号 – 选择账号 – 已授权的第三方平台列表 – 更新授权",
        &[OfficialAccount, MiniProgram],
    ),
];
