//! What a piece of text means, and how that looks. Colour is never the only carrier of meaning.

use anstyle::{AnsiColor, Effects, Style as Ansi};

/// The meaning of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Broken.
    Bad,
    /// Beside the point.
    Muted,
    /// The point.
    Strong,
    /// A name, a command, a link.
    Accent,
}

impl Tone {
    const fn ansi(self) -> Ansi {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warn => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default().effects(Effects::BOLD),
            Self::Muted => Ansi::new().effects(Effects::DIMMED),
            Self::Strong => Ansi::new().effects(Effects::BOLD),
            Self::Accent => AnsiColor::Cyan.on_default(),
        }
    }
}

/// Paints text for one stream, or leaves it as it is where colour is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    color: bool,
}

impl Style {
    /// A style that paints only with `color`.
    #[must_use]
    pub const fn new(color: bool) -> Self {
        Self { color }
    }

    /// Whether it paints.
    #[must_use]
    pub const fn color(self) -> bool {
        self.color
    }

    /// `text` in `tone`.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if self.color && !text.is_empty() {
            let ansi = tone.ansi();
            format!("{}{text}{}", ansi.render(), ansi.render_reset())
        } else {
            text.to_owned()
        }
    }

    /// What is well.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.paint(Tone::Good, text)
    }

    /// What is worth a look.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.paint(Tone::Warn, text)
    }

    /// What is broken.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.paint(Tone::Bad, text)
    }

    /// What is beside the point.
    #[must_use]
    pub fn muted(self, text: &str) -> String {
        self.paint(Tone::Muted, text)
    }

    /// What is the point.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.paint(Tone::Strong, text)
    }
}
