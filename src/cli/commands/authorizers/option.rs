//! `authorizers option`: the three options WeChat keeps for a merchant.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::api::OptionGeneration;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::flow::OptionName;
use crate::lang::text;

/// Read or set an option WeChat keeps for a merchant
///
/// location_report: 0 none, 1 on entering the session, 2 every five seconds. voice_recognize and
/// customer_service: 0 off, 1 on.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth authorizers option wx0123456789abcdef location_report\n  wxauth authorizers option wx0123456789abcdef voice_recognize 1"
)]
pub struct OptionArgs {
    /// Appid, gh_… id, external id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: String,
    /// location_report, voice_recognize or customer_service
    #[arg(value_name = "NAME")]
    name: OptionName,
    /// The value to set
    #[arg(value_name = "VALUE")]
    value: Option<String>,
    /// Which of WeChat's two calls to use: present takes the merchant's token, old the platform's
    #[arg(
        long,
        value_enum,
        default_value = "present",
        value_name = "present|old"
    )]
    generation: Generation,
}

/// Which of WeChat's two generations of the call.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Generation {
    Present,
    Old,
}

#[derive(Serialize)]
struct OptionRow {
    appid: String,
    option_name: String,
    option_value: String,
}

pub(super) async fn run(context: &Context, args: OptionArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    if let Some(value) = &args.value
        && !args.name.values().contains(&value.as_str())
    {
        return Err(CliError::usage(text!(
            "`{value}` is no value of {}",
            "`{value}` 不是 {} 的有效值",
            args.name
        ))
        .hint(text!(
            "it takes {}",
            "可选值：{}",
            args.name.values().join(", ")
        )));
    }
    let platform = context.platform().await?;
    let appid = platform.appid_of(&args.who).await?;
    let generation = match args.generation {
        Generation::Present => OptionGeneration::Present,
        Generation::Old => OptionGeneration::Old,
    };
    let (option_name, option_value) = match args.value {
        Some(value) => {
            platform
                .set_option(generation, &appid, args.name, &value)
                .await?;
            (args.name.to_string(), value)
        }
        None => {
            let option = platform.option(generation, &appid, args.name).await?;
            (option.option_name, option.option_value)
        }
    };
    let row = OptionRow {
        appid: appid.to_string(),
        option_name,
        option_value,
    };
    console.document(&row, |out| {
        writeln!(out, "{} = {}", row.option_name, row.option_value)
    })?;
    Ok(Exit::Done)
}
