//! The launch page's HTML.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::flow::LinkPair;
use crate::serve::page::{Both, Page, escape, set_name};
use crate::serve::visitor::Visitor;
use crate::wechat::link::AuthType;

use super::qr;
use super::question::Question;

/// China has one time, and WeChat's merchants live by it.
const CHINA: Offset = Offset::constant(8);

pub(super) fn question(visitor: &Visitor, question: &Question) -> Response {
    let first = visitor.first;
    let row = |name: Both, value: String| format!("<dt>{}</dt><dd>{value}</dd>", name.line(first));
    let mut rows = String::new();
    match &question.only {
        Some((_, who)) => rows.push_str(&row(
            Both::new("账号", "Account"),
            format!("<code>{}</code>", escape(who)),
        )),
        None => rows.push_str(&row(
            Both::new("账号类型", "Kind of account"),
            kind(question.auth_type).line(first),
        )),
    }
    let sets = match question.permission_ids.as_slice() {
        [] => Both::new(
            "本平台申请的全部权限，您可在微信页面中逐项选择",
            "Everything this platform asks for; you choose on WeChat’s page",
        )
        .block(first),
        ids => {
            let items: String = ids
                .iter()
                .map(|id| format!("<li>{}</li>", set_name(*id).block(first)))
                .collect();
            format!("<ul>{items}</ul>")
        }
    };
    rows.push_str(&row(Both::new("权限", "Permissions"), sets));
    rows.push_str(&row(
        Both::new("由谁操作", "Who must do it"),
        Both::new(
            "账号的管理员，使用其本人的微信扫码确认",
            "An administrator of the account, with WeChat on a phone",
        )
        .block(first),
    ));
    let button = Both::new("开始授权", "Begin").block(first);
    page(visitor, Both::new("微信账号授权", "Authorize your WeChat account"))
        .html(&format!("<div class=\"card\"><dl>{rows}</dl></div>"))
        .html(&format!(
            "<form method=\"post\"><button id=\"begin\" type=\"submit\">{button}</button></form>"
        ))
        .text(&Both::new(
            "点击后将生成一次性链接，30 分钟内有效。授权在微信的页面上完成，可随时取消。",
            "The button makes a link that works once, for 30 minutes. You authorize on WeChat’s own pages and can end it at any time.",
        ))
        .answer()
}

pub(super) fn links(visitor: &Visitor, question: &Question, links: &LinkPair) -> Response {
    let first = visitor.first;
    let until = death(links.pc.expires_at);
    let (h5, pc) = (links.h5.url.expose(), links.pc.url.expose());
    let computer = format!(
        "<section class=\"card\"><h2>{}</h2>{}{}</section>",
        Both::new("在电脑上", "On a computer").line(first),
        anchor(
            "pc",
            pc,
            &Both::new("打开微信授权页", "Open WeChat’s page").block(first),
            ""
        ),
        paragraph(
            &Both::new(
                "打开后由管理员用微信扫描页面上的二维码。",
                "An administrator then scans the code that WeChat’s page shows.",
            ),
            visitor
        ),
    );
    let inside = format!(
        "<section class=\"card\"><h2>{}</h2>{}{}</section>",
        Both::new("在微信中", "Inside WeChat").line(first),
        anchor(
            "h5",
            h5,
            &Both::new("继续授权", "Go on").block(first),
            if visitor.in_wechat { "" } else { " plain" }
        ),
        paragraph(
            &Both::new(
                "仅在微信内打开有效；请用管理员的微信操作。",
                "It works inside WeChat only, in an administrator’s WeChat.",
            ),
            visitor
        ),
    );
    let picture = qr::svg(h5, "QR").map_or_else(String::new, |picture| {
        format!(
            "<section class=\"card qr\"><h2>{}</h2>{picture}{}</section>",
            Both::new("用手机扫码", "With a phone").line(first),
            paragraph(
                &Both::new(
                    "请账号管理员使用微信扫描此二维码。",
                    "An administrator of the account scans this code with WeChat.",
                ),
                visitor
            ),
        )
    });
    let sections = match visitor.in_wechat {
        true => [inside, computer, String::new()],
        false => [computer, picture, inside],
    };
    let again = Both::new("重新生成链接", "Make another link").line(first);
    let mut page =
        page(visitor, Both::new("请选择授权方式", "Choose how to go on")).text(&Both::new(
            format!("链接一次有效，北京时间 <strong id=\"until\">{until}</strong> 前可用。"),
            format!("The link works once, until <strong>{until}</strong> China time (UTC+8)."),
        ));
    if let Some((_, who)) = &question.only {
        let who = escape(who);
        page = page.text(&Both::new(
            format!("仅账号 <code>{who}</code> 的管理员可以授权。"),
            format!("Only administrators of <code>{who}</code> can authorize."),
        ));
    }
    page.html(&sections.concat())
        .html(&format!(
            "<form method=\"post\"><button id=\"again\" class=\"plain\" type=\"submit\">{again}</button></form>"
        ))
        .answer()
}

pub(super) fn bad_question(visitor: &Visitor, text: &Both) -> Response {
    page(visitor, Both::new("链接有误", "This address is wrong"))
        .status(StatusCode::BAD_REQUEST)
        .text(text)
        .text(&Both::new(
            "请联系向您提供链接的服务商。",
            "Please tell whoever gave you the address.",
        ))
        .answer()
}

pub(super) fn foreign(visitor: &Visitor) -> Response {
    page(
        visitor,
        Both::new("请从本页重新开始", "Please begin on this page"),
    )
    .status(StatusCode::FORBIDDEN)
    .text(&Both::new(
        "请求来自其他网站，未生成链接。",
        "The request came from another site; no link was made.",
    ))
    .html(&format!(
        "<p><a class=\"button\" href=\"\">{}</a></p>",
        Both::new("打开授权页", "Open the page").line(visitor.first)
    ))
    .answer()
}

pub(super) fn too_many(visitor: &Visitor) -> Response {
    page(
        visitor,
        Both::new("请求过于频繁", "Too many links were made"),
    )
    .status(StatusCode::TOO_MANY_REQUESTS)
    .text(&Both::new(
        "请稍后再试。先前生成的链接在有效期内仍可使用。",
        "Please try again later. A link made before still works until its time is up.",
    ))
    .answer()
}

fn page(visitor: &Visitor, title: Both) -> Page<'_> {
    visitor.page(title).tells_origin()
}

fn paragraph(text: &Both, visitor: &Visitor) -> String {
    format!("<p>{}</p>", text.block(visitor.first))
}

fn anchor(id: &str, url: &str, text: &str, class: &str) -> String {
    format!(
        "<a id=\"{id}\" class=\"button{class}\" referrerpolicy=\"origin\" href=\"{}\">{text}</a>",
        escape(url)
    )
}

fn death(at: Timestamp) -> String {
    CHINA.to_datetime(at).strftime("%H:%M").to_string()
}

fn kind(auth_type: AuthType) -> Both {
    match auth_type {
        AuthType::OfficialAccount => Both::new("公众号", "Official accounts"),
        AuthType::MiniProgram => Both::new("小程序", "Mini programs"),
        AuthType::Both => Both::new("公众号、小程序", "Official accounts and mini programs"),
        AuthType::Promoter => Both::new("小程序推客", "Mini-program promoters"),
        AuthType::Channels => Both::new("视频号", "Channels accounts"),
        AuthType::All => Both::new(
            "公众号、小程序、视频号",
            "Official accounts, mini programs and channels accounts",
        ),
        AuthType::SalesAssistant => Both::new("带货助手", "Sales assistants"),
    }
}
