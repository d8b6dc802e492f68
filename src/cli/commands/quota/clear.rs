//! `quota clear`: spend one of the month's clears.

use clap::Args;
use serde::Serialize;

use super::path_of;
use super::show::explained;
use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::flow::Clear;
use crate::lang::{Lang, text};

/// Clear the counters of calls, which few may be in a month
///
/// The platform's counters, or with `--as` a merchant's. An account has 10 clears of everything in
/// a month, and 50 of single paths; WeChat's console spends the same ones. Asks first, unless
/// `--yes` is given.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox quota clear --yes\n  wxauth --sandbox quota clear --as 江南书院 --yes\n  wxauth --sandbox quota clear /cgi-bin/component/api_query_auth --yes\n  wxauth --sandbox quota clear --by-secret --yes"
)]
pub struct ClearArgs {
    /// The counter of this call alone
    #[arg(value_name = "PATH")]
    path: Option<String>,
    /// This merchant's counters
    #[arg(long = "as", value_name = "WHO")]
    who: Option<String>,
    /// By the platform's appsecret instead of a token, when none can be made any more
    #[arg(long, conflicts_with = "path")]
    by_secret: bool,
}

/// What was cleared, and what is left as far as this store knows.
#[derive(Serialize)]
struct Cleared<'a> {
    cleared: bool,
    appid: &'a str,
    path: Option<&'a str>,
    by: &'static str,
    known_clears: u64,
    known_left: u64,
}

pub(super) async fn run(context: &Context, args: ClearArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let path = args.path.as_deref().map(path_of).transpose()?;
    let platform = context.platform().await?;
    let caller = platform.caller(args.who.as_deref()).await?;
    let clear = match &path {
        Some(path) => Clear::Path(path),
        None if args.by_secret => Clear::BySecret,
        None => Clear::All,
    };
    let made = platform.clears_this_month(&caller, clear).await?;
    let most = clear.a_month();
    let left = most.saturating_sub(made);
    let own = platform.component_appid().as_str();
    let appid = caller.appid().map_or(own, |appid| appid.as_str());
    let what = match &path {
        Some(path) => text!(
            "the counter of {path} for {appid}",
            "{appid} 的 {path} 调用次数"
        ),
        None => text!("every counter of {appid}", "{appid} 的全部接口调用次数"),
    };
    let (english, chinese) = (what.of(Lang::En), what.of(Lang::Zh));
    let question = text!(
        "Clear {english}? Of the month's {most} clears {left} are left, as far as known here",
        "确定清零{chinese}？据本地记录，本月 {most} 次清零机会还剩 {left} 次"
    );
    let agreed = input::confirm(context, question).await?;
    if agreed {
        let cleared = platform.clear_quota(&caller, clear).await;
        if !cleared.map_err(|error| explained(error, &caller))? {
            context.console().warn(text!(
                "it is cleared, but the store could not note it: the count here is one too low",
                "已清零，但未能写入本地记录：此处的计数会少一次"
            ));
        }
    }
    let spent = u64::from(agreed);
    let cleared = Cleared {
        cleared: agreed,
        appid,
        path: path.as_deref(),
        by: if args.by_secret { "appsecret" } else { "token" },
        known_clears: made + spent,
        known_left: left.saturating_sub(spent),
    };
    console.document(&cleared, |out| {
        let left = cleared.known_left;
        if !agreed {
            let nothing = text!("Nothing was cleared", "未清零");
            return writeln!(out, "{}", nothing.of(console.lang()));
        }
        let said = text!(
            "Cleared {english}. Left of this month's {most}, as far as known here: {left}",
            "已清零{chinese}。据本地记录，本月 {most} 次清零机会还剩 {left} 次"
        );
        writeln!(out, "{}", said.of(console.lang()))
    })?;
    context.console().note(text!(
        "clears made in WeChat's console or by other programs are not known here",
        "在微信后台或由其他程序执行的清零不计入本地记录"
    ));
    Ok(Exit::Done)
}
