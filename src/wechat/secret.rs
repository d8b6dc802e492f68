//! Values that must never be seen: appsecrets, tickets, tokens, codes, keys.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A secret text. It has no `Display` and no `Serialize`; `Debug` shows its mask only.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text as secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. The files that call this are listed by a test: keep them few.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has `lengths` characters that are all `allowed`: its shape, without showing it.
    #[must_use]
    pub fn is_shaped(&self, lengths: RangeInclusive<usize>, allowed: fn(char) -> bool) -> bool {
        lengths.contains(&self.0.chars().count()) && self.0.chars().all(allowed)
    }

    /// How many characters it has.
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// What may be shown: the prefix that tells the kind (`ticket@@@`, `97_`) and the last four
    /// characters of a long value, with an ellipsis between.
    #[must_use]
    pub fn mask(&self) -> String {
        let text = self.0.as_str();
        let head = match text.split_once("@@@") {
            Some((kind, _)) if kind.len() <= 16 && kind.bytes().all(|b| b.is_ascii_lowercase()) => {
                &text[..kind.len() + 3]
            }
            _ => match text.split_once('_') {
                Some((age, _)) if age.len() <= 3 && age.bytes().all(|b| b.is_ascii_digit()) => {
                    &text[..=age.len()]
                }
                _ => "",
            },
        };
        let body = &text[head.len()..];
        if body.len() < 24 {
            return format!("{head}…");
        }
        let tail: String = {
            let mut last: Vec<char> = body.chars().rev().take(4).collect();
            last.reverse();
            last.into_iter().collect()
        };
        format!("{head}…{tail}")
    }

    /// The SHA-256 of the text in lower-case hexadecimal: recognises a value again without keeping it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        ring::digest::digest(&ring::digest::SHA256, self.0.as_bytes())
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({})", self.mask())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
