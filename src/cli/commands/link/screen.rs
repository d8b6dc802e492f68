//! What `link` shows beside the bare link.

use std::io::{self, Write};

use crate::cli::commands::permissions::set::all_named;
use crate::cli::context::Context;
use crate::config::PlatformName;
use crate::console::Console;
use crate::console::qr::Qr;
use crate::flow::{AuthorizationLink, LinkWarning};
use crate::lang::Lang;
use crate::sys::http::is_loopback;
use crate::wechat::link::LinkKind;

use super::Account;

pub(super) fn sentence(warning: &LinkWarning, name: &PlatformName) -> String {
    match warning {
        LinkWarning::NotReleased { unknown: true } => {
            let cure = match name {
                PlatformName::Profile(name) => {
                    format!("`wxauth --profile {name} profile set released true`")
                }
                PlatformName::Environment => {
                    "a profile can say so, the environment cannot: `wxauth init`".to_owned()
                }
                PlatformName::Sandbox => "`wxauth sandbox platform --released true`".to_owned(),
            };
            format!(
                "whether this platform passed its full release (全网发布) is not known; before it only \
                 accounts of the test list can authorize ({cure})"
            )
        }
        LinkWarning::NotReleased { .. } => {
            "before the full release (全网发布) only accounts of the test list can authorize"
                .to_owned()
        }
        LinkWarning::ExclusiveSet(id) => {
            format!(
                "an account can give set {id} to one platform only; held elsewhere it is left out"
            )
        }
        LinkWarning::TakesVersionRelease => {
            "set 18 takes version release in the WeChat console away from the merchant".to_owned()
        }
        LinkWarning::UnknownSet(id) => format!("set {id} is not in the catalogue"),
        LinkWarning::NarrowsActive { appid } => format!(
            "{appid} has authorized already; what a link with chosen sets does to its other sets is \
             not documented"
        ),
        LinkWarning::LaunchDomainUnknown => {
            let cure = match name {
                PlatformName::Profile(name) => {
                    format!("`wxauth --profile {name} profile set launch_domain HOST`")
                }
                PlatformName::Environment => "set `WXAUTH_LAUNCH_DOMAIN`".to_owned(),
                PlatformName::Sandbox => {
                    "`wxauth sandbox platform --launch-domain HOST`".to_owned()
                }
            };
            format!(
                "the launch domain (授权发起页域名) is not known, so the redirect URI was not compared \
                 with it ({cure})"
            )
        }
    }
}

pub(super) fn screen(
    out: &mut dyn Write,
    console: &Console,
    link: &AuthorizationLink,
    account: Option<&Account>,
    with_qr: bool,
) -> io::Result<()> {
    if with_qr {
        match Qr::encode(link.url.expose()).and_then(|qr| console.qr(&qr)) {
            Ok(drawn) => writeln!(out, "{drawn}")?,
            Err(error) => {
                console.warn(error.to_string());
                console.hint("save it instead: `--save FILE.png`, or make the window wider");
            }
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
            "a PC link works only when it is clicked on a page of the launch domain: typed, pasted or \
             scanned, WeChat refuses it",
        );
    }
    let settings = context.settings().await.ok();
    let base = settings.map(|settings| &settings.api_base.value);
    if !context.globals().sandbox && base.is_some_and(is_loopback) {
        console.note(
            "the API base is on this machine, and the link points to WeChat's own page: a code of an \
             emulator is unknown there",
        );
    }
    if context.globals().sandbox {
        let who = account.map_or_else(String::new, |row| format!(" {}", row.appid));
        console.hint(format!(
            "let a merchant confirm it: `wxauth sandbox authorize{who}`"
        ));
    }
}
