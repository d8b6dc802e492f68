use std::time::Duration;

use wxauth::store::leases::{LeaseAttempt, OpenIntent};
use wxauth::store::tokens::{Commit, TokenOwner};

use super::support::{
    LONG, Place, at, authorize, key, lease, new_token, other_key, owner, secret, stored,
};

super::stories! {
    a_refresh_goes_from_lease_to_token,
    only_one_task_holds_a_lease,
    a_lease_past_its_deadline_is_taken_over,
    a_late_answer_is_refused,
    an_intent_left_open_is_seen_by_the_next_holder,
    of_two_open_intents_the_first_counts,
    a_contested_token_leaves_the_intent_open,
    an_absent_or_empty_refresh_token_overwrites_nothing,
    a_refresh_token_from_the_list_is_stored_under_the_lease,
    the_end_of_a_token_is_only_brought_nearer,
    fences_grow_across_owners_and_forgetting,
}

async fn a_refresh_goes_from_lease_to_token(place: Place) {
    let store = place.open().await;
    let owner = TokenOwner::Component;
    assert_eq!(store.token(&key(), &owner).await.unwrap(), None);
    let (first, token, open_intent) = lease(&store, &owner).await;
    assert_eq!((token, open_intent), (None, None));
    assert!(first.remaining() <= LONG && first.remaining() > LONG / 2);
    assert!(matches!(
        store.begin(&first, at(0)).await.unwrap(),
        Commit::Accepted { .. }
    ));
    let commit = store.commit_refresh(&first, new_token("one", None)).await;
    let token = stored(&store, &owner).await;
    let generation = token.generation;
    assert!(generation > 0);
    assert_eq!(commit.unwrap(), Commit::Accepted { generation });
    assert_eq!(token.access_token, Some(secret("one")));
    assert_eq!(token.refresh_token, None);
    assert_eq!(
        (token.issued_at, token.expires_at),
        (Some(at(0)), Some(at(7140)))
    );
    assert_eq!(store.token(&other_key(), &owner).await.unwrap(), None);

    // Committing released the lease, and the next holder sees the token.
    let (second, token, open_intent) = lease(&store, &owner).await;
    assert_eq!(token.unwrap().generation, generation);
    assert_eq!(open_intent, None);
    assert!(second.fence() > first.fence());
}

async fn only_one_task_holds_a_lease(place: Place) {
    let store = place.open().await;
    let (held, ..) = lease(&store, &owner(1)).await;
    match store.lease(&key(), &owner(1), LONG).await.unwrap() {
        LeaseAttempt::Held {
            holder,
            host,
            process_id,
            remaining,
        } => {
            assert_eq!(
                (holder.as_str(), host.as_str()),
                ("wxauth story", "workshop")
            );
            assert_eq!(process_id, std::process::id());
            assert!(remaining <= LONG);
        }
        granted => panic!("{granted:?}"),
    }
    lease(&store, &owner(2)).await;
    store.release(held).await.unwrap();
    lease(&store, &owner(1)).await;
}

async fn a_lease_past_its_deadline_is_taken_over(place: Place) {
    let store = place.open().await;
    let attempt = store
        .lease(&key(), &owner(1), Duration::ZERO)
        .await
        .unwrap();
    let LeaseAttempt::Granted { lease: late, .. } = attempt else {
        panic!("{attempt:?}");
    };
    assert_eq!(late.remaining(), Duration::ZERO);
    let (next, ..) = lease(&store, &owner(1)).await;
    assert!(next.fence() > late.fence());
    // The late one can neither begin nor end the new lease.
    assert_eq!(store.begin(&late, at(0)).await.unwrap(), Commit::Refused);
    store.release(late).await.unwrap();
    let attempt = store.lease(&key(), &owner(1), LONG).await.unwrap();
    assert!(matches!(attempt, LeaseAttempt::Held { .. }));
}

async fn a_late_answer_is_refused(place: Place) {
    let store = place.open().await;
    let owner = TokenOwner::Component;
    let attempt = store.lease(&key(), &owner, Duration::ZERO).await.unwrap();
    let LeaseAttempt::Granted { lease: late, .. } = attempt else {
        panic!("{attempt:?}");
    };
    let (next, ..) = lease(&store, &owner).await;
    store
        .commit_refresh(&next, new_token("next", None))
        .await
        .unwrap();
    let commit = store
        .commit_refresh(&late, new_token("late", Some("late")))
        .await;
    assert_eq!(commit.unwrap(), Commit::Refused);
    let token = stored(&store, &owner).await;
    assert_eq!(token.access_token, Some(secret("next")));
    assert_eq!(token.refresh_token, None);
}

async fn an_intent_left_open_is_seen_by_the_next_holder(place: Place) {
    let store = place.open().await;
    let (lost, ..) = lease(&store, &owner(1)).await;
    store.begin(&lost, at(5)).await.unwrap();
    let fence = lost.fence();
    store.release(lost).await.unwrap();
    let (next, _, open_intent) = lease(&store, &owner(1)).await;
    let left = OpenIntent {
        ran_out: false,
        fence,
        started_at: at(5),
    };
    assert_eq!(open_intent, Some(left));
    // A call that WeChat refused leaves nothing to worry about.
    store.begin(&next, at(9)).await.unwrap();
    store.clear_intent(&next).await.unwrap();
    store.release(next).await.unwrap();
    assert_eq!(lease(&store, &owner(1)).await.2, None);
}

async fn of_two_open_intents_the_first_counts(place: Place) {
    let store = place.open().await;
    for started_at in [5, 9] {
        let (lost, ..) = lease(&store, &owner(1)).await;
        store.begin(&lost, at(started_at)).await.unwrap();
        store.release(lost).await.unwrap();
    }
    let (_, _, open_intent) = lease(&store, &owner(1)).await;
    assert_eq!(open_intent.unwrap().started_at, at(5));
}

async fn a_contested_token_leaves_the_intent_open(place: Place) {
    let store = place.open().await;
    let (lost, ..) = lease(&store, &owner(1)).await;
    store.begin(&lost, at(5)).await.unwrap();
    store.release(lost).await.unwrap();
    let (next, _, left) = lease(&store, &owner(1)).await;
    assert!(left.unwrap().holder_died());
    let mut token = new_token("in its wake", None);
    token.contested = true;
    let issued_at = token.issued_at;
    store.commit_refresh(&next, token).await.unwrap();
    let read = stored(&store, &owner(1)).await;
    assert_eq!(read.unsettled_since, Some(issued_at));
    let (last, _, left) = lease(&store, &owner(1)).await;
    assert!(!left.unwrap().holder_died());
    let calm = new_token("later", None);
    store.commit_refresh(&last, calm).await.unwrap();
    assert_eq!(stored(&store, &owner(1)).await.unsettled_since, None);
}

async fn an_absent_or_empty_refresh_token_overwrites_nothing(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let mut generation = 0;
    for refresh in [None, Some("")] {
        let (held, ..) = lease(&store, &owner(1)).await;
        store
            .commit_refresh(&held, new_token("access", refresh))
            .await
            .unwrap();
        let token = stored(&store, &owner(1)).await;
        assert_eq!(token.refresh_token, Some(secret("refresh-1")));
        assert!(token.generation > generation);
        generation = token.generation;
    }
    let (held, ..) = lease(&store, &owner(1)).await;
    store
        .commit_refresh(&held, new_token("access", Some("rotated")))
        .await
        .unwrap();
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.refresh_token, Some(secret("rotated")));
    assert!(token.generation > generation);
}

async fn a_refresh_token_from_the_list_is_stored_under_the_lease(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    let commit = store
        .replace_refresh_token(&held, secret("from the list"))
        .await
        .unwrap();
    assert_eq!(commit, Commit::Accepted { generation: 0 });
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.refresh_token, Some(secret("from the list")));
    let (_, dead) = (store.forget(&key(), &super::support::appid(1)).await, held);
    let commit = store
        .replace_refresh_token(&dead, secret("later"))
        .await
        .unwrap();
    assert_eq!(commit, Commit::Refused);
}

async fn the_end_of_a_token_is_only_brought_nearer(place: Place) {
    let store = place.open().await;
    let owner = TokenOwner::Component;
    let (held, ..) = lease(&store, &owner).await;
    store
        .commit_refresh(&held, new_token("one", None))
        .await
        .unwrap();
    for (cap, end) in [(9000, 7140), (300, 300), (400, 300)] {
        store.cap_expiry(&key(), &owner, at(cap)).await.unwrap();
        assert_eq!(stored(&store, &owner).await.expires_at, Some(at(end)));
    }
}

async fn fences_grow_across_owners_and_forgetting(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let (before, ..) = lease(&store, &owner(1)).await;
    let (beside, ..) = lease(&store, &owner(2)).await;
    store
        .forget(&key(), &super::support::appid(1))
        .await
        .unwrap();
    let (after, ..) = lease(&store, &owner(1)).await;
    assert!(before.fence() < beside.fence() && beside.fence() < after.fence());
    store.forget_platform(&key()).await.unwrap();
    let (last, ..) = lease(&store, &owner(1)).await;
    assert!(after.fence() < last.fence());
    let commit = store.commit_refresh(&before, new_token("late", None)).await;
    assert_eq!(commit.unwrap(), Commit::Refused);
}
