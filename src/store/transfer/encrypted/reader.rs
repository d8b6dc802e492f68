//! Reading a file, a piece at a time, from its beginning or from a place that was noted.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use zeroize::Zeroizing;

use crate::store::encryption::Keyring;
use crate::wechat::secret::Secret;

use super::{
    CIPHER, DERIVATION, EXPORT_KEY, FileCipher, Head, MOST_ITERATIONS, PIECE, TransferError,
    VERSION, key,
};

/// Longer lines than this are no lines of ours: of a stranger's file no more is taken into memory.
const LONGEST: u64 = 64 << 20;

/// What a file is read from.
pub trait Input: Read + Seek + Send {}

impl<T: Read + Seek + Send> Input for T {}

/// A file of which the head was read.
pub(in crate::store::transfer) struct Opened {
    source: BufReader<Box<dyn Input>>,
    head: Head,
    first: String,
}

/// The text of a file, line by line.
pub(in crate::store::transfer) struct Reader {
    source: BufReader<Box<dyn Input>>,
    /// Where in the file the next line of it begins.
    offset: u64,
    encryption: Option<FileCipher>,
    /// Opened and not given yet, from the place on where the next line of text begins.
    text: Zeroizing<Vec<u8>>,
    begin: usize,
    /// The piece that was opened last, and where it begins in `text`.
    piece: Place,
    piece_begin: usize,
    /// Whether the last piece was opened.
    ended: bool,
}

/// Where a line of text begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::store::transfer) struct Place {
    /// Where in the file its piece begins.
    pub(in crate::store::transfer) offset: u64,
    /// Which piece that is.
    pub(in crate::store::transfer) number: u64,
    /// How far into the opened piece it begins.
    pub(in crate::store::transfer) inner: usize,
}

/// A line of text.
pub(in crate::store::transfer) struct TextLine {
    pub(in crate::store::transfer) place: Place,
    pub(in crate::store::transfer) text: Zeroizing<Vec<u8>>,
    /// Whether the file ends within it.
    pub(in crate::store::transfer) is_cut: bool,
}

impl Opened {
    /// Reads the head.
    ///
    /// # Errors
    /// When it is no export, or a newer one.
    pub(in crate::store::transfer) fn read(input: Box<dyn Input>) -> Result<Self, TransferError> {
        let mut source = BufReader::with_capacity(1 << 16, input);
        let line = next_line(&mut source)?;
        let first = String::from_utf8(line).map_err(|_| TransferError::Foreign)?;
        let first = first.strip_suffix('\n').unwrap_or(&first).to_owned();
        // The version stands first, so that what a newer one added is no obstacle to telling it.
        let value: serde_json::Value =
            serde_json::from_str(&first).map_err(|_| TransferError::Foreign)?;
        let version = value
            .get("wxauth_export")
            .and_then(serde_json::Value::as_u64)
            .ok_or(TransferError::Foreign)?;
        if version > u64::from(VERSION) {
            return Err(TransferError::Newer {
                version: u32::try_from(version).unwrap_or(u32::MAX),
            });
        }
        let head = serde_json::from_value(value).map_err(|_| TransferError::Damaged { line: 1 })?;
        Ok(Self {
            source,
            head,
            first,
        })
    }

    /// Whether the file is encrypted with a passphrase.
    pub(in crate::store::transfer) fn needs_passphrase(&self) -> bool {
        let encryption = self.head.encryption.as_ref();
        encryption.is_some_and(|encryption| encryption.wrapped.is_none())
    }

    /// Opens the text with the passphrase or with one of the keys.
    ///
    /// # Errors
    /// Every [`TransferError`].
    pub(in crate::store::transfer) fn text(
        mut self,
        passphrase: Option<&Secret>,
        keyring: &Keyring,
    ) -> Result<Reader, TransferError> {
        let encryption = match &self.head.encryption {
            None => None,
            Some(encryption) => {
                if encryption.cipher != CIPHER
                    || encryption.derivation != DERIVATION
                    || encryption.iterations > MOST_ITERATIONS
                {
                    return Err(TransferError::Damaged { line: 1 });
                }
                let secret = match (&encryption.wrapped, passphrase) {
                    // In plain text it is nobody's who has the key.
                    (Some(wrapped), _) if wrapped.key_id().is_none() => {
                        return Err(TransferError::Foreign);
                    }
                    (Some(wrapped), _) => keyring.unwrap(wrapped, EXPORT_KEY)?,
                    (None, Some(passphrase)) => passphrase.clone(),
                    (None, None) => return Err(TransferError::NeedsPassphrase),
                };
                let mut encryption = FileCipher {
                    key: key(&secret, encryption)?,
                    head: self.first.clone(),
                    number: 0,
                };
                let check = next_line(&mut self.source)?;
                if check.last() != Some(&b'\n') {
                    return Err(TransferError::CutOff);
                }
                encryption
                    .open(&check, false)
                    .ok_or(TransferError::WrongPassphrase)?;
                Some(encryption)
            }
        };
        let offset = self.source.stream_position()?;
        Ok(Reader {
            source: self.source,
            offset,
            encryption,
            text: Zeroizing::new(Vec::with_capacity(4 * PIECE)),
            begin: 0,
            piece: Place::default(),
            piece_begin: 0,
            ended: false,
        })
    }
}

impl Reader {
    /// The next line; `None` after the last one.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged or cut off.
    pub(in crate::store::transfer) fn next(&mut self) -> Result<Option<TextLine>, TransferError> {
        if self.encryption.is_none() {
            return self.next_plain();
        }
        if self.begin == self.text.len() && !self.ended {
            self.open_piece()?;
        }
        let place = self.place();
        let mut looked = self.begin;
        loop {
            let rest = &self.text[looked..];
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let end = looked + length;
                let text = Zeroizing::new(self.text[self.begin..end].to_vec());
                self.begin = end + 1;
                return Ok(Some(TextLine {
                    place,
                    text,
                    is_cut: false,
                }));
            }
            looked = self.text.len();
            if self.ended {
                let text = Zeroizing::new(self.text[self.begin..].to_vec());
                self.begin = looked;
                return Ok((!text.is_empty()).then_some(TextLine {
                    place,
                    text,
                    is_cut: true,
                }));
            }
            looked -= self.begin;
            self.open_piece()?;
        }
    }

    fn next_plain(&mut self) -> Result<Option<TextLine>, TransferError> {
        let place = self.place();
        let mut text = Zeroizing::new(next_line(&mut self.source)?);
        self.offset += text.len() as u64;
        let is_cut = text.last() != Some(&b'\n');
        if text.is_empty() {
            return Ok(None);
        }
        if !is_cut {
            text.pop();
        }
        Ok(Some(TextLine {
            place,
            text,
            is_cut,
        }))
    }

    /// Where the next line begins.
    pub(in crate::store::transfer) fn place(&self) -> Place {
        match self.encryption {
            Some(_) => Place {
                inner: self.begin - self.piece_begin,
                ..self.piece
            },
            None => Place {
                offset: self.offset,
                ..Place::default()
            },
        }
    }

    /// Goes to where a line begins.
    ///
    /// # Errors
    /// As [`Reader::next`].
    pub(in crate::store::transfer) fn seek(&mut self, place: Place) -> Result<(), TransferError> {
        self.source.seek(SeekFrom::Start(place.offset))?;
        self.offset = place.offset;
        let Some(encryption) = &mut self.encryption else {
            return Ok(());
        };
        encryption.number = place.number;
        self.text.clear();
        (self.begin, self.piece_begin) = (0, 0);
        self.ended = false;
        self.open_piece()?;
        self.begin = place.inner.min(self.text.len());
        Ok(())
    }

    /// Opens the next piece behind what of the text was not given yet, which then begins at 0.
    fn open_piece(&mut self) -> Result<(), TransferError> {
        let Some(encryption) = &mut self.encryption else {
            return Ok(());
        };
        let line = next_line(&mut self.source)?;
        if line.is_empty() {
            return Err(TransferError::CutOff);
        }
        let is_last = self.source.fill_buf()?.is_empty();
        let number = encryption.number;
        let Some(opened) = encryption.open(&line, is_last) else {
            // A whole piece that is not the last one, or a part of one: what followed is gone.
            encryption.number = number;
            let is_cut = line.last() != Some(&b'\n') || encryption.open(&line, false).is_some();
            return Err(match is_last && is_cut {
                true => TransferError::CutOff,
                // Behind the head and the tag over nothing, which is number 0.
                false => TransferError::Damaged {
                    line: usize::try_from(number).map_or(usize::MAX, |number| number + 2),
                },
            });
        };
        self.text.drain(..self.begin);
        self.begin = 0;
        self.piece_begin = self.text.len();
        self.piece = Place {
            offset: self.offset,
            number,
            inner: 0,
        };
        self.text.extend_from_slice(&opened);
        self.offset += line.len() as u64;
        self.ended = is_last;
        Ok(())
    }
}

/// The next line of a file with its end.
fn next_line(source: &mut impl BufRead) -> Result<Vec<u8>, TransferError> {
    let mut line = Vec::new();
    source.take(LONGEST).read_until(b'\n', &mut line)?;
    Ok(line)
}
