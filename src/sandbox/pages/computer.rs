//! The page on a computer: a QR code, and the wait for the phone.

use hyper::header;
use serde_json::json;

use super::html::{Follow, Layout, Page};
use super::opening;
use super::refusal::Refusal;
use super::visits::{Visit, Visits};
use super::{PHONE, asked, label, qr, see_other};
use crate::sandbox::http::{Received, Reply};
use crate::sandbox::state::World;

/// The page of a link, or of a visit that goes on.
pub fn show(world: &mut World, visits: &mut Visits, received: &Received) -> Result<Reply, Refusal> {
    let mut id = asked(received, "visit");
    let asks = received.query("ask").is_some();
    if id.is_empty() {
        id = opening::open(world, visits, received, true)?;
    }
    let visit = visits.get(&id).filter(|visit| visit.on_computer);
    let visit = visit.ok_or_else(Refusal::past)?;
    if asks {
        return Ok(progress(world, visit));
    }
    if let Some(address) = &visit.redirect {
        return Ok(see_other(address));
    }
    visit.opened.check(world)?;
    let host = received.header(header::HOST).unwrap_or("");
    let phone = format!("{PHONE}?visit={id}");
    let picture = qr::drawing(&format!("http://{host}{phone}")).unwrap_or_default();
    let body = format!(
        "<section class=\"card scan\" data-visit=\"{id}\"><h1>{} 申请获得你的账号授权</h1>\
         <p class=\"quiet\">{}</p>{picture}\
         <p id=\"state\" role=\"status\">{}</p>\
         <p><a class=\"plain\" id=\"phone\" target=\"_blank\" rel=\"noopener\" href=\"{phone}\">\
         手边没有手机？在此打开手机页面</a></p>\
         <noscript><p><a class=\"plain\" href=\"?visit={id}\">手机确认后，点此继续</a></p></noscript>\
         </section>\
         <p class=\"quiet\">授权即表示同意该第三方平台在所选权限内代你管理账号，可随时在公众平台或公众平台安全助手取消授权。</p>",
        label::platform(visit.opened.platform),
        world.platform(visit.opened.platform).appid,
        words(visit.scanned),
    );
    let mut page = Page::new("公众号与小程序授权", Layout::Computer, body);
    page.follow = Some(Follow {
        address: format!("?visit={id}"),
        script: include_str!("follow.js"),
    });
    Ok(page.into_reply())
}

/// What the page's script asks for every second.
fn progress(world: &World, visit: &Visit) -> Reply {
    let answer = json!({
        "over": visit.redirect.is_some() || !visit.is_open(world),
        "text": words(visit.scanned),
    });
    Reply::page(200, "application/json; charset=utf-8", answer.to_string())
}

fn words(scanned: bool) -> &'static str {
    match scanned {
        true => "已扫描，请在手机上选择账号并确认授权",
        false => "请使用账号管理员的微信扫描二维码",
    }
}
