//! Where a merchant looks after authorizations that stand: the console of the account's own kind,
//! and the safety assistant of official accounts (rules R9, R12).

use super::html::{Layout, Page, escape, in_query};
use super::people::{self, hidden};
use super::phone::ticked;
use super::refusal::Refusal;
use super::{CONSOLE, asked, label, posted, sets};
use crate::sandbox::http::{Received, Reply};
use crate::sandbox::merchant::{self, Declined, Update};
use crate::sandbox::state::World;
use crate::sandbox::state::account::Account;
use crate::sandbox::state::kind::Family;

const TITLE: &str = "授权管理";

/// A place in WeChat where an authorization can be changed.
struct Place {
    name: &'static str,
    path: &'static str,
    updates: bool,
}

const ASSISTANT: Place = Place {
    name: "公众平台安全助手",
    path: "绑定查询 › 微信号绑定账号 › 已授权的第三方平台",
    updates: true,
};
const MINI_PROGRAM_CONSOLE: Place = Place {
    name: "微信公众平台",
    path: "设置 › 第三方设置",
    updates: true,
};
const OFFICIAL_ACCOUNT_CONSOLE: Place = Place {
    name: "微信公众平台",
    path: "设置与开发 › 公众号设置 › 授权管理（更新授权请用安全助手）",
    updates: false,
};
const CHANNELS_CONSOLE: Place = Place {
    name: "视频号助手",
    path: "直播管理 › 开放能力",
    updates: false,
};
const SERVICE_MARKET: Place = Place {
    name: "服务市场",
    path: "已购服务",
    updates: false,
};

fn places(family: Family) -> &'static [Place] {
    match family {
        Family::OfficialAccount => &[ASSISTANT, OFFICIAL_ACCOUNT_CONSOLE],
        Family::MiniProgram => &[MINI_PROGRAM_CONSOLE, ASSISTANT],
        Family::Channels => &[CHANNELS_CONSOLE],
        Family::Store | Family::Other => &[SERVICE_MARKET],
    }
}

/// An account and, once one is chosen, a platform that it authorized.
struct Chosen {
    user: String,
    account: Account,
    appid: String,
}

impl Chosen {
    /// The account with this appid, which the user must administer.
    fn find(world: &World, user: String, appid: &str) -> Result<Self, Declined> {
        let account = world
            .account_index(appid)
            .map(|index| world.account(index))
            .filter(|account| account.administrators().contains(&user.as_str()));
        match account {
            Some(account) => Ok(Self {
                appid: world.naming().appid(account.index),
                user,
                account,
            }),
            None => Err(Declined::new(
                "administrator",
                format!("{user} administers no account with this id: {appid}"),
            )),
        }
    }

    fn address(&self) -> String {
        format!(
            "{CONSOLE}?user={}&account={}",
            in_query(&self.user),
            self.appid
        )
    }

    fn head(&self) -> String {
        let mut about = format!("{} · {}", label::kind(self.account.kind), self.appid);
        if let Some(status) = label::status(self.account.status) {
            about.push_str(" · ");
            about.push_str(status);
        }
        let head = people::head(&self.account.nick_name(), &about);
        format!("<div class=\"card\">{head}</div>")
    }
}

/// The page that the address names.
pub fn show(world: &World, received: &Received) -> Result<Reply, Refusal> {
    let (user, appid) = (asked(received, "user"), asked(received, "account"));
    let platform = asked(received, "platform");
    let body = if user.is_empty() {
        choose_person(world)
    } else if appid.is_empty() {
        choose_account(world, &user, &asked(received, "search"))
    } else {
        let chosen = Chosen::find(world, user, &appid)?;
        match asked(received, "act").as_str() {
            "update" => update_form(world, &chosen, &platform)?,
            "revoke" => revoke_form(world, &chosen, &platform)?,
            _ => overview(world, &chosen),
        }
    };
    Ok(Page::new(TITLE, Layout::Phone, body).into_reply())
}

/// An update or an end, by a form of [`show`].
pub fn act(world: &mut World, received: &Received) -> Result<Reply, Refusal> {
    let field = |name| posted(received, name).next().unwrap_or_default();
    let chosen = Chosen::find(world, field("user"), &field("account"))?;
    let mut asked = Update {
        appid: chosen.appid.clone(),
        platform: Some(field("platform")),
        permissions: None,
    };
    let (done, about) = match field("act").as_str() {
        "update" => {
            asked.permissions = Some(ticked(received)?);
            let updated = merchant::update(world, &asked)?;
            let done = match updated.auth_code {
                Some(_) => "更新成功",
                None => "授权未发生变化",
            };
            (done, format!("已授权：{}", sets::names(&updated.granted)))
        }
        "revoke" => {
            merchant::revoke(world, &asked)?;
            let about = "该平台已不能再代你管理账号".to_owned();
            ("已取消授权", about)
        }
        _ => return Err(Refusal::method()),
    };
    let body = format!(
        "<section class=\"card result\"><div class=\"mark good\" aria-hidden=\"true\">✓</div>\
         <h1>{done}</h1><p>{}</p></section>\
         <div class=\"actions\"><a class=\"plain\" href=\"{}\">返回授权管理</a></div>",
        escape(&about),
        escape(&chosen.address()),
    );
    Ok(Page::new(TITLE, Layout::Phone, body).into_reply())
}

fn choose_person(world: &World) -> String {
    let people = people::people(world, |name| format!("{CONSOLE}?user={}", in_query(name)));
    format!(
        "<header><h1>你是谁？</h1><p class=\"quiet\">以商家身份查看、更新或取消已有的授权</p></header>{people}"
    )
}

fn choose_account(world: &World, user: &str, search: &str) -> String {
    let found = merchant::administered(world, user, search, people::SHOWN);
    let accounts = people::accounts(
        world,
        &found,
        |appid| format!("{CONSOLE}?user={}&account={appid}", in_query(user)),
        |account| label::status(account.status),
    );
    format!(
        "<header><h1>微信号绑定账号</h1><p class=\"quiet\"><b>{}</b> 作为管理员的账号</p></header>\
         {}{accounts}<div class=\"actions\"><a class=\"plain\" href=\"{CONSOLE}\">换一个人</a></div>",
        escape(user),
        people::search(CONSOLE, &[("user", user)], search, &found),
    )
}

fn overview(world: &World, chosen: &Chosen) -> String {
    let mut body = format!("<header><h1>{TITLE}</h1></header>{}", chosen.head());
    let standing: Vec<u8> = (0..world.platforms.len() as u8)
        .filter(|platform| {
            world
                .standing_grant(*platform, chosen.account.index)
                .is_some()
        })
        .collect();
    if standing.is_empty() {
        body.push_str("<p class=\"quiet\" id=\"none\">该账号没有授权给任何第三方平台</p>");
    } else {
        for place in places(chosen.account.kind.family()) {
            body.push_str(&format!(
                "<section class=\"place\"><h2>{}</h2><p class=\"quiet\">{}</p>",
                place.name, place.path
            ));
            for platform in &standing {
                body.push_str(&authorized(world, chosen, place, *platform));
            }
            body.push_str("</section>");
        }
    }
    body.push_str(&format!(
        "<div class=\"actions\"><a class=\"plain\" href=\"{CONSOLE}?user={}\">返回账号列表</a></div>",
        in_query(&chosen.user)
    ));
    body
}

/// A platform with what it was granted, and what can be done about it in this place.
fn authorized(world: &World, chosen: &Chosen, place: &Place, platform: u8) -> String {
    let granted = world.standing_grant(platform, chosen.account.index);
    let granted = granted.map(|grant| grant.sets.clone()).unwrap_or_default();
    let appid = &world.platform(platform).appid;
    let address = escape(&format!("{}&platform={appid}", chosen.address()));
    let name = label::platform(platform);
    let update = match place.updates {
        true => format!(
            "<a class=\"button\" href=\"{address}&amp;act=update\">更新授权<span class=\"unseen\">：{name}</span></a>"
        ),
        false => String::new(),
    };
    format!(
        "<div class=\"card platform\">{}<details><summary>已授权 {} 项权限</summary><p>{}</p></details>\
         <div class=\"buttons\">{update}\
         <a class=\"button bad\" href=\"{address}&amp;act=revoke\">取消授权<span class=\"unseen\">：{name}</span></a>\
         </div></div>",
        people::head(&name, appid),
        granted.len(),
        escape(&sets::names(&granted)),
    )
}

fn update_form(world: &World, chosen: &Chosen, platform: &str) -> Result<String, Refusal> {
    let index = standing_platform(world, chosen, platform)?;
    let offers = merchant::offers(world, index, &chosen.account, None)?;
    let mut form = format!(
        "<header><h1>更新授权</h1><p class=\"quiet\">{}（{}）</p></header>{}{}",
        label::platform(index),
        world.platform(index).appid,
        chosen.head(),
        form_of(chosen, platform, "update"),
    );
    form.push_str(&sets::ticks(world, &offers));
    form.push_str(&closing(chosen, "<button class=\"primary\">更新</button>"));
    Ok(form)
}

fn revoke_form(world: &World, chosen: &Chosen, platform: &str) -> Result<String, Refusal> {
    let index = standing_platform(world, chosen, platform)?;
    let mut form = format!(
        "<header><h1>取消授权</h1></header>{}\
         <p class=\"card text\">取消后，{}（{}）将不能再代你管理该账号，已获得的令牌随之失效。确定取消吗？</p>{}",
        chosen.head(),
        label::platform(index),
        world.platform(index).appid,
        form_of(chosen, platform, "revoke"),
    );
    form.push_str(&closing(
        chosen,
        "<button class=\"primary bad\">确定取消授权</button>",
    ));
    Ok(form)
}

/// The platform, if the account has authorized it.
fn standing_platform(world: &World, chosen: &Chosen, appid: &str) -> Result<u8, Declined> {
    world
        .platform_index(appid)
        .filter(|platform| {
            world
                .standing_grant(*platform, chosen.account.index)
                .is_some()
        })
        .ok_or_else(|| {
            let message = format!("the account has not authorized the platform: {appid}");
            Declined::new("not_authorized", message)
        })
}

fn form_of(chosen: &Chosen, platform: &str, act: &str) -> String {
    let mut form = format!("<form method=\"post\" action=\"{CONSOLE}\">");
    for (name, value) in [
        ("act", act),
        ("user", &chosen.user),
        ("account", &chosen.appid),
        ("platform", platform),
    ] {
        hidden(&mut form, name, value);
    }
    form
}

fn closing(chosen: &Chosen, button: &str) -> String {
    format!(
        "<div class=\"actions\">{button}<a class=\"plain\" href=\"{}\">返回</a></div></form>",
        escape(&chosen.address())
    )
}
