//! Two modules per character, one above the other, as half blocks.

use super::{Qr, QrError};

/// What a terminal is known to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Colours: black on white is set explicitly, so that any terminal shows it right.
    Ansi,
    /// No colours, and light text on a dark background as most terminals have it: the light
    /// modules are drawn. On a light background the code appears inverted, which most phone
    /// cameras read as well, but not every scanner.
    DarkScreen,
    /// No colours, and dark text on a light background (the terminal said so in `COLORFGBG`): the
    /// dark modules are drawn.
    LightScreen,
}

// The corners of the 256-colour cube: the basic sixteen are often themed, white mostly to grey.
const BLACK_ON_WHITE: &str = "\u{1b}[38;5;16;48;5;231m";
const RESET: &str = "\u{1b}[0m";

impl Qr {
    /// The code as lines of text that end in a line break, four modules of quiet zone around it.
    ///
    /// # Errors
    /// [`QrError::TooNarrow`] when a line would be longer than `width`.
    pub fn terminal(&self, width: usize, ink: Ink) -> Result<String, QrError> {
        let side = self.side();
        if side > width {
            return Err(QrError::TooNarrow {
                needed: side,
                width,
            });
        }
        let drawn = |x, y| self.is_dark(x, y) != (ink == Ink::DarkScreen);
        let mut text = String::with_capacity(side * side * 2);
        // An odd number of rows leaves a half line, which is one more row of quiet zone.
        for y in (0..side).step_by(2) {
            if ink == Ink::Ansi {
                text.push_str(BLACK_ON_WHITE);
            }
            for x in 0..side {
                text.push(match (drawn(x, y), drawn(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            if ink == Ink::Ansi {
                text.push_str(RESET);
            }
            text.push('\n');
        }
        Ok(text)
    }
}
