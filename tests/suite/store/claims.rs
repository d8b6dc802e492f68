use std::time::Duration;

use wxauth::store::Store;
use wxauth::store::leases::{Due, OpenIntent};
use wxauth::store::observations::ChangeSource;
use wxauth::store::tokens::Commit;

use super::support::{LONG, Place, appid, at, authorize, key, lease, listed, new_token, owner};

super::stories! {
    due_authorizers_are_claimed_page_by_page,
    fresh_pending_and_revoked_ones_are_not_due,
    leased_ones_are_passed_over,
    a_claim_is_an_intent,
    of_several_claims_left_open_the_first_counts,
    a_claim_that_ran_out_is_an_open_call,
    a_token_is_not_due_for_an_open_call_until_it_is_capped,
    merchants_that_nobody_asks_for_are_left_to_rest,
    those_whose_refresh_token_is_dead_are_left_out,
}

fn due(before: i64) -> Due {
    Due {
        before: at(before),
        now: at(0),
        used_since: None,
        except: Vec::new(),
    }
}

async fn claimed(
    store: &Store,
    after: Option<u32>,
    limit: usize,
) -> Vec<wxauth::store::leases::Claim> {
    let after = after.map(appid);
    store
        .claim_due(&key(), due(600), after.as_ref(), limit, LONG, at(1))
        .await
        .unwrap()
}

fn numbers(claims: &[wxauth::store::leases::Claim]) -> Vec<String> {
    claims.iter().map(|claim| claim.appid.to_string()).collect()
}

fn appids(numbers: &[u32]) -> Vec<String> {
    numbers
        .iter()
        .map(|number| appid(*number).to_string())
        .collect()
}

async fn due_authorizers_are_claimed_page_by_page(place: Place) {
    let store = place.open().await;
    for number in [3, 1, 5, 2, 4] {
        authorize(&store, number).await;
    }
    assert_eq!(store.count_due(&key(), due(600), None).await.unwrap(), 5);
    let first = claimed(&store, None, 2).await;
    assert_eq!(numbers(&first), appids(&[1, 2]));
    let second = claimed(&store, Some(2), 9).await;
    assert_eq!(numbers(&second), appids(&[3, 4, 5]));
    assert!(claimed(&store, Some(5), 9).await.is_empty());
    for claim in first.iter().chain(&second) {
        let commit = store
            .commit_refresh(&claim.lease, new_token("fresh", None))
            .await;
        assert!(matches!(commit.unwrap(), Commit::Accepted { generation } if generation > 0));
    }
    assert_eq!(store.count_due(&key(), due(600), None).await.unwrap(), 0);
    assert!(claimed(&store, None, 9).await.is_empty());
    assert_eq!(store.count_due(&key(), due(8000), None).await.unwrap(), 5);
}

async fn fresh_pending_and_revoked_ones_are_not_due(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    authorize(&store, 2).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    store
        .commit_refresh(&held, new_token("fresh", None))
        .await
        .unwrap();
    store
        .mark_revoked(&key(), &appid(2), at(0), ChangeSource::Event)
        .await
        .unwrap();
    store
        .observe(&key(), vec![listed(3, None, 0, 0)])
        .await
        .unwrap();
    assert_eq!(store.count_due(&key(), due(600), None).await.unwrap(), 0);
    assert!(claimed(&store, None, 9).await.is_empty());
}

async fn leased_ones_are_passed_over(place: Place) {
    let store = place.open().await;
    for number in 1..=4 {
        authorize(&store, number).await;
    }
    let (_one, ..) = lease(&store, &owner(1)).await;
    let (_two, ..) = lease(&store, &owner(2)).await;
    // A whole page of leased ones does not look like the end.
    assert_eq!(numbers(&claimed(&store, None, 2).await), appids(&[3, 4]));
}

async fn a_claim_is_an_intent(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let claim = claimed(&store, None, 1).await.remove(0);
    assert_eq!(claim.open_intent, None);
    assert!(claim.token.refresh_token.is_some());
    store.release(claim.lease).await.unwrap();
    let again = claimed(&store, None, 1).await.remove(0);
    assert_eq!(again.open_intent.unwrap().started_at, at(1));
}

async fn of_several_claims_left_open_the_first_counts(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let platform = key();
    let mut begins = Vec::new();
    for started_at in [5, 9, 2, 7] {
        let claims = store.claim_due(&platform, due(600), None, 9, LONG, at(started_at));
        let claim = claims.await.unwrap().remove(0);
        begins.push(claim.open_intent.map(|open| open.started_at));
        store.release(claim.lease).await.unwrap();
    }
    // The clock may have been set back in between.
    assert_eq!(begins, [None, Some(at(5)), Some(at(5)), Some(at(2))]);
}

async fn a_claim_that_ran_out_is_an_open_call(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let platform = key();
    let claim = async |life| {
        let claims = store.claim_due(&platform, due(600), None, 9, life, at(1));
        claims.await.unwrap().remove(0)
    };
    let lost = claim(Duration::ZERO).await;
    let fence = lost.lease.fence();
    let next = claim(LONG).await;
    let left = OpenIntent {
        ran_out: true,
        fence,
        started_at: at(1),
    };
    assert_eq!(next.open_intent, Some(left));
    assert!(next.lease.fence() > fence);
    // What the first one's call brings comes too late.
    let late = store.commit_refresh(&lost.lease, new_token("late", None));
    assert_eq!(late.await.unwrap(), Commit::Refused);
    let token = new_token("next", None);
    let kept = store.commit_refresh(&next.lease, token).await.unwrap();
    assert!(matches!(kept, Commit::Accepted { .. }));
    assert_eq!(lease(&store, &owner(1)).await.2, None);
}

async fn a_token_is_not_due_for_an_open_call_until_it_is_capped(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    let token = new_token("fresh", None);
    store.commit_refresh(&held, token).await.unwrap();
    let (lost, ..) = lease(&store, &owner(1)).await;
    store.begin(&lost, at(5)).await.unwrap();
    store.release(lost).await.unwrap();
    assert!(claimed(&store, None, 9).await.is_empty());
    store.cap_expiry(&key(), &owner(1), at(305)).await.unwrap();
    assert_eq!(store.count_due(&key(), due(305), None).await.unwrap(), 0);
    assert_eq!(store.count_due(&key(), due(306), None).await.unwrap(), 1);
    let claim = claimed(&store, None, 9).await.remove(0);
    assert_eq!(claim.token.expires_at, Some(at(305)));
    assert_eq!(claim.open_intent.unwrap().started_at, at(5));
}

async fn merchants_that_nobody_asks_for_are_left_to_rest(place: Place) {
    let store = place.open().await;
    for number in 1..=3 {
        authorize(&store, number).await;
    }
    store
        .touch_token(&key(), &appid(1), at(-9000))
        .await
        .unwrap();
    store.touch_token(&key(), &appid(3), at(0)).await.unwrap();
    let in_use = Due {
        used_since: Some(at(-3600)),
        ..due(600)
    };
    assert_eq!(
        store.count_due(&key(), in_use.clone(), None).await.unwrap(),
        1
    );
    let claims = store
        .claim_due(&key(), in_use, None, 9, LONG, at(1))
        .await
        .unwrap();
    assert_eq!(numbers(&claims), appids(&[3]));
}

async fn those_whose_refresh_token_is_dead_are_left_out(place: Place) {
    let store = place.open().await;
    for number in 1..=4 {
        authorize(&store, number).await;
    }
    let living = Due {
        except: vec![appid(1), appid(3)],
        ..due(600)
    };
    let count = async |after: Option<u32>| {
        let (key, after) = (key(), after.map(appid));
        let counted = store.count_due(&key, living.clone(), after.as_ref());
        counted.await.unwrap()
    };
    assert_eq!([count(None).await, count(Some(2)).await], [2, 1]);
    let claims = store
        .claim_due(&key(), living.clone(), None, 9, LONG, at(1))
        .await
        .unwrap();
    assert_eq!(numbers(&claims), appids(&[2, 4]));
}

#[tokio::test]
async fn the_use_of_a_token_is_written_once_an_hour() {
    let place = Place::sqlite();
    let store = place.open().await;
    authorize(&store, 1).await;
    let commits = crate::support::count_commits(&place.path());
    let mut written = Vec::new();
    for second in [0, 1, 3599, 3600, 3601, 3590] {
        let before = commits();
        store
            .touch_token(&key(), &appid(1), at(second))
            .await
            .unwrap();
        if commits() != before {
            written.push(second);
        }
    }
    assert_eq!(written, [0, 3600]);
    // One that has no token yet is nothing to note.
    let before = commits();
    store.touch_token(&key(), &appid(2), at(0)).await.unwrap();
    assert_eq!(commits(), before);
}
