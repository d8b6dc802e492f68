//! 61009 and 61010: authorization codes that buy nothing.

use super::{Cause, Trouble, Words};

pub const INVALID: Trouble = Trouble {
    name: "authorization_code",
    codes: &[61009],
    says: &["code is invalid rid", "invalid authorization_code"],
    title: Words("The authorization code buys nothing", "授权码无效"),
    next: Some(Words(
        "a code works once and for one hour; `wxauth authorizers sync` shows whether it was taken",
        "授权码一小时内有效且只能使用一次；`wxauth authorizers sync` 可查看是否已被换取",
    )),
    causes: &[
        Cause {
            id: "code_spent",
            cause: Words(
                "it was exchanged already: it comes by redirect and by event, and two processes took it",
                "授权码已被换取：跳转和事件会各带来一次，被两个进程分别使用",
            ),
            sign: Words(
                "after `wxauth authorizers sync` the merchant is active, with a refresh token",
                "执行 `wxauth authorizers sync` 后，该商家为 active 且有 refresh_token",
            ),
            commands: &["wxauth authorizers sync", "wxauth token authorizer WHO"],
            ..Cause::NONE
        },
        Cause {
            id: "pre_auth_code_sent",
            cause: Words(
                "a pre-auth code (预授权码) was sent in its place",
                "误传了预授权码",
            ),
            sign: Words(
                "it begins with `preauthcode@@@`; an authorization code begins with `queryauthcode@@@`",
                "以 `preauthcode@@@` 开头；授权码应以 `queryauthcode@@@` 开头",
            ),
            commands: &["wxauth explain -", "wxauth authorizers redeem --file FILE"],
            ..Cause::NONE
        },
        Cause {
            id: "code_of_another_platform",
            cause: Words(
                "it belongs to another platform, or is cut off",
                "授权码属于其他平台，或被截断",
            ),
            sign: Words(
                "`wxauth status` shows another component_appid than the link had",
                "`wxauth status` 显示的 component_appid 与链接中的不一致",
            ),
            commands: &["wxauth status", "wxauth authorizers redeem --file FILE"],
            ..Cause::NONE
        },
        Cause {
            id: "service_market_code",
            cause: Words(
                "it is a login code of the service market (16 hexadecimal digits)",
                "这是服务市场的登录 code（16 位十六进制）",
            ),
            sign: Words(
                "it goes to /wxa/servicemarket/service/login_auth, not to api_query_auth",
                "应调用 /wxa/servicemarket/service/login_auth，而不是 api_query_auth",
            ),
            commands: &["wxauth permissions why /wxa/servicemarket/service/login_auth"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};

pub const EXPIRED: Trouble = Trouble {
    name: "expired_code",
    codes: &[61010],
    says: &["code is expired"],
    title: Words("The authorization code is past its hour", "授权码已过期"),
    next: Some(Words(
        "let the merchant confirm again: `wxauth link`",
        "请商家重新确认授权：`wxauth link`",
    )),
    causes: &[
        Cause {
            id: "code_too_old",
            cause: Words(
                "it was exchanged later than an hour after the merchant confirmed: a queue, a receiver that was down",
                "商家确认一小时后才换取：队列积压或接收端故障",
            ),
            sign: Words(
                "AuthorizationCodeExpiredTime of the event is an absolute time that lies in the past",
                "事件中的 AuthorizationCodeExpiredTime（绝对时间）已过",
            ),
            commands: &["wxauth link", "wxauth authorizers redeem --file FILE"],
            console: Some("商家：打开授权链接，改动一项权限后确认"),
            in_sandbox: Some("wxauth sandbox authorize"),
        },
        Cause {
            id: "token_known_already",
            cause: Words(
                "the merchant had authorized before: its refresh token still works, and the code is not needed",
                "商家此前已授权：原 refresh_token 仍有效，无需该授权码",
            ),
            sign: Words(
                "`wxauth authorizers show` has a refresh token",
                "`wxauth authorizers show` 中有 refresh_token",
            ),
            commands: &["wxauth authorizers sync", "wxauth token authorizer WHO"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
