//! `explain`: what an error, a value, an event or an exit code means, and what to do about it.
//!
//! Nothing is opened or called: it works with no profile and no network.

use std::path::Path;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;

use super::input;

mod answer;
mod errcodes;
mod reading;
mod screen;
mod subjects;
mod words;

use answer::Answer;

/// Whether there is anything in a text that `explain` reads.
#[must_use]
pub fn is_readable(text: &str) -> bool {
    reading::read(text).is_some()
}

/// Explain an error code, a pasted error, a value, an event or an exit code
///
/// Takes an errcode, a whole error text, log line or JSON, a rid, `exit 5`, a ticket, code, token,
/// key or id, an InfoType or Event, a link, an API path, or the name of a permission set; `-` reads stdin.
/// The likeliest cause comes first, each with its sign and what to run next. A bare number from 0
/// to 8, and 130, is an exit code of wxauth.
///
/// Nothing is called or stored, and no profile is needed. Secrets are masked; pipe them in, so that
/// they stay out of the shell's history.
#[derive(Debug, Args)]
#[command(
    after_help = "Kinds: errcode, rid, exit_code, value, info_type, event, trouble, link, push, path, permission_set, unknown\n\nExamples:\n  wxauth explain 61007\n  wxauth explain exit 5\n  wxauth explain component_verify_ticket\n  wxauth explain 'access clientip is not registered requestIP: 192.0.2.7 rid: 64f69b23-60f73830-19f36488'\n  echo \"$TICKET\" | wxauth explain -"
)]
pub struct ExplainArgs {
    /// What to explain; several words are joined
    #[arg(required = true, value_name = "WHAT", allow_negative_numbers = true)]
    what: Vec<String>,
}

pub(super) async fn run(context: &Context, args: ExplainArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let piped = matches!(args.what.as_slice(), [only] if only == "-");
    let text = match piped {
        true => input::text(context, Some(Path::new("-"))).await?,
        false => args.what.join(" "),
    };
    let Some(reading) = reading::read(&text) else {
        return Err(
            CliError::usage(text!("there is nothing to explain", "没有要解释的内容")).hint(text!(
                "give an errcode, an error text or a value: `wxauth explain 61007`",
                "请给出错误码、错误文本或某个值：`wxauth explain 61007`"
            )),
        );
    };
    let answer = Answer::of(&reading, &console, piped);
    console.document(&answer, |out| screen::write(out, &console, &answer))?;
    if let Some(warning) = &answer.warning {
        console.warn(crate::lang::Text::same(warning.as_str()));
    }
    Ok(Exit::Done)
}
