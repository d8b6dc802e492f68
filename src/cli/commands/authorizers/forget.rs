//! `authorizers forget`: drop a merchant from the store.

use clap::Args;
use serde_json::json;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;

/// Drop a merchant from the store; its authorization stands
///
/// Its tokens and external id go, its history stays. Only the merchant can end an authorization;
/// the next sync brings an authorized one back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth authorizers forget wx0123456789abcdef --yes")]
pub struct ForgetArgs {
    /// Appid, gh_… id, external id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: String,
}

pub(super) async fn run(context: &Context, args: ForgetArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let platform = context.platform().await?;
    let authorizer = platform.authorizer(&args.who).await?;
    let name = authorizer.nick_name.as_deref().unwrap_or_default();
    let question = text!(
        "forget {} {name} with its tokens?",
        "从本地存储移除 {} {name} 及其令牌？",
        authorizer.appid
    );
    let agreed = input::confirm(context, question).await?;
    if agreed {
        platform
            .store()
            .forget(platform.key(), &authorizer.appid)
            .await?;
        console.note(text!(
            "{} is forgotten",
            "{} 已从本地存储移除",
            authorizer.appid
        ));
    }
    let answer = json!({ "appid": authorizer.appid, "forgotten": agreed });
    console.document(&answer, |_| Ok(()))?;
    Ok(Exit::Done)
}
