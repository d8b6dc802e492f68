//! What to do about each kind of push (InfoType).

use super::Words;

/// What is known of an InfoType, beside when it comes.
#[derive(Clone, Copy, Debug)]
pub struct Push {
    /// What the receiver does with it.
    pub advice: Words,
    /// The fields it has beside AppId, CreateTime and InfoType.
    pub fields: &'static str,
    /// What to run next.
    pub commands: &'static [&'static str],
}

/// What is known of the InfoType of that name.
#[must_use]
pub fn info_type(name: &str) -> Option<&'static Push> {
    PUSHES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, push)| push)
}

/// A kind of event on the message URL that is about the mini program itself (`Event`, not InfoType).
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// The value of the field.
    pub name: &'static str,
    /// When it comes.
    pub title: Words,
    /// What to do with it, and which fields it has.
    pub push: Push,
}

/// What is known of the event of that name.
#[must_use]
pub fn event(name: &str) -> Option<&'static Event> {
    EVENTS.iter().find(|event| event.name == name)
}

const fn known(name: &'static str, title: Words, fields: &'static str, advice: Words) -> Event {
    Event {
        name,
        title,
        push: Push {
            advice,
            fields,
            commands: &["wxauth events list --messages"],
        },
    }
}

/// Every event that is documented for platforms.
pub const EVENTS: [Event; 6] = [
    known(
        "weapp_audit_success",
        Words(
            "the mini program's code passed its audit",
            "小程序代码审核通过",
        ),
        "SuccTime",
        Words(
            "Release the version: /wxa/release.",
            "可发布该版本：/wxa/release。",
        ),
    ),
    known(
        "weapp_audit_fail",
        Words(
            "the mini program's code was refused",
            "小程序代码审核未通过",
        ),
        "FailTime, Reason, ScreenShot",
        Words(
            "Show Reason to the merchant, correct and submit again.",
            "将 Reason 告知商家，修改后重新提审。",
        ),
    ),
    known(
        "weapp_audit_delay",
        Words("the audit takes longer", "小程序代码审核延后"),
        "DelayTime, Reason",
        Words("Wait; Reason says why.", "等待即可，原因见 Reason。"),
    ),
    known(
        "wxa_category_audit",
        Words("a category was audited", "小程序类目审核结果"),
        "first, second, ret, reason",
        Words(
            "ret says the result, reason why it was refused.",
            "结果见 ret，拒绝原因见 reason。",
        ),
    ),
    known(
        "wxa_appeal_record",
        Words(
            "a penalty or appeal of the mini program has news",
            "小程序违规或申诉记录有更新",
        ),
        "…",
        Words(
            "The merchant looks at the notice in its console.",
            "请商家登录后台查看通知。",
        ),
    ),
    known(
        "wxa_privacy_apply",
        Words(
            "an application for a privacy interface was decided",
            "小程序隐私接口申请结果",
        ),
        "…",
        Words(
            "See the result in the body; /wxa/security/get_privacy_interface lists them.",
            "结果见推送内容；可用 /wxa/security/get_privacy_interface 查询。",
        ),
    ),
];

const STATUS: Words = Words(
    "Answer `success`, then look at its status fields; nothing of the authorization changes.",
    "返回 `success` 后按状态字段处理；授权关系不受影响。",
);

static PUSHES: [(&str, Push); 14] = [
    (
        "component_verify_ticket",
        Push {
            advice: Words(
                "Answer `success`, and keep the newest: it is needed for every component token.",
                "返回 `success` 并保存最新的 ticket，每次获取 component_access_token 都需要它。",
            ),
            fields: "ComponentVerifyTicket",
            commands: &[
                "wxauth ticket show",
                "wxauth explain ticket",
                "wxauth events send component_verify_ticket --to URL",
            ],
        },
    ),
    (
        "authorized",
        Push {
            advice: Words(
                "Answer `success`, and exchange the code within an hour, once: `serve` does it where it mints.",
                "返回 `success`，并在一小时内换取一次授权码；`serve` 在由其刷新令牌时会自动换取。",
            ),
            fields: "AuthorizerAppid, AuthorizationCode, AuthorizationCodeExpiredTime, PreAuthCode",
            commands: &[
                "wxauth events list --type authorized",
                "wxauth authorizers redeem --file FILE",
                "wxauth authorizers sync",
            ],
        },
    ),
    (
        "updateauthorized",
        Push {
            advice: Words(
                "Exchange the code and read the granted sets again. It does not come when nothing changed.",
                "换取授权码并重新读取权限集。权限没有变化时不会推送。",
            ),
            fields: "AuthorizerAppid, AuthorizationCode, AuthorizationCodeExpiredTime, PreAuthCode",
            commands: &["wxauth permissions drift", "wxauth authorizers sync"],
        },
    ),
    (
        "unauthorized",
        Push {
            advice: Words(
                "The merchant ended the authorization: its tokens are dead, and only the merchant can authorize again.",
                "商家已取消授权：相关令牌失效，只能由商家重新授权。",
            ),
            fields: "AuthorizerAppid",
            commands: &["wxauth authorizers sync", "wxauth link --for WHO"],
        },
    ),
    (
        "notify_third_fasteregister",
        Push {
            advice: Words(
                "status 0 is a success: exchange auth_code. Other values come with msg, and appid and auth_code may be missing.",
                "status 为 0 表示成功，用 auth_code 换取授权；其他值见 msg，此时可能没有 appid 和 auth_code。",
            ),
            fields: "appid, status, auth_code, msg, info",
            commands: &[
                "wxauth authorizers redeem --file FILE",
                "wxauth events list --type notify_third_fasteregister",
            ],
        },
    ),
    (
        "notify_third_fastregisterbetaapp",
        Push {
            advice: STATUS,
            fields: "appid, status, msg, info",
            commands: &["wxauth events list --type notify_third_fastregisterbetaapp"],
        },
    ),
    (
        "notify_third_fastverifybetaapp",
        Push {
            advice: STATUS,
            fields: "appid, status, msg, info",
            commands: &["wxauth events list --type notify_third_fastverifybetaapp"],
        },
    ),
    (
        "notify_icpfiling_verify_result",
        Push {
            advice: Words(
                "result 3 is passed, 2 failed.",
                "result 为 3 表示通过，2 表示失败。",
            ),
            fields: "task_id, verify_appid, result",
            commands: &["wxauth events list --type notify_icpfiling_verify_result"],
        },
    ),
    (
        "notify_apply_icpfiling_result",
        Push {
            advice: STATUS,
            fields: "authorizer_appid, beian_status",
            commands: &["wxauth events list --type notify_apply_icpfiling_result"],
        },
    ),
    (
        "notify_3rd_wxa_auth",
        Push {
            advice: Words(
                "Comes at task_status 0, 6, 9, 12 and apply_status 2 to 5; dispatch_info is there at apply_status 2.",
                "在 task_status 为 0、6、9、12 及 apply_status 为 2–5 时推送；apply_status 为 2 时带 dispatch_info。",
            ),
            fields: "appid, taskid, task_status, apply_status, message, dispatch_info",
            commands: &["wxauth events list --type notify_3rd_wxa_auth"],
        },
    ),
    (
        "notify_3rd_wxa_wxverify",
        Push {
            advice: Words(
                "Tell the merchant to verify before `expired`, a Unix time.",
                "提醒商家在 `expired`（Unix 时间）前完成年审。",
            ),
            fields: "appid, expired, message",
            commands: &["wxauth events list --type notify_3rd_wxa_wxverify"],
        },
    ),
    (
        "order_path_apply_result_notify",
        Push {
            advice: Words(
                "`list` has one element for each account, with ret_code.",
                "`list` 中每个账号一项，结果见 ret_code。",
            ),
            fields: "list: appid, audit_id, ret_code",
            commands: &["wxauth events list --type order_path_apply_result_notify"],
        },
    ),
    (
        "order_path_audit_result_notify",
        Push {
            advice: Words(
                "status 4 is passed, 3 refused (see reason), 2 still running.",
                "status 为 4 表示通过，3 表示拒绝（见 reason），2 表示审核中。",
            ),
            fields: "list: appid, audit_id, status, apply_time, audit_time, reason",
            commands: &["wxauth events list --type order_path_audit_result_notify"],
        },
    ),
    (
        "wxa_nickname_audit",
        Push {
            advice: Words(
                "ret 3 is passed, 2 refused. WeChat's documents send it as an Event to the message URL.",
                "ret 为 3 表示通过，2 表示拒绝。官方文档中它作为 Event 推送到消息与事件接收 URL。",
            ),
            fields: "nickname, ret, reason",
            commands: &["wxauth events list --type wxa_nickname_audit"],
        },
    ),
];
