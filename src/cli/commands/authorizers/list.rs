//! `authorizers list`: the merchants in the store, streamed page by page.

use clap::Args;

use crate::cli::commands::link;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::Next;
use crate::lang::text;
use crate::store::roster::{AuthorizationStatus, Authorizer, RosterFilter};
use crate::wechat::account::AccountKind;

/// Rows read from the store at once.
const PAGE: usize = 2_000;

/// List the merchants in the store
#[derive(Debug, Args)]
#[command(
    after_help = "Statuses: active, pending_exchange (authorized, its code never exchanged), revoked\nKinds: official_account, mini_program, channels, store, other, unknown\n\nExamples:\n  wxauth --sandbox authorizers list\n  wxauth --sandbox authorizers list --status active --kind mini_program -o json\n  wxauth --sandbox authorizers list --granted 获取小程序码 --missing 18\n  wxauth --sandbox authorizers list --jq '.[].appid'"
)]
pub struct ListArgs {
    /// With this status only
    #[arg(long, value_delimiter = ',', value_name = "STATUS", value_parser = parse_status)]
    status: Vec<AuthorizationStatus>,
    /// Of this kind only
    #[arg(long, value_delimiter = ',', value_name = "KIND", value_parser = parse_kind)]
    kind: Vec<AccountKind>,
    /// With this in the name, the principal or an id
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// That granted all of these permission sets, by id or name
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    granted: Vec<String>,
    /// That could grant these permission sets and lack one or more
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    missing: Vec<String>,
}

pub(in crate::cli::commands) fn parse_status(text: &str) -> Result<AuthorizationStatus, String> {
    AuthorizationStatus::from_word(&text.replace('-', "_"))
        .ok_or_else(|| "expected active, pending_exchange or revoked".to_owned())
}

pub(in crate::cli::commands) fn parse_kind(text: &str) -> Result<AccountKind, String> {
    text.replace('-', "_").parse().map_err(|_| {
        let names = AccountKind::ALL.map(AccountKind::as_str);
        format!("expected one of {}", names.join(", "))
    })
}

pub(super) async fn run(context: &Context, args: ListArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<Authorizer>()?;
    let filter = RosterFilter {
        statuses: args.status,
        kinds: args.kind,
        search: args.search,
        granted: link::sets(&args.granted)?,
        missing: link::sets(&args.missing)?,
    };
    let platform = context.platform().await?;
    let mut list = console.list::<Authorizer>();
    let mut after = None;
    'pages: loop {
        let page = platform.authorizers(&filter, after.as_ref(), PAGE).await?;
        for row in &page {
            if list.push(row)? == Next::Stop {
                break 'pages;
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.appid.clone()),
            _ => break,
        }
    }
    list.finish()?;
    if after.is_none() && platform.store().last_sync(platform.key()).await?.is_none() {
        console.hint(text!(
            "nothing was pulled from WeChat yet: `wxauth authorizers sync`",
            "尚未从微信拉取授权方：`wxauth authorizers sync`"
        ));
    }
    Ok(Exit::Done)
}
