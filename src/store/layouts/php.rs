//! PHP's own serialization, or igbinary where a value begins like it, as far as caches of texts need
//! it: texts, and flat arrays of scalars.

use zeroize::Zeroizing;

use crate::wechat::secret::Secret;

use super::codec::Kept;
use super::value::{is_token, text_of};
use super::{Unreadable, igbinary};

/// A value that was read.
pub(super) enum Php {
    Text(String),
    /// Fields with their texts; other scalars are left out.
    Array(Vec<(String, Option<String>)>),
}

/// A text that is a token or a ticket.
pub(super) fn text(value: &[u8]) -> Result<Kept, Unreadable> {
    match read(value)? {
        Php::Text(text) if is_token(&text) => Ok(Kept::new(text)),
        _ => Err(Unreadable::OtherShape),
    }
}

/// A text as PHP's `serialize` writes it. Caches with igbinary read it too.
pub(super) fn written(secret: &Secret) -> Zeroizing<String> {
    let text = text_of(secret);
    Zeroizing::new(format!("s:{}:\"{}\";", text.len(), *text))
}

/// Reads a whole value.
pub(super) fn read(value: &[u8]) -> Result<Php, Unreadable> {
    if let Some(body) = igbinary::body(value) {
        return igbinary::read(body).ok_or(Unreadable::Igbinary);
    }
    let mut reader = Reader { rest: value };
    let read = reader.value().filter(|_| reader.rest.is_empty());
    read.ok_or(Unreadable::OtherShape)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<Php> {
        if self.rest.first() != Some(&b'a') {
            return Some(Php::Text(self.scalar()??));
        }
        self.take(b"a:")?;
        let count = self.number(b':')?;
        self.take(b"{")?;
        let mut fields = Vec::new();
        for _ in 0..count {
            let name = match self.rest.first() {
                Some(b'i') => {
                    self.take(b"i:")?;
                    self.until(b';')?.to_owned()
                }
                _ => self.scalar()??,
            };
            fields.push((name, self.scalar()?));
        }
        self.take(b"}")?;
        Some(Php::Array(fields))
    }

    /// A scalar; those that are no text are passed over.
    fn scalar(&mut self) -> Option<Option<String>> {
        match self.rest.first()? {
            b's' => {
                self.take(b"s:")?;
                let length = self.number(b':')?;
                self.take(b"\"")?;
                let (text, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                self.take(b"\";")?;
                Some(Some(String::from_utf8(text.to_vec()).ok()?))
            }
            b'N' => self.take(b"N;").map(|()| None),
            b'i' | b'b' | b'd' => self.until(b';').map(|_| None),
            _ => None,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(bytes)?;
        Some(())
    }

    fn number(&mut self, end: u8) -> Option<usize> {
        self.until(end)?.parse().ok()
    }

    fn until(&mut self, end: u8) -> Option<&'a str> {
        let length = self.rest.iter().position(|byte| *byte == end)?;
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest.get(1..)?;
        std::str::from_utf8(text).ok()
    }
}
