//! What WeChat's refusals and silences mean to an operator.

use crate::api::{ApiError, Effect, UnreachableReason};
use crate::wechat::errcode;

use super::CliError;
use crate::cli::exit::Kind;
use crate::cli::knowledge;

impl From<ApiError> for CliError {
    fn from(error: ApiError) -> Self {
        if error.call().effect() == Effect::Spends && error.may_have_taken_effect() {
            return super::call::unknown_outcome(&error);
        }
        let message = error.to_string();
        let new = |kind| Self::new(kind, message.clone());
        match error {
            ApiError::Refused { refusal, .. } => {
                let mut refused = new(kind_of(refusal.errcode));
                if let Some(hint) = knowledge::next_step(refusal.errcode) {
                    refused = refused.hint(hint);
                }
                if let Some(address) = &refusal.request_ip {
                    refused = refused.hint(format!("the address to add is {address}"));
                }
                refused.told.errcode = Some(refusal.errcode);
                refused.told.rid = refusal.rid;
                refused
            }
            ApiError::NoClient { .. } => new(Kind::ActionRequired)
                .hint("correct the file: `wxauth profile set ca_file FILE`")
                .hint("or see the proxy and certificate variables of the environment"),
            ApiError::Unreachable { reason, detail, .. } => {
                let error = new(Kind::Unreachable).cause(detail);
                match reason {
                    UnreachableReason::Dns => {
                        error.hint("see that the name resolves on this machine")
                    }
                    UnreachableReason::Tls => error.hint(
                        "a proxy or a private authority? give its certificate: \
                         `wxauth profile set ca_file FILE` or `SSL_CERT_FILE`",
                    ),
                    UnreachableReason::Proxy => {
                        error.hint("see `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`")
                    }
                    UnreachableReason::Connect | UnreachableReason::Other => {
                        error.hint("see that this machine may connect there; repeating is safe")
                    }
                }
            }
            ApiError::AnswerLost { .. } => {
                new(Kind::Unreachable).hint("repeating the command is safe")
            }
            ApiError::NotJson { .. } | ApiError::Status { .. } | ApiError::TooLarge { .. } => {
                new(Kind::Unreachable)
                    .cause("this is not how WeChat answers: a proxy, a portal or a wrong API base")
                    .hint("see `wxauth status` for the API base and the environment for a proxy")
            }
            ApiError::MissingField { .. } => new(Kind::Unreachable)
                .cause("the answer is JSON, but not of the shape that this call has")
                .hint("see that the API base is WeChat's; repeating is safe"),
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
