//! Calls that may have been done although no usable answer came, and paths with a command of their
//! own.

use crate::api::{ApiError, Call};
use crate::flow::{CallError, Guarded};
use crate::lang::{Text, text};

use super::CliError;
use crate::cli::exit::Kind;

/// A call that leaves something behind and whose answer is not known: repeating it is not safe, and
/// so this is none of the failures that say so.
pub(super) fn unknown_outcome(error: &ApiError) -> CliError {
    CliError::new(Kind::Internal, super::api::told(error))
        .cause(text!(
            "whether WeChat did what was asked is not known, so it was not asked again",
            "无法确定微信是否已执行该请求，因此没有重试"
        ))
        .hint(text!(
            "look first whether it was done; repeat the command only if it was not",
            "请先确认该操作是否已生效，确认未生效后再重试"
        ))
}

impl From<CallError> for CliError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Flow(error) => error.into(),
            CallError::Call(failure) => failure.error.into(),
        }
    }
}

impl CliError {
    /// The same failure of a call by its path, named by that path: the table has no name for it.
    #[must_use]
    pub fn of_path(mut self, call: Call, path: &str) -> Self {
        let message = std::mem::take(&mut self.told.message);
        self.told.message = Text::each(|lang| message.of(lang).replacen(call.name(), path, 1));
        self
    }

    /// A path that `api` does not call, and the command that does it.
    #[must_use]
    pub fn guarded(path: &str, guarded: Guarded) -> Self {
        let (why, command) = match guarded {
            Guarded::ComponentToken => (
                text!(
                    "a new component token ends the one before after five minutes",
                    "新的 component_access_token 会使旧令牌在 5 分钟后失效"
                ),
                "`wxauth token component`",
            ),
            Guarded::AuthorizerToken => (
                text!(
                    "a new token ends the one before, and the store has to know it",
                    "新的 authorizer_access_token 会使旧令牌失效，且必须保存到本地"
                ),
                "`wxauth token authorizer WHO`",
            ),
            Guarded::Exchange => (
                text!(
                    "a code works once, and what it gives has to be stored",
                    "授权码只能使用一次，换取的结果必须保存"
                ),
                "`wxauth authorizers redeem`",
            ),
            Guarded::PreAuthCode => (
                text!(
                    "a pre-auth code is of use in a link only",
                    "预授权码只用于生成授权链接"
                ),
                "`wxauth link`",
            ),
            Guarded::Tickets => (
                text!(
                    "it takes the platform's appsecret, which is no argument",
                    "该接口需要第三方平台的 AppSecret，不应作为参数传入"
                ),
                "`wxauth ticket request`",
            ),
            Guarded::QuotaClear => (
                text!(
                    "an account has few clears in a month",
                    "每个账号每月的清零次数有限"
                ),
                "`wxauth quota clear`",
            ),
            Guarded::OwnToken => (
                text!(
                    "it takes the account's own appsecret and ends the token of whoever uses it; a \
                     platform calls with the token it was granted",
                    "该接口使用账号自己的 AppSecret，会影响正在使用该令牌的一方；第三方平台应使用授权获得的令牌"
                ),
                "`wxauth token authorizer WHO`",
            ),
        };
        Self::usage(text!("`api` does not call {path}", "`api` 不调用 {path}"))
            .cause(why)
            .hint(text!(
                "the command for it: {command}",
                "请使用专门的命令：{command}"
            ))
    }
}
