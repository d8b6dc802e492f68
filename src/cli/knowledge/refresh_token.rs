//! 61023: the refresh token is not the account's, or no longer.

use super::{Cause, Trouble, Words};

pub const INVALID: Trouble = Trouble {
    name: "refresh_token",
    codes: &[61023],
    says: &[
        "invalid refresh_token",
        "refresh_token is invalid",
        "refresh token is dead",
    ],
    title: Words(
        "The refresh token is not, or no longer, this merchant's",
        "authorizer_refresh_token 无效",
    ),
    causes: &[
        Cause {
            id: "refresh_token_replaced",
            cause: Words(
                "the stored refresh token is an old one: the merchant ended the authorization and authorized again, \
                 or another process stored the new one elsewhere",
                "保存的 refresh_token 已过时：商家解除后重新授权过，或新值由其他进程保存在别处",
            ),
            sign: Words(
                "WeChat's list has another value; wxauth looks it up by itself and stores it",
                "微信的授权列表中是另一个值；wxauth 会自动查询并保存",
            ),
            commands: &[
                "wxauth authorizers refresh WHO",
                "wxauth token authorizer WHO",
            ],
            ..Cause::NONE
        },
        Cause {
            id: "store_lost",
            cause: Words(
                "the store was lost or restored from an old copy",
                "存储丢失，或从旧备份恢复",
            ),
            sign: Words(
                "many merchants answer 61023 at once",
                "大量商家同时返回 61023",
            ),
            commands: &["wxauth authorizers recover"],
            ..Cause::NONE
        },
        Cause {
            id: "never_exchanged",
            cause: Words(
                "the authorization code was never exchanged: WeChat has no refresh token to give",
                "授权码一直没有换取，微信侧没有可用的 refresh_token",
            ),
            sign: Words(
                "`wxauth authorizers show` says pending_exchange",
                "`wxauth authorizers show` 显示 pending_exchange",
            ),
            commands: &[
                "wxauth authorizers sync",
                "wxauth link --for WHO",
                "wxauth authorizers redeem --file FILE",
            ],
            console: Some("请商家在授权页改动一项权限后确认；未做改动的确认不会产生新的授权码"),
            in_sandbox: Some("wxauth sandbox update WHO --permissions SETS"),
        },
        Cause {
            id: "refresh_token_cut",
            cause: Words(
                "a database column cut it off, or it is kept under another account's appid",
                "数据库字段过短导致截断，或存到了其他账号名下",
            ),
            sign: Words(
                "a whole one is `refreshtoken@@@` and 43 characters, 58 together",
                "完整的值为 `refreshtoken@@@` 加 43 个字符，共 58 个",
            ),
            commands: &["wxauth explain -", "wxauth authorizers refresh WHO"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
