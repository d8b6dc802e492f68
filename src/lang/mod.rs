//! The languages people are spoken to in, and the console's own words in each.

mod clean;
mod phrase;
mod text;

use std::fmt;
use std::str::FromStr;

use crate::sys::env::Environment;

pub use clean::{clean, clean_json, is_hostile};
pub use phrase::Phrase;
pub use text::Text;
#[cfg(feature = "cli")]
pub(crate) use text::text;

/// A language for people; programs read the same field names in either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese (简体中文).
    Zh,
}

/// A text that names no language wxauth speaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no language: en or zh")]
pub struct UnknownLang {
    /// What was given.
    pub text: String,
}

impl Lang {
    /// The language of the user's locale: `LC_ALL`, else `LC_MESSAGES`, else `LANG`.
    ///
    /// Anything but Chinese, `C` and nothing at all included, is English.
    #[must_use]
    pub fn from_locale(environment: &Environment) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| environment.get(name))
            .unwrap_or_default();
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or(locale);
        if language.eq_ignore_ascii_case("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }

    /// The text of the two that is in this language.
    #[must_use]
    pub const fn choose<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    /// The tag for `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }
}

impl FromStr for Lang {
    type Err = UnknownLang;

    fn from_str(text: &str) -> Result<Self, UnknownLang> {
        match text {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::Zh),
            _ => Err(UnknownLang {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.choose("en", "zh"))
    }
}
