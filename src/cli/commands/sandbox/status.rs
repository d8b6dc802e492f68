//! `sandbox status`: where the sandbox is.

use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::clean;
use crate::sandbox::MERCHANT_CONSOLE;

use super::{Control, Reach, push};

pub(super) async fn run(context: &Context, reach: &Reach) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, reach);
    let card: Value = control.get("status").await?;
    let brief = control.session().await?.is_brief();
    console.document(&card, |out| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if brief {
            writeln!(
                out,
                "No sandbox is running; one was hosted for this command"
            )?;
        } else {
            let url = text(&card["url"]);
            writeln!(out, "Listens at  {url}")?;
            let base = url.trim_end_matches('/');
            writeln!(out, "Merchants   {base}{MERCHANT_CONSOLE} in a browser")?;
        }
        let offset = card["clock_offset"].as_i64().unwrap_or_default();
        writeln!(out, "Its time    {} ({offset:+} s)", text(&card["now"]))?;
        for platform in card["platforms"].as_array().into_iter().flatten() {
            let released = platform["released"].as_bool().unwrap_or_default();
            let state = if released { "released" } else { "not released" };
            writeln!(
                out,
                "Platform    {}  {state}",
                text(&platform["component_appid"])
            )?;
            for (label, url, paused) in [
                ("events", "events_url", "events_paused_until"),
                ("messages", "messages_url", "messages_paused_until"),
            ] {
                if let Some(url) = platform[url].as_str() {
                    let pause = match platform[paused].as_str() {
                        Some(until) => format!("  (paused until {until})"),
                        None => String::new(),
                    };
                    writeln!(out, "            {label} to {}{pause}", clean(url))?;
                }
            }
        }
        for alarm in card["alarms"].as_array().into_iter().flatten() {
            let reason = &alarm["reason"];
            writeln!(
                out,
                "Alarm       {} × {}, last {}: {}",
                text(&alarm["kind"]),
                alarm["count"],
                text(&alarm["last_at"]),
                push::told(&text(&reason["kind"]), reason["detail"].as_str())
            )?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}
