//! Tokens that are not the newest, or past their end.

use super::{Cause, Trouble, Words};

const NEXT: Option<Words> = Some(Words(
    "somebody else may mint for this platform: see who holds it, and set `mint` accordingly",
    "可能有其他程序也在为该平台刷新令牌：请确认由谁持有，并相应设置 `mint`",
));

pub const NOT_NEWEST: Trouble = Trouble {
    name: "stale_token",
    codes: &[40001, 40014],
    says: &[
        "access_token is invalid or not latest",
        "invalid credential",
    ],
    title: Words(
        "The token is not the newest one, or is no token of this platform",
        "令牌不是最新的，或不属于该平台",
    ),
    next: NEXT,
    causes: &[
        Cause {
            id: "minted_elsewhere",
            cause: Words(
                "another process made a newer component token; the old one dies 5 minutes later",
                "其他进程获取了新的 component_access_token，旧令牌 5 分钟后失效",
            ),
            sign: Words(
                "it works for a while after each refresh; development and production share the appid. \
                 `wxauth authorizers sync` notices it and fetches a new one; `mint never` leaves minting to the \
                 other holder",
                "每次刷新后短暂可用；常见于开发与生产共用同一平台。`wxauth authorizers sync` 会发现并重新获取；\
                 设置 `mint never` 则由另一方负责获取令牌",
            ),
            commands: &[
                "wxauth authorizers sync",
                "wxauth profile set mint never",
                "wxauth profile set token_command COMMAND",
            ],
            ..Cause::NONE
        },
        Cause {
            id: "token_before_reauthorization",
            cause: Words(
                "the merchant authorized anew, and the token from before is still cached",
                "商家重新授权后，仍在使用之前缓存的令牌",
            ),
            sign: Words(
                "one merchant only; `wxauth events list --for WHO` shows a recent authorized",
                "仅个别商家出现；`wxauth events list --for WHO` 有近期的 authorized 事件",
            ),
            commands: &[
                "wxauth authorizers refresh WHO",
                "wxauth token authorizer WHO",
            ],
            ..Cause::NONE
        },
        Cause {
            id: "token_cut_or_other",
            cause: Words(
                "the token was cut off, or another value was sent in its place",
                "令牌被截断，或误传了其他值",
            ),
            sign: Words(
                "`wxauth explain -` tells what a value is; tokens are 136 characters and more",
                "`wxauth explain -` 可识别该值的类型；令牌长度通常在 136 个字符以上",
            ),
            commands: &["wxauth explain -", "wxauth token component"],
            ..Cause::NONE
        },
        Cause {
            id: "secret_behind_token",
            cause: Words(
                "the appsecret behind it was reset",
                "对应的 AppSecret 已被重置",
            ),
            sign: Words(
                "making a new token answers 40125",
                "重新获取令牌时返回 40125",
            ),
            commands: &["wxauth profile set appsecret"],
            console: Some("微信开放平台 – 第三方平台 – 详情 – AppSecret"),
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};

pub const EXPIRED: Trouble = Trouble {
    name: "expired_token",
    codes: &[42001, 42006],
    says: &["access_token expired"],
    title: Words(
        "The token is past its 7200 seconds",
        "令牌已超过 7200 秒有效期",
    ),
    next: NEXT,
    causes: &[
        Cause {
            id: "token_kept_too_long",
            cause: Words(
                "a token was kept longer than its expires_in says",
                "令牌缓存时间超过了 expires_in",
            ),
            sign: Words(
                "the failures begin two hours after the token was made",
                "在令牌获取两小时后开始报错",
            ),
            commands: &["wxauth token component", "wxauth token authorizer WHO"],
            ..Cause::NONE
        },
        Cause {
            id: "refresher_down",
            cause: Words(
                "the process that refreshes does not run",
                "负责刷新令牌的进程没有运行",
            ),
            sign: Words(
                "`wxauth status` counts expired tokens",
                "`wxauth status` 中存在已过期的令牌",
            ),
            commands: &[
                "wxauth status",
                "wxauth authorizers refresh",
                "wxauth serve --refresh",
            ],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
