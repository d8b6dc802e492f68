//! Requests that WeChat cannot make sense of: a field, its name or its place is wrong.

use super::{Cause, Trouble, Words};

pub const NO_BODY_FIELD: Trouble = Trouble {
    name: "fields_not_found",
    codes: &[41018, 41002],
    title: Words(
        "WeChat found no appid in the body",
        "请求体中没有找到 appid",
    ),
    causes: &[
        Cause {
            id: "sent_as_a_form",
            cause: Words(
                "the fields were sent as a form or in the query: they belong in a raw JSON body, the token alone in \
                 the query",
                "字段以表单或 URL 参数发送；应放在原始 JSON 请求体中，只有令牌放在 URL 参数里",
            ),
            sign: Words(
                "wxauth's own call of the same interface works",
                "用 wxauth 调用同一接口正常",
            ),
            commands: &["wxauth token component"],
            ..Cause::NONE
        },
        Cause {
            id: "field_misspelt",
            cause: Words(
                "the field has another name, or its value is null",
                "字段名写错，或取值为 null",
            ),
            sign: Words(
                "component calls want component_appid, clear_quota wants appid",
                "组件接口使用 component_appid，clear_quota 使用 appid",
            ),
            commands: &["wxauth permissions why PATH", "wxauth status"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};

pub const NO_SECRET_FIELD: Trouble = Trouble {
    name: "secret_not_found",
    codes: &[41004],
    title: Words(
        "WeChat found no appsecret in the body",
        "请求体中没有找到 AppSecret",
    ),
    causes: &[
        Cause {
            id: "secret_has_three_names",
            cause: Words(
                "the field has three names: component_appsecret (api_component_token), component_secret \
                 (api_start_push_ticket), appsecret (clear_quota/v2)",
                "该字段有三种名称：component_appsecret（api_component_token）、component_secret（api_start_push_ticket）、\
                 appsecret（clear_quota/v2）",
            ),
            sign: Words(
                "one call takes the secret, another one answers 41004",
                "同一密钥在一个接口可用，在另一个接口返回 41004",
            ),
            commands: &["wxauth ticket request"],
            ..Cause::NONE
        },
        Cause {
            id: "secret_not_loaded",
            cause: Words(
                "the secret was empty where the request was built: a variable that is not set",
                "构造请求时 AppSecret 为空，例如环境变量未设置",
            ),
            sign: Words(
                "`wxauth profile show` tells whether a secret is stored",
                "`wxauth profile show` 可查看是否已保存密钥",
            ),
            commands: &["wxauth profile show", "wxauth profile set appsecret"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};

pub const APPID: Trouble = Trouble {
    name: "appid",
    codes: &[40013],
    says: &["invalid appid"],
    title: Words(
        "An appid in the request is not right",
        "请求中的 appid 不正确",
    ),
    causes: &[
        Cause {
            id: "platform_appid_wrong",
            cause: Words(
                "component_appid is mistyped, in capitals, or of another platform than the token",
                "component_appid 拼写错误、大小写不对，或与令牌不属于同一平台",
            ),
            sign: Words(
                "`wxauth status` shows another one than WeChat's console",
                "`wxauth status` 显示的值与后台不一致",
            ),
            commands: &["wxauth status", "wxauth profile set component_appid APPID"],
            console: Some("微信开放平台 – 管理中心 – 第三方平台 – 详情"),
            ..Cause::NONE
        },
        Cause {
            id: "merchant_field_null",
            cause: Words(
                "authorizer_appid is of nobody, or authorizer_refresh_token was null",
                "authorizer_appid 不存在，或 authorizer_refresh_token 为 null",
            ),
            sign: Words(
                "one merchant only; `wxauth authorizers show` has no refresh token for it",
                "仅个别商家出现；`wxauth authorizers show` 中没有 refresh_token",
            ),
            commands: &["wxauth authorizers show WHO", "wxauth authorizers sync"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
