//! Text as files have it, and a place in it.

use super::ImportError;
use super::error::Damage;

/// The text of a file. What is not in UTF-8, such as a comment in GBK, is replaced: a value that it
/// touches is refused later.
pub(super) fn clean(bytes: &[u8]) -> Result<String, ImportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // UTF-16 and pictures have it, text never.
    if bytes.contains(&0) {
        return Err(ImportError::NoText);
    }
    let text = String::from_utf8_lossy(bytes);
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// A place in a text, moving on.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 1,
        }
    }

    /// The line of what comes next, counted from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.rest = &self.rest[letter.len_utf8()..];
        self.line += usize::from(letter == '\n');
        Some(letter)
    }

    pub(super) fn starts_with(&self, words: &str) -> bool {
        self.rest.starts_with(words)
    }

    /// Steps over `words` if they come next.
    pub(super) fn take(&mut self, words: &str) -> bool {
        let here = self.starts_with(words);
        if here {
            self.line += words.matches('\n').count();
            self.rest = &self.rest[words.len()..];
        }
        here
    }

    /// What comes next as long as it is `wanted`.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|letter| !wanted(letter));
        let (taken, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    /// What comes before `end`, which is stepped over too; nothing when it does not come.
    pub(super) fn take_until(&mut self, end: &str) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_once(end)?;
        self.line += taken.matches('\n').count() + end.matches('\n').count();
        self.rest = rest;
        Some(taken)
    }

    /// What is wrong here.
    pub(super) fn damage(&self, message: &'static str) -> Damage {
        Damage::new(self.line, message)
    }

    /// Steps over white space and comments as C has them, and `#` where `hash` says so.
    ///
    /// # Errors
    /// When a comment does not end.
    pub(super) fn blank(&mut self, hash: bool) -> Result<(), Damage> {
        match self.skip_blank(hash) {
            true => Ok(()),
            false => Err(self.damage("a comment is not closed")),
        }
    }

    /// As [`Cursor::blank`]; false when a comment does not end.
    pub(super) fn skip_blank(&mut self, hash: bool) -> bool {
        loop {
            self.take_while(char::is_whitespace);
            if self.starts_with("//") || (hash && self.starts_with("#")) {
                self.take_while(|letter| letter != '\n');
            } else if self.take("/*") {
                if self.take_until("*/").is_none() {
                    return false;
                }
            } else {
                return true;
            }
        }
    }
}
