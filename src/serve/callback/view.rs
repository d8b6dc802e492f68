//! The callback page's HTML. It holds no code and tells other sites nothing of its address.

use axum::http::StatusCode;
use axum::response::Response;

use crate::lang::Lang;
use crate::serve::page::{Both, escape, set_name};
use crate::serve::visitor::Visitor;
use crate::wechat::id::PermissionSetId;

use super::Outcome;

pub(super) fn authorized(visitor: &Visitor, outcome: &Outcome) -> Response {
    let first = visitor.first;
    let name = escape(&outcome.name);
    let lacking = !outcome.missing_required.is_empty();
    let title = match lacking {
        true => Both::new(
            "已授权，但缺少必要权限",
            "Authorized, but something is missing",
        ),
        false => Both::new("授权成功", "Authorized"),
    };
    let mut page = visitor
        .page(title)
        .tone(if lacking { "waiting" } else { "good" })
        .text(&Both::new(
            format!("账号 <strong id=\"name\">{name}</strong> 已授权。"),
            format!("<strong>{name}</strong> has authorized us."),
        ));
    if lacking {
        page = page.html(&card(
            "missing",
            " note",
            &Both::new("缺少的权限", "Missing permissions"),
            &outcome.missing_required,
            first,
        ));
        page = page.html(&format!(
            "<div class=\"card note\"><p>{}</p><p>{}</p><p><a id=\"again\" class=\"button\" href=\"{}\">{}</a></p></div>",
            Both::new(
                "请重新发起授权：由管理员再次扫码，勾选上述权限后确认。新增权限默认已勾选，请保持勾选。",
                "Please authorize once more: an administrator scans again, keeps these permissions ticked and confirms.",
            )
            .block(first),
            Both::new(
                "小程序也可登录微信公众平台，在「设置 – 第三方设置 – 管理授权」中更新；公众号可在微信中关注「公众平台安全助手」，依次进入「绑定查询 – 微信号绑定账号」，选择账号后「更新授权」。",
                "A mini program can also be updated in its console (设置 – 第三方设置 – 管理授权), an official account in WeChat by 公众平台安全助手 (绑定查询 – 微信号绑定账号 – 更新授权).",
            )
            .block(first),
            visitor.launch_page(),
            Both::new("重新授权", "Authorize again").line(first),
        ));
    }
    let left_out: Vec<PermissionSetId> = outcome
        .requested_not_granted
        .iter()
        .copied()
        .filter(|id| !outcome.missing_required.contains(id))
        .collect();
    if !left_out.is_empty() {
        let title = Both::new("未授予的权限", "Asked for and not granted");
        page = page.html(&card("left-out", "", &title, &left_out, first));
    }
    if !outcome.granted.is_empty() {
        let title = Both::new("已授予的权限", "Granted permissions");
        page = page.html(&format!(
            "<details class=\"card\" id=\"granted\"><summary>{} ({})</summary>{}</details>",
            title.line(first),
            outcome.granted.len(),
            list(&outcome.granted, first)
        ));
    }
    if !lacking {
        page = page.text(&Both::new("可以关闭本页。", "You may close this page."));
    }
    page.answer()
}

pub(super) fn received(visitor: &Visitor) -> Response {
    visitor
        .page(Both::new("已收到授权", "Received"))
        .tone("waiting")
        .text(&Both::new(
            "平台正在确认您的授权，通常几秒内完成，无需其他操作。",
            "The platform is confirming your authorization. That takes a few seconds, and there is nothing more to do.",
        ))
        .answer()
}

pub(super) fn spent(visitor: &Visitor) -> Response {
    visitor
        .page(Both::new("授权码已失效", "This result is no longer valid"))
        .tone("waiting")
        .text(&Both::new(
            "该授权结果已被处理过，或已超过有效时间。如果您刚刚完成授权，无需其他操作；否则请重新发起。",
            "It was dealt with before, or its time is over. If you have just authorized there is nothing more to do; otherwise please begin again.",
        ))
        .html(&begin_again(visitor))
        .answer()
}

pub(super) fn nothing_came(visitor: &Visitor) -> Response {
    visitor
        .page(Both::new(
            "没有收到授权结果",
            "No result came with this address",
        ))
        .status(StatusCode::BAD_REQUEST)
        .text(&Both::new(
            "请从授权页重新开始，并在微信页面上完成确认。",
            "Please begin on the authorization page and confirm on WeChat’s page.",
        ))
        .html(&begin_again(visitor))
        .answer()
}

fn begin_again(visitor: &Visitor) -> String {
    let text = Both::new("前往授权页", "To the authorization page").line(visitor.first);
    let page = visitor.launch_page();
    format!("<p><a class=\"button\" href=\"{page}\">{text}</a></p>")
}

fn card(id: &str, class: &str, title: &Both, sets: &[PermissionSetId], first: Lang) -> String {
    format!(
        "<section class=\"card{class}\" id=\"{id}\"><h2>{}</h2>{}</section>",
        title.line(first),
        list(sets, first)
    )
}

fn list(sets: &[PermissionSetId], first: Lang) -> String {
    let items: String = sets
        .iter()
        .map(|id| format!("<li>{}</li>", set_name(*id).block(first)))
        .collect();
    format!("<ul>{items}</ul>")
}
