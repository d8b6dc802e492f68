//! `authorizers redeem`: exchange an authorization code, or a pasted redirect address.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::commands::permissions::set::all_named;
use crate::cli::commands::{input, link};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::flow::Exchange;
use crate::lang::{Lang, text};
use crate::store::roster::Authorizer;
use crate::wechat::id::PermissionSetId;
use crate::wechat::redirect;

/// Exchange an authorization code, or the address WeChat redirected to
///
/// The code is taken from stdin, a file or a prompt. It works once and for about an hour; a code
/// that this store has exchanged already is answered from it. Exit code 3 when the merchant left
/// out a permission set the profile requires.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  echo \"$AUTH_CODE\" | wxauth authorizers redeem\n  wxauth authorizers redeem --file redirect.txt"
)]
pub struct RedeemArgs {
    /// Read it from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Sets the link asked for, to be compared with what was granted
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    requested: Vec<String>,
}

/// What an exchange gave: the contract's shape.
#[derive(Serialize)]
struct RedeemRow {
    authorizer: Authorizer,
    granted: Vec<PermissionSetId>,
    missing_required: Vec<PermissionSetId>,
    requested_not_granted: Vec<PermissionSetId>,
}

pub(super) async fn run(context: &Context, args: RedeemArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let requested = link::sets(&args.requested)?;
    let required = context.required_sets().await?;
    let text = input::secret(
        context,
        text!("authorization code", "授权码"),
        args.file.as_deref(),
    )
    .await?;
    let platform = context.platform().await?;
    let signer = match redirect::parse(text.expose()) {
        Ok(brought) if brought.parameters.iter().any(|(name, _)| name == "state") => {
            context.state_signer().await?
        }
        _ => None,
    };
    let redeemed = platform
        .redeem(text.expose(), signer.as_ref(), &required, &requested)
        .await?;
    match redeemed.by {
        Exchange::ThisCall => {}
        Exchange::Before => console.note(text!(
            "this code had been exchanged before; nothing was called",
            "该授权码此前已换取过，本次未发起调用"
        )),
        Exchange::LostAnswer => console.note(text!(
            "WeChat's answer was lost; merchant and refresh token were found in its list",
            "微信的响应已丢失；已从其授权方列表中找到该商家及其 refresh_token"
        )),
    }
    let row = RedeemRow {
        authorizer: redeemed.authorizer,
        granted: redeemed.granted,
        missing_required: redeemed.missing_required,
        requested_not_granted: redeemed.requested_not_granted,
    };
    console.document(&row, |out| {
        let name = row.authorizer.nick_name.as_deref().unwrap_or_default();
        let lang = console.lang();
        let appid = &row.authorizer.appid;
        let said = text!("{appid} {name} is authorized", "{appid} {name} 已授权");
        writeln!(out, "{}", said.of(lang))?;
        let granted = all_named(&row.granted, Lang::Zh);
        writeln!(out, "{}{granted}", lang.choose("Granted  ", "已授予  "))?;
        if !row.missing_required.is_empty() {
            let missing = all_named(&row.missing_required, Lang::Zh);
            let said = text!("Missing  {missing} (required)", "缺少    {missing}（必需）");
            writeln!(out, "{}", said.of(lang))?;
        }
        if !row.requested_not_granted.is_empty() {
            let left_out = all_named(&row.requested_not_granted, Lang::Zh);
            let said = text!(
                "Left out {left_out} (requested)",
                "未授予  {left_out}（曾请求）"
            );
            writeln!(out, "{}", said.of(lang))?;
        }
        Ok(())
    })?;
    if row.missing_required.is_empty() {
        return Ok(Exit::Done);
    }
    console.hint(text!(
        "only the merchant can add sets: `wxauth link --for {}`",
        "权限集只能由商家自行增加：`wxauth link --for {}`",
        row.authorizer.appid
    ));
    Ok(Exit::BadVerdict)
}
