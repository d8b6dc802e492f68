//! The right call with the wrong kind of token, and the wrong kind of appid.

use super::{Cause, Trouble, Words};

pub const COMPONENT_WANTED: Trouble = Trouble {
    name: "component_token_wanted",
    codes: &[61014],
    title: Words(
        "A call of the platform was made with a merchant's token",
        "平台接口使用了商家的令牌",
    ),
    causes: &[Cause {
        id: "merchants_token_used",
        cause: Words(
            "paths under /cgi-bin/component/ take component_access_token",
            "/cgi-bin/component/ 下的接口应使用 component_access_token",
        ),
        sign: Words(
            "`wxauth permissions why` names the token that a path takes",
            "`wxauth permissions why` 会说明接口使用的令牌",
        ),
        commands: &["wxauth token component"],
        ..Cause::NONE
    }],
    ..Trouble::NONE
};

pub const AUTHORIZER_WANTED: Trouble = Trouble {
    name: "authorizer_token_wanted",
    codes: &[61015],
    title: Words(
        "A call for a merchant was made with the platform's token",
        "代商家调用的接口使用了平台的令牌",
    ),
    causes: &[Cause {
        id: "platforms_token_used",
        cause: Words(
            "calls for a merchant take its authorizer_access_token",
            "代商家调用应使用该商家的 authorizer_access_token",
        ),
        sign: Words(
            "`wxauth permissions why` names the token that a path takes",
            "`wxauth permissions why` 会说明接口使用的令牌",
        ),
        commands: &["wxauth token authorizer WHO"],
        ..Cause::NONE
    }],
    ..Trouble::NONE
};

pub const NOT_A_PLATFORM: Trouble = Trouble {
    name: "not_a_platform",
    codes: &[61011],
    title: Words(
        "component_appid is no third-party platform's",
        "component_appid 不是第三方平台的 appid",
    ),
    causes: &[Cause {
        id: "accounts_appid_used",
        cause: Words(
            "the appid of an official account or mini program stands in its place",
            "误填了公众号或小程序的 appid",
        ),
        sign: Words(
            "the console's list of third-party platforms has another appid",
            "后台第三方平台列表中的 appid 与此不同",
        ),
        commands: &["wxauth status", "wxauth profile set component_appid APPID"],
        console: Some("微信开放平台 – 管理中心 – 第三方平台 – 详情"),
        ..Cause::NONE
    }],
    ..Trouble::NONE
};
