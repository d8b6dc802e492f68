//! The page on a phone: who you are, which account, which sets, done.

use super::html::{Layout, Page, escape, in_query};
use super::opening;
use super::people::{self, hidden};
use super::refusal::Refusal;
use super::visits::{Visit, Visits};
use super::{PHONE, asked, label, posted, see_other, sets};
use crate::sandbox::http::{Received, Reply};
use crate::sandbox::merchant::{self, Authorization, Declined};
use crate::sandbox::state::World;

const TITLE: &str = "授权给第三方平台";

/// The step that the address names.
pub fn show(world: &mut World, visits: &mut Visits, received: &Received) -> Result<Reply, Refusal> {
    let mut id = asked(received, "visit");
    if id.is_empty() {
        id = opening::open(world, visits, received, false)?;
    }
    let visit = visits.get(&id).ok_or_else(Refusal::past)?;
    check_open(world, visit)?;
    visit.scanned = true;
    let (user, appid) = (asked(received, "user"), asked(received, "account"));
    let body = match (user.as_str(), appid.as_str()) {
        ("", _) => choose_person(world, &id, visit),
        (user, "") => choose_account(world, &id, visit, user, &asked(received, "search"))?,
        (user, appid) => choose_sets(world, &id, visit, user, appid)?,
    };
    Ok(Page::new(TITLE, Layout::Phone, body).into_reply())
}

/// The merchant confirms.
pub fn confirm(
    world: &mut World,
    visits: &mut Visits,
    received: &Received,
) -> Result<Reply, Refusal> {
    let visit = visits.get(&asked(received, "visit"));
    let visit = visit.ok_or_else(Refusal::past)?;
    check_open(world, visit)?;
    let field = |name| posted(received, name).next().unwrap_or_default();
    let confirmed = merchant::confirm(
        world,
        &visit.opened,
        &Authorization {
            appid: field("account"),
            user: Some(field("user")),
            permissions: Some(ticked(received)?),
            ..Authorization::default()
        },
    )?;
    visit.redirect = confirmed.redirect_url;
    match &visit.redirect {
        Some(address) if !visit.on_computer => Ok(see_other(address)),
        _ => {
            let body = "<section class=\"card result\"><div class=\"mark good\" aria-hidden=\"true\">✓</div>\
                <h1>授权成功</h1><p>请回到电脑端继续操作</p></section>";
            Ok(Page::new("授权成功", Layout::Phone, body.to_owned()).into_reply())
        }
    }
}

/// The sets that a form has ticked.
pub fn ticked(received: &Received) -> Result<Vec<u32>, Declined> {
    let ids: Result<Vec<u32>, _> = posted(received, "set").map(|id| id.parse()).collect();
    let ids = ids.map_err(|_| Declined::new("link", "a permission set is no number"))?;
    match ids.is_empty() {
        true => Err(Declined::new(
            "nothing_ticked",
            "no permission set is ticked",
        )),
        false => Ok(ids),
    }
}

fn check_open(world: &World, visit: &Visit) -> Result<(), Declined> {
    if visit.redirect.is_some() {
        return Err(Declined::new(
            "pre_auth_code",
            "the page has been confirmed",
        ));
    }
    visit.opened.check(world)
}

fn heading(visit: &Visit, what: &str) -> String {
    let platform = label::platform(visit.opened.platform);
    format!("<header><h1>{what}</h1><p class=\"quiet\">{platform} 申请获得账号授权</p></header>")
}

fn choose_person(world: &World, id: &str, visit: &Visit) -> String {
    let heading = heading(visit, "你是谁？");
    let people = people::people(world, |name| {
        format!("{PHONE}?visit={id}&user={}", in_query(name))
    });
    format!(
        "{heading}<p class=\"note\">沙箱没有真实的微信登录，请选择以哪位微信用户的身份继续。</p>{people}"
    )
}

fn choose_account(
    world: &World,
    id: &str,
    visit: &Visit,
    user: &str,
    search: &str,
) -> Result<String, Refusal> {
    let found = merchant::offered(world, &visit.opened, user, search, people::SHOWN)?;
    let platform = visit.opened.platform;
    let accounts = people::accounts(
        world,
        &found,
        |appid| format!("{PHONE}?visit={id}&user={}&account={appid}", in_query(user)),
        |account| {
            let standing = world.standing_grant(platform, account.index).is_some();
            standing.then_some("已授权")
        },
    );
    Ok(format!(
        "{}<p class=\"quiet\">以下是 <b>{}</b> 作为管理员的账号</p>{}{accounts}",
        heading(visit, "选择要授权的账号"),
        escape(user),
        people::search(PHONE, &[("visit", id), ("user", user)], search, &found),
    ))
}

fn choose_sets(
    world: &World,
    id: &str,
    visit: &Visit,
    user: &str,
    appid: &str,
) -> Result<String, Refusal> {
    let opened = &visit.opened;
    let account = merchant::choose_account(world, opened, appid, Some(user))?;
    let shown = opened.link.category_ids.as_deref();
    let offers = merchant::offers(world, opened.platform, &account, shown)?;
    let about = format!("{} · {appid}", label::kind(account.kind));
    let mut form = format!(
        "{}<div class=\"card\">{}</div><form method=\"post\" action=\"{PHONE}?visit={id}\">",
        heading(visit, "确认授权"),
        people::head(&account.nick_name(), &about),
    );
    hidden(&mut form, "user", user);
    hidden(&mut form, "account", appid);
    form.push_str(&sets::ticks(world, &offers));
    form.push_str(&format!(
        "<div class=\"actions\"><button class=\"primary\">授权</button>\
         <a class=\"plain\" href=\"{PHONE}?visit={id}&amp;user={}\">返回</a></div></form>",
        in_query(user)
    ));
    Ok(form)
}
