use wxauth::store::journal::{JournalFilter, JournalKind};
use wxauth::store::observations::{ChangeKind, ChangeSource, Observation};
use wxauth::store::roster::AuthorizationStatus;
use wxauth::store::tokens::Commit;
use wxauth::store::{Store, StoreError};

use super::support::{
    Place, appid, at, authorize, key, lease, new_token, owner, secret, stored, told,
};

super::stories! {
    a_code_is_taken_over_once,
    a_refresh_in_flight_is_refused_after_a_redeem,
    a_redeem_brings_a_revoked_account_back,
    a_redeem_outranks_what_was_seen_before,
    a_redeem_without_an_answer_keeps_what_the_list_had,
    a_redeem_about_nobody_is_an_error,
    a_code_that_an_event_brought_is_told_as_the_events,
    of_two_exchanges_at_once_neither_token_is_trusted_for_long,
}

/// A last fence after which nothing else was begun.
const LATER: i64 = i64::MAX;

fn exchanged(number: u32) -> Observation {
    let mut seen = told(number, "Demo", &[1], 0);
    seen.source = ChangeSource::Redeem;
    seen
}

async fn row(store: &Store, number: u32) -> wxauth::store::roster::Authorizer {
    store
        .authorizer(&key(), &appid(number))
        .await
        .unwrap()
        .unwrap()
}

async fn a_code_is_taken_over_once(place: Place) {
    let store = place.open().await;
    assert_eq!(store.redeemed(&key(), "code").await.unwrap(), None);
    let token = new_token("access", Some("refresh"));
    let first = store
        .commit_redeem(&key(), "code", exchanged(1), Some(token), LATER)
        .await
        .unwrap();
    assert_eq!(first.kind, ChangeKind::Added);
    assert_eq!(
        store.redeemed(&key(), "code").await.unwrap(),
        Some(appid(1))
    );
    let before = stored(&store, &owner(1)).await;
    assert_eq!(before.refresh_token, Some(secret("refresh")));
    assert!(before.generation > 0);

    let other = new_token("other", Some("other"));
    let second = store
        .commit_redeem(&key(), "code", exchanged(1), Some(other), LATER)
        .await
        .unwrap();
    assert_eq!(
        (second.kind, second.appid),
        (ChangeKind::Unchanged, appid(1))
    );
    assert_eq!(stored(&store, &owner(1)).await, before);
}

async fn a_refresh_in_flight_is_refused_after_a_redeem(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    store.begin(&held, at(0)).await.unwrap();
    let token = new_token("redeemed", Some("redeemed"));
    store
        .commit_redeem(&key(), "code", exchanged(1), Some(token), LATER)
        .await
        .unwrap();
    let late = store
        .commit_refresh(&held, new_token("late", Some("refresh-1")))
        .await
        .unwrap();
    assert_eq!(late, Commit::Refused);
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.access_token, Some(secret("redeemed")));
    assert_eq!(token.refresh_token, Some(secret("redeemed")));
    // What the refused call did at WeChat is still unknown.
    let (_, _, open_intent) = lease(&store, &owner(1)).await;
    assert_eq!(open_intent.unwrap().started_at, at(0));
}

async fn a_redeem_brings_a_revoked_account_back(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    store
        .mark_revoked(&key(), &appid(1), at(0), ChangeSource::Event)
        .await
        .unwrap();
    let token = new_token("access", Some("refresh-1"));
    let change = store
        .commit_redeem(&key(), "code", exchanged(1), Some(token), LATER)
        .await
        .unwrap();
    assert_eq!(change.kind, ChangeKind::Reauthorized);
    assert_eq!(row(&store, 1).await.status, AuthorizationStatus::Active);
}

async fn a_redeem_outranks_what_was_seen_before(place: Place) {
    let store = place.open().await;
    // Seen by a machine whose clock is an hour ahead.
    store
        .observe(&key(), vec![told(1, "Demo", &[1, 2], 3600)])
        .await
        .unwrap();
    let token = new_token("access", Some("refresh"));
    let change = store
        .commit_redeem(&key(), "code", exchanged(1), Some(token), LATER)
        .await
        .unwrap();
    assert_eq!(change.kind, ChangeKind::Updated);
    assert_eq!(row(&store, 1).await.status, AuthorizationStatus::Active);
    assert_eq!(
        stored(&store, &owner(1)).await.refresh_token,
        Some(secret("refresh"))
    );
}

async fn a_redeem_without_an_answer_keeps_what_the_list_had(place: Place) {
    let store = place.open().await;
    let mut seen = exchanged(1);
    seen.profile.as_mut().unwrap().refresh_token = Some(secret("from info"));
    store
        .commit_redeem(&key(), "code", seen, None, LATER)
        .await
        .unwrap();
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.refresh_token, Some(secret("from info")));
    assert_eq!(token.access_token, None);
    assert_eq!(row(&store, 1).await.status, AuthorizationStatus::Active);
}

async fn a_redeem_about_nobody_is_an_error(place: Place) {
    let store = place.open().await;
    let nobody = Observation {
        profile: None,
        ..exchanged(1)
    };
    let refused = store
        .commit_redeem(&key(), "code", nobody, None, LATER)
        .await;
    let is_damaged = |error| {
        matches!(
            error,
            StoreError::Damaged { .. } | StoreError::DamagedRecord { .. }
        )
    };
    assert!(refused.is_err_and(is_damaged));
    assert_eq!(store.redeemed(&key(), "code").await.unwrap(), None);
}

async fn a_code_that_an_event_brought_is_told_as_the_events(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let mut seen = exchanged(1);
    seen.source = ChangeSource::Event;
    store
        .mark_revoked(&key(), &appid(1), at(-50), ChangeSource::Sync)
        .await
        .unwrap();
    let token = new_token("access", Some("refresh"));
    let change = store
        .commit_redeem(&key(), "code", seen, Some(token), LATER)
        .await
        .unwrap();
    assert_eq!(change.kind, ChangeKind::Reauthorized);
    let filter = JournalFilter {
        limit: 10,
        ..JournalFilter::default()
    };
    let journal = store.journal(&key(), &filter).await.unwrap();
    let told: Vec<_> = journal
        .iter()
        .map(|entry| (entry.what, entry.who.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (JournalKind::SetsAdded, "event"),
            (JournalKind::Reauthorized, "event"),
            (JournalKind::Redeemed, "event"),
            (JournalKind::Revoked, "sync"),
            (JournalKind::Authorized, "sync"),
        ]
    );
    let detail = &journal[1].detail;
    assert_eq!(*detail, serde_json::json!({"permission_ids": [1]}));
}

async fn of_two_exchanges_at_once_neither_token_is_trusted_for_long(place: Place) {
    let store = place.open().await;
    let expires = async || stored(&store, &owner(1)).await.expires_at;
    let exchange = async |code: &str, since: i64| {
        let (key, token) = (key(), new_token(code, Some("refresh")));
        let committed = store.commit_redeem(&key, code, exchanged(1), Some(token), since);
        committed.await.unwrap();
    };
    // The event and the redirect bring different codes, and WeChat is asked about both at once.
    let before = store.last_fence(&key()).await.unwrap();
    exchange("of the event", before).await;
    assert_eq!(expires().await, Some(at(7140)));
    exchange("of the redirect", before).await;
    assert_eq!(expires().await, Some(at(300)));
    // One after the other is no quarrel.
    let after = store.last_fence(&key()).await.unwrap();
    exchange("of the next day", after).await;
    assert_eq!(expires().await, Some(at(7140)));
}
