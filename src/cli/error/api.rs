//! What WeChat's refusals and silences mean to an operator.

use crate::api::{ApiError, Effect, UnreachableReason};
use crate::lang::{Text, text};
use crate::wechat::wire::{Expected, FieldError};
use crate::wechat::{errcode, limits};

use super::CliError;
use crate::cli::exit::Kind;
use crate::cli::knowledge;

impl From<ApiError> for CliError {
    fn from(error: ApiError) -> Self {
        if error.call().effect() == Effect::Spends && error.may_have_taken_effect() {
            return super::call::unknown_outcome(&error);
        }
        let message = told(&error);
        let new = |kind| Self::new(kind, message.clone());
        match error {
            ApiError::Refused { refusal, .. } => {
                let mut refused = new(kind_of(refusal.errcode));
                if let Some(hint) = knowledge::next_step(refusal.errcode) {
                    refused = refused.hint(hint);
                }
                if let Some(address) = &refusal.request_ip {
                    refused = refused.hint(text!(
                        "the address to add is {address}",
                        "需加入的 IP 为 {address}"
                    ));
                }
                refused.told.errcode = Some(refusal.errcode);
                refused.told.rid = refusal.rid;
                refused
            }
            ApiError::NoClient { .. } => new(Kind::ActionRequired)
                .hint(text!(
                    "correct the file: `wxauth profile set ca_file FILE`",
                    "更正文件：`wxauth profile set ca_file FILE`"
                ))
                .hint(text!(
                    "or see the proxy and certificate variables of the environment",
                    "或检查代理与证书相关的环境变量"
                )),
            ApiError::Unreachable { reason, detail, .. } => {
                let error = new(Kind::Unreachable).cause(Text::same(detail));
                match reason {
                    UnreachableReason::Dns => {
                        error.hint(text!("see that the name resolves on this machine", "检查本机能否解析该域名"))
                    }
                    UnreachableReason::Tls => error.hint(
                        text!("a proxy or a private authority? give its certificate: \
                         `wxauth profile set ca_file FILE` or `SSL_CERT_FILE`", "如经过代理或使用私有 CA，请提供证书：`wxauth profile set ca_file FILE` 或 `SSL_CERT_FILE`"),
                    ),
                    UnreachableReason::Proxy => {
                        error.hint(text!("see `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`", "检查 `HTTPS_PROXY`、`HTTP_PROXY`、`ALL_PROXY` 与 `NO_PROXY`"))
                    }
                    UnreachableReason::Connect | UnreachableReason::Other => {
                        error.hint(text!("see that this machine may connect there; repeating is safe", "检查本机能否连接该地址；可安全重试"))
                    }
                }
            }
            ApiError::AnswerLost { .. } => new(Kind::Unreachable)
                .hint(text!("repeating the command is safe", "可安全重试该命令")),
            ApiError::NotJson { .. } | ApiError::Status { .. } | ApiError::TooLarge { .. } => {
                new(Kind::Unreachable)
                    .cause(text!(
                        "this is not how WeChat answers: a proxy, a portal or a wrong API base",
                        "微信不会这样应答：可能是代理、门户页面或 API 地址有误"
                    ))
                    .hint(text!(
                        "see `wxauth status` for the API base and the environment for a proxy",
                        "用 `wxauth status` 查看 API 地址，并检查代理环境变量"
                    ))
            }
            ApiError::OtherAccount { .. } => new(Kind::Unreachable)
                .cause(text!(
                    "nothing of it was stored: a proxy or an emulator in between mixes answers up",
                    "其内容没有保存：可能是中间的代理或模拟环境弄混了响应"
                ))
                .hint(text!(
                    "see that the API base is WeChat's; repeating is safe",
                    "检查 API 地址是否为微信的；可安全重试"
                )),
            ApiError::Endless { .. } => new(Kind::Unreachable)
                .cause(text!(
                    "an account list has its end: this one grows with every page, or gives a few accounts of very many",
                    "授权方列表总有尽头：而此列表每页都在增长，或总数巨大而每页只有几条"
                ))
                .hint(text!(
                    "see that the API base is WeChat's; repeating is safe",
                    "检查 API 地址是否为微信的；可安全重试"
                )),
            ApiError::Field { .. } => new(Kind::Unreachable)
                .cause(text!(
                    "the answer is JSON, but not of the shape that this call has",
                    "响应是 JSON，但不符合该接口的结构"
                ))
                .hint(text!(
                    "see that the API base is WeChat's; repeating is safe",
                    "检查 API 地址是否为微信的；可安全重试"
                )),
        }
    }
}

/// The exit the error table gives to a code; codes it does not know are refusals.
fn kind_of(code: i64) -> Kind {
    match errcode::lookup(code).map(|entry| entry.exit) {
        Some(4) => Kind::ActionRequired,
        Some(5) => Kind::Unreachable,
        _ => Kind::Refused,
    }
}

/// What happened, in both languages.
pub(super) fn told(error: &ApiError) -> Text {
    Text::new(error.to_string(), chinese(error))
}

fn chinese(error: &ApiError) -> String {
    match error {
        ApiError::Refused { call, refusal } => {
            format!("{call}：errcode {}：{}", refusal.errcode, refusal.errmsg)
        }
        ApiError::NoClient { call, reason } => format!("{call}：{reason}"),
        ApiError::Unreachable {
            call, host, detail, ..
        } => format!("{call}：无法连接 {host}：{detail}"),
        ApiError::AnswerLost { call, .. } => format!("{call}：响应已丢失"),
        ApiError::NotJson { call, status, .. } => {
            format!("{call}：响应（HTTP {status}）不是 JSON 对象")
        }
        ApiError::Status { call, status } => format!("{call}：HTTP 状态码 {status}"),
        ApiError::Field { call, error } => match error {
            FieldError::Missing(field) => format!("{call}：响应缺少 `{field}`"),
            FieldError::Malformed { field, expected } => {
                format!("{call}：响应中的 `{field}` 不是{}", expected_zh(*expected))
            }
        },
        ApiError::Endless {
            call,
            pages,
            rows,
            total,
        } => format!("{call}：列表没有尽头：已到第 {pages} 页，共 {rows} 个账号，总数 {total}"),
        ApiError::OtherAccount {
            call,
            asked,
            answered,
        } => format!("{call}：响应是关于 {answered} 的，而查询的是 {asked}"),
        ApiError::TooLarge { call, limit } => format!("{call}：响应超过 {limit} 字节"),
    }
}

fn expected_zh(expected: Expected) -> String {
    match expected {
        Expected::Token => format!("不含空白的可打印 ASCII 字符（最多 {} 个）", limits::TOKEN),
        Expected::Id => format!(
            "编号：不含空白的可打印 ASCII 字符（最多 {} 个）",
            limits::ID
        ),
        Expected::Lifetime => format!(
            " {} 到 {} 的秒数",
            limits::LIFETIME.start(),
            limits::LIFETIME.end()
        ),
        Expected::Addresses => " IP 地址列表".to_owned(),
        Expected::AsAsked => "所查询的那一项".to_owned(),
    }
}
