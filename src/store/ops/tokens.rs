//! What a refresh stores.

use serde_json::json;

use crate::store::records::Records;
use crate::store::{ChangeSource, Commit, JournalKind, NewToken};
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::journal::Note;
use super::roster::KnownRefreshToken;

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

/// Stores the refresh token that the account list has, under the lease with this fence: refused when
/// that is no longer the newest.
pub(in crate::store) fn replace_refresh_token(
    records: &mut Records,
    appid: &Appid,
    fence: i64,
    refresh_token: &Secret,
    now: i64,
) -> Commit {
    let authorizer = records.authorizers.get_mut(appid);
    let Some(authorizer) = authorizer.filter(|authorizer| authorizer.fence == Some(fence)) else {
        return Commit::Refused;
    };
    authorizer.rests_on_fence = true;
    let generation = u64::try_from(authorizer.generation).unwrap_or(0);
    if let Some(token) = usable(Some(refresh_token)) {
        authorizer.refresh = Some(KnownRefreshToken {
            token: token.clone(),
            as_of: now,
        });
        let what = JournalKind::RefreshTokenReplaced;
        let note = Note::new(now, ChangeSource::Refresh, what, json!({}));
        records.note(appid, [note]);
    }
    Commit::Accepted { generation }
}

#[cfg(test)]
mod tests {
    use crate::sys::clock::timestamp;

    use super::super::authorizers::AuthorizerRecords;
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

    #[test]
    fn refresh_token_is_replaced_under_the_newest_lease_only() {
        let appid = Appid::from_wire("wx0000000000000001");
        let authorizer = AuthorizerRecords {
            fence: Some(7),
            generation: 3,
            ..AuthorizerRecords::default()
        };
        let mut records = Records {
            authorizers: [(appid.clone(), authorizer)].into(),
            ..Records::default()
        };
        let mut replace = |fence, token: &str| {
            let token = Secret::new(token);
            let commit = replace_refresh_token(&mut records, &appid, fence, &token, 60);
            let known = records.authorizers[&appid].refresh.clone();
            let known = known.map(|known| (known.token == token, known.as_of));
            (commit, known, records.notes.len())
        };
        let accepted = Commit::Accepted { generation: 3 };
        assert_eq!(replace(6, "other"), (Commit::Refused, None, 0));
        assert_eq!(replace(7, ""), (accepted, None, 0));
        assert_eq!(replace(7, "other"), (accepted, Some((true, 60)), 1));
    }
}
