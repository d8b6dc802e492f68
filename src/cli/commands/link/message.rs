//! `link --message`: the text to send to the merchant.

use crate::console::Console;
use crate::console::when;
use crate::flow::AuthorizationLink;
use crate::lang::{Lang, clean};
use crate::wechat::link::LinkKind;

use super::Account;

/// Who must scan, where an administrator is looked up, what to keep ticked; in the console's
/// language.
pub(super) fn text(
    console: &Console,
    link: &AuthorizationLink,
    account: Option<&Account>,
) -> String {
    let url = link.url.expose();
    let name = account.and_then(|row| row.nick_name.as_deref().map(clean));
    match console.lang() {
        Lang::Zh => {
            // Merchants are in China, wherever the operator's machine is.
            let dies = when::china_time(link.expires_at);
            let whose = name.map_or_else(
                || "您的公众号或小程序".to_owned(),
                |name| format!("「{name}」"),
            );
            let how = match link.kind {
                LinkKind::H5 => "请由管理员在微信中打开下面的链接（或扫描二维码）",
                LinkKind::Pc => "请由管理员在我们的网页上点击授权按钮，再用微信扫描出现的二维码",
            };
            format!(
                "您好，请为{whose}完成授权：\n\
                 1. {how}：\n{url}\n\
                 2. 只有管理员能看到可授权的账号。查询管理员：微信关注「公众平台安全助手」→ 绑定查询 → 微信号绑定账号。\n\
                 3. 新权限默认已勾选，请保持勾选后确认。\n\
                 4. 链接仅可使用一次，北京时间 {dies} 前有效。"
            )
        }
        Lang::En => {
            let dies = when::local_with_offset(link.expires_at, console.zone());
            let whose = name.map_or_else(|| "your account".to_owned(), |name| format!("“{name}”"));
            let how = match link.kind {
                LinkKind::H5 => "An administrator opens this link in WeChat, or scans the QR code",
                LinkKind::Pc => {
                    "An administrator clicks the button on our page and scans the code it shows"
                }
            };
            format!(
                "Please authorize us for {whose}:\n\
                 1. {how}:\n{url}\n\
                 2. Only administrators see the account. Who is one: in WeChat follow 公众平台安全助手, \
                 then 绑定查询, 微信号绑定账号.\n\
                 3. New permissions come ticked: please leave them so and confirm.\n\
                 4. The link works once, until {dies}."
            )
        }
    }
}
