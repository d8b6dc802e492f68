//! `authorizers recover`: rebuild the store from WeChat after a loss.

use clap::Args;
use jiff::SignedDuration;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::flow::SyncOptions;
use crate::lang::text;
use crate::store::roster::{AuthorizationStatus, RosterFilter};

use super::{BulkArgs, sync};

/// Merchants without a refresh token that are named one by one.
const SHOWN: usize = 20;

/// Rebuild the store from WeChat after a loss
///
/// WeChat's list and info calls give every merchant with its refresh token, into a file and into
/// Redis alike. What they cannot give is said: external ids, history, pushes, links under way, and
/// the refresh tokens of merchants whose code was never exchanged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth --sandbox authorizers recover")]
pub struct RecoverArgs {
    /// How hard to press WeChat.
    #[command(flatten)]
    bulk: BulkArgs,
}

pub(super) async fn run(context: &Context, args: RecoverArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let platform = context.platform().await?;
    context.show_progress(text!("Rebuilding from WeChat", "正在从微信重建"));
    let options = SyncOptions {
        full: true,
        max_age: SignedDuration::ZERO,
        allow_shrink: false,
        limits: args.bulk.limits(),
    };
    let synced = platform.sync(options).await;
    context.hide_progress();
    let exit = sync::report(context, synced?, args.bulk)?;
    let filter = RosterFilter {
        statuses: vec![AuthorizationStatus::PendingExchange],
        ..RosterFilter::default()
    };
    let pending = platform.authorizers(&filter, None, SHOWN + 1).await?;
    for row in pending.iter().take(SHOWN) {
        let name = row.nick_name.as_deref().unwrap_or_default();
        console.note(text!(
            "no refresh token at WeChat for {} {name}",
            "微信没有 {} {name} 的 refresh_token",
            row.appid
        ));
    }
    if pending.len() > SHOWN {
        console.hint(text!(
            "there are more: `wxauth authorizers list --status pending_exchange`",
            "还有更多：`wxauth authorizers list --status pending_exchange`"
        ));
    }
    if !pending.is_empty() {
        console.hint(
            text!("let those merchants change a permission set on the page of a new link: `wxauth link --for WHO`", "请让这些商家在新链接的授权页上改动一个权限集：`wxauth link --for WHO`"),
        );
    }
    console.note(text!(
        "WeChat does not have: external ids, history, pushes and messages received before, links under way, and which codes were exchanged; component and access tokens are fetched when they are needed",
        "以下内容无法从微信取回：external id、历史记录、此前收到的推送与消息、进行中的授权链接、已使用的授权码；component_access_token 与 access_token 会在需要时重新获取"
    ));
    console.hint(text!(
        "an export has all of it: `wxauth store import FILE`",
        "如有导出文件，可全部恢复：`wxauth store import FILE`"
    ));
    if platform.newest_ticket().await?.is_none() {
        console.hint(text!(
            "give the newest ticket: `wxauth ticket set`",
            "提供最新的 ticket：`wxauth ticket set`"
        ));
    }
    Ok(exit)
}
