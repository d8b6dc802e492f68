//! The kinds of event that WeChat documents.

/// A documented `InfoType` with its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InfoType {
    /// The value of the field.
    pub name: &'static str,
    /// When it comes, in English.
    pub english: &'static str,
    /// When it comes, in Chinese.
    pub chinese: &'static str,
}

impl InfoType {
    /// The documented one of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        INFO_TYPES.iter().find(|known| known.name == name)
    }
}

const fn known(name: &'static str, english: &'static str, chinese: &'static str) -> InfoType {
    InfoType {
        name,
        english,
        chinese,
    }
}

/// All documented values of `InfoType`, those of the platform itself first.
pub const INFO_TYPES: [InfoType; 14] = [
    known(
        "component_verify_ticket",
        "a new ticket, every ten minutes",
        "推送验证票据，每十分钟一次",
    ),
    known(
        "authorized",
        "a merchant authorized the platform",
        "商家完成授权",
    ),
    known(
        "updateauthorized",
        "a merchant changed what is granted",
        "商家更新授权",
    ),
    known(
        "unauthorized",
        "a merchant ended the authorization",
        "商家取消授权",
    ),
    known(
        "notify_third_fasteregister",
        "the result of a quick registration",
        "快速注册小程序的结果",
    ),
    known(
        "notify_third_fastregisterbetaapp",
        "a trial mini program was made",
        "创建试用小程序的结果",
    ),
    known(
        "notify_third_fastverifybetaapp",
        "a trial mini program was turned into a formal one",
        "试用小程序快速认证（转正）的结果",
    ),
    known(
        "notify_icpfiling_verify_result",
        "the administrator's face check for a filing ended",
        "小程序备案管理员人脸核身的结果",
    ),
    known(
        "notify_apply_icpfiling_result",
        "a filing was accepted or refused",
        "小程序备案的审核结果",
    ),
    known(
        "notify_3rd_wxa_auth",
        "progress of a verification by agent",
        "代商家微信认证的进度",
    ),
    known(
        "notify_3rd_wxa_wxverify",
        "a yearly verification is due or has expired",
        "微信认证年审或过期提醒",
    ),
    known(
        "order_path_apply_result_notify",
        "order paths were submitted",
        "批量提交订单页路径的结果",
    ),
    known(
        "order_path_audit_result_notify",
        "order paths were audited",
        "订单页路径的审核结果",
    ),
    known(
        "wxa_nickname_audit",
        "a name was audited",
        "小程序名称的审核结果",
    ),
];
