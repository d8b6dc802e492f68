//! Why the console could not answer or ask.

use std::io;

use super::options::Format;
use crate::lang::{Lang, Text};

/// Why an answer could not be written. A reader that closed the pipe is no error.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// `--columns` names a column that the record does not have.
    #[error("no column `{name}`; there are: {}", known.join(", "))]
    UnknownColumn {
        /// What was given.
        name: String,
        /// The name that is nearly the same.
        near: Option<String>,
        /// The names there are, in order.
        known: Vec<String>,
    },
    /// The answer is no list of rows, so it has no csv or tsv form.
    #[error("this answer has no {format:?} form")]
    FormatDoesNotApply {
        /// The format asked for.
        format: Format,
    },
    /// The filter of `--jq` failed on an answer.
    #[cfg(feature = "jq")]
    #[error("the filter of `--jq` fails on this answer: {reason}")]
    Filter {
        /// What the filter says.
        reason: String,
    },
    /// The process that runs the filter of `--jq` could not be started.
    #[cfg(feature = "jq")]
    #[error("cannot start the filter of `--jq`: {0}")]
    FilterStart(#[source] io::Error),
    /// The filter of `--jq` called itself again and again.
    #[cfg(feature = "jq")]
    #[error("the filter of `--jq` recursed too deeply")]
    FilterTooDeep,
    /// The filter of `--jq` wanted too much memory.
    #[cfg(feature = "jq")]
    #[error("the filter of `--jq` needs more than {limit} of memory")]
    FilterTooLarge {
        /// The most that it gets.
        limit: String,
    },
    /// The user ended the command while the filter ran.
    #[cfg(feature = "jq")]
    #[error("interrupted")]
    Interrupted,
    /// A record has no JSON form.
    #[error("the answer has no JSON form: {0}")]
    Serialize(#[source] serde_json::Error),
    /// Stdout takes no more, for example because its disk is full.
    #[error("cannot write the answer: {0}")]
    Write(#[from] io::Error),
}

/// Why the user was not asked, or gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum PromptRefused {
    /// A value is needed and there is nobody to ask: no terminal, or `--no-input`.
    #[error("`{}` is needed and cannot be asked for without a terminal", label.of(Lang::En))]
    NoTerminal {
        /// What was to be asked.
        label: Text,
    },
    /// A confirmation is needed and there is nobody to ask: `--yes` gives it.
    #[error("needs a confirmation; without a terminal, give `--yes`: {}", question.of(Lang::En))]
    Unconfirmed {
        /// What was to be confirmed.
        question: Text,
    },
    /// The user ended the prompt (Ctrl-C, or the end of input).
    #[error("interrupted")]
    Interrupted,
    /// The terminal failed.
    #[error("cannot ask on this terminal: {0}")]
    Terminal(#[source] io::Error),
}
