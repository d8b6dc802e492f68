//! `authorizers set`: the operator's own id of a merchant.

use clap::Args;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;

/// Keep an own note about a merchant
///
/// The external id can be used wherever WHO is asked for. It must not look like an appid or a gh_ id.
/// An empty one takes it away. What a visitor's link claimed (`claimed_external_id`) finds no merchant
/// until it is set here.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth authorizers set wx0123456789abcdef --external-id shop-42"
)]
pub struct SetArgs {
    /// Appid, gh_… id, external id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: String,
    /// Your own id for it
    #[arg(long, value_name = "ID")]
    external_id: String,
}

pub(super) async fn run(context: &Context, args: SetArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let platform = context.platform().await?;
    let appid = platform.authorizer(&args.who).await?.appid;
    let external_id = Some(args.external_id.trim()).filter(|id| !id.is_empty());
    platform.set_external_id(&appid, external_id).await?;
    let answer = json!({ "appid": appid, "external_id": external_id });
    console.document(&answer, |_| Ok(()))?;
    console.note(match external_id {
        Some(id) => text!(
            "{appid} is `{id}` from now on",
            "{appid} 的 external id 现为 `{id}`"
        ),
        None => text!(
            "{appid} has no external id any more",
            "{appid} 的 external id 已清除"
        ),
    });
    Ok(Exit::Done)
}
