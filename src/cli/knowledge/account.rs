//! 50002: the merchant's account itself is limited.

use super::{Cause, Trouble, Words};

pub const LIMITED: Trouble = Trouble {
    name: "account_limited",
    codes: &[50002],
    title: Words(
        "The merchant's account is cancelled, frozen or banned",
        "商家账号已注销、冻结或被封禁",
    ),
    causes: &[
        Cause {
            id: "account_frozen",
            cause: Words(
                "WeChat limits the account; repeating changes nothing until the merchant settles it",
                "微信对该账号做了限制，商家处理前重试无效",
            ),
            sign: Words(
                "`wxauth authorizers show` tells another account_status than normal, after a sync",
                "同步后 `wxauth authorizers show` 的 account_status 不是 normal",
            ),
            commands: &[
                "wxauth authorizers sync --full",
                "wxauth authorizers show WHO",
            ],
            console: Some("商家：微信公众平台 – 通知中心，查看处罚通知并处理"),
            in_sandbox: Some("wxauth sandbox account WHO --status normal"),
        },
        Cause {
            id: "account_cancelled",
            cause: Words("the account was cancelled for good", "账号已注销"),
            sign: Words(
                "account_status is cancelled: nothing brings it back",
                "account_status 为 cancelled，无法恢复",
            ),
            commands: &[
                "wxauth authorizers show WHO",
                "wxauth authorizers forget WHO",
            ],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
