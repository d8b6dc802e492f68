//! `sandbox status`: where the sandbox is.

use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

use super::{Control, Reach};

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
            writeln!(out, "Listens at  {}", text(&card["url"]))?;
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
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}
