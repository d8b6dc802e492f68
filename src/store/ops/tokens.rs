//! What a refresh stores.

use serde_json::json;

use crate::store::encryption::{Cipher, Field};
use crate::store::journal::JournalKind;
use crate::store::observations::ChangeSource;
use crate::store::record::{Record, Token};
use crate::store::records::Records;
use crate::store::tokens::{Commit, NewToken, TokenOwner};
use crate::store::validity::use_noted_outside;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::journal::Note;

/// The refresh token that takes the place of the stored one: an absent or empty one never does.
pub(super) fn usable(refresh_token: Option<&Secret>) -> Option<&Secret> {
    refresh_token.filter(|token| !token.is_empty())
}

/// What a refresh stores of a token. An intent stays open where an earlier call may still be under way,
/// whose token would replace this one.
pub(in crate::store) fn refreshed(owner: &TokenOwner, token: &NewToken, cipher: &Cipher) -> Token {
    let owner = owner.as_str();
    let refresh = usable(token.refresh_token.as_ref());
    let issued_at = token.issued_at.as_second();
    Token {
        owner: owner.to_owned(),
        access: Some(cipher.encrypt(owner, Field::AccessToken, &token.access_token)),
        refresh: refresh.map(|token| cipher.encrypt(owner, Field::RefreshToken, token)),
        issued_at: Some(issued_at),
        expires_at: Some(token.expires_at.as_second()),
        lifetime: Some(token.lifetime()),
        unsettled_since: token.contested.then_some(issued_at),
        ..Token::default()
    }
}

/// Notes that a token was handed out at `at`, unless its use is noted within the hour before; whether it
/// was noted.
pub(in crate::store) fn note_use(token: &mut Record, at: i64) -> bool {
    let Record::Token(token) = token else {
        return false;
    };
    let (before, after) = use_noted_outside(at);
    let is_noted = token
        .used_at
        .is_some_and(|used| used > before && used <= after);
    if !is_noted {
        token.used_at = Some(at);
    }
    !is_noted
}

/// Stores the refresh token that the account list has, under the lease with this fence: refused when
/// that is no longer the newest.
pub(in crate::store) fn replace_refresh_token(
    records: &mut Records,
    appid: &Appid,
    fence: i64,
    refresh_token: &Secret,
    cipher: &Cipher,
    now: i64,
) -> Commit {
    let authorizer = records.authorizers.get_mut(appid);
    let Some(authorizer) = authorizer.filter(|authorizer| authorizer.fence == Some(fence)) else {
        return Commit::Refused;
    };
    authorizer.rests_on_fence = true;
    let generation = u64::try_from(authorizer.generation).unwrap_or(0);
    if let Some(token) = usable(Some(refresh_token)) {
        authorizer.put_refresh_token(appid, cipher, token, now);
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
    use crate::store::encryption::StoredSecret;

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
        let refreshed =
            |token: &NewToken| refreshed(&TokenOwner::Component, token, &Cipher::of_a_test());
        assert_eq!(refreshed(&token).unsettled_since, Some(60));
        token.contested = false;
        assert_eq!(refreshed(&token).unsettled_since, None);
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
            let cipher = Cipher::of_a_test();
            let commit = replace_refresh_token(&mut records, &appid, fence, &token, &cipher, 60);
            let known = records.authorizers[&appid].refresh.clone();
            let known =
                known.map(|known| (known.token == StoredSecret::plain(&token), known.as_of));
            (commit, known, records.notes.len())
        };
        let accepted = Commit::Accepted { generation: 3 };
        assert_eq!(replace(6, "other"), (Commit::Refused, None, 0));
        assert_eq!(replace(7, ""), (accepted, None, 0));
        assert_eq!(replace(7, "other"), (accepted, Some((true, 60)), 1));
    }
}
