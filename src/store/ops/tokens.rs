//! What a refresh stores.

use serde_json::json;

use crate::store::{ChangeSource, JournalKind, NewToken};
use crate::wechat::secret::Secret;

use super::journal::Note;

/// The refresh token that takes the place of the stored one: an absent or empty one never does.
pub(in crate::store) fn usable(refresh_token: Option<&Secret>) -> Option<&Secret> {
    refresh_token.filter(|token| !token.is_empty())
}

/// The moment of the intent that stays open after a refresh, in Unix seconds: an earlier call may
/// still be under way, whose token would replace this one. It is nobody's: whoever holds the lease
/// next asks what became of it.
pub(in crate::store) fn open_intent(token: &NewToken) -> Option<i64> {
    token.contested.then(|| token.issued_at.as_second())
}

/// What the journal says of a refresh token that the account list had.
pub(in crate::store) fn replaced(now: i64) -> Note {
    let what = JournalKind::RefreshTokenReplaced;
    Note::new(now, ChangeSource::Refresh, what, json!({}))
}

#[cfg(test)]
mod tests {
    use crate::sys::clock::timestamp;

    use super::*;

    #[test]
    fn empty_refresh_token_replaces_none() {
        let (token, empty) = (Secret::new("refresh"), Secret::new(""));
        assert!(usable(Some(&token)).is_some());
        assert!(usable(Some(&empty)).is_none() && usable(None).is_none());
    }

    #[test]
    fn intent_stays_open_after_a_contested_refresh_only() {
        let mut token = NewToken {
            access_token: Secret::new("access"),
            refresh_token: None,
            expires_at: timestamp(7200),
            issued_at: timestamp(60),
            contested: true,
        };
        assert_eq!(open_intent(&token), Some(60));
        token.contested = false;
        assert_eq!(open_intent(&token), None);
    }
}
