//! Why nothing can be taken from a file.

use super::Form;

/// Why nothing can be taken from a file. No variant holds a value of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Neither its name nor its content tells what form it has.
    #[error("the form of the file is not known")]
    UnknownForm,
    /// It has the form of something else than text.
    #[error("the file is no text")]
    NoText,
    /// It breaks the rules of its form.
    #[error("line {line} is no {}: {message}", form.name())]
    Damaged {
        /// The form it was read as.
        form: Form,
        /// Counted from 1.
        line: usize,
        /// What is wrong there; never the text of the file.
        message: String,
    },
    /// None of its names is one of a third-party platform.
    #[error("the file names no third-party platform")]
    NoPlatform {
        /// Names of a platform's appid that have no value, with their lines.
        empty: Vec<(String, usize)>,
        /// How many names there are.
        names: usize,
    },
    /// A value that cannot be used.
    #[error("`{name}` in line {line} {reason}; expected {expected}")]
    Value {
        /// The name in the file.
        name: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it, as the rest of a sentence that starts with the name.
        reason: &'static str,
        /// What would be right.
        expected: &'static str,
    },
}

/// What is wrong with a text, and where.
#[derive(Debug)]
pub(super) struct Damage {
    pub(super) line: usize,
    pub(super) message: String,
}

impl Damage {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}
