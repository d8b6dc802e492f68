//! 45009 and what comes after it.

use super::{Cause, Trouble, Words};

pub const USED_UP: Trouble = Trouble {
    name: "quota",
    codes: &[45009],
    says: &["reach max api daily quota limit", "api freq out of limit"],
    title: Words(
        "The day's calls of this interface are used up",
        "该接口当日调用次数已用完",
    ),
    next: Some(Words(
        "the day's calls are used up; they come back at midnight, Beijing time",
        "当日调用次数已用完，北京时间零点恢复",
    )),
    causes: &[
        Cause {
            id: "token_for_every_request",
            cause: Words(
                "tokens are made for each request or ticket, or in a loop on 40001, in place of being kept two hours",
                "每次请求或每次收到 ticket 都重新获取令牌，或遇 40001 循环重试，没有缓存两小时",
            ),
            sign: Words(
                "it is api_component_token or api_authorizer_token that answers 45009",
                "返回 45009 的是 api_component_token 或 api_authorizer_token",
            ),
            commands: &["wxauth quota clear --by-secret", "wxauth token component"],
            ..Cause::NONE
        },
        Cause {
            id: "many_calls",
            cause: Words(
                "there are really that many calls, or one of your programs repeats without a pause",
                "调用量确实达到上限，或某个程序不间断重试",
            ),
            sign: Words(
                "`wxauth quota show` counts what is used and what is left of a path",
                "`wxauth quota show` 可查看某个接口的已用与剩余次数",
            ),
            commands: &["wxauth quota show PATH", "wxauth quota clear"],
            ..Cause::NONE
        },
        Cause {
            id: "merchants_quota",
            cause: Words(
                "a call for a merchant uses the merchant's own quota, and other providers use it too",
                "代商家调用消耗的是商家自身额度，其他服务商也会消耗",
            ),
            sign: Words(
                "one merchant only, and not on calls of the platform",
                "仅个别商家出现，平台自身接口正常",
            ),
            commands: &[
                "wxauth quota show PATH --as WHO",
                "wxauth quota clear --as WHO",
            ],
            ..Cause::NONE
        },
        Cause {
            id: "wait_for_midnight",
            cause: Words(
                "the month's 10 clears are used as well",
                "当月 10 次清零机会也已用完",
            ),
            sign: Words(
                "clearing answers 48006; what is left is to wait",
                "清零返回 48006，只能等待次日恢复",
            ),
            commands: &["wxauth quota show PATH"],
            in_sandbox: Some("wxauth sandbox clock +24h"),
            ..Cause::NONE
        },
    ],
    source_url: Some(
        "https://developers.weixin.qq.com/doc/oplatform/openApi/openapi/api_clearquota.html",
    ),
    ..Trouble::NONE
};

pub const NO_CLEARS_LEFT: Trouble = Trouble {
    name: "no_clears_left",
    codes: &[48006],
    title: Words("The month's 10 clears are used", "当月 10 次清零机会已用完"),
    causes: &[Cause {
        id: "clears_used",
        cause: Words(
            "clearing with a token and with the appsecret share the 10",
            "用令牌清零和用 AppSecret 清零共用这 10 次",
        ),
        sign: Words(
            "the day's counters start anew at midnight, Beijing time, without a clear",
            "每日计数在北京时间零点自动恢复，无需清零",
        ),
        commands: &["wxauth quota show PATH"],
        ..Cause::NONE
    }],
    ..Trouble::NONE
};
