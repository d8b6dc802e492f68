//! `sandbox clock`: move the sandbox's time.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;

use super::{Control, Reach};

/// Move the sandbox's clock
///
/// +2h moves it two hours on from where it is; reset brings it back to this machine's time. Clients
/// of `--sandbox` follow.
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
    let change = args.change.as_deref().unwrap_or_default();
    if change == "reset" || change.starts_with('-') {
        console.note(
            text!("what a client stored of a later time stays newer than what comes now, so that pushes may \
             count as late: `wxauth sandbox reset` starts both anew", "客户端已存储的较晚时间的数据仍视为较新，之后的推送可能被判为迟到：`wxauth sandbox reset` 可让两者重新开始"),
        );
    }
    Ok(Exit::Done)
}
