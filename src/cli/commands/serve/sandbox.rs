//! `--sandbox serve`: the sandbox pushes to this server while it runs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::commands::sandbox::change_platform;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::session;
use crate::lang::{Text, text};

/// The launch domain of a server on this machine.
pub(super) const LAUNCH_DOMAIN: &str = "127.0.0.1";
/// How often the sandbox is asked how late it is.
const FOLLOW: Duration = Duration::from_millis(500);

/// What the sandbox's platform was before this server came.
pub(super) struct Before(Value);

/// Tells the sandbox where its first platform listens, as an operator does in WeChat's console.
pub(super) async fn point_at(context: &Context, url: &str) -> Result<Before, CliError> {
    let before = change_platform(context, &json!({})).await?;
    let redirect_uri = format!("{url}/callback");
    let change = json!({
        "launch_domain": LAUNCH_DOMAIN,
        "released": true,
        "redirect_uri": redirect_uri,
    });
    change_platform(context, &change).await?;
    let (session, clock) = (
        context.session().await?.url().clone(),
        context.clock().clone(),
    );
    // The sandbox's clock is moved by other commands, and lives are counted on it.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FOLLOW).await;
            if let Ok(offset) = session::clock_offset(&session).await {
                clock.set_offset(offset);
            }
        }
    });
    Ok(Before(before))
}

/// Lets the sandbox push; it begins with a ticket at once, so the server must be listening.
pub(super) async fn begin_pushes(context: &Context, url: &str) -> Result<(), CliError> {
    let change = json!({
        "events_url": format!("{url}/events"),
        "messages_url": format!("{url}/messages/$APPID$"),
    });
    change_platform(context, &change).await?;
    context.console().note(text!(
        "the sandbox pushes to this server while it runs",
        "运行期间沙箱会向本服务器推送"
    ));
    Ok(())
}

/// Puts things back: a sandbox that goes on must not count failures of a server that ended. What
/// another server has taken over since stays.
pub(super) async fn let_go(context: &Context, before: &Before, url: &str) {
    let before = &before.0;
    let ours = format!("{url}/callback");
    match change_platform(context, &json!({})).await {
        Ok(now) if now["redirect_uri"] != json!(ours) => return,
        // Why it cannot be asked is told below.
        _ => {}
    }
    let change = json!({
        "events_url": before["events_url"].as_str().unwrap_or(""),
        "messages_url": before["messages_url"].as_str().unwrap_or(""),
        "launch_domain": before["launch_domain"],
        "redirect_uri": before["redirect_uri"],
        "released": before["released"],
    });
    if let Err(error) = change_platform(context, &change).await {
        context.console().note(Text::each(|lang| {
            let still = lang.choose(
                "the sandbox still pushes to this address:",
                "沙箱仍会向该地址推送：",
            );
            format!("{still} {}", error.message().of(lang))
        }));
    }
}
