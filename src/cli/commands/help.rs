//! `help`: the help of a command, or a topic.

use clap::Args;

use crate::cli::args::Output;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::help;
use crate::cli::topics::{self, TOPICS};

/// Print the help of a command, or explain a topic
///
/// `wxauth help link` is `wxauth link --help`. Topics explain what several commands share:
/// environment, exit-codes, output, security, sandbox, minting, redis, changelog. Without a word,
/// commands and topics are listed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth help\n  wxauth help exit-codes\n  wxauth help authorizers sync"
)]
pub struct HelpArgs {
    /// A topic, or the words of a command
    #[arg(value_name = "TOPIC|COMMAND")]
    words: Vec<String>,
}

pub(super) fn run(context: &Context, args: &HelpArgs) -> Result<Exit, CliError> {
    let (_, console) = context.output(&[Output::Table])?;
    let lang = console.lang();
    if let [word] = args.words.as_slice()
        && let Some(topic) = topics::find(word)
    {
        console.page(&console.markdown(topic.text(lang)))?;
        return Ok(Exit::Done);
    }
    let help = help::of(&args.words, lang)?;
    let mut page = match console.style().color() {
        true => help.ansi().to_string(),
        false => help.to_string(),
    };
    if args.words.is_empty() {
        page.push('\n');
        page.push_str(&console.style().strong(lang.choose("Topics:", "主题：")));
        page.push('\n');
        for topic in TOPICS {
            let title = topic.title(lang);
            page.push_str(&format!("  wxauth help {:<12}  {title}\n", topic.name));
        }
    }
    console.page(&page)?;
    Ok(Exit::Done)
}
