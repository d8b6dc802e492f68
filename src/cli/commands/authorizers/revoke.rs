//! `authorizers revoke`: it does not exist, and says who can and where.

use clap::Args;

use crate::cli::error::CliError;
use crate::lang::text;

use super::guide::END_PATHS;

/// Nothing can: only the merchant ends an authorization
///
/// This always ends with exit code 2.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Whose authorization
    #[arg(value_name = "WHO")]
    who: Vec<String>,
}

pub(super) fn refusal(args: &RevokeArgs) -> CliError {
    let refused = text!(
        "only the merchant can end an authorization; WeChat has no call for it",
        "授权只能由商家自行取消；微信没有相应接口"
    );
    let error = CliError::usage(refused);
    let error = END_PATHS.iter().fold(error, |error, (english, path, _)| {
        let chinese = match *english {
            "mini program" => "小程序",
            "official account" => "公众号",
            "channels account" => "视频号",
            _ => "公众号或小程序，在微信中",
        };
        error.hint(text!("{english}: {path}", "{chinese}：{path}"))
    });
    let who = args
        .who
        .first()
        .map(|who| format!("{who} "))
        .unwrap_or_default();
    error
        .hint(text!(
            "the text to send: `wxauth authorizers guide {who}--for end`",
            "发给商家的说明：`wxauth authorizers guide {who}--for end`"
        ))
        .hint(text!(
            "to drop a merchant from the store only: `wxauth authorizers forget WHO`",
            "如只需从本地存储移除商家：`wxauth authorizers forget WHO`"
        ))
}
