//! `exec`: run a command with a token in its environment.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::lang::{Text, text};
use crate::sys::command::{self, CommandError};
use crate::sys::signals;

use super::token;

/// Run a command with a token in its environment
///
/// The command finds COMPONENT_ACCESS_TOKEN, or with `--as` AUTHORIZER_ACCESS_TOKEN and
/// AUTHORIZER_APPID, and none of the variables that hold wxauth's own secrets. Its exit code becomes
/// ours.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox exec -- sh -c 'test -n \"$COMPONENT_ACCESS_TOKEN\"'"
)]
pub struct ExecArgs {
    /// With the token of this merchant
    #[arg(long = "as", value_name = "WHO")]
    who: Option<String>,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<String>,
}

pub(super) async fn run(context: &Context, args: ExecArgs) -> Result<Exit, CliError> {
    let handed = tokio::select! {
        handed = token::take(context, args.who.as_deref(), None) => handed?,
        _ = signals::stop_requested() => {
            return Err(CliError::new(Kind::Interrupted, text!("interrupted", "已中断")));
        }
    };
    let token = handed.held.token.expose();
    let mut variables = vec![("COMPONENT_APPID", handed.appid.as_str())];
    if handed.kind == "component" {
        variables.push(("COMPONENT_ACCESS_TOKEN", token));
    } else {
        variables = vec![
            ("AUTHORIZER_APPID", handed.appid.as_str()),
            ("AUTHORIZER_ACCESS_TOKEN", token),
        ];
    }
    match command::attended(&args.command, &variables).await {
        Ok(code) => Ok(Exit::Child(code)),
        Err(CommandError::Start { program, source }) => Err(CliError::new(
            Kind::Usage,
            text!("cannot run `{program}`", "无法运行 `{program}`"),
        )
        .cause(Text::same(source.to_string()))),
        Err(error) => Err(error.into()),
    }
}
