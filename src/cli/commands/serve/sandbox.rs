//! `--sandbox serve`: the sandbox pushes to this server while it runs.

use std::time::Duration;

use serde_json::json;

use crate::cli::commands::sandbox;
use crate::cli::context::Context;
use crate::cli::error::CliError;

/// The launch domain of a server on this machine.
pub(super) const LAUNCH_DOMAIN: &str = "127.0.0.1";
/// How often the sandbox is asked how late it is.
const FOLLOW: Duration = Duration::from_secs(1);

/// Tells the sandbox where its first platform listens, as an operator does in WeChat's console.
pub(super) async fn point_at(context: &Context, url: &str) -> Result<(), CliError> {
    let change = json!({
        "events_url": format!("{url}/events"),
        "messages_url": format!("{url}/messages/$APPID$"),
        "launch_domain": LAUNCH_DOMAIN,
        "released": true,
        "redirect_uri": format!("{url}/callback"),
    });
    sandbox::change_platform(context, &change).await?;
    context
        .console()
        .note("the sandbox pushes to this server while it runs");
    let (session, clock) = (
        context.session().await?.url().clone(),
        context.clock().clone(),
    );
    // The sandbox's clock is moved by other commands; a token's life is counted on it.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FOLLOW).await;
            if let Ok(offset) = crate::cli::session::clock_offset(&session).await {
                clock.set_offset(offset);
            }
        }
    });
    Ok(())
}

/// Takes the addresses away: a sandbox that goes on must not count failures of a server that ended.
pub(super) async fn let_go(context: &Context) {
    let change = json!({"events_url": null, "messages_url": null});
    if let Err(error) = sandbox::change_platform(context, &change).await {
        context.console().note(format!(
            "the sandbox still pushes to this address: {}",
            error.message()
        ));
    }
}
