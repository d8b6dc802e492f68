//! What people are told, in both languages at once.

use std::fmt::Arguments;

use serde::{Serialize, Serializer};

use super::Lang;

/// A text for people in English and in Chinese; which one is shown is decided where it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    english: String,
    chinese: String,
}

impl Text {
    /// A text of both languages; `text!` fills values into both.
    #[must_use]
    pub fn new(english: impl Into<String>, chinese: impl Into<String>) -> Self {
        Self {
            english: english.into(),
            chinese: chinese.into(),
        }
    }

    /// What `text!` makes. Not inlined: there are a thousand such texts, and what is
    /// done for each of them here would be a good part of the program.
    #[inline(never)]
    #[must_use]
    pub fn filled(english: Arguments<'_>, chinese: Arguments<'_>) -> Self {
        Self {
            english: std::fmt::format(english),
            chinese: std::fmt::format(chinese),
        }
    }

    /// What reads the same in both: names, numbers, what WeChat or the system said.
    #[must_use]
    pub fn same(words: impl Into<String>) -> Self {
        let words = words.into();
        Self::new(words.clone(), words)
    }

    /// What `words` says in each language: for texts that hold others.
    #[must_use]
    pub fn each(words: impl Fn(Lang) -> String) -> Self {
        Self::new(words(Lang::En), words(Lang::Zh))
    }

    /// The text in `lang`.
    #[must_use]
    pub fn of(&self, lang: Lang) -> &str {
        lang.choose(&self.english, &self.chinese)
    }
}

/// Programs are told the English, whatever the language of the people.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.english)
    }
}

/// A [`Text`] from an English and a Chinese format string with the same values:
/// `text!("{left} calls left today", "今日剩余 {left} 次调用")`.
#[cfg(feature = "cli")]
macro_rules! text {
    ($english:literal, $chinese:literal $(, $value:expr)* $(,)?) => {
        $crate::lang::Text::filled(
            format_args!($english $(, $value)*),
            format_args!($chinese $(, $value)*),
        )
    };
}

#[cfg(feature = "cli")]
pub(crate) use text;
