//! A file that was read: every value with its name and line.

use super::error::Damage;
use super::leaf::{Leaf, Leaves};
use super::text::clean;
use super::{Form, ImportError, dotenv, json, php, properties, toml, yaml};

/// What a file says, not yet understood.
#[derive(Debug)]
pub struct Sheet {
    form: Form,
    pub(super) leaves: Vec<Leaf>,
}

impl Sheet {
    /// Reads a file of any form; `file_name` is its last part, where it has one.
    ///
    /// # Errors
    /// [`ImportError::NoText`], [`ImportError::UnknownForm`], [`ImportError::Damaged`].
    pub fn read(file_name: Option<&str>, bytes: &[u8]) -> Result<Self, ImportError> {
        let text = clean(bytes)?;
        let form = Form::of(file_name, &text).ok_or(ImportError::UnknownForm)?;
        Self::read_as(form, &text)
    }

    /// Reads `NAME=value` lines, whatever the file is called.
    ///
    /// # Errors
    /// [`ImportError::NoText`], [`ImportError::Damaged`].
    pub fn read_dotenv(bytes: &[u8]) -> Result<Self, ImportError> {
        Self::read_as(Form::Dotenv, &clean(bytes)?)
    }

    fn read_as(form: Form, text: &str) -> Result<Self, ImportError> {
        let read: fn(&str) -> Result<Leaves, Damage> = match form {
            Form::Dotenv => dotenv::read,
            Form::Php => php::read,
            Form::Properties => properties::read,
            Form::Yaml => yaml::read,
            Form::Json => json::read,
            Form::Toml => toml::read,
        };
        let leaves = read(text).map_err(|damage| ImportError::Damaged {
            form,
            line: damage.line,
            message: damage.message,
        })?;
        Ok(Self {
            form,
            leaves: leaves.all,
        })
    }

    /// The form it was read as.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// How many names it has.
    #[must_use]
    pub fn names(&self) -> usize {
        self.leaves.len()
    }
}
