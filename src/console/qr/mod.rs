//! QR codes: in the terminal, as PNG, SVG, and a page to send on.

mod font;
mod page;
mod png;
mod svg;
mod terminal;

use std::path::{Path, PathBuf};
use std::{fmt, io};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use qrcode::{Color, EcLevel, QrCode};

use super::{Console, when};
use crate::lang::{Lang, Phrase};
use crate::sys::files;

pub use page::Sheet;
pub use terminal::Ink;

/// The light margin that scanners need around a code, in modules.
const QUIET_ZONE: usize = 4;

/// Why there is no QR code, or not in this form.
#[derive(Debug, thiserror::Error)]
pub enum QrError {
    /// The text is longer than a QR code can hold.
    #[error("{length} bytes are too many for a QR code")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The terminal is too narrow to show it whole.
    #[error("the QR code needs {needed} columns and the terminal has {width}")]
    TooNarrow {
        /// The columns it needs.
        needed: usize,
        /// The columns there are.
        width: usize,
    },
    /// The file name has none of the endings that tell the form.
    #[error("{}: the file name must end in .png, .svg or .html", path.display())]
    UnknownForm {
        /// The file that was named.
        path: PathBuf,
    },
    /// The picture cannot be made.
    #[error("cannot make the picture: {0}")]
    Picture(#[source] ::png::EncodingError),
    /// The file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file that was named.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A form that a QR code can be saved in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// A PNG image.
    Png,
    /// An SVG drawing.
    Svg,
    /// A page with the code, the link and what to do, in English and Chinese.
    Html,
}

impl Picture {
    /// The form that the ending of `path` names.
    ///
    /// # Errors
    /// [`QrError::UnknownForm`] for any other ending, or none.
    pub fn of(path: &Path) -> Result<Self, QrError> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            Some("html" | "htm") => Ok(Self::Html),
            _ => Err(QrError::UnknownForm {
                path: path.to_owned(),
            }),
        }
    }
}

/// A text as a square of dark and light modules.
#[derive(Clone)]
pub struct Qr {
    side: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// Encodes `text`, with the stronger error correction (M) where it costs no space, else L.
    ///
    /// # Errors
    /// [`QrError::TooLong`] beyond some 2,900 bytes.
    pub fn encode(text: &str) -> Result<Self, QrError> {
        let encode = |level| QrCode::with_error_correction_level(text, level).ok();
        let smallest = encode(EcLevel::L).ok_or(QrError::TooLong { length: text.len() })?;
        let code = match encode(EcLevel::M) {
            Some(stronger) if stronger.width() == smallest.width() => stronger,
            _ => smallest,
        };
        let side = code.width();
        let modules = code.into_colors().into_iter();
        let dark = modules.map(|module| module == Color::Dark).collect();
        Ok(Self { side, dark })
    }

    /// Modules from edge to edge, the quiet zone included.
    #[must_use]
    pub const fn side(&self) -> usize {
        self.side + 2 * QUIET_ZONE
    }

    /// Whether the module at `x`, `y` is dark, counted from the quiet zone's corner; outside is light.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET_ZONE).filter(|at| *at < self.side);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => self.dark[y * self.side + x],
            _ => false,
        }
    }

    /// Saves the code with what `sheet` says about it, in the form that the ending of `path`
    /// names; readable by its owner alone, because whoever has the link can use it.
    ///
    /// # Errors
    /// [`QrError::UnknownForm`], or why the file could not be made.
    pub fn save(&self, path: &Path, sheet: &Sheet<'_>) -> Result<(), QrError> {
        let caption = |lang| sheet.dies_at.map(|at| death_line(at, sheet.zone, lang));
        let content = match Picture::of(path)? {
            // The built-in font knows no Chinese.
            Picture::Png => self.png(caption(Lang::En).as_deref())?,
            Picture::Svg => {
                let lines: Vec<String> = [Lang::Zh, Lang::En]
                    .into_iter()
                    .filter_map(caption)
                    .collect();
                let caption = (!lines.is_empty()).then(|| lines.join("\n"));
                self.svg(caption.as_deref()).into_bytes()
            }
            Picture::Html => self.html(sheet).into_bytes(),
        };
        files::replace_private(path, &content).map_err(|source| QrError::Write {
            path: path.to_owned(),
            source,
        })
    }
}

impl fmt::Debug for Qr {
    // The modules would give the text away.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Qr")
            .field("side", &self.side)
            .finish_non_exhaustive()
    }
}

/// `Valid until 2026-11-22 19:50 +08:00`: with the offset, because pictures travel.
#[must_use]
pub fn death_line(at: Timestamp, zone: &TimeZone, lang: Lang) -> String {
    let moment = when::local_with_offset(at, zone);
    match lang {
        Lang::En => format!("{} {moment}", Phrase::ValidUntil.text(lang)),
        Lang::Zh => format!("{}：{moment}", Phrase::ValidUntil.text(lang)),
    }
}

impl Console {
    /// The code as lines for stdout, in the ink its terminal can show.
    ///
    /// # Errors
    /// [`QrError::TooNarrow`] when the terminal cannot show it whole.
    pub fn qr(&self, code: &Qr) -> Result<String, QrError> {
        let ink = if self.style().color() {
            Ink::Ansi
        } else if self.shared.light_screen {
            Ink::LightScreen
        } else {
            Ink::DarkScreen
        };
        let width = if self.is_terminal() {
            self.width()
        } else {
            usize::MAX
        };
        code.terminal(width, ink)
    }
}
