//! Everything that is not the answer: notes, hints, warnings, and the one failure at the end.

use std::borrow::Cow;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::Console;
use super::style::Tone;
use super::wrap::wrap;
use crate::lang::{Phrase, Text, clean, clean_json};

/// Why a command failed, ready to be told. It holds no secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The machine-readable kind.
    pub kind: &'static str,
    /// What happened, in a sentence.
    pub message: String,
    /// What led to it, outermost first.
    pub causes: Vec<String>,
    /// WeChat's error code.
    pub errcode: Option<i64>,
    /// WeChat's request id.
    pub rid: Option<String>,
    /// What to do next, a sentence each.
    pub hints: Vec<String>,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    error: ErrorFields<'a>,
}

#[derive(Serialize)]
struct ErrorFields<'a> {
    kind: &'a str,
    message: String,
    errcode: Option<i64>,
    rid: Option<&'a str>,
    hints: &'a [String],
}

impl Console {
    /// Says something worth knowing. Silent with `--quiet`, and with JSON but for `-v`.
    pub fn note(&self, text: impl Into<Text>) {
        if !self.options.quiet && !self.is_silent() {
            self.say_prose("", 0, text.into().of(self.lang()));
        }
    }

    /// Says what to do next. Silent with `--quiet`, and with JSON but for `-v`.
    pub fn hint(&self, text: impl Into<Text>) {
        if !self.options.quiet && !self.is_silent() {
            self.say_marked(
                Phrase::Hint,
                Tone::Accent,
                &self.addressed(text.into().of(self.lang())),
            );
        }
    }

    /// A text whose commands (`` `wxauth …` ``) name the platform as this command did.
    #[must_use]
    pub fn addressed(&self, hint: &str) -> String {
        let Some(flag) = &self.options.platform_flag else {
            return hint.to_owned();
        };
        let mut parts = hint.split("`wxauth ");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text.push_str("`wxauth ");
            // These have no platform, or name it themselves.
            let apart = ["--", "sandbox ", "init", "profile "];
            // Another profile than the one in use is set with its name.
            let sets = flag.starts_with("--profile") && part.starts_with("profile set ");
            if sets || !apart.iter().any(|word| part.starts_with(word)) {
                text.push_str(flag);
                text.push(' ');
            }
            text.push_str(part);
        }
        text
    }

    /// Says what may go wrong. Silent with JSON but for `-v`.
    pub fn warn(&self, text: impl Into<Text>) {
        if !self.is_silent() {
            self.say_marked(Phrase::Warning, Tone::Warn, text.into().of(self.lang()));
        }
    }

    /// Says why the command failed, as the last thing it says.
    ///
    /// For programs that read JSON this is one line `{"error":{…}}`, whose message includes the
    /// causes.
    pub fn error(&self, failure: &Failure) {
        let hints: Vec<_> = failure
            .hints
            .iter()
            .map(|hint| self.addressed(hint))
            .collect();
        if self.format().is_json() {
            self.shared.say(&clean_json(&failure.json(&hints)));
            return;
        }
        self.say_marked(Phrase::Error, Tone::Bad, &failure.message);
        for cause in &failure.causes {
            let label = Phrase::Cause.text(self.lang());
            let gap = self.gap();
            let head = format!("  {label}{gap}");
            self.say_prose(&head, head.width(), cause);
        }
        let numbers = failure.numbers();
        if !numbers.is_empty() {
            self.shared.say(&format!("  {}", clean(&numbers)));
        }
        for hint in &hints {
            self.say_marked(Phrase::Hint, Tone::Accent, hint);
        }
    }

    fn say_marked(&self, phrase: Phrase, tone: Tone, text: &str) {
        let phrase = phrase.text(self.lang());
        let mark = self.shared.error_style.paint(tone, phrase);
        let gap = self.gap();
        let head = format!("{mark}{gap}");
        self.say_prose(&head, phrase.width() + gap.len(), text);
    }

    /// Says something behind `head`, which takes so many columns, in lines that fit a terminal.
    ///
    /// It is one sentence, whatever values it holds: a line break in it is somebody else's.
    fn say_prose(&self, head: &str, taken: usize, text: &str) {
        let text = clean(text);
        let text = match self.shared.error_width {
            Some(width) => Cow::Owned(wrap(&text, taken, width)),
            None => text,
        };
        self.shared.say(&format!("{head}{text}"));
    }

    /// What stands between a mark and its text: a Chinese colon brings its own space.
    fn gap(&self) -> &'static str {
        self.lang().choose(" ", "")
    }
}

impl Failure {
    fn json(&self, hints: &[String]) -> String {
        let mut message = self.message.clone();
        for cause in &self.causes {
            message.push_str(": ");
            message.push_str(cause);
        }
        let line = ErrorLine {
            error: ErrorFields {
                kind: self.kind,
                message,
                errcode: self.errcode,
                rid: self.rid.as_deref(),
                hints,
            },
        };
        // Strings and numbers always have a JSON form.
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// `errcode 40001, rid 5f2a…`, as far as known.
    fn numbers(&self) -> String {
        let errcode = self.errcode.map(|code| format!("errcode {code}"));
        let rid = self.rid.as_ref().map(|rid| format!("rid {rid}"));
        let numbers: Vec<String> = errcode.into_iter().chain(rid).collect();
        numbers.join(", ")
    }
}
