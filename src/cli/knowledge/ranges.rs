//! What is known of codes that the table does not have: whose they are, and which are near.

use crate::wechat::errcode::{self, ErrorEntry};

use super::Words;

/// WeChat's list of all codes of third-party platforms.
pub const RETURN_CODES: &str =
    "https://developers.weixin.qq.com/doc/oplatform/Return_codes/Return_code_descriptions_new.html";

/// Where WeChat's staff answer.
pub const COMMUNITY: &str = "https://developers.weixin.qq.com/community/develop/question";

/// How many near codes are named.
const NEAR: usize = 3;
/// How far a code may be to count as near.
const REACH: u64 = 30;

static RANGES: [(i64, i64, Words); 20] = [
    (
        -40_099,
        -40_000,
        Words(
            "results of the sample code for encrypted pushes",
            "消息加解密示例代码的返回值",
        ),
    ),
    (
        40_000,
        40_999,
        Words(
            "invalid values: tokens, appids, codes, parameters",
            "取值不合法：令牌、appid、code、参数等",
        ),
    ),
    (41_000, 41_999, Words("missing parameters", "缺少参数")),
    (
        42_000,
        42_999,
        Words("tokens and codes past their time", "令牌或 code 超时"),
    ),
    (
        43_000,
        43_999,
        Words(
            "wrong method, missing relation or missing verification",
            "请求方式有误，或缺少关注、认证等前提",
        ),
    ),
    (44_000, 44_999, Words("empty bodies and files", "内容为空")),
    (
        45_000,
        45_999,
        Words(
            "limits: sizes, frequencies, quotas",
            "长度、频率、额度等限制",
        ),
    ),
    (
        46_000,
        46_999,
        Words("things that do not exist", "数据不存在"),
    ),
    (
        47_000,
        47_999,
        Words("bodies that cannot be parsed", "内容解析失败"),
    ),
    (
        48_000,
        48_999,
        Words(
            "abilities and permissions of the account",
            "账号的接口能力与权限",
        ),
    ),
    (
        49_000,
        49_999,
        Words(
            "appid and token of different accounts",
            "appid 与令牌不一致",
        ),
    ),
    (
        50_000,
        50_999,
        Words("limited users and accounts", "用户或账号受限"),
    ),
    (
        61_000,
        61_999,
        Words(
            "the third-party platform's own: authorization, components, registration",
            "第三方平台相关：授权、组件、注册",
        ),
    ),
    (
        76_000,
        76_999,
        Words("rid and quota look-ups", "rid 与额度查询"),
    ),
    (
        85_000,
        85_999,
        Words(
            "mini-program code management: upload, audit, release, domains",
            "小程序代码管理：上传、提审、发布、域名",
        ),
    ),
    (
        86_000,
        86_999,
        Words(
            "mini programs operated by a platform",
            "第三方平台代小程序操作",
        ),
    ),
    (
        87_000,
        87_999,
        Words(
            "content security and code-management limits of mini programs",
            "小程序内容安全与代码管理限制",
        ),
    ),
    (
        89_000,
        89_999,
        Words(
            "open-platform binding, business domains, quick registration, caller addresses",
            "开放平台绑定、业务域名、快速注册、调用 IP",
        ),
    ),
    (
        91_000,
        91_999,
        Words("mini-program names and registration", "小程序名称与注册"),
    ),
    (
        9_400_000,
        9_499_999,
        Words("newer interfaces, seven digits", "较新接口的七位错误码"),
    ),
];

/// What the codes of the range hold that `code` lies in.
#[must_use]
pub fn range(code: i64) -> Option<Words> {
    let within = |(from, to, _): &&(i64, i64, Words)| (*from..=*to).contains(&code);
    RANGES.iter().find(within).map(|(_, _, words)| *words)
}

/// The known codes nearest to `code`, nearest first.
#[must_use]
pub fn near(code: i64) -> Vec<&'static ErrorEntry> {
    let mut found: Vec<_> = errcode::all()
        .iter()
        .filter(|entry| entry.code.abs_diff(code) <= REACH && entry.code / 1000 == code / 1000)
        .collect();
    found.sort_by_key(|entry| (entry.code.abs_diff(code), entry.code));
    found.truncate(NEAR);
    found
}
