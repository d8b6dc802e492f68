//! A value of a file, with its name and its line.

use super::names::words;
use crate::wechat::secret::Secret;

/// What a file says under one name.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// The name as people find it in the file.
    pub(super) name: String,
    /// The words of the name, in lower case.
    pub(super) words: Vec<String>,
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) raw: Raw,
    /// Which part of the file it stands in: documents of YAML, sections of properties.
    pub(super) part: usize,
}

/// A value as it is written.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    /// A text that may hold placeholders.
    Text(Secret),
    /// A text that stands for itself.
    Literal(Secret),
    /// A variable of the environment, with what counts without it.
    Variable {
        name: String,
        default: Option<Secret>,
    },
    /// Something that only the program it belongs to can work out.
    Computed,
}

impl Raw {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(Secret::new(text))
    }

    /// Nothing: `null`, or an empty value.
    pub(super) fn nothing() -> Self {
        Self::Literal(Secret::new(""))
    }
}

/// Values as they are read.
#[derive(Debug, Default)]
pub(super) struct Leaves {
    pub(super) all: Vec<Leaf>,
    pub(super) part: usize,
}

impl Leaves {
    /// Adds a value under a name that is one text in the file.
    pub(super) fn push(&mut self, name: &str, line: usize, raw: Raw) {
        self.all.push(Leaf {
            name: name.to_owned(),
            words: words(name),
            line,
            raw,
            part: self.part,
        });
    }

    /// Adds a value under the names of the tables that it stands in.
    pub(super) fn push_path(&mut self, path: &[String], line: usize, raw: Raw) {
        let mut name = String::new();
        for step in path {
            if !name.is_empty() && !step.starts_with('[') {
                name.push('.');
            }
            name.push_str(step);
        }
        self.push(&name, line, raw);
    }
}
