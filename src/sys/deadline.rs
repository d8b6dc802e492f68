//! How long something outside is waited for.

use std::time::{Duration, Instant};

/// How long acts wait for other processes or for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLimit {
    /// Each act so long.
    Each(Duration),
    /// All of them together until then.
    Until(Instant),
}

impl TimeLimit {
    /// When an act that begins now gives up.
    #[must_use]
    pub fn deadline(self) -> Instant {
        match self {
            Self::Each(limit) => Instant::now() + limit,
            Self::Until(deadline) => deadline,
        }
    }
}
