//! `completions`: the script that lets a shell complete the words of a command.

use clap::{Args, ValueEnum};
use clap_complete::env::{Bash, EnvCompleter, Fish, Powershell, Zsh};

use crate::cli::args::Output;
use crate::cli::completion;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::lang::text;

/// Print the script that completes commands, profiles and merchants in a shell
///
/// bash: `source <(wxauth completions bash)` in ~/.bashrc. zsh: `source <(wxauth completions zsh)` in
/// ~/.zshrc, after compinit. fish: `wxauth completions fish | source` in ~/.config/fish/config.fish.
/// PowerShell: `wxauth completions powershell | Out-String | Invoke-Expression` in $PROFILE. The
/// script asks `wxauth` on the path for each completion; profiles, merchants and permission sets
/// come from the files of this machine. Nothing is called, and no file is made.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth completions bash\n  wxauth completions zsh")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// A shell that has completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

pub(super) fn run(context: &Context, args: &CompletionsArgs) -> Result<Exit, CliError> {
    let (_, console) = context.output(&[Output::Table])?;
    let completer: &dyn EnvCompleter = match args.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
    };
    let script = completion::script(completer);
    let script = script.map_err(|error| {
        CliError::new(
            Kind::Internal,
            text!(
                "the script could not be made: {error}",
                "无法生成脚本：{error}"
            ),
        )
    })?;
    console.bytes(&script)?;
    Ok(Exit::Done)
}
