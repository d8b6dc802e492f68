//! Why a link cannot work, to an operator.

use crate::flow::LinkRefusal;
use crate::lang::{Text, text};
use crate::wechat::link::RedirectProblem;

use super::CliError;

pub(super) fn refusal(error: CliError, refusal: &LinkRefusal) -> CliError {
    match refusal {
        LinkRefusal::NoRedirectUri => error
            .cause(text!("no redirect URI is known", "没有可用的回调 URI"))
            .hint(text!(
                "give `--redirect-uri URL`, or store it: `wxauth profile set redirect_uri URL`",
                "指定 `--redirect-uri URL`，或保存：`wxauth profile set redirect_uri URL`"
            )),
        LinkRefusal::Redirect(problem) => {
            let error = error.cause(self::problem(problem));
            match problem {
                RedirectProblem::HostDiffers { .. } => error.hint(text!(
                    "WeChat wants the page with the link, the redirect URI and the launch domain \
                     (授权发起页域名) on one and the same host",
                    "微信要求放置链接的页面、回调 URI 与授权发起页域名使用同一主机"
                )),
                _ => error.hint(text!(
                    "write the redirect URI as https://HOST/PATH",
                    "回调 URI 应写成 https://HOST/PATH"
                )),
            }
        }
        LinkRefusal::SetsFitNoKind { ids, auth_type } => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            error
                .cause(text!(
                    "sets {} fit no account that `--type {auth_type}` offers",
                    "权限集 {} 不适用于 `--type {auth_type}` 提供的任何账号",
                    ids.join(", ")
                ))
                .hint(text!(
                    "leave them out, or offer other kinds with `--type`",
                    "去掉这些权限集，或用 `--type` 提供其他账号类型"
                ))
        }
    }
}

/// Why a redirect URI cannot work.
#[must_use]
pub fn problem(problem: &RedirectProblem) -> Text {
    let chinese = match problem {
        RedirectProblem::NotAUrl => "不是完整的 URL".to_owned(),
        RedirectProblem::NotHttps { scheme } => format!("协议是 {scheme} 而不是 https"),
        RedirectProblem::UserInfo => "URL 中含有用户名或密码".to_owned(),
        RedirectProblem::WhiteSpace => "URL 中含有空白字符".to_owned(),
        RedirectProblem::HostDiffers {
            host,
            launch_domain,
        } => format!("主机是 {host}，而授权发起页域名是 {launch_domain}"),
    };
    Text::new(problem.to_string(), chinese)
}
