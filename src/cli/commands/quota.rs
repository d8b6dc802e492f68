//! `quota`: what is left of a day's calls, and clearing the counters.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

mod clear;
mod show;

/// Look at the day's quota of calls, or clear its counters.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum QuotaCommand {
    Show(show::ShowArgs),
    Clear(clear::ClearArgs),
}

impl QuotaCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Show(_) => "show",
            Self::Clear(_) => "clear",
        }
    }
}

pub(super) async fn run(context: &Context, command: QuotaCommand) -> Result<Exit, CliError> {
    match command {
        QuotaCommand::Show(args) => show::run(context, args).await,
        QuotaCommand::Clear(args) => clear::run(context, args).await,
    }
}

/// The path as WeChat counts it: with its slash, in the documented case, without host and query.
fn path_of(text: &str) -> Result<String, CliError> {
    use crate::lang::text;
    use crate::wechat::api_permission::{find, read};

    let path = read(text).path.ok_or_else(|| {
        CliError::usage(text!("`{text}` is no path", "`{text}` 不是接口路径")).hint(text!(
            "write it as WeChat documents it: /cgi-bin/menu/create",
            "请按微信文档填写，例如 /cgi-bin/menu/create"
        ))
    })?;
    Ok(find(&path).first().map_or(path, |call| call.path.clone()))
}
