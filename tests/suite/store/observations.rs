use wxauth::store::Store;
use wxauth::store::journal::{JournalFilter, JournalKind};
use wxauth::store::observations::{ChangeKind, ChangeSource, Observation};
use wxauth::store::roster::AuthorizationStatus;

use super::support::{
    Place, appid, at, authorize, key, lease, listed, new_token, owner, secret, sets, stored, told,
};

super::stories! {
    what_is_seen_twice_changes_nothing_twice,
    sets_that_come_and_go_are_told,
    older_observations_change_nothing,
    an_older_or_empty_refresh_token_never_wins,
    listed_without_a_refresh_token_waits_for_the_exchange,
    a_revoked_account_stays_revoked_until_authorized_again,
    what_is_unknown_overwrites_nothing_known,
    many_observations_are_taken_in_batches,
    the_order_of_arrival_does_not_matter,
}

async fn observe(store: &Store, observation: Observation) -> ChangeKind {
    store.observe(&key(), vec![observation]).await.unwrap()[0].kind
}

async fn status(store: &Store, number: u32) -> AuthorizationStatus {
    store
        .authorizer(&key(), &appid(number))
        .await
        .unwrap()
        .unwrap()
        .status
}

async fn what_is_seen_twice_changes_nothing_twice(place: Place) {
    let store = place.open().await;
    let seen = || {
        vec![
            listed(1, Some("refresh"), -50, 0),
            told(1, "Demo", &[2, 1], 0),
        ]
    };
    let first = store.observe(&key(), seen()).await.unwrap();
    assert_eq!(first[0].kind, ChangeKind::Added);
    assert_eq!(first[1].kind, ChangeKind::Updated);
    assert_eq!(first[1].sets_added, sets(&[1, 2]));
    let row = store.authorizer(&key(), &appid(1)).await.unwrap().unwrap();
    assert_eq!(row.nick_name.as_deref(), Some("Demo"));
    assert_eq!(row.permission_ids, sets(&[1, 2]));
    assert_eq!(row.authorized_at, Some(at(-50)));
    assert_eq!(row.synced_at, Some(at(0)));
    assert_eq!(row.status, AuthorizationStatus::Active);
    assert!(row.has_refresh_token);

    let again = store.observe(&key(), seen()).await.unwrap();
    assert!(
        again
            .iter()
            .all(|change| change.kind == ChangeKind::Unchanged)
    );
    assert_eq!(
        store.authorizer(&key(), &appid(1)).await.unwrap(),
        Some(row)
    );
    let filter = JournalFilter {
        limit: 9,
        ..JournalFilter::default()
    };
    let journal = store.journal(&key(), &filter).await.unwrap();
    let told: Vec<_> = journal.iter().map(|entry| entry.what).collect();
    assert_eq!(told, [JournalKind::SetsAdded, JournalKind::Authorized]);
    let details = store.details(&key(), &appid(1)).await.unwrap().unwrap();
    assert_eq!(details.get(), r#"{"nick_name":"Demo"}"#);
}

async fn sets_that_come_and_go_are_told(place: Place) {
    let store = place.open().await;
    observe(&store, told(1, "Demo", &[1, 2, 3], 0)).await;
    let seen = vec![told(1, "Demo", &[2, 3, 15], 1)];
    let change = store.observe(&key(), seen).await.unwrap().remove(0);
    assert_eq!(change.kind, ChangeKind::Updated);
    assert_eq!(change.sets_added, sets(&[15]));
    assert_eq!(change.sets_removed, sets(&[1]));
}

async fn older_observations_change_nothing(place: Place) {
    let store = place.open().await;
    observe(&store, told(1, "New name", &[1, 2], 10)).await;
    let before = store.authorizer(&key(), &appid(1)).await.unwrap();
    assert_eq!(
        observe(&store, told(1, "Old name", &[1], 9)).await,
        ChangeKind::Outdated
    );
    let late = listed(1, Some("old"), -50, 9);
    assert_eq!(observe(&store, late).await, ChangeKind::Outdated);
    assert_eq!(store.authorizer(&key(), &appid(1)).await.unwrap(), before);
    let at_nine = store
        .mark_revoked(&key(), &appid(1), at(9), ChangeSource::Event)
        .await;
    assert!(!at_nine.unwrap());
}

async fn an_older_or_empty_refresh_token_never_wins(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    store
        .commit_refresh(&held, new_token("access", Some("from refresh")))
        .await
        .unwrap();
    let standing = Some(secret("from refresh"));
    // Asked before the refresh was stored, answered after it.
    observe(&store, listed(1, Some("from list"), -50, -10)).await;
    assert_eq!(stored(&store, &owner(1)).await.refresh_token, standing);
    for nothing in [None, Some("")] {
        observe(&store, listed(1, nothing, -50, 500)).await;
        assert_eq!(stored(&store, &owner(1)).await.refresh_token, standing);
        assert_eq!(status(&store, 1).await, AuthorizationStatus::Active);
    }
    let change = observe(&store, listed(1, Some("from list"), -50, 600)).await;
    assert_eq!(change, ChangeKind::Updated);
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.refresh_token, Some(secret("from list")));
    assert_eq!(token.access_token, Some(secret("access")));
}

async fn listed_without_a_refresh_token_waits_for_the_exchange(place: Place) {
    let store = place.open().await;
    observe(&store, listed(1, Some(""), -50, 0)).await;
    assert_eq!(
        status(&store, 1).await,
        AuthorizationStatus::PendingExchange
    );
    assert_eq!(store.token(&key(), &owner(1)).await.unwrap(), None);
    observe(&store, listed(1, Some("refresh"), -50, 1)).await;
    assert_eq!(status(&store, 1).await, AuthorizationStatus::Active);
}

async fn a_revoked_account_stays_revoked_until_authorized_again(place: Place) {
    let store = place.open().await;
    let seen = |authorized_at, as_of| listed(1, Some("refresh-1"), authorized_at, as_of);
    observe(&store, seen(-1000, 0)).await;
    let revoke = async |at_second| {
        let source = ChangeSource::Event;
        store
            .mark_revoked(&key(), &appid(1), at(at_second), source)
            .await
            .unwrap()
    };
    assert!(revoke(10).await);
    assert!(!revoke(11).await);
    let row = store.authorizer(&key(), &appid(1)).await.unwrap().unwrap();
    assert_eq!(
        (row.revoked_at, row.revoked_source),
        (Some(at(10)), Some("event".to_owned()))
    );
    assert_eq!(
        observe(&store, seen(-1000, 20)).await,
        ChangeKind::Unchanged
    );
    assert_eq!(status(&store, 1).await, AuthorizationStatus::Revoked);

    assert_eq!(
        observe(&store, seen(15, 30)).await,
        ChangeKind::Reauthorized
    );
    let row = store.authorizer(&key(), &appid(1)).await.unwrap().unwrap();
    assert_eq!(row.status, AuthorizationStatus::Active);
    assert_eq!((row.revoked_at, row.revoked_source), (None, None));

    // A new refresh token proves a new authorization too.
    assert!(revoke(40).await);
    let renewed = listed(1, Some("refresh-2"), 15, 50);
    assert_eq!(observe(&store, renewed).await, ChangeKind::Reauthorized);
    let unknown = appid(2);
    let missing = store
        .mark_revoked(&key(), &unknown, at(0), ChangeSource::Sync)
        .await;
    assert!(!missing.unwrap());
}

async fn what_is_unknown_overwrites_nothing_known(place: Place) {
    let store = place.open().await;
    observe(&store, told(1, "Demo", &[1], 0)).await;
    let before = store.authorizer(&key(), &appid(1)).await.unwrap();
    let mut vague = told(1, "", &[], 1);
    let profile = vague.profile.as_mut().unwrap();
    profile.user_name = None;
    profile.nick_name = None;
    profile.principal_name = None;
    profile.permission_ids = None;
    profile.details = None;
    profile.kind = wxauth::wechat::account::AccountKind::Unknown;
    profile.account_status = wxauth::store::roster::AccountStatus::Unknown;
    assert_eq!(observe(&store, vague).await, ChangeKind::Unchanged);
    assert_eq!(store.authorizer(&key(), &appid(1)).await.unwrap(), before);
}

async fn many_observations_are_taken_in_batches(place: Place) {
    let store = place.open().await;
    let seen = (0..1203)
        .map(|number| listed(number, Some("refresh"), 0, 0))
        .collect();
    let changes = store.observe(&key(), seen).await.unwrap();
    assert_eq!(changes.len(), 1203);
    assert_eq!(changes[1202].appid, appid(1202));
    assert_eq!(store.counts(&key(), at(0)).await.unwrap().active, 1203);
}

async fn the_order_of_arrival_does_not_matter(place: Place) {
    let store = place.open().await;
    let seen = |number, moment: u32| {
        let time = i64::from(moment);
        let mut seen = told(number, &format!("name {moment}"), &[moment], time);
        seen.listed = listed(number, Some(&format!("refresh {moment}")), time, time).listed;
        seen
    };
    let orders = [
        [1, 2, 3],
        [1, 3, 2],
        [2, 1, 3],
        [2, 3, 1],
        [3, 1, 2],
        [3, 2, 1],
    ];
    for (number, order) in (1..).zip(orders) {
        for moment in order {
            observe(&store, seen(number, moment)).await;
        }
        let row = store
            .authorizer(&key(), &appid(number))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.nick_name.as_deref(), Some("name 3"), "{order:?}");
        assert_eq!(row.permission_ids, sets(&[3]), "{order:?}");
        let token = stored(&store, &owner(number)).await;
        assert_eq!(token.refresh_token, Some(secret("refresh 3")), "{order:?}");
    }
}
