//! What an observation or the exchange of a code makes of the records of an authorizer.

use serde_json::json;
use serde_json::value::RawValue;

use crate::store::StoreError;
use crate::store::encryption::{Cipher, Field, StoredSecret};
use crate::store::journal::JournalKind;
use crate::store::observations::{Change, ChangeKind, ChangeSource, Observation};
use crate::store::record::{Code, Record};
use crate::store::records::Records;
use crate::store::tokens::NewToken;
use crate::store::validity;
use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::journal::Note;
use super::roster::{KnownRefreshToken, REPLACED_TOKEN_LIFE, RosterRow, exchanged, merge};

/// What is stored of an authorizer, as an operation reads it and as it leaves it. The engine writes
/// what is different. Times are Unix seconds.
#[derive(Clone, Default)]
pub(in crate::store) struct AuthorizerRecords {
    pub(in crate::store) row: Option<RosterRow>,
    /// The refresh token; one that is stored stays where this is `None`.
    pub(in crate::store) refresh: Option<StoredRefreshToken>,
    /// When the access token was asked for.
    pub(in crate::store) issued_at: Option<i64>,
    pub(in crate::store) expires_at: Option<i64>,
    /// The number of the last lease or exchange.
    pub(in crate::store) fence: Option<i64>,
    /// How many tokens were stored.
    pub(in crate::store) generation: i64,
    /// An access token to store; none was read.
    pub(in crate::store) access: Option<NewAccess>,
    /// What WeChat said about it, to be stored; none was read.
    pub(in crate::store) details: Option<String>,
    /// Whether what was decided rests on the fence.
    pub(in crate::store) rests_on_fence: bool,
    /// Whether the token is to get a new fence and the next generation and to lose its lease, so that
    /// no refresh in flight can be committed.
    pub(in crate::store) is_superseded: bool,
}

/// A refresh token that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct StoredRefreshToken {
    pub(in crate::store) token: StoredSecret,
    /// When it was last known to be the right one.
    pub(in crate::store) as_of: i64,
}

/// An access token that is stored for the first time.
#[derive(Clone)]
pub(in crate::store) struct NewAccess {
    pub(in crate::store) token: StoredSecret,
    /// For how many seconds it counted as valid when it was issued.
    pub(in crate::store) lifetime: i64,
}

impl AuthorizerRecords {
    /// The refresh token that is stored; one that must not be read counts as another than all others.
    fn known_refresh_token(
        &self,
        appid: &Appid,
        cipher: &Cipher,
    ) -> Result<Option<KnownRefreshToken>, StoreError> {
        let Some(StoredRefreshToken { token, as_of }) = &self.refresh else {
            return Ok(None);
        };
        let token = match cipher.decrypt(appid.as_str(), Field::RefreshToken, token) {
            // No token equals it: one that WeChat gives takes its place.
            Err(StoreError::Undecryptable { .. } | StoreError::PlainText { .. }) => Secret::new(""),
            other => other?,
        };
        Ok(Some(KnownRefreshToken {
            token,
            as_of: *as_of,
        }))
    }

    /// Stores a refresh token, which was the right one at `as_of`.
    pub(super) fn put_refresh_token(
        &mut self,
        appid: &Appid,
        cipher: &Cipher,
        token: &Secret,
        as_of: i64,
    ) {
        let token = cipher.encrypt(appid.as_str(), Field::RefreshToken, token);
        self.refresh = Some(StoredRefreshToken { token, as_of });
    }

    /// Lets the stored access token end at `at` at the latest.
    pub(super) fn cap_expiry(&mut self, at: i64) {
        self.expires_at = self.expires_at.map(|ends| ends.min(at));
    }
}

/// What an operation made of the records of one authorizer, beside changing them.
struct Decided {
    change: Change,
    /// Entries of the journal, in their order.
    journal: Vec<Note>,
}

/// Takes observations over; the changes come in the same order, without those of observations in which
/// nothing was seen.
pub(in crate::store) fn observe(
    records: &mut Records,
    observations: &[Observation],
    cipher: &Cipher,
    now: i64,
) -> Result<Vec<Change>, StoreError> {
    let mut changes = Vec::with_capacity(observations.len());
    for observation in observations {
        if let Some(appid) = observation.appid()
            && let Some(authorizer) = records.authorizers.get_mut(appid)
        {
            let source = observation.source;
            let decided = take_over(authorizer, appid, observation, source, cipher, now)?;
            changes.push(decided.change);
            records.note(appid, decided.journal);
        }
    }
    Ok(changes)
}

/// Takes one observation about `appid` over, with `source` in the journal.
fn take_over(
    records: &mut AuthorizerRecords,
    appid: &Appid,
    observation: &Observation,
    source: ChangeSource,
    cipher: &Cipher,
    now: i64,
) -> Result<Decided, StoreError> {
    let known = records.known_refresh_token(appid, cipher)?;
    let Some(merged) = merge(records.row.as_ref(), known.as_ref(), observation, now) else {
        return Ok(Decided {
            change: Change::none(appid, ChangeKind::Outdated),
            journal: Vec::new(),
        });
    };
    let as_of = observation.as_of.as_second();
    let by_exchange = observation.source == ChangeSource::Redeem;
    let journal = merged.journal(by_exchange).into_iter();
    let journal = journal.map(|(what, detail)| Note::new(as_of, source, what, detail));
    let journal = journal.collect();
    // What a former authorization gave is dead in the present one, however long it had to live.
    let before = records.row.as_ref().and_then(|row| row.authorized_at);
    let authorized_at = merged.row.authorized_at;
    if authorized_at > before && records.issued_at.is_some() && records.issued_at < authorized_at {
        records.cap_expiry(as_of);
    }
    if let Some(token) = merged.refresh_token {
        match &mut records.refresh {
            // Encrypted anew it would be another text.
            Some(stored) if known.is_some_and(|known| known.token == token) => {
                stored.as_of = as_of;
            }
            _ => records.put_refresh_token(appid, cipher, &token, as_of),
        }
    }
    let profile = observation.profile.as_ref();
    if let Some(details) = profile.and_then(|profile| profile.details.as_deref()) {
        records.details = Some(RawValue::get(details).to_owned());
    }
    records.row = Some(merged.row);
    Ok(Decided {
        change: Change {
            appid: appid.clone(),
            kind: merged.kind,
            sets_added: merged.sets_added,
            sets_removed: merged.sets_removed,
        },
        journal,
    })
}

/// The exchange of an authorization code.
pub(in crate::store) struct Exchange {
    /// The fingerprint of the code.
    pub(in crate::store) code: String,
    pub(in crate::store) appid: Appid,
    pub(in crate::store) observation: Observation,
    /// Absent when the answer was lost.
    pub(in crate::store) token: Option<NewToken>,
    /// The last fence before WeChat was asked.
    pub(in crate::store) since: i64,
}

/// Takes the exchange of a code over; one that was taken over before changes nothing. The token's intent
/// stays open: what that call makes ends the token that is stored here.
pub(in crate::store) fn redeem(
    records: &mut Records,
    exchange: &Exchange,
    cipher: &Cipher,
    now: i64,
) -> Result<Change, StoreError> {
    let Exchange { code, appid, .. } = exchange;
    if let Some(code) = records.redeemed_code(code) {
        let appid = Appid::from_wire(code.appid.clone());
        return Ok(Change::none(&appid, ChangeKind::Unchanged));
    }
    records.put(Record::RedeemedCode(Code {
        fingerprint: code.clone(),
        appid: appid.as_str().to_owned(),
        redeemed_at: now,
    }));
    let authorizer = records.authorizers.entry(appid.clone()).or_default();
    let decided = take_exchange(authorizer, exchange, cipher, now)?;
    records.note(appid, decided.journal);
    Ok(decided.change)
}

fn take_exchange(
    records: &mut AuthorizerRecords,
    exchange: &Exchange,
    cipher: &Cipher,
    now: i64,
) -> Result<Decided, StoreError> {
    let Exchange {
        appid,
        observation,
        token,
        since,
        ..
    } = exchange;
    let token = token.as_ref();
    (records.rests_on_fence, records.is_superseded) = (true, true);
    let row_as_of = records.row.as_ref().map(|row| row.as_of);
    let known_as_of = records.refresh.as_ref().map(|known| known.as_of);
    let latest = timestamp(validity::latest([row_as_of, known_as_of], now));
    if let Some(token) = token {
        let (issued_at, ends) = (token.issued_at.as_second(), token.expires_at.as_second());
        records.access = Some(NewAccess {
            token: cipher.encrypt(appid.as_str(), Field::AccessToken, &token.access_token),
            lifetime: token.lifetime(),
        });
        records.issued_at = Some(issued_at);
        records.expires_at = Some(ends);
        // Another exchange was taken over, or a refresh begun, since WeChat was asked.
        if records.fence > Some(*since) {
            records.cap_expiry(issued_at + REPLACED_TOKEN_LIFE);
        }
    } else {
        // The exchange made an access token that never reached us and ends the one stored here.
        records.cap_expiry(now + REPLACED_TOKEN_LIFE);
    }
    let refresh_token = token.and_then(|token| token.refresh_token.clone());
    let (observation, source) = exchanged(observation.clone(), latest, refresh_token);
    let mut decided = take_over(records, appid, &observation, source, cipher, now)?;
    let redeemed = Note::new(now, source, JournalKind::Redeemed, json!({}));
    decided.journal.insert(0, redeemed);
    Ok(decided)
}

#[cfg(test)]
mod tests {
    use crate::store::observations::Listed;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn appid() -> Appid {
        Appid::from_wire("wx0000000000000001")
    }

    fn listed(as_of: i64, authorized_at: i64, refresh_token: &str) -> Observation {
        Observation {
            listed: Some(Listed {
                appid: appid(),
                authorized_at: Some(timestamp(authorized_at)),
                refresh_token: Some(Secret::new(refresh_token)),
            }),
            profile: None,
            as_of: timestamp(as_of),
            source: ChangeSource::Sync,
        }
    }

    /// Takes one observation over.
    fn see(records: &mut AuthorizerRecords, seen: &Observation) -> Decided {
        take_over(
            records,
            &appid(),
            seen,
            seen.source,
            &Cipher::of_a_test(),
            NOW,
        )
        .unwrap()
    }

    fn exchange(observation: &Observation, token: Option<&NewToken>, since: i64) -> Exchange {
        Exchange {
            code: "code".to_owned(),
            appid: appid(),
            observation: observation.clone(),
            token: token.cloned(),
            since,
        }
    }

    fn exchange_code(
        records: &mut AuthorizerRecords,
        seen: &Observation,
        token: Option<&NewToken>,
        since: i64,
    ) -> Decided {
        let exchange = exchange(seen, token, since);
        take_exchange(records, &exchange, &Cipher::of_a_test(), NOW).unwrap()
    }

    /// An authorizer that was seen at `NOW - 100`, with a token that was asked for then.
    fn known() -> AuthorizerRecords {
        let mut records = AuthorizerRecords::default();
        let seen = listed(NOW - 100, NOW - 5000, "refresh");
        see(&mut records, &seen);
        records.issued_at = Some(NOW - 100);
        records.expires_at = Some(NOW + 7000);
        records.fence = Some(7);
        records
    }

    fn token(refresh_token: Option<&str>) -> NewToken {
        NewToken {
            access_token: Secret::new("access"),
            refresh_token: refresh_token.map(Secret::new),
            expires_at: timestamp(NOW + 7140),
            issued_at: timestamp(NOW - 1),
            contested: false,
        }
    }

    fn kinds(decided: &Decided) -> Vec<JournalKind> {
        decided.journal.iter().map(|note| note.what).collect()
    }

    #[test]
    fn outdated_observation_changes_nothing() {
        let mut records = known();
        let older = listed(NOW - 101, NOW - 50, "other");
        let decided = see(&mut records, &older);
        assert_eq!(decided.change.kind, ChangeKind::Outdated);
        assert!(decided.journal.is_empty());
        assert!(records.row == known().row && records.refresh == known().refresh);
        assert_eq!(records.expires_at, Some(NOW + 7000));
    }

    #[test]
    fn later_authorization_ends_the_token_of_the_former() {
        let mut records = known();
        let seen = listed(NOW - 10, NOW - 50, "refresh");
        see(&mut records, &seen);
        assert_eq!(records.expires_at, Some(NOW - 10));

        // The same authorization, and one from before the token was asked for, end nothing.
        for authorized_at in [NOW - 5000, NOW - 200] {
            let mut records = known();
            let seen = listed(NOW - 10, authorized_at, "refresh");
            see(&mut records, &seen);
            assert_eq!(records.expires_at, Some(NOW + 7000));
        }
    }

    #[test]
    fn observed_refresh_token_is_known_right_at_that_moment() {
        let mut records = known();
        let seen = listed(NOW - 10, NOW - 5000, "refresh");
        see(&mut records, &seen);
        let refresh = records.refresh.unwrap();
        assert_eq!(refresh.as_of, NOW - 10);
        assert!(refresh.token.text() == "refresh");
    }

    #[test]
    fn exchange_stores_its_token_and_is_the_first_in_the_journal() {
        let mut records = known();
        let exchanged = listed(NOW - 1, NOW - 5000, "");
        let token = token(Some("other"));
        let decided = exchange_code(&mut records, &exchanged, Some(&token), 7);
        assert_eq!(decided.change.kind, ChangeKind::Updated);
        // That the refresh token is another goes without saying after an exchange.
        assert_eq!(kinds(&decided), [JournalKind::Redeemed]);
        assert_eq!(decided.journal[0].source, ChangeSource::Redeem);
        let access = records.access.unwrap();
        assert!(access.token.text() == "access");
        assert_eq!(access.lifetime, 7141);
        assert_eq!(records.issued_at, Some(NOW - 1));
        assert_eq!(records.expires_at, Some(NOW + 7140));
        assert!(records.refresh.unwrap().token.text() == "other");
    }

    #[test]
    fn token_of_an_overtaken_exchange_counts_for_300_seconds() {
        let mut records = known();
        let exchanged = listed(NOW - 1, NOW - 5000, "");
        exchange_code(&mut records, &exchanged, Some(&token(None)), 6);
        assert_eq!(records.expires_at, Some(NOW - 1 + 300));
    }

    #[test]
    fn exchange_without_an_answer_ends_the_stored_token_in_300_seconds() {
        let mut records = known();
        let found = listed(NOW - 1, NOW - 5000, "found");
        exchange_code(&mut records, &found, None, 7);
        assert!(records.access.is_none());
        assert_eq!(records.expires_at, Some(NOW + 300));
        assert!(records.refresh.unwrap().token.text() == "found");

        let mut ends_sooner = known();
        ends_sooner.expires_at = Some(NOW + 5);
        exchange_code(&mut ends_sooner, &found, None, 7);
        assert_eq!(ends_sooner.expires_at, Some(NOW + 5));
    }

    #[test]
    fn exchange_comes_after_all_that_is_stored() {
        let mut records = known();
        let before_the_row = listed(NOW - 500, NOW - 5000, "");
        let decided = exchange_code(
            &mut records,
            &before_the_row,
            Some(&token(Some("other"))),
            7,
        );
        assert_eq!(decided.change.kind, ChangeKind::Updated);
        assert_eq!(records.row.unwrap().as_of, NOW);
    }

    #[test]
    fn exchange_comes_after_what_another_clock_stored() {
        // Of the row, of the refresh token, and a time that cannot be believed.
        for (row_as_of, refresh_as_of, expected) in [
            (NOW + 30, NOW - 100, NOW + 30),
            (NOW + 30, NOW + 40, NOW + 40),
            (NOW + 3600, NOW + 3600, NOW),
        ] {
            let mut records = known();
            records.row.as_mut().unwrap().as_of = row_as_of;
            records.refresh.as_mut().unwrap().as_of = refresh_as_of;
            let exchanged = listed(NOW - 500, NOW - 5000, "");
            let token = token(Some("other"));
            exchange_code(&mut records, &exchanged, Some(&token), 7);
            assert_eq!(records.row.unwrap().as_of, expected);
        }
    }

    #[test]
    fn code_that_an_event_brought_is_journalled_as_the_events() {
        let mut records = AuthorizerRecords::default();
        let mut seen = listed(NOW - 1, NOW - 1, "");
        seen.source = ChangeSource::Event;
        let token = token(Some("refresh"));
        let decided = exchange_code(&mut records, &seen, Some(&token), 0);
        assert_eq!(
            kinds(&decided),
            [JournalKind::Redeemed, JournalKind::Authorized]
        );
        let sources = decided.journal.iter().map(|note| note.source);
        assert!(sources.eq([ChangeSource::Event; 2]));
    }

    #[test]
    fn code_is_taken_over_once() {
        let mut records = Records::default();
        let seen = listed(NOW - 1, NOW - 1, "");
        let token = token(Some("refresh"));
        let cipher = Cipher::of_a_test();
        let mut take =
            |token| redeem(&mut records, &exchange(&seen, token, 0), &cipher, NOW).unwrap();
        assert_eq!(take(Some(&token)).kind, ChangeKind::Added);
        assert_eq!(take(None).kind, ChangeKind::Unchanged);
        let authorizer = &records.authorizers[&appid()];
        assert!(authorizer.is_superseded);
        assert_eq!(authorizer.expires_at, Some(NOW + 7140));
        assert_eq!(records.notes.len(), 2);
    }

    #[test]
    fn observations_of_one_authorizer_follow_on_each_other() {
        let mut records = Records::default();
        records.authorizers.insert(appid(), known());
        let seen = [
            listed(NOW - 10, NOW - 5000, "other"),
            listed(NOW - 20, NOW - 5000, "refresh"),
        ];
        let changes = observe(&mut records, &seen, &Cipher::of_a_test(), NOW).unwrap();
        let kinds: Vec<_> = changes.iter().map(|change| change.kind).collect();
        assert_eq!(kinds, [ChangeKind::Updated, ChangeKind::Outdated]);
        assert_eq!(records.notes.len(), 1);
    }
}
