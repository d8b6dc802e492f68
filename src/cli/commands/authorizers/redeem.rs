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
use crate::lang::Lang;
use crate::store::Authorizer;
use crate::wechat::id::PermissionSetId;

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
    let text = input::secret(context, "authorization code", args.file.as_deref()).await?;
    let platform = context.platform().await?;
    let redeemed = platform
        .redeem(text.expose(), &required, &requested)
        .await?;
    match redeemed.by {
        Exchange::ThisCall => {}
        Exchange::Before => console.note("this code had been exchanged before; nothing was called"),
        Exchange::LostAnswer => console
            .note("WeChat's answer was lost; merchant and refresh token were found in its list"),
    }
    let row = RedeemRow {
        authorizer: redeemed.authorizer,
        granted: redeemed.granted,
        missing_required: redeemed.missing_required,
        requested_not_granted: redeemed.requested_not_granted,
    };
    console.document(&row, |out| {
        let name = row.authorizer.nick_name.as_deref().unwrap_or_default();
        writeln!(out, "{} {name} is authorized", row.authorizer.appid)?;
        writeln!(out, "Granted  {}", all_named(&row.granted, Lang::Zh))?;
        if !row.missing_required.is_empty() {
            writeln!(
                out,
                "Missing  {} (required)",
                all_named(&row.missing_required, Lang::Zh)
            )?;
        }
        if !row.requested_not_granted.is_empty() {
            writeln!(
                out,
                "Left out {} (requested)",
                all_named(&row.requested_not_granted, Lang::Zh)
            )?;
        }
        Ok(())
    })?;
    if row.missing_required.is_empty() {
        return Ok(Exit::Done);
    }
    console.hint(format!(
        "only the merchant can add sets: `wxauth link --for {}`",
        row.authorizer.appid
    ));
    Ok(Exit::BadVerdict)
}
