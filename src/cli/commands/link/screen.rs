//! What `link` shows beside the bare link.

use std::io;

use crate::cli::commands::permissions::set::all_named;
use crate::cli::context::Context;
use crate::cli::error::picture;
use crate::config::PlatformName;
use crate::console::qr::Qr;
use crate::console::{Console, Page};
use crate::flow::{AuthorizationLink, LinkWarning};
use crate::lang::{Lang, Text, text};
use crate::sys::http::is_loopback;
use crate::wechat::link::LinkKind;

use super::Account;

pub(super) fn sentence(warning: &LinkWarning, name: &PlatformName) -> Text {
    match warning {
        LinkWarning::NotReleased { unknown: true } => {
            let cure = match name {
                PlatformName::Profile(name) => Text::same(format!(
                    "`wxauth --profile {name} profile set released true`"
                )),
                PlatformName::Environment => text!(
                    "a profile can say so, the environment cannot: `wxauth init`",
                    "可在配置中声明，环境变量不能：`wxauth init`"
                ),
                PlatformName::Sandbox => Text::same("`wxauth sandbox platform --released true`"),
            };
            Text::each(|lang| {
                let cure = cure.of(lang);
                match lang {
                    Lang::En => format!(
                        "whether this platform passed its full release (全网发布) is not known; \
                         before it only accounts of the test list can authorize ({cure})"
                    ),
                    Lang::Zh => format!(
                        "不确定该平台是否已全网发布；发布前仅授权测试列表中的账号可以授权（{cure}）"
                    ),
                }
            })
        }
        LinkWarning::NotReleased { .. } => text!(
            "before the full release (全网发布) only accounts of the test list can authorize",
            "全网发布前，仅授权测试列表中的账号可以授权"
        ),
        LinkWarning::ExclusiveSet(id) => text!(
            "an account can give set {id} to one platform only; held elsewhere it is left out",
            "权限集 {id} 是互斥的，一个账号只能授予一个平台；已授予其他平台时不会授予本平台"
        ),
        LinkWarning::TakesVersionRelease => text!(
            "set 18 takes version release in the WeChat console away from the merchant",
            "授予权限集 18 后，商家不能再在微信公众平台自行发布版本"
        ),
        LinkWarning::UnknownSet(id) => {
            text!("set {id} is not in the catalogue", "目录中没有权限集 {id}")
        }
        LinkWarning::NarrowsActive { appid } => text!(
            "{appid} has authorized already; what a link with chosen sets does to its other sets is \
             not documented",
            "{appid} 已授权；指定权限集的链接对其他权限集有何影响，微信没有说明"
        ),
        LinkWarning::LaunchDomainUnknown => {
            let cure = match name {
                PlatformName::Profile(name) => Text::same(format!(
                    "`wxauth --profile {name} profile set launch_domain HOST`"
                )),
                PlatformName::Environment => {
                    text!("set `WXAUTH_LAUNCH_DOMAIN`", "设置 `WXAUTH_LAUNCH_DOMAIN`")
                }
                PlatformName::Sandbox => {
                    Text::same("`wxauth sandbox platform --launch-domain HOST`")
                }
            };
            Text::each(|lang| {
                let cure = cure.of(lang);
                match lang {
                    Lang::En => format!(
                        "the launch domain (授权发起页域名) is not known, so the redirect URI was \
                         not compared with it ({cure})"
                    ),
                    Lang::Zh => format!("授权发起页域名未知，因此没有与回调 URI 比较（{cure}）"),
                }
            })
        }
    }
}

pub(super) fn screen(
    out: &mut Page,
    console: &Console,
    link: &AuthorizationLink,
    account: Option<&Account>,
    with_qr: bool,
) -> io::Result<()> {
    if with_qr {
        let drawn = Qr::encode(link.url.expose()).and_then(|code| out.qr(&code, console));
        if let Err(error) = drawn {
            console.warn(picture(&error));
            console.hint(text!(
                "save it instead: `--save FILE.png`, or make the window wider",
                "可改为保存：`--save FILE.png`，或加宽窗口"
            ));
        }
    }
    writeln!(out, "{}", link.url.expose())?;
    writeln!(out)?;
    let lang = console.lang();
    let sets = if link.permission_ids.is_empty() {
        lang.choose("all that the platform offers", "平台提供的全部权限集")
            .to_owned()
    } else {
        all_named(&link.permission_ids, Lang::Zh)
    };
    let offered = match account {
        Some(row) => format!(
            "{} {}",
            row.appid,
            row.nick_name.as_deref().unwrap_or_default()
        ),
        None => link.auth_type.to_string(),
    };
    let dies = console.moment(link.expires_at);
    let rows = [
        ("For      ", "授权账号  ", offered),
        ("Sets     ", "权限集    ", sets),
        ("Back to  ", "回调地址  ", link.redirect_uri.clone()),
        ("Dies     ", "失效时间  ", dies),
    ];
    rows.iter()
        .try_for_each(|(en, zh, value)| writeln!(out, "{}{value}", lang.choose(en, zh)))
}

/// What to do with the link, said on stderr.
pub(super) async fn after(
    context: &Context,
    console: &Console,
    link: &AuthorizationLink,
    account: Option<&Account>,
) {
    if link.kind == LinkKind::Pc {
        console.hint(
            text!("a PC link works only when it is clicked on a page of the launch domain: typed, pasted or \
             scanned, WeChat refuses it", "PC 版链接须在授权发起页域名下的页面上点击打开；直接输入、粘贴或扫码都会被微信拒绝"),
        );
    }
    let settings = context.settings().await.ok();
    let base = settings.map(|settings| &settings.api_base.value);
    if !context.globals().sandbox && base.is_some_and(is_loopback) {
        console.note(
            text!("the API base is on this machine, and the link points to WeChat's own page: a code of an \
             emulator is unknown there", "API 地址在本机，而链接指向微信的正式页面：模拟环境的预授权码在那里无效"),
        );
    }
    if context.globals().sandbox {
        let who = account.map_or_else(String::new, |row| format!(" {}", row.appid));
        console.hint(text!(
            "let a merchant confirm it: `wxauth sandbox authorize{who}`",
            "让商家确认授权：`wxauth sandbox authorize{who}`"
        ));
    }
}
