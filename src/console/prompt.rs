//! Questions to a person at a terminal. Without one they are refused, never answered by chance.

use std::io;

use dialoguer::{Confirm, Input, Password};

use super::Console;
use super::error::PromptRefused;
use crate::lang::{Text, clean};
use crate::wechat::secret::Secret;

impl Console {
    /// Asks for a value; an empty answer takes `default`, and an empty default allows it.
    ///
    /// # Errors
    /// [`PromptRefused::NoTerminal`] when nobody can be asked, or why no answer came.
    pub fn prompt(&self, label: &Text, default: Option<&str>) -> Result<String, PromptRefused> {
        self.require_terminal(label)?;
        let mut input = Input::<String>::new().with_prompt(clean(label.of(self.lang())));
        input = match default {
            Some("") => input.allow_empty(true),
            // It is shown as it stands: what cannot be shown is not offered.
            Some(default) if clean(default) == default => input.default(default.to_owned()),
            Some(_) | None => input,
        };
        let answer = self.bars().suspend(|| input.interact_text());
        Ok(answer.map_err(refused)?.trim().to_owned())
    }

    /// Asks for a secret, which is not shown while it is typed.
    ///
    /// # Errors
    /// [`PromptRefused::NoTerminal`] when nobody can be asked, or why no answer came.
    pub fn secret_prompt(&self, label: &Text) -> Result<Secret, PromptRefused> {
        self.require_terminal(label)?;
        // Whether nothing is an answer is the caller's to say.
        let password = Password::new()
            .with_prompt(clean(label.of(self.lang())))
            .allow_empty_password(true);
        let answer = self.bars().suspend(|| password.interact());
        Ok(Secret::new(answer.map_err(refused)?.trim()))
    }

    /// Asks for a yes or no, no being the default; `--yes` answers yes without asking.
    ///
    /// # Errors
    /// [`PromptRefused::Unconfirmed`] when nobody can be asked, or why no answer came.
    pub fn confirm(&self, question: &Text) -> Result<bool, PromptRefused> {
        if self.options.assume_yes {
            return Ok(true);
        }
        if !self.can_ask() {
            return Err(PromptRefused::Unconfirmed {
                question: question.clone(),
            });
        }
        let confirm = Confirm::new()
            .with_prompt(clean(question.of(self.lang())))
            .default(false);
        let answer = self.bars().suspend(|| confirm.interact());
        answer.map_err(refused)
    }

    fn require_terminal(&self, label: &Text) -> Result<(), PromptRefused> {
        if self.can_ask() {
            Ok(())
        } else {
            Err(PromptRefused::NoTerminal {
                label: label.clone(),
            })
        }
    }
}

fn refused(dialoguer::Error::IO(error): dialoguer::Error) -> PromptRefused {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => PromptRefused::Interrupted,
        _ => PromptRefused::Terminal(error),
    }
}
