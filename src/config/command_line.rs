//! A program with its arguments, as a setting.

use std::fmt;

/// A program that prints a value, and its arguments. No shell is involved: no variables, no
/// globs, no `~`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    program: String,
    arguments: Vec<String>,
}

impl CommandLine {
    /// Takes a list of the program and its arguments; `None` when no program is named.
    #[must_use]
    pub fn from_argv(argv: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut argv = argv.into_iter();
        let program = argv.next().filter(|program| !program.is_empty())?;
        Some(Self {
            program,
            arguments: argv.collect(),
        })
    }

    /// Splits a text at white space; quotes and backslashes work as in a POSIX shell. `None` when
    /// no program is named or a quote stays open.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_argv(split(text)?)
    }

    /// The program: a path, or a name to be found in `PATH`.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// What the program is given.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// Program and arguments in a row, as [`CommandLine::from_argv`] takes them.
    #[must_use]
    pub fn argv(&self) -> Vec<String> {
        let program = std::iter::once(self.program.clone());
        program.chain(self.arguments.iter().cloned()).collect()
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_quoted(formatter, &self.program)?;
        for argument in &self.arguments {
            formatter.write_str(" ")?;
            write_quoted(formatter, argument)?;
        }
        Ok(())
    }
}

fn write_quoted(formatter: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        formatter.write_str(word)
    } else {
        write!(formatter, "'{}'", word.replace('\'', r"'\''"))
    }
}

fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        inside => word.push(inside),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            space if space.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}
