//! PHP's igbinary, as far as caches of texts need it: texts, and flat arrays of scalars.

use super::php::Php;

/// How it begins: its version, in four bytes.
const HEADS: [&[u8]; 2] = [&[0, 0, 0, 1], &[0, 0, 0, 2]];

const NULL: u8 = 0x00;
const FALSE: u8 = 0x04;
const TRUE: u8 = 0x05;
const EMPTY_TEXT: u8 = 0x0d;
/// Lengths and numbers take one, two or four bytes, each kind with a byte of its own.
const TEXT: [u8; 3] = [0x11, 0x12, 0x13];
const ARRAY: [u8; 3] = [0x14, 0x15, 0x16];
/// Positive and negative, in one, two, four or eight bytes.
const NUMBER: [(u8, usize); 8] = [
    (0x06, 1),
    (0x07, 1),
    (0x08, 2),
    (0x09, 2),
    (0x0a, 4),
    (0x0b, 4),
    (0x20, 8),
    (0x21, 8),
];

/// What stands behind igbinary's head; none where something else wrote the value.
pub(super) fn body(value: &[u8]) -> Option<&[u8]> {
    HEADS.iter().find_map(|head| value.strip_prefix(*head))
}

/// Reads a whole value without its head; none where it is neither a text nor a flat array.
pub(super) fn read(body: &[u8]) -> Option<Php> {
    let mut reader = Reader { rest: body };
    let kind = reader.byte()?;
    let read = match length_of(kind, ARRAY) {
        None => Php::Text(reader.scalar(kind)??),
        Some(bytes) => {
            let count = reader.length(bytes)?;
            let mut fields = Vec::new();
            for _ in 0..count {
                let kind = reader.byte()?;
                let name = reader.scalar(kind)?.unwrap_or_default();
                let kind = reader.byte()?;
                fields.push((name, reader.scalar(kind)?));
            }
            Php::Array(fields)
        }
    };
    reader.rest.is_empty().then_some(read)
}

/// In how many bytes a length stands behind `kind`, if it is one of `kinds`.
fn length_of(kind: u8, kinds: [u8; 3]) -> Option<usize> {
    let place = kinds.iter().position(|one| *one == kind)?;
    Some(1 << place)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A scalar of this kind; those that are no text are passed over.
    fn scalar(&mut self, kind: u8) -> Option<Option<String>> {
        if let Some(bytes) = length_of(kind, TEXT) {
            let length = self.length(bytes)?;
            let text = self.take(length)?.to_vec();
            return Some(Some(String::from_utf8(text).ok()?));
        }
        match kind {
            NULL | FALSE | TRUE => Some(None),
            EMPTY_TEXT => Some(Some(String::new())),
            _ => {
                let (_, bytes) = NUMBER.iter().find(|(one, _)| *one == kind)?;
                self.take(*bytes).map(|_| None)
            }
        }
    }

    fn length(&mut self, bytes: usize) -> Option<usize> {
        let digits = self.take(bytes)?.iter();
        Some(digits.fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}
