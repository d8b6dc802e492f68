//! `link`: pre-auth code, authorization link, QR code in the terminal.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::console::Console;
use crate::console::qr::{Picture, Qr, Sheet};
use crate::flow::{AuthorizationLink, LinkOptions, LinkWarning};
use crate::sys::http::is_loopback;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::link::{AuthType, LinkKind};
use crate::wechat::permission;

mod finding;
mod lint;
mod message;

/// Make an authorization link and show it as a QR code
///
/// The default is the H5 link, which works when an administrator of the merchant's account scans it
/// with WeChat. Every link has a pre-auth code of its own; it works once and for half an hour.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox link\n  wxauth --sandbox link --type mini-program --permissions 17,18\n  wxauth --sandbox link --no-qr -o json\n  wxauth --sandbox link --save link.png\n  wxauth link --lint 'https://open.weixin.qq.com/wxaopen/safe/bindcomponent?…'"
)]
pub struct LinkArgs {
    /// Make the PC link, to be clicked on a page of the launch domain
    #[arg(long)]
    pc: bool,
    /// Only this account may authorize
    #[arg(long = "for", value_name = "WHO")]
    who: Option<String>,
    /// Kinds of account offered: official-account, mini-program, both, promoter, channels, all, sales-assistant
    #[arg(long = "type", value_name = "KIND", default_value = "both", value_parser = parse_auth_type)]
    auth_type: AuthType,
    /// Offer these permission sets only, by id or name
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    permissions: Vec<String>,
    /// Where WeChat sends the merchant afterwards
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// Save the H5 link's QR code: .png, .svg or .html
    #[arg(long, value_name = "FILE", conflicts_with = "pc")]
    save: Option<PathBuf>,
    /// Print the text to send to the merchant as well
    #[arg(long)]
    message: bool,
    /// Do not draw the QR code
    #[arg(long)]
    no_qr: bool,
    /// Judge a link instead of making one
    #[arg(long, value_name = "URL", conflicts_with_all = ["pc", "who", "permissions", "save", "message", "no_qr"])]
    lint: Option<String>,
}

fn parse_auth_type(text: &str) -> Result<AuthType, String> {
    text.replace('_', "-").parse().map_err(|_| {
        let names: Vec<_> = AuthType::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// A link: the contract's shape.
#[derive(Serialize)]
struct LinkRow<'a> {
    kind: &'static str,
    url: &'a str,
    pre_auth_code: &'a str,
    expires_at: Timestamp,
    expires_in: i64,
    auth_type: u8,
    biz_appid: Option<&'a str>,
    permission_ids: &'a [PermissionSetId],
    redirect_uri: &'a str,
    message: Option<String>,
}

pub(super) async fn run(context: &Context, args: LinkArgs) -> Result<Exit, CliError> {
    if let Some(link) = &args.lint {
        return lint::run(context, link).await;
    }
    let console = context.document()?;
    if let Some(path) = &args.save {
        // A wrong ending is told before a code is spent.
        Picture::of(path)?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            && !folder.is_dir()
        {
            return Err(CliError::usage(format!("cannot write {}", path.display()))
                .cause(format!("there is no folder {}", folder.display())));
        }
    }
    let platform = context.platform().await?;
    let account = match &args.who {
        Some(who) => Some(account(context, who).await?),
        None => None,
    };
    let options = options(context, &args, account.as_ref()).await?;
    for warning in platform.judge_link(&options).await? {
        console.warn(sentence(&warning));
        if warning.needs_consent()
            && !input::confirm(context, "make the link all the same?".to_owned()).await?
        {
            return Err(CliError::new(Kind::Usage, "no link was made"));
        }
    }
    let link = platform.link(&options).await?;
    if let Some(path) = &args.save {
        let url = link.url.expose();
        let sheet = Sheet {
            title: "微信授权 · WeChat authorization",
            link: url,
            dies_at: Some(link.expires_at),
            zone: console.zone(),
        };
        Qr::encode(url)?.save(path, &sheet)?;
        console.note(format!("saved to {}", path.display()));
    }
    let row = LinkRow {
        kind: link.kind.as_str(),
        url: link.url.expose(),
        pre_auth_code: link.pre_auth_code.expose(),
        expires_at: link.expires_at,
        expires_in: link.expires_in,
        auth_type: link.auth_type.number(),
        biz_appid: link.only.as_ref().map(|appid| appid.as_str()),
        permission_ids: &link.permission_ids,
        redirect_uri: &link.redirect_uri,
        message: args
            .message
            .then(|| message::text(&console, &link, account.as_ref())),
    };
    let qr = (!args.no_qr && args.save.is_none() && link.kind == LinkKind::H5).then_some(());
    console.document(&row, |out| {
        screen(out, &console, &link, account.as_ref(), qr.is_some())?;
        match &row.message {
            Some(message) => writeln!(out, "\n{message}"),
            None => Ok(()),
        }
    })?;
    after(context, &console, &link, account.as_ref()).await;
    Ok(Exit::Done)
}

/// The one account a link is for; the store need not know it.
struct Account {
    appid: Appid,
    nick_name: Option<String>,
}

async fn account(context: &Context, who: &str) -> Result<Account, CliError> {
    let platform = context.platform().await?;
    let appid = platform.appid_of(who).await?;
    let known = platform.store().authorizer(platform.key(), &appid).await?;
    Ok(Account {
        nick_name: known.and_then(|row| row.nick_name),
        appid,
    })
}

async fn options(
    context: &Context,
    args: &LinkArgs,
    account: Option<&Account>,
) -> Result<LinkOptions, CliError> {
    let settings = context.settings().await?;
    let known = |value: &Option<crate::config::Sourced<String>>| {
        value.as_ref().map(|sourced| sourced.value.clone())
    };
    Ok(LinkOptions {
        kind: if args.pc { LinkKind::Pc } else { LinkKind::H5 },
        auth_type: args.auth_type,
        only: account.map(|row| row.appid.clone()),
        permission_ids: sets(&args.permissions)?,
        redirect_uri: args
            .redirect_uri
            .clone()
            .or_else(|| known(&settings.redirect_uri)),
        launch_domain: known(&settings.launch_domain),
        release: context.release().await?,
        hosts: context.link_hosts().await?,
    })
}

/// Permission sets by id, Chinese or English name, or a unique part of one.
pub(super) fn sets(words: &[String]) -> Result<Vec<PermissionSetId>, CliError> {
    words
        .iter()
        .flat_map(|words| words.split([',', '，', '、']))
        .filter(|word| !word.is_empty())
        .map(|word| {
            permission::resolve(word).map_err(|unknown| {
                let error = match unknown.candidates.is_empty() {
                    true => CliError::usage(format!("no permission set is called `{word}`")),
                    false => CliError::usage(format!("`{word}` names several permission sets")),
                };
                let name = |id: &PermissionSetId| match permission::get(*id) {
                    Some(set) => format!("{id} {} ({})", set.name_zh, set.name_en),
                    None => id.to_string(),
                };
                let candidates = unknown.candidates.iter().take(8).map(name);
                candidates.fold(error, CliError::cause).hint("give the id")
            })
        })
        .collect()
}

fn sentence(warning: &LinkWarning) -> String {
    match warning {
        LinkWarning::NotReleased { unknown: true } => {
            "whether this platform passed its full release (全网发布) is not known; before it only \
             accounts of the test list can authorize (`wxauth profile set released true`)"
                .to_owned()
        }
        LinkWarning::NotReleased { .. } => {
            "before the full release (全网发布) only accounts of the test list can authorize".to_owned()
        }
        LinkWarning::ExclusiveSet(id) => {
            format!("an account can give set {id} to one platform only; held elsewhere it is left out")
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
            "the launch domain (授权发起页域名) is not known, so the redirect URI was not compared with \
             it (`wxauth profile set launch_domain HOST`)"
                .to_owned()
        }
    }
}

fn screen(
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
    let named = |id: &PermissionSetId| match permission::get(*id) {
        Some(set) => format!("{id} {}", set.name_zh),
        None => id.to_string(),
    };
    let sets: Vec<_> = link.permission_ids.iter().map(named).collect();
    let sets = if sets.is_empty() {
        "all that the platform offers".to_owned()
    } else {
        sets.join(", ")
    };
    let offered = match account {
        Some(row) => format!(
            "{} {}",
            row.appid,
            row.nick_name.as_deref().unwrap_or_default()
        ),
        None => link.auth_type.to_string(),
    };
    writeln!(out, "For      {offered}")?;
    writeln!(out, "Sets     {sets}")?;
    writeln!(out, "Back to  {}", link.redirect_uri)?;
    writeln!(out, "Dies     {}", console.moment(link.expires_at))
}

/// What to do with the link, said on stderr.
async fn after(
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
