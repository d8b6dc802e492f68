//! Where a value came from.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from; `Display` says it to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag, dashes included: `--profile`.
    Flag(&'static str),
    /// A variable of the environment.
    Environment(&'static str),
    /// A profile, in `config.toml` or `credentials.toml`.
    Profile {
        /// The profile's name.
        name: String,
        /// The file that holds the value.
        file: PathBuf,
    },
    /// A file outside any profile, such as its version or the chosen profile.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "`{flag}`"),
            Self::Environment(variable) => write!(formatter, "environment variable `{variable}`"),
            Self::Profile { name, file } => {
                write!(formatter, "profile `{name}` in {}", file.display())
            }
            Self::File(file) => write!(formatter, "{}", file.display()),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// Pairs a value with its origin.
    #[must_use]
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}
