//! PHP that returns an array, as Laravel, ThinkPHP and EasyWeChat keep their configuration.
//!
//! Nothing is run: texts, numbers and `env('NAME', 'default')` are read, everything else counts as
//! worked out by the program.

use super::error::Damage;
use super::leaf::{Leaves, Raw};
use super::text::Cursor;
use crate::wechat::secret::Secret;

/// Deeper than this no configuration is.
const DEEPEST: usize = 64;

pub(super) fn read(text: &str) -> Result<Leaves, Damage> {
    let mut reader = Reader {
        cursor: Cursor::new(text),
        leaves: Leaves::default(),
        path: Vec::new(),
        depth: 0,
    };
    reader.cursor.take("<?php");
    let mut arrays = 0;
    loop {
        reader.cursor.blank(true)?;
        let Some(letter) = reader.cursor.peek() else {
            break;
        };
        let assigned = match letter {
            '\'' | '"' => {
                reader.string()?;
                false
            }
            '=' => {
                reader.cursor.next();
                true
            }
            letter if is_word(letter) => reader.cursor.take_while(is_word) == "return",
            _ => {
                reader.cursor.next();
                false
            }
        };
        if assigned {
            reader.cursor.blank(true)?;
            if let Some(end) = reader.opened() {
                reader.array(end)?;
                arrays += 1;
            }
        }
    }
    match arrays {
        0 => Err(Damage::new(1, "no array is returned")),
        _ => Ok(reader.leaves),
    }
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    leaves: Leaves,
    path: Vec<String>,
    depth: usize,
}

/// An expression, as far as it can be read without running it.
enum Read {
    Text(String),
    Nothing,
    Variable(String, Option<String>),
    Computed,
}

/// Where an expression stands: what `=>` follows may be a name, elsewhere it makes a function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Name,
    Value,
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_\\$".contains(letter)
}

impl Reader<'_> {
    /// Steps into an array that begins here, and tells what closes it.
    fn opened(&mut self) -> Option<char> {
        if self.cursor.take("[") {
            return Some(']');
        }
        let mut ahead = self.cursor.clone();
        if ahead.take("array") && ahead.skip_blank(true) && ahead.take("(") {
            self.cursor = ahead;
            return Some(')');
        }
        None
    }

    fn array(&mut self, end: char) -> Result<(), Damage> {
        if self.path.len() > DEEPEST {
            return Err(self.cursor.damage("the nesting is too deep"));
        }
        let mut number = 0;
        loop {
            self.cursor.blank(true)?;
            if self.cursor.peek() == Some(end) {
                self.cursor.next();
                return Ok(());
            }
            let mut name = format!("[{number}]");
            let mut line = self.cursor.line();
            let mut inner = self.opened();
            let mut read = Read::Computed;
            if inner.is_none() {
                read = self.expression(Place::Name)?;
                self.cursor.blank(true)?;
                if self.cursor.take("=>") {
                    name = match read {
                        Read::Text(name) => name,
                        _ => "?".to_owned(),
                    };
                    self.cursor.blank(true)?;
                    line = self.cursor.line();
                    inner = self.opened();
                    read = match inner {
                        Some(_) => Read::Computed,
                        None => self.expression(Place::Value)?,
                    };
                }
            }
            self.path.push(name);
            match inner {
                Some(end) => self.array(end)?,
                None => self.leaves.push_path(&self.path, line, read.raw()),
            }
            self.path.pop();
            number += 1;
            self.cursor.blank(true)?;
            // An array may be part of an expression: `[…] + [1]`.
            if !matches!(self.cursor.peek(), Some(',' | ']' | ')')) {
                self.skip(Place::Value)?;
            }
            if !self.cursor.take(",") && self.cursor.peek() != Some(end) {
                return Err(self
                    .cursor
                    .damage("a comma or a closing bracket is missing"));
            }
        }
    }

    fn expression(&mut self, place: Place) -> Result<Read, Damage> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.cursor.damage("the nesting is too deep"));
        }
        let mut read = self.operand()?;
        self.cursor.blank(true)?;
        if self.cursor.take("??") || self.cursor.take("?:") {
            self.cursor.blank(true)?;
            let other = self.expression(Place::Value)?;
            read = match (read, other) {
                (Read::Variable(name, None), Read::Text(text)) => Read::Variable(name, Some(text)),
                (Read::Variable(name, None), Read::Nothing) => Read::Variable(name, None),
                (Read::Text(text), _) => Read::Text(text),
                (Read::Nothing, other) => other,
                _ => Read::Computed,
            };
        }
        let ends = matches!(self.cursor.peek(), None | Some(',' | ']' | ')'));
        let named = place == Place::Name && self.cursor.starts_with("=>");
        if !ends && !named {
            self.skip(place)?;
            read = Read::Computed;
        }
        self.depth -= 1;
        Ok(read)
    }

    fn operand(&mut self) -> Result<Read, Damage> {
        for cast in ["(string)", "(int)", "(bool)"] {
            if self.cursor.take(cast) {
                self.cursor.blank(true)?;
            }
        }
        match self.cursor.peek() {
            Some('\'' | '"') => return self.string(),
            Some(letter) if letter.is_ascii_digit() || letter == '-' => {
                let number =
                    |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
                return Ok(Read::Text(self.cursor.take_while(number).to_owned()));
            }
            _ => {}
        }
        let mut word = self.cursor.take_while(is_word).to_owned();
        if self.cursor.take("::") {
            word = format!("{word}::{}", self.cursor.take_while(is_word));
        }
        let word = word.rsplit('\\').next().unwrap_or_default();
        let closed = match word {
            "env" | "getenv" | "Env::get" => ("(", ")"),
            "$_ENV" | "$_SERVER" => ("[", "]"),
            "null" | "NULL" => return Ok(Read::Nothing),
            "true" | "false" | "TRUE" | "FALSE" => return Ok(Read::Text(word.to_lowercase())),
            _ => return Ok(Read::Computed),
        };
        if !self.cursor.take(closed.0) {
            return Ok(Read::Computed);
        }
        self.variable(closed.1)
    }

    /// The rest of `env('NAME', 'default')`.
    fn variable(&mut self, end: &str) -> Result<Read, Damage> {
        self.cursor.blank(true)?;
        let read = match self.expression(Place::Value)? {
            Read::Text(name) => {
                let mut default = None;
                self.cursor.blank(true)?;
                if self.cursor.take(",") {
                    self.cursor.blank(true)?;
                    if !self.cursor.starts_with(end) {
                        default = match self.expression(Place::Value)? {
                            Read::Text(text) => Some(text),
                            _ => None,
                        };
                    }
                }
                Read::Variable(name, default)
            }
            _ => Read::Computed,
        };
        self.cursor.blank(true)?;
        while self.cursor.take(",") {
            self.cursor.blank(true)?;
            if !self.cursor.starts_with(end) {
                self.expression(Place::Value)?;
            }
            self.cursor.blank(true)?;
        }
        match self.cursor.take(end) {
            true => Ok(read),
            false => Err(self
                .cursor
                .damage("a comma or a closing bracket is missing")),
        }
    }

    /// Steps over the rest of an expression.
    fn skip(&mut self, place: Place) -> Result<(), Damage> {
        let mut depth = 0_usize;
        loop {
            self.cursor.blank(true)?;
            match self.cursor.peek() {
                None => return Err(self.cursor.damage("a bracket is not closed")),
                Some('\'' | '"') => {
                    self.string()?;
                    continue;
                }
                Some('<') if self.cursor.starts_with("<<<") => {
                    return Err(self.cursor.damage("a heredoc is not read"));
                }
                Some('=')
                    if depth == 0 && place == Place::Name && self.cursor.starts_with("=>") =>
                {
                    return Ok(());
                }
                Some(',' | ']' | ')') if depth == 0 => return Ok(()),
                Some('[' | '(' | '{') => depth += 1,
                Some(']' | ')' | '}') => depth = depth.saturating_sub(1),
                Some(_) => {}
            }
            self.cursor.next();
        }
    }

    fn string(&mut self) -> Result<Read, Damage> {
        let line = self.cursor.line();
        let double = self.cursor.next() == Some('"');
        let (mut text, mut computed) = (String::new(), false);
        loop {
            match self.cursor.next() {
                None => return Err(Damage::new(line, "a quotation mark is not closed")),
                Some('"') if double => break,
                Some('\'') if !double => break,
                Some('\\') => match self.cursor.next() {
                    Some(letter @ ('\\' | '\'')) if !double => text.push(letter),
                    Some(letter) if !double => text.extend(['\\', letter]),
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(letter) => text.push(letter),
                    None => {}
                },
                Some('$') if double => computed = true,
                Some(letter) => text.push(letter),
            }
        }
        Ok(match computed {
            true => Read::Computed,
            false => Read::Text(text),
        })
    }
}

impl Read {
    fn raw(self) -> Raw {
        match self {
            Self::Text(text) => Raw::Literal(Secret::new(text)),
            Self::Nothing => Raw::nothing(),
            Self::Variable(name, default) => Raw::Variable {
                name,
                default: default.map(Secret::new),
            },
            Self::Computed => Raw::Computed,
        }
    }
}
