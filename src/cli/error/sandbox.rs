//! What the sandbox says when it does not do something, to an operator.

use crate::lang::{Lang, Text, text};

/// A refusal of the sandbox: its own words in English, the same by its kind in Chinese.
#[must_use]
pub fn sandbox_refusal(kind: &str, message: Option<&str>) -> Text {
    let Some(message) = message else {
        return text!("the sandbox refused", "沙箱拒绝了请求");
    };
    // Where the page's own text is published, the sandbox says that.
    if message.starts_with(|letter: char| !letter.is_ascii()) {
        return Text::same(message);
    }
    Text::each(|lang| match (lang, chinese(kind)) {
        (Lang::En, _) => message.to_owned(),
        (Lang::Zh, Some(chinese)) => chinese.to_owned(),
        (Lang::Zh, None) => format!("沙箱拒绝了请求：{message}"),
    })
}

fn chinese(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "no_receiver" => "平台没有设置该推送的接收地址",
        "no_previous_key" => "平台没有旧的 EncodingAESKey",
        "pre_auth_code" => "没有可用的预授权码，或预授权码无效、已使用、已过期",
        "unknown_account" => "沙箱中没有该账号",
        "unknown_platform" => "沙箱中没有该平台",
        "unknown_path" => "沙箱没有该控制接口",
        "administrator" => "该用户不是账号的管理员",
        "account_status" => "该账号的状态不允许授权",
        "account_kind" => "该账号的类型不能授权",
        "not_released" => "平台未全网发布，仅授权测试列表中的账号可以授权",
        "too_many_platforms" => "该账号授权的第三方平台已达上限（15 个）",
        "not_authorized" => "该账号没有授权给该平台",
        "biz_appid" => "该链接只允许另一个账号授权",
        "auth_type" => "该链接不允许该类型的账号授权",
        "nothing_ticked" => "请至少选择一项权限",
        "forbidden" => "沙箱只接受来自本机的控制请求",
        "method" => "GET 用于读取，POST 用于更改",
        "clock" => "沙箱的时钟无法这样调整",
        "redirect_uri" => "redirect_uri 不是网址",
        _ => return None,
    })
}
