//! The id under which WeChat keeps a request for seven days: spec api.md §1.2.

/// A rid: three groups of eight hexadecimal digits, the first of which is the time of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rid(String);

const GROUP: usize = 8;
const LENGTH: usize = 3 * GROUP + 2;

impl Rid {
    /// The last rid in a text: an error may quote one before its own.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let edge = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '-');
        text.rsplit(edge)
            .find(|word| Self::is_rid(word))
            .map(|word| Self(word.to_ascii_lowercase()))
    }

    fn is_rid(word: &str) -> bool {
        let group = |group: &str| {
            group.len() == GROUP && group.bytes().all(|letter| letter.is_ascii_hexdigit())
        };
        word.len() == LENGTH && word.split('-').count() == 3 && word.split('-').all(group)
    }

    /// The rid as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When the request was made, in Unix seconds.
    #[must_use]
    pub fn made_at(&self) -> i64 {
        let first = self.0.get(..GROUP).unwrap_or_default();
        i64::from_str_radix(first, 16).unwrap_or_default()
    }
}
