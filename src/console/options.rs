//! How the user wants to be answered.

#[cfg(feature = "jq")]
use std::sync::Arc;

#[cfg(feature = "jq")]
use super::jq::Filter;
use crate::lang::Lang;

/// The form of an answer on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Format {
    /// Aligned text for people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON object per line, streamed.
    Ndjson,
    /// Comma-separated values with a header row.
    Csv,
    /// Tab-separated values with a header row.
    Tsv,
}

impl Format {
    /// Whether a JSON parser reads it; stderr then keeps quiet but for `-v` and the error line.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson)
    }

    /// Whether it only fits rows of cells.
    #[must_use]
    pub const fn is_delimited(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always, whatever the environment says.
    Always,
    /// Never.
    Never,
}

/// Everything the flags and settings say about output.
#[derive(Clone, Debug, Default)]
pub struct ConsoleOptions {
    /// The form of the answer.
    pub format: Format,
    /// Notes, hints and progress are left out.
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbose: u8,
    /// When to use colour.
    pub color: ColorChoice,
    /// The language for people.
    pub lang: Lang,
    /// The columns asked for, in order; empty means the usual ones.
    pub columns: Vec<String>,
    /// What the JSON of the answer goes through (`--jq`).
    #[cfg(feature = "jq")]
    pub filter: Option<Arc<Filter>>,
    /// Whether prompts are allowed (`--no-input` forbids them).
    pub input: bool,
    /// Whether long tables may go through a pager.
    pub pager: bool,
    /// Whether every confirmation is answered with yes (`--yes`).
    pub assume_yes: bool,
    /// The flag that names the platform (`--sandbox`, `--profile NAME`): hints repeat it.
    pub platform_flag: Option<String>,
    /// Whether secrets are shown unmasked (`--reveal`).
    pub reveal: bool,
}
