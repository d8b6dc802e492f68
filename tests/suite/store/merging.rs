//! What an observation does to a row, one condition at a time.

use jiff::Timestamp;
use wxauth::store::Store;
use wxauth::store::journal::{JournalFilter, JournalKind};
use wxauth::store::observations::{ChangeKind, ChangeSource, Observation, Profile};
use wxauth::store::roster::{AccountStatus, AuthorizationStatus, Authorizer};
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::UserName;

use super::support::{
    Place, appid, at, key, lease, listed, new_token, owner, secret, sets, stored, told,
};

super::stories! {
    an_older_authorization_does_not_bring_a_revoked_account_back,
    an_exchange_brings_back_whatever_the_times_say,
    an_account_listed_for_the_first_time_keeps_its_refresh_token,
    authorized_again_without_a_refresh_token_waits_for_the_exchange,
    the_later_authorization_counts,
    every_field_that_changes_makes_an_update,
    an_empty_refresh_token_of_info_leaves_the_one_of_the_list,
    a_refresh_token_stored_later_is_kept,
    a_replaced_refresh_token_is_noted_unless_an_exchange_brought_it,
    only_whole_answers_make_an_account_synced,
    a_token_of_a_former_authorization_ends,
}

async fn observe(store: &Store, observation: Observation) -> ChangeKind {
    store.observe(&key(), vec![observation]).await.unwrap()[0].kind
}

async fn row(store: &Store) -> Authorizer {
    let row = store.authorizer(&key(), &appid(1)).await;
    row.unwrap().unwrap()
}

/// What was told about account 1 with this change.
fn changed(as_of: i64, change: impl FnOnce(&mut Profile)) -> Observation {
    let mut seen = told(1, "Demo", &[1], as_of);
    change(seen.profile.as_mut().unwrap());
    seen
}

async fn revoke(store: &Store, at: Timestamp) {
    let (key, appid, source) = (key(), appid(1), ChangeSource::Event);
    assert!(store.mark_revoked(&key, &appid, at, source).await.unwrap());
}

async fn an_older_authorization_does_not_bring_a_revoked_account_back(place: Place) {
    let store = place.open().await;
    // Info names no time of the authorization.
    let with_token = |profile: &mut Profile| profile.refresh_token = Some(secret("refresh-1"));
    observe(&store, changed(0, with_token)).await;
    assert_eq!(row(&store).await.authorized_at, None);
    revoke(&store, at(10)).await;
    for authorized_at in [10, -1000] {
        observe(&store, listed(1, Some("refresh-1"), authorized_at, 20)).await;
        let row = row(&store).await;
        assert_eq!(row.status, AuthorizationStatus::Revoked);
        assert_eq!(row.revoked_at, Some(at(10)));
    }
    let later = listed(1, Some("refresh-1"), 11, 30);
    assert_eq!(observe(&store, later).await, ChangeKind::Reauthorized);
}

async fn an_exchange_brings_back_whatever_the_times_say(place: Place) {
    let store = place.open().await;
    observe(&store, listed(1, Some("refresh-1"), 0, 0)).await;
    revoke(&store, at(10)).await;
    let seen = Observation {
        source: ChangeSource::Redeem,
        ..listed(1, Some("refresh-1"), -500, 0)
    };
    let change = store.commit_redeem(&key(), "code", seen, None, 0).await;
    assert_eq!(change.unwrap().kind, ChangeKind::Reauthorized);
    assert_eq!(row(&store).await.status, AuthorizationStatus::Active);
}

async fn an_account_listed_for_the_first_time_keeps_its_refresh_token(place: Place) {
    let store = place.open().await;
    let with_token = |profile: &mut Profile| profile.refresh_token = Some(secret("refresh-1"));
    observe(&store, changed(0, with_token)).await;
    observe(&store, listed(1, None, -1000, 10)).await;
    assert_eq!(row(&store).await.status, AuthorizationStatus::Active);
}

async fn authorized_again_without_a_refresh_token_waits_for_the_exchange(place: Place) {
    let store = place.open().await;
    observe(&store, listed(1, Some("refresh-1"), -1000, 0)).await;
    observe(&store, listed(1, None, -1000, 10)).await;
    assert_eq!(row(&store).await.status, AuthorizationStatus::Active);
    // Info was asked as well: what it leaves out is not gone.
    let mut both = told(1, "Demo", &[1], 20);
    both.listed = listed(1, None, -500, 20).listed;
    observe(&store, both).await;
    assert_eq!(row(&store).await.status, AuthorizationStatus::Active);
    observe(&store, listed(1, None, -100, 30)).await;
    let status = row(&store).await.status;
    assert_eq!(status, AuthorizationStatus::PendingExchange);
}

async fn the_later_authorization_counts(place: Place) {
    let store = place.open().await;
    observe(&store, listed(1, Some("refresh-1"), -100, 0)).await;
    // Read before an exchange, and stored after it.
    observe(&store, listed(1, Some("refresh-1"), -1000, 10)).await;
    assert_eq!(row(&store).await.authorized_at, Some(at(-100)));
    observe(&store, listed(1, Some("refresh-1"), -50, 20)).await;
    assert_eq!(row(&store).await.authorized_at, Some(at(-50)));
}

async fn every_field_that_changes_makes_an_update(place: Place) {
    let store = place.open().await;
    observe(&store, changed(0, |_| {})).await;
    assert_eq!(
        observe(&store, changed(1, |_| {})).await,
        ChangeKind::Unchanged
    );
    type Change = fn(&mut Profile);
    let changes: [(&str, Change); 7] = [
        ("user_name", |profile| {
            profile.user_name = Some(UserName::from_wire("gh_other"));
        }),
        ("nick_name", |profile| {
            profile.nick_name = Some("Other".to_owned());
        }),
        ("principal_name", |profile| {
            profile.principal_name = Some("Other Ltd".to_owned());
        }),
        ("kind", |profile| profile.kind = AccountKind::MiniProgram),
        ("account_status", |profile| {
            profile.account_status = AccountStatus::Frozen;
        }),
        ("permission_ids", |profile| {
            profile.permission_ids = Some(sets(&[1, 2]));
        }),
        ("pending_ids", |profile| profile.pending_ids = sets(&[1])),
    ];
    for (second, (field, change)) in (1..).zip(changes) {
        let kind = observe(&store, changed(10 * second, change)).await;
        assert_eq!(kind, ChangeKind::Updated, "{field}");
        let kind = observe(&store, changed(10 * second + 1, change)).await;
        assert_eq!(kind, ChangeKind::Unchanged, "{field}");
        observe(&store, changed(10 * second + 2, |_| {})).await;
    }
    let kind = observe(&store, listed(1, None, -1000, 100)).await;
    assert_eq!(kind, ChangeKind::Updated, "authorized_at");
    let kind = observe(&store, listed(1, Some("refresh-1"), -1000, 101)).await;
    assert_eq!(kind, ChangeKind::Updated, "status");
    let kind = observe(&store, listed(1, Some("refresh-2"), -1000, 102)).await;
    assert_eq!(kind, ChangeKind::Updated, "refresh token");
    // Sets come in any order, and some more than once.
    let shuffled = |profile: &mut Profile| profile.permission_ids = Some(sets(&[1, 1]));
    let kind = observe(&store, changed(103, shuffled)).await;
    assert_eq!(kind, ChangeKind::Unchanged, "the same sets");
}

async fn an_empty_refresh_token_of_info_leaves_the_one_of_the_list(place: Place) {
    let store = place.open().await;
    let mut seen = changed(0, |profile| profile.refresh_token = Some(secret("")));
    seen.listed = listed(1, Some("listed"), -1000, 0).listed;
    observe(&store, seen).await;
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.refresh_token, Some(secret("listed")));
    let mut seen = changed(1, |profile| profile.refresh_token = Some(secret("told")));
    seen.listed = listed(1, Some("listed"), -1000, 1).listed;
    observe(&store, seen).await;
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.refresh_token, Some(secret("told")));
}

async fn a_refresh_token_stored_later_is_kept(place: Place) {
    let store = place.open().await;
    observe(&store, listed(1, Some("refresh-1"), -1000, -100)).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    let rotated = new_token("access", Some("rotated"));
    store.commit_refresh(&held, rotated).await.unwrap();
    // Seen after the row, and before the refresh.
    let seen = listed(1, Some("refresh-1"), -1000, -50);
    assert_eq!(observe(&store, seen).await, ChangeKind::Unchanged);
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.refresh_token, Some(secret("rotated")));
}

async fn a_replaced_refresh_token_is_noted_unless_an_exchange_brought_it(place: Place) {
    let store = place.open().await;
    let replaced = async || -> usize {
        let filter = JournalFilter {
            limit: 99,
            ..JournalFilter::default()
        };
        let entries = store.journal(&key(), &filter).await.unwrap();
        let what = JournalKind::RefreshTokenReplaced;
        entries.iter().filter(|entry| entry.what == what).count()
    };
    observe(&store, listed(1, Some("refresh-1"), -1000, 0)).await;
    observe(&store, listed(1, Some("refresh-1"), -1000, 1)).await;
    assert_eq!(replaced().await, 0);
    observe(&store, listed(1, Some("refresh-2"), -1000, 2)).await;
    assert_eq!(replaced().await, 1);
    let seen = Observation {
        source: ChangeSource::Redeem,
        ..listed(1, Some("refresh-3"), -1000, 3)
    };
    let token = new_token("access", Some("refresh-3"));
    store
        .commit_redeem(&key(), "code", seen, Some(token), 0)
        .await
        .unwrap();
    let stored = stored(&store, &owner(1)).await;
    assert_eq!(stored.refresh_token, Some(secret("refresh-3")));
    assert_eq!(replaced().await, 1);
}

async fn only_whole_answers_make_an_account_synced(place: Place) {
    let store = place.open().await;
    observe(&store, changed(0, |profile| profile.details = None)).await;
    assert_eq!(row(&store).await.synced_at, None);
    observe(&store, changed(1, |_| {})).await;
    observe(&store, changed(2, |profile| profile.details = None)).await;
    assert_eq!(row(&store).await.synced_at, Some(at(1)));
}

async fn a_token_of_a_former_authorization_ends(place: Place) {
    let store = place.open().await;
    observe(&store, listed(1, Some("refresh-1"), -1000, -100)).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    let token = new_token("access", None);
    store.commit_refresh(&held, token).await.unwrap();
    let end = async || stored(&store, &owner(1)).await.expires_at;
    // Asked for at 0: within the authorization that was seen late.
    observe(&store, listed(1, Some("refresh-1"), 0, 50)).await;
    assert_eq!(end().await, Some(at(7140)));
    observe(&store, listed(1, Some("refresh-2"), 60, 100)).await;
    assert_eq!(end().await, Some(at(100)));
    // Known by now: nothing is ended twice.
    let (held, ..) = lease(&store, &owner(1)).await;
    let token = new_token("access", None);
    store.commit_refresh(&held, token).await.unwrap();
    observe(&store, listed(1, Some("refresh-2"), 60, 200)).await;
    assert_eq!(end().await, Some(at(7140)));
}
