//! The pager: a program that shows a long text screen by screen.

use std::io::Write;
use std::process::{Command, Stdio};

use super::command::child;
use super::env::Environment;

/// What a shell ends with when it does not find the program.
const NOT_FOUND: i32 = 127;

/// A pager, as the environment names it.
#[derive(Clone, Debug)]
pub struct Pager {
    /// Words for a shell; absent for `less`, which may be missing without a word.
    command: Option<String>,
    variables: Vec<(&'static str, &'static str)>,
}

impl Pager {
    /// `WXAUTH_PAGER`, else `PAGER`, else `less`, which shows colours, ends at once when the text
    /// fits after all and leaves it on the screen, unless `LESS` says otherwise.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let named = environment
            .get("WXAUTH_PAGER")
            .or_else(|| environment.get("PAGER"));
        // The text is UTF-8 whatever the locale.
        let defaults = [("LESS", "FRX"), ("LESSCHARSET", "utf-8")];
        let unset = defaults
            .into_iter()
            .filter(|(name, _)| !environment.has(name));
        Self {
            command: named.map(str::to_owned),
            variables: unset.collect(),
        }
    }

    /// Shows `text` and waits until it was read; false when there is no such program.
    ///
    /// Whoever quits early has read enough: that is no failure.
    #[must_use]
    pub fn show(&self, text: &[u8]) -> bool {
        // Ctrl-C is the pager's: it ends a search there, and must not end us before it.
        let _held = super::signals::hold_interrupts();
        let mut program = match &self.command {
            Some(command) => shell(command),
            None => child("less"),
        };
        let started = program
            .envs(self.variables.iter().copied())
            .stdin(Stdio::piped())
            .spawn();
        let Ok(mut pager) = started else {
            return false;
        };
        if let Some(mut stdin) = pager.stdin.take() {
            let _ = stdin.write_all(text);
        }
        !pager
            .wait()
            .is_ok_and(|status| status.code() == Some(NOT_FOUND))
    }
}

/// The command is words for a shell, as other programs take it.
fn shell(command: &str) -> Command {
    if cfg!(windows) {
        let mut shell = child("cmd");
        shell.arg("/C").arg(command);
        return shell;
    }
    let mut shell = child("sh");
    shell.arg("-c").arg(command);
    shell
}
