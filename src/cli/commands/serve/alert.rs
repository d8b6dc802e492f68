//! Where alerts go.

use std::path::Path;

use url::Url;

use crate::cli::context::Context;
use crate::cli::error::{CliError, read_failure};
use crate::lang::{Text, text};
use crate::serve::{AlertForm, AlertOptions};
use crate::sys::files;
use crate::sys::http::is_loopback;

use super::ServeArgs;

/// The environment's way to name the webhook.
const VARIABLE: &str = "WXAUTH_ALERT_WEBHOOK";
/// The longest file that an address stands in.
const LONGEST: u64 = 64 << 10;

pub(super) fn options(
    context: &Context,
    args: &ServeArgs,
) -> Result<Option<AlertOptions>, CliError> {
    let given = match &args.alert_webhook {
        Some(given) => given.clone(),
        None => match context.environment().get(VARIABLE) {
            Some(given) => given.to_owned(),
            None => return Ok(None),
        },
    };
    let text = match given.strip_prefix('@') {
        Some(path) => files::read_text(Path::new(path), LONGEST)
            .map_err(|error| {
                CliError::usage(text!("cannot read {path}", "无法读取 {path}"))
                    .cause(read_failure(&error))
            })?
            .ok_or_else(|| {
                CliError::usage(text!("there is no file {path}", "文件 {path} 不存在"))
            })?,
        None => given,
    };
    // The address is a secret: it is not repeated.
    let url = Url::parse(text.trim()).map_err(|error| {
        CliError::usage(text!(
            "the alert webhook is no web address",
            "告警 webhook 不是网址"
        ))
        .cause(Text::same(error.to_string()))
    })?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !secure {
        return Err(CliError::usage(text!(
            "the alert webhook must be https",
            "告警 webhook 必须使用 https"
        ))
        .cause(text!(
            "its address is a secret, and plain http shows it to everybody on the way",
            "其地址属于密钥，明文 http 会在途中泄露"
        )));
    }
    let form = match (args.alert_form, url.host_str()) {
        (Some(form), _) => form.into(),
        (None, Some("qyapi.weixin.qq.com")) => AlertForm::Wecom,
        (None, Some("oapi.dingtalk.com")) => AlertForm::Dingtalk,
        _ => AlertForm::Json,
    };
    Ok(Some(AlertOptions { url, form }))
}
