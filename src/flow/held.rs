//! A token in hand, and how long it may be used.

use jiff::{SignedDuration, Timestamp};

use crate::store::tokens::StoredToken;
use crate::store::validity::is_token_ahead;
use crate::wechat::secret::Secret;

/// A token that is valid for less than this is replaced before it is used, or one that was given for
/// a short time when half of that is over: else each command would ask for another.
pub const MARGIN: SignedDuration = SignedDuration::from_mins(10);

/// How long WeChat takes a token that was replaced: spec §1.5.
pub(super) const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// While a call is under way, or its end is unknown, the stored token has [`OVERLAP`] from then on
/// for certain; it is handed out while this much of that is left.
pub(super) const REMNANT: SignedDuration = SignedDuration::from_mins(2);

/// Taken off every lifetime that WeChat states, for clocks and travel; half of one that is shorter
/// than twice this.
const SAFETY: SignedDuration = SignedDuration::from_secs(60);

/// How fresh a token must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Life beyond the margin of a token is enough.
    Usable,
    /// Life beyond this is enough.
    AtLeast(SignedDuration),
    /// The token of this generation was refused: another one.
    Newer(u64),
}

/// Where a token came from just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOrigin {
    /// It was in the store.
    Cache,
    /// It was minted by this very call.
    Refreshed,
    /// Somebody else minted it and gave it to us.
    Borrowed,
}

/// A token that is valid now.
#[derive(Clone, Debug)]
pub struct HeldToken {
    /// The access token.
    pub token: Secret,
    /// When it ends, where that is known.
    pub expires_at: Option<Timestamp>,
    /// When it was asked for; of one that somebody else requested, when it was read.
    pub issued_at: Option<Timestamp>,
    /// Which of this owner's tokens it is: a later one has a higher number.
    pub generation: u64,
    /// Where it came from.
    pub origin: TokenOrigin,
}

impl HeldToken {
    pub(super) fn from_stored(
        stored: StoredToken,
        origin: TokenOrigin,
        now: Timestamp,
    ) -> Option<Self> {
        let expires_at = certain_end(&stored, now);
        let StoredToken {
            access_token,
            generation,
            issued_at,
            ..
        } = stored;
        Some(Self {
            token: access_token?,
            expires_at,
            issued_at,
            generation,
            origin,
        })
    }

    /// Whether it ends after `moment`, as far as is known at `now`.
    pub(super) fn lasts_beyond(&self, moment: Timestamp, now: Timestamp) -> bool {
        !is_token_ahead(self.issued_at, self.expires_at, now)
            && self.expires_at.is_none_or(|end| end > moment)
    }
}

/// Until when WeChat takes this token, whatever became of a call whose end is unknown; `None` when that
/// is not known, because its times lie in the future.
pub(super) fn certain_end(stored: &StoredToken, now: Timestamp) -> Option<Timestamp> {
    let end = stored.expires_at.filter(|_| !stored.is_ahead(now))?;
    Some(match stored.unsettled_since {
        // A token that was made after that call began lives on when the call ends, too.
        Some(since) => end.min(stored.issued_at.map_or(since, |at| at.max(since)) + OVERLAP),
        None => end,
    })
}

/// How long this token must still be valid to be used: [`MARGIN`], or half of its lifetime.
pub(super) fn margin(lifetime: Option<i64>) -> SignedDuration {
    lifetime.map_or(MARGIN, |seconds| {
        MARGIN.min(SignedDuration::from_secs(seconds / 2))
    })
}

/// What was taken off the lifetime that WeChat stated, of a token whose lifetime counts so long.
pub(super) fn safety(lifetime: Option<i64>) -> SignedDuration {
    lifetime.map_or(SAFETY, |seconds| {
        SAFETY.min(SignedDuration::from_secs(seconds))
    })
}

/// When a token asked for at `asked_at` ends for us: WeChat's seconds less a minute.
pub(super) fn lifetime_end(asked_at: Timestamp, expires_in: i64) -> Timestamp {
    let given = SignedDuration::from_secs(expires_in);
    let counted = given - SAFETY.min(given / 2);
    asked_at.checked_add(counted).unwrap_or(asked_at)
}
