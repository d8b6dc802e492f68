//! What stored times are worth although clocks may be wrong: which of them can be believed, whether a
//! token is valid. Functions of values, the same for every engine.
//!
//! Order is by arrival, a number that the store assigns. A time only tells ages, and one that lies in
//! the future tells nothing: this machine's clock was ahead when it was stored, or is behind now.

use jiff::{SignedDuration, Timestamp};

use super::tokens::StoredToken;

/// How far a stored time may lie in the future and still be believed: clocks of machines that share
/// a store differ by seconds.
pub const TOLERANCE: SignedDuration = SignedDuration::from_secs(60);
/// How far from its arrival the `CreateTime` of a push may lie and still tell what came first.
pub const PUSH_WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// How long WeChat accepts a ticket.
pub const TICKET_LIFE: SignedDuration = SignedDuration::from_hours(12);
/// The lifetime that WeChat gives tokens.
#[cfg(feature = "redis")]
const USUAL_LIFE: SignedDuration = SignedDuration::from_hours(2);
/// The longest lifetime that WeChat may give a token.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Whether a stored time lies in the future, so that nothing may be concluded from it.
#[must_use]
pub fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > TOLERANCE
}

/// Whether `at` is less than `span` ago; a time in the future is not.
#[must_use]
pub fn is_within(at: Timestamp, now: Timestamp, span: SignedDuration) -> bool {
    !is_ahead(at, now) && now.duration_since(at) < span
}

/// The `CreateTime` of a push that arrived at `received_at`, where it can be compared with stored
/// times: WeChat's clock and this machine's then agree.
#[must_use]
pub fn push_time(created_at: Option<Timestamp>, received_at: Timestamp) -> Option<Timestamp> {
    created_at.filter(|at| at.duration_since(received_at).abs() <= PUSH_WINDOW)
}

/// The latest time that can be believed at `now`, in Unix seconds.
pub(super) fn latest_believed(now: i64) -> i64 {
    now + TOLERANCE.as_secs()
}

/// A stored time, unless it lies in the future.
pub(super) fn believed(stored: Option<i64>, now: i64) -> Option<i64> {
    stored.filter(|at| *at <= latest_believed(now))
}

/// Whether what is stored speaks of a later moment than `as_of`, so that what was seen then is old.
pub(super) fn knows_later(stored: i64, as_of: i64, now: i64) -> bool {
    believed(Some(stored), now) > Some(as_of)
}

/// The later of the times that can be believed, `now` at least.
pub(super) fn latest(stored: impl IntoIterator<Item = Option<i64>>, now: i64) -> i64 {
    let times = stored.into_iter().filter_map(|at| believed(at, now));
    times.fold(now, i64::max)
}

impl StoredToken {
    /// Whether it was stored with a time in the future, or with more time left than WeChat gives: it
    /// is not valid, because nobody knows when it expires.
    #[must_use]
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        is_token_ahead(self.issued_at, self.expires_at, now)
            || self.unsettled_since.is_some_and(|at| is_ahead(at, now))
    }
}

/// [`StoredToken::is_ahead`] of its two times: with the time of issue the lifetime given is known.
#[must_use]
pub fn is_token_ahead(
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let seconds = |time: Option<Timestamp>| time.map(Timestamp::as_second);
    TokenState::of(seconds(issued_at), seconds(expires_at), now.as_second()) == TokenState::Ahead
}

/// How a stored access token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenState {
    /// There never was one.
    Never,
    /// Its times lie in the future: it is not valid.
    Ahead,
    /// It expired.
    Expired,
    /// It is valid.
    Valid,
}

impl TokenState {
    /// How a token with these times stands at `now`, all in Unix seconds.
    pub(super) fn of(issued_at: Option<i64>, expires_at: Option<i64>, now: i64) -> Self {
        let Some(expires_at) = expires_at else {
            return Self::Never;
        };
        let issued_later = issued_at.is_some_and(|at| at > latest_believed(now));
        if issued_later || expires_at > now + LONGEST_LIFE.as_secs() {
            Self::Ahead
        } else if expires_at > now {
            Self::Valid
        } else {
            Self::Expired
        }
    }
}

/// When a token with WeChat's usual lifetime ends that is issued at `now`, in Unix seconds: one that
/// ends later may have been issued in the future.
#[cfg(feature = "redis")]
pub(super) fn usual_end(now: i64) -> i64 {
    now + USUAL_LIFE.as_secs()
}

/// How exactly the use of a token is noted.
const USE_NOTED: SignedDuration = SignedDuration::from_hours(1);

/// When the use of a token at `at` is to be noted: what is noted is not after the first of these
/// moments, or after the second, in the future.
pub(super) fn use_noted_outside(at: i64) -> (i64, i64) {
    (at - USE_NOTED.as_secs(), latest_believed(at))
}

/// The longest that something waits for another try or is held by one process.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// After when a wait that is stored as its end can only have come from another clock, so that it is
/// over; in the unit of `now`, of which a second has `unit`.
pub(super) fn waits_end_by(now: i64, unit: i64) -> i64 {
    now + LONGEST_WAIT.as_secs() * unit
}
