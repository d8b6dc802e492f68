//! 61003: the account has not authorized this platform, or no longer.

use super::{Cause, Trouble, Words};

pub const NOT_AUTHORIZED: Trouble = Trouble {
    name: "not_authorized",
    codes: &[61003],
    says: &["component is not authorized by this account"],
    title: Words(
        "The account has not authorized this platform, or has ended it",
        "该账号未授权给此平台，或已取消授权",
    ),
    causes: &[
        Cause {
            id: "authorization_ended",
            cause: Words(
                "the merchant ended the authorization; only the merchant can authorize again",
                "商家已取消授权；只能由商家重新授权",
            ),
            sign: Words(
                "`wxauth authorizers log WHO` shows the end, or `wxauth authorizers sync` marks the account as revoked",
                "`wxauth authorizers log WHO` 有取消记录，或 `wxauth authorizers sync` 将其标记为 revoked",
            ),
            commands: &[
                "wxauth authorizers sync",
                "wxauth link --for WHO",
                "wxauth authorizers redeem --file FILE",
            ],
            console: Some("商家：打开授权链接，由管理员确认"),
            in_sandbox: Some("wxauth sandbox authorize WHO"),
        },
        Cause {
            id: "other_pair",
            cause: Words(
                "account and platform do not belong together: a test appid, another profile, a mistyped id",
                "账号与平台不匹配：测试 appid、选错 profile 或 ID 填写有误",
            ),
            sign: Words(
                "`wxauth authorizers list` does not have the account, `wxauth status` has another platform",
                "`wxauth authorizers list` 中没有该账号，或 `wxauth status` 显示的是另一平台",
            ),
            commands: &[
                "wxauth status",
                "wxauth authorizers list",
                "wxauth profile use NAME",
            ],
            ..Cause::NONE
        },
        Cause {
            id: "release_check_account",
            cause: Words(
                "it is one of the accounts that WeChat's release check leaves in the list",
                "该账号是全网发布检测留在授权列表中的专用账号",
            ),
            sign: Words(
                "the list has it, every call for it answers 61003, and nobody of yours knows the appid",
                "授权列表中存在，但所有调用都返回 61003，且不属于你的任何商家",
            ),
            commands: &["wxauth authorizers forget WHO"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
