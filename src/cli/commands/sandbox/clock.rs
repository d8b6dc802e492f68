//! `sandbox clock`: move the sandbox's time.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

use super::{Control, Reach};

/// Move the sandbox's clock
///
/// +2h moves it two hours on from where it is; reset brings it back to this machine's time. Clients
/// of `--sandbox` follow within a second. What they stored with a later time is a clock fault for them
/// until something new takes its place: tokens are requested again, and a ticket is pushed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth sandbox clock +2h\n  wxauth sandbox clock reset")]
pub struct ClockArgs {
    /// +TIME, -TIME or reset; nothing shows the clock
    #[arg(value_name = "CHANGE", allow_hyphen_values = true)]
    change: Option<String>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

pub(super) async fn run(context: &Context, args: ClockArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, &args.reach);
    let clock: Value = match args.change.as_deref() {
        Some("reset") => control.post("clock", &json!({ "reset": true })).await?,
        Some(change) => control.post("clock", &json!({ "offset": change })).await?,
        None => {
            let card: Value = control.get("status").await?;
            json!({ "offset": card["clock_offset"], "now": card["now"] })
        }
    };
    console.document(&clock, |out| {
        let offset = clock["offset"].as_i64().unwrap_or_default();
        writeln!(
            out,
            "{} ({offset:+} s)",
            clock["now"].as_str().unwrap_or_default()
        )
    })?;
    Ok(Exit::Done)
}
