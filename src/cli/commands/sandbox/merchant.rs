//! `sandbox authorize`, `update`, `revoke`: the merchant's own acts.

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cli::commands::link;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::lang::{Text, text};
use crate::wechat::id::{Appid, PermissionSetId, UserName};

use super::accounts::AccountRow;
use super::{Control, Reach};

/// How many accounts are tried when none is named.
const TRIES: usize = 20;

/// Confirm a link as a merchant's administrator
///
/// Without a link or code the newest unused link of the platform is taken; without WHO the first
/// account that can authorize and has not.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth --sandbox link\n  wxauth sandbox authorize")]
pub struct AuthorizeArgs {
    /// Appid, gh_… id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: Option<String>,
    /// The link that is opened
    #[arg(long, value_name = "URL", conflicts_with = "pre_auth_code")]
    link: Option<String>,
    /// The pre-auth code, as the mini-program plugin takes it
    #[arg(long, value_name = "CODE")]
    pre_auth_code: Option<String>,
    /// The sets that stay ticked; all without this
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    permissions: Option<Vec<String>>,
    /// The WeChat user who confirms; an administrator without this
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// The platform, where no link names it
    #[arg(long, value_name = "APPID")]
    platform: Option<String>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

/// Change the permission sets a merchant grants
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// Appid, gh_… id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: String,
    /// The sets that stay ticked; all that the platform offers without this
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    permissions: Option<Vec<String>>,
    /// The platform; the first one without this
    #[arg(long, value_name = "APPID")]
    platform: Option<String>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

/// End an authorization as the merchant
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Appid, gh_… id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: String,
    /// The platform; the first one without this
    #[arg(long, value_name = "APPID")]
    platform: Option<String>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

/// What the merchant's browser brings back.
#[derive(Deserialize, Serialize)]
struct Confirmed {
    authorizer_appid: String,
    auth_code: Option<String>,
    expires_in: Option<i64>,
    #[serde(default)]
    redirect_url: Option<String>,
    #[serde(default)]
    granted: Vec<u32>,
    #[serde(default)]
    left_out: Vec<u32>,
}

pub(super) async fn authorize(context: &Context, args: AuthorizeArgs) -> Result<Exit, CliError> {
    let control = Control::new(context, &args.reach);
    let candidates = match &args.who {
        Some(who) => vec![resolve(&control, who).await?],
        None => strangers(&control).await?,
    };
    let mut body = json!({
        "link": args.link,
        "pre_auth_code": args.pre_auth_code,
        "user": args.user,
        "platform": args.platform,
        "permissions": permissions(args.permissions.as_deref())?,
    });
    let mut refusals: Vec<CliError> = Vec::new();
    for appid in candidates {
        body["appid"] = appid.into();
        match control.post::<Confirmed>("authorize", &body).await {
            Ok(confirmed) => return tell(context, &confirmed),
            // No account could: the code itself is what is missing or spent.
            Err(error) if error.kind() == Kind::ActionRequired => return Err(error),
            Err(error) => refusals.push(error),
        }
    }
    Err(match (refusals.pop(), refusals.is_empty()) {
        // A named account is refused for its own reason.
        (Some(only), true) => only,
        (last, _) => {
            let none = CliError::new(Kind::Refused, text!("no account is left that could authorize", "没有可以授权的账号了"))
                .hint(
                    text!("end one: `wxauth sandbox revoke WHO`, or start anew: `wxauth sandbox reset`", "结束其中一个的授权：`wxauth sandbox revoke WHO`，或重新开始：`wxauth sandbox reset`"),
                );
            last.iter()
                .fold(none, |none, last| none.cause(last.message().clone()))
        }
    })
}

pub(super) async fn update(context: &Context, args: UpdateArgs) -> Result<Exit, CliError> {
    let control = Control::new(context, &args.reach);
    let body = json!({
        "appid": resolve(&control, &args.who).await?,
        "platform": args.platform,
        "permissions": permissions(args.permissions.as_deref())?,
    });
    let confirmed: Confirmed = control.post("update", &body).await?;
    tell(context, &confirmed)
}

pub(super) async fn revoke(context: &Context, args: RevokeArgs) -> Result<Exit, CliError> {
    let control = Control::new(context, &args.reach);
    let body = json!({
        "appid": resolve(&control, &args.who).await?,
        "platform": args.platform,
    });
    let ended: Value = control.post("revoke", &body).await?;
    let console = context.document()?;
    console.document(&ended, |out| {
        let appid = ended["authorizer_appid"].as_str().unwrap_or_default();
        let said = text!("{appid} ended its authorization", "{appid} 已取消授权");
        writeln!(out, "{}", said.of(console.lang()))
    })?;
    Ok(Exit::Done)
}

fn tell(context: &Context, confirmed: &Confirmed) -> Result<Exit, CliError> {
    let console = context.document()?;
    console.document(confirmed, |out| {
        let lang = console.lang();
        let said = text!("{} confirmed", "{} 已确认授权", confirmed.authorizer_appid);
        writeln!(out, "{}", said.of(lang))?;
        let ids = |ids: &[u32]| {
            ids.iter()
                .map(u32::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let label = lang.choose("Granted    ", "已授予  ");
        writeln!(out, "{label}{}", ids(&confirmed.granted))?;
        if !confirmed.left_out.is_empty() {
            let label = lang.choose("Left out   ", "未授予  ");
            writeln!(out, "{label}{}", ids(&confirmed.left_out))?;
        }
        if let Some(code) = &confirmed.auth_code {
            writeln!(out, "{}{code}", lang.choose("Auth code  ", "授权码  "))?;
        }
        Ok(())
    })?;
    if let Some(code) = &confirmed.auth_code {
        console.hint(text!(
            "exchange it: `echo '{code}' | wxauth --sandbox authorizers redeem`",
            "换取授权信息：`echo '{code}' | wxauth --sandbox authorizers redeem`"
        ));
    }
    Ok(Exit::Done)
}

fn permissions(words: Option<&[String]>) -> Result<Option<Vec<PermissionSetId>>, CliError> {
    words.map(link::sets).transpose()
}

/// Accounts that have not authorized, mini programs and official accounts first.
async fn strangers(control: &Control<'_>) -> Result<Vec<String>, CliError> {
    let mut appids = Vec::new();
    for kind in ["mini_program", "official_account"] {
        let path = format!("accounts?authorized=false&kind={kind}&count={TRIES}");
        let rows: Vec<AccountRow> = control.get(&path).await?;
        appids.extend(rows.into_iter().map(|row| row.appid));
    }
    Ok(appids)
}

pub(super) async fn resolve(control: &Control<'_>, who: &str) -> Result<String, CliError> {
    if who.parse::<Appid>().is_ok() || who.parse::<UserName>().is_ok() {
        return Ok(who.to_owned());
    }
    let mut rows: Vec<AccountRow> = control.get("accounts").await?;
    rows.retain(|row| !who.trim().is_empty() && row.nick_name.contains(who));
    match (rows.pop(), rows.as_slice()) {
        (Some(only), []) => Ok(only.appid),
        (Some(last), _) => {
            rows.push(last);
            let names = rows
                .iter()
                .take(8)
                .map(|row| format!("{} {}", row.appid, row.nick_name));
            let error = CliError::usage(text!(
                "`{who}` matches several accounts",
                "`{who}` 匹配多个账号"
            ));
            Err(names
                .map(Text::same)
                .fold(error, CliError::cause)
                .hint(text!("give the appid", "请给出 appid")))
        }
        (None, _) => Err(CliError::usage(text!(
            "no account of the sandbox matches `{who}`",
            "沙箱中没有匹配 `{who}` 的账号"
        ))
        .hint(text!(
            "`wxauth sandbox accounts` lists them",
            "`wxauth sandbox accounts` 列出全部账号"
        ))),
    }
}
