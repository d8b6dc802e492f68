//! The dates of answers: how far our clock is from WeChat's.

use std::sync::PoisonError;

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};

use super::Api;

/// What the `Date` header says, where there is one that is a date.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

impl Api {
    /// How far our clock was ahead of WeChat's when the last answer came; `None` before the first answer
    /// that had a date.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        let ahead = self.shared.clock_ahead.lock();
        *ahead.unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares the clocks by the headers of an answer that has just come.
    pub(super) fn compare_clocks(&self, headers: &HeaderMap) {
        let Some(date) = date(headers) else { return };
        let ahead = self.clock().now().duration_since(date);
        let noted = self.shared.clock_ahead.lock();
        *noted.unwrap_or_else(PoisonError::into_inner) = Some(ahead);
    }
}
