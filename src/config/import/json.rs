//! JSON with comments and trailing commas, as .NET reads its `appsettings.json`.

use super::error::Damage;
use super::leaf::{Leaves, Raw};
use super::text::Cursor;

/// Deeper than this no configuration is.
const DEEPEST: usize = 64;

pub(super) fn read(text: &str) -> Result<Leaves, Damage> {
    let mut reader = Reader {
        cursor: Cursor::new(text),
        leaves: Leaves::default(),
        path: Vec::new(),
    };
    reader.cursor.blank(false)?;
    reader.value()?;
    reader.cursor.blank(false)?;
    match reader.cursor.peek() {
        None => Ok(reader.leaves),
        Some(_) => Err(reader.cursor.damage("something follows the end")),
    }
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    leaves: Leaves,
    path: Vec<String>,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<(), Damage> {
        if self.path.len() > DEEPEST {
            return Err(self.cursor.damage("the nesting is too deep"));
        }
        let line = self.cursor.line();
        if self.cursor.take("{") {
            return self.members('}');
        }
        if self.cursor.take("[") {
            return self.members(']');
        }
        let raw = if self.cursor.take("\"") {
            Raw::text(self.string()?)
        } else {
            let word = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
            match self.cursor.take_while(word) {
                "" => return Err(self.cursor.damage("a value is missing")),
                "null" => Raw::nothing(),
                word if is_bare(word) => Raw::text(word),
                _ => return Err(self.cursor.damage("a text stands without quotation marks")),
            }
        };
        self.leaves.push_path(&self.path, line, raw);
        Ok(())
    }

    /// What stands between brackets.
    fn members(&mut self, end: char) -> Result<(), Damage> {
        let mut number = 0;
        loop {
            self.cursor.blank(false)?;
            if self.cursor.peek() == Some(end) {
                self.cursor.next();
                return Ok(());
            }
            if end == '}' {
                if !self.cursor.take("\"") {
                    return Err(self.cursor.damage("a name in quotation marks is missing"));
                }
                let name = self.string()?;
                self.cursor.blank(false)?;
                if !self.cursor.take(":") {
                    return Err(self.cursor.damage("a colon is missing"));
                }
                self.cursor.blank(false)?;
                self.path.push(name);
            } else {
                self.path.push(format!("[{number}]"));
            }
            self.value()?;
            self.path.pop();
            number += 1;
            self.cursor.blank(false)?;
            if !self.cursor.take(",") && self.cursor.peek() != Some(end) {
                return Err(self
                    .cursor
                    .damage("a comma or a closing bracket is missing"));
            }
        }
    }

    /// The rest of a text whose quotation mark was taken.
    fn string(&mut self) -> Result<String, Damage> {
        let mut text = String::new();
        loop {
            match self.cursor.next() {
                Some('"') => return Ok(text),
                None | Some('\n') => {
                    // The line that lacks it, not the one after.
                    let line = self.cursor.line() - usize::from(self.cursor.peek().is_some());
                    return Err(Damage::new(line, "a quotation mark is not closed"));
                }
                Some('\\') => {
                    let escaped = match self.cursor.next() {
                        Some('n') => '\n',
                        Some('r') => '\r',
                        Some('t') => '\t',
                        Some('b') => '\u{8}',
                        Some('f') => '\u{c}',
                        Some('u') => self.code_point()?,
                        Some(letter @ ('"' | '\\' | '/')) => letter,
                        _ => return Err(self.cursor.damage("a backslash escapes nothing")),
                    };
                    text.push(escaped);
                }
                Some(letter) => text.push(letter),
            }
        }
    }

    fn code_point(&mut self) -> Result<char, Damage> {
        let mut number = 0;
        for _ in 0..4 {
            let digit = self.cursor.next().and_then(|letter| letter.to_digit(16));
            let digit =
                digit.ok_or_else(|| self.cursor.damage("four hexadecimal digits follow \\u"))?;
            number = number * 16 + digit;
        }
        Ok(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

fn is_bare(word: &str) -> bool {
    matches!(word, "true" | "false") || word.parse::<f64>().is_ok()
}
