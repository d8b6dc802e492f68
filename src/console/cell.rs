//! One value of a row: what people read and what programs read.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::style::Tone;
use super::when;
use crate::lang::{Lang, Phrase, clean};

/// What a cell may depend on besides its record.
#[derive(Clone, Debug)]
pub struct CellContext {
    /// The language for people.
    pub lang: Lang,
    /// The present moment, by the console's clock.
    pub now: Timestamp,
    /// The zone that people's times are told in.
    pub zone: TimeZone,
    /// Whether secrets may be shown unmasked.
    pub reveal: bool,
    /// Whether a program reads the cell (csv, tsv).
    pub machine: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Empty,
    Text(String),
    Word { machine: String, human: String },
    Number(i64),
    Flag(bool),
    Moment(Timestamp),
    Seconds(i64),
    List(Vec<String>),
}

/// One value of a row, not yet put into words.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    value: Value,
    tone: Option<Tone>,
}

impl Cell {
    const fn of(value: Value) -> Self {
        Self { value, tone: None }
    }

    /// Nothing: empty for programs, a muted dash for people.
    #[must_use]
    pub const fn empty() -> Self {
        Self::of(Value::Empty)
    }

    /// Any text, a stranger's too: it is cleaned when it is written.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Value::Text(text.into()))
    }

    /// An enumeration: the JSON value for programs, other words for people.
    #[must_use]
    pub fn word(machine: impl Into<String>, human: impl Into<String>) -> Self {
        Self::of(Value::Word {
            machine: machine.into(),
            human: human.into(),
        })
    }

    /// A number, aligned to the right.
    #[must_use]
    pub const fn number(number: i64) -> Self {
        Self::of(Value::Number(number))
    }

    /// `true` or `false` for programs, yes or no for people.
    #[must_use]
    pub const fn flag(flag: bool) -> Self {
        Self::of(Value::Flag(flag))
    }

    /// A moment: RFC 3339 in UTC for programs, local with its distance for people.
    #[must_use]
    pub const fn moment(at: Timestamp) -> Self {
        Self::of(Value::Moment(at))
    }

    /// A moment where room is scarce: RFC 3339 in UTC for programs, local alone for people.
    #[must_use]
    pub fn short_moment(at: Timestamp, context: &CellContext) -> Self {
        Self::word(when::rfc3339(at), when::local(at, &context.zone))
    }

    /// A span of time: seconds for programs, words for people.
    #[must_use]
    pub const fn duration(seconds: i64) -> Self {
        Self::of(Value::Seconds(seconds))
    }

    /// Several values: joined by `,` for programs and `, ` for people; none is [`Cell::empty`].
    #[must_use]
    pub fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Self {
        let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
        Self::of(if items.is_empty() {
            Value::Empty
        } else {
            Value::List(items)
        })
    }

    /// The cell `make` makes, or [`Cell::empty`].
    #[must_use]
    pub fn optional<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::empty(), make)
    }

    /// The same cell, meaning `tone` to people.
    #[must_use]
    pub const fn tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }

    pub(super) const fn human_tone(&self) -> Option<Tone> {
        match self.value {
            Value::Empty => Some(Tone::Muted),
            _ => self.tone,
        }
    }

    pub(super) const fn is_number(&self) -> bool {
        matches!(self.value, Value::Number(_))
    }

    /// Whether the text may come from a stranger, who could have put a formula in it.
    pub(super) const fn is_foreign(&self) -> bool {
        matches!(
            self.value,
            Value::Text(_) | Value::Word { .. } | Value::List(_)
        )
    }

    /// The words for people, cleaned, without colour.
    #[must_use]
    pub fn human(&self, context: &CellContext) -> String {
        let lang = context.lang;
        match &self.value {
            Value::Empty => "-".to_owned(),
            Value::Text(text) | Value::Word { human: text, .. } => clean(text).into_owned(),
            Value::Number(number) => number.to_string(),
            Value::Flag(true) => Phrase::Yes.text(lang).to_owned(),
            Value::Flag(false) => Phrase::No.text(lang).to_owned(),
            Value::Moment(at) => when::moment(*at, context.now, &context.zone, lang),
            Value::Seconds(seconds) => when::duration(*seconds, lang),
            Value::List(items) => clean(&items.join(", ")).into_owned(),
        }
    }

    /// The value for programs, not yet escaped for any format.
    #[must_use]
    pub fn machine(&self) -> String {
        match &self.value {
            Value::Empty => String::new(),
            Value::Text(text) | Value::Word { machine: text, .. } => text.clone(),
            Value::Number(number) | Value::Seconds(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Moment(at) => when::rfc3339(*at),
            Value::List(items) => items.join(","),
        }
    }
}
