//! Reading platforms out of a file: once through to see that nothing is missing, then page by page.

use std::sync::Mutex;

use crate::store::PlatformKey;
use crate::store::encryption::Keyring;
use crate::sys::sync::lock;
use crate::wechat::id::ComponentAppid;
use crate::wechat::secret::Secret;

use super::encrypted::{Input, Opened, Place, Reader, TextLine, TransferError};
use super::export::Line;
use super::{PAGE, Page};
use crate::store::record::{Record, RecordKind};

/// A file that is going to be read.
pub struct Import(Opened);

/// A file that was read once and found complete. Its records stay where they are until they are
/// asked for.
pub struct ImportFile {
    platforms: Vec<(PlatformKey, Vec<Run>)>,
    reader: Mutex<Reader>,
}

/// Records of a kind that follow one another.
#[derive(Clone, Copy, Debug)]
struct Run {
    kind: RecordKind,
    place: Place,
    count: u64,
}

/// How far a run was read.
struct Cursor {
    run: usize,
    place: Place,
    left: u64,
}

impl std::fmt::Debug for ImportFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let runs = self.platforms.iter();
        formatter.debug_list().entries(runs).finish()
    }
}

impl Import {
    /// Reads the file's head.
    ///
    /// # Errors
    /// When it is no export, or one of a newer form.
    pub fn open(file: impl Input + 'static) -> Result<Self, TransferError> {
        Ok(Self(Opened::read(Box::new(file))?))
    }

    /// Whether a file that begins so may be an export.
    #[must_use]
    pub fn may_begin(beginning: &[u8]) -> bool {
        beginning.starts_with(b"{")
    }

    /// Whether the file is encrypted with a passphrase, which is needed to read it.
    #[must_use]
    pub fn needs_passphrase(&self) -> bool {
        self.0.needs_passphrase()
    }

    /// Reads the file through and sees that nothing of it is missing; it is opened with the
    /// passphrase or with one of the keys.
    ///
    /// # Errors
    /// Every [`TransferError`]; of those of stores [`StoreError::Encrypted`](crate::store::StoreError::Encrypted)
    /// and `Undecryptable`.
    pub fn read(
        self,
        passphrase: Option<&Secret>,
        keyring: &Keyring,
    ) -> Result<ImportFile, TransferError> {
        let mut reader = self.0.text(passphrase, keyring)?;
        let mut platforms: Vec<(PlatformKey, Vec<Run>)> = Vec::new();
        let (mut records, mut is_whole, mut number) = (0, false, 1);
        while let Some(line) = reader.next()? {
            number += 1;
            let damaged = TransferError::Damaged { line: number };
            let place = line.place;
            if is_whole {
                return Err(damaged);
            }
            match parsed(&line, number)? {
                Line::Platform {
                    realm,
                    component_appid,
                } => {
                    let component_appid: ComponentAppid =
                        component_appid.parse().map_err(|_| damaged)?;
                    let key = PlatformKey {
                        realm,
                        component_appid,
                    };
                    platforms.push((key, Vec::new()));
                }
                Line::Record(record) => {
                    let Some((_, runs)) = platforms.last_mut() else {
                        return Err(damaged);
                    };
                    records += 1;
                    let kind = record.kind();
                    match runs.last_mut() {
                        Some(run) if run.kind == kind => run.count += 1,
                        _ => runs.push(Run {
                            kind,
                            place,
                            count: 1,
                        }),
                    }
                }
                Line::End(count) if count == records => is_whole = true,
                Line::End(_) => return Err(damaged),
            }
        }
        match is_whole {
            true => Ok(ImportFile {
                platforms,
                reader: Mutex::new(reader),
            }),
            false => Err(TransferError::CutOff),
        }
    }
}

impl ImportFile {
    pub(super) fn platforms(&self) -> Vec<PlatformKey> {
        self.platforms.iter().map(|(key, _)| key.clone()).collect()
    }

    /// A page as a store gives it.
    pub(super) fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<&str>,
    ) -> Result<Page, TransferError> {
        let found = self.platforms.iter().find(|(other, _)| other == key);
        let runs: Vec<Run> = found
            .map(|(_, runs)| runs.iter().filter(|run| run.kind == kind).copied())
            .into_iter()
            .flatten()
            .collect();
        let Some(Cursor { run, place, left }) = Cursor::at(&runs, after) else {
            return Ok(Page::default());
        };
        let mut reader = lock(&self.reader);
        reader.seek(place)?;
        let mut records = Vec::new();
        for _ in 0..left.min(PAGE as u64) {
            records.push(record(&mut reader, kind)?);
        }
        let left = left - records.len() as u64;
        let next = match (left, runs.get(run + 1)) {
            (0, None) => None,
            (0, Some(next)) => Some(Cursor {
                run: run + 1,
                place: next.place,
                left: next.count,
            }),
            (left, _) => Some(Cursor {
                run,
                place: reader.place(),
                left,
            }),
        };
        Ok(Page {
            records,
            next: next.as_ref().map(Cursor::to_text),
        })
    }
}

impl Cursor {
    fn at(runs: &[Run], after: Option<&str>) -> Option<Self> {
        let Some(after) = after else {
            let first = runs.first()?;
            return Some(Self {
                run: 0,
                place: first.place,
                left: first.count,
            });
        };
        let numbers: Vec<u64> = after
            .split('/')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        let [run, offset, number, inner, left] = numbers[..] else {
            return None;
        };
        Some(Self {
            run: usize::try_from(run).ok()?,
            place: Place {
                offset,
                number,
                inner: usize::try_from(inner).ok()?,
            },
            left,
        })
    }

    fn to_text(&self) -> String {
        let Self { run, place, left } = self;
        let Place {
            offset,
            number,
            inner,
        } = place;
        format!("{run}/{offset}/{number}/{inner}/{left}")
    }
}

fn parsed(line: &TextLine, number: usize) -> Result<Line, TransferError> {
    serde_json::from_slice(&line.text).map_err(|_| match line.is_cut {
        true => TransferError::CutOff,
        false => TransferError::Damaged { line: number },
    })
}

/// The next record of a file that was read through before.
fn record(reader: &mut Reader, kind: RecordKind) -> Result<Record, TransferError> {
    let line = reader.next()?.ok_or(TransferError::Changed)?;
    match serde_json::from_slice(&line.text) {
        Ok(Line::Record(record)) if record.kind() == kind => Ok(record),
        _ => Err(TransferError::Changed),
    }
}
