//! Refusals of tokens before their expiry: what is counted, and for how long it is reported.

use wxauth::store::Store;
use wxauth::store::refusals::Refusals;
use wxauth::store::tokens::TokenOwner;

use super::support::{Place, appid, at, authorize, key, other_key, owner};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

super::stories! {
    each_token_counts_once_and_owners_are_kept_apart,
    refusals_are_over_after_a_day_without_another,
    what_is_no_longer_reported_is_dropped,
    a_refusal_noted_in_the_future_counts_for_nothing,
    a_forgotten_owner_has_no_refusals,
}

async fn refuse(store: &Store, owner: &TokenOwner, generation: u64, seconds: i64) {
    let key = key();
    let noted = store.note_refusal(&key, owner, generation, at(seconds));
    noted.await.unwrap();
}

async fn reported(store: &Store, seconds: i64) -> Vec<Refusals> {
    store.refusals(&key(), at(seconds)).await.unwrap()
}

fn refusals(owner: TokenOwner, since: i64, latest: i64, count: u64) -> Refusals {
    Refusals {
        owner,
        since: at(since),
        latest: at(latest),
        count,
    }
}

async fn each_token_counts_once_and_owners_are_kept_apart(place: Place) {
    let store = place.open().await;
    assert_eq!(reported(&store, 0).await, []);
    let component = TokenOwner::Component;
    for (owner, generation, seconds) in [
        (owner(2), 7, 1),
        (component.clone(), 3, 2),
        (component.clone(), 3, 4),
        (owner(1), 3, 5),
        (component.clone(), 4, HOUR),
    ] {
        refuse(&store, &owner, generation, seconds).await;
    }
    let (elsewhere, fifth) = (other_key(), owner(5));
    let noted = store.note_refusal(&elsewhere, &fifth, 1, at(0));
    noted.await.unwrap();
    let expected = [
        refusals(component, 2, HOUR, 2),
        refusals(owner(1), 5, 5, 1),
        refusals(owner(2), 1, 1, 1),
    ];
    assert_eq!(reported(&store, HOUR).await, expected);
}

async fn refusals_are_over_after_a_day_without_another(place: Place) {
    let store = place.open().await;
    let component = TokenOwner::Component;
    refuse(&store, &component, 1, 0).await;
    refuse(&store, &component, 2, 20 * HOUR).await;
    let lasting = [refusals(component.clone(), 0, 20 * HOUR, 2)];
    assert_eq!(reported(&store, 20 * HOUR + DAY).await, lasting);
    assert_eq!(reported(&store, 20 * HOUR + DAY + 1).await, []);
    // Whatever comes then begins a new story, whether its generation is another or not.
    refuse(&store, &component, 2, 3 * DAY).await;
    let again = [refusals(component, 3 * DAY, 3 * DAY, 1)];
    assert_eq!(reported(&store, 3 * DAY).await, again);
}

async fn what_is_no_longer_reported_is_dropped(place: Place) {
    let store = place.open().await;
    refuse(&store, &owner(1), 1, 0).await;
    refuse(&store, &owner(2), 1, 2 * DAY).await;
    // As it would be reported at a time at which both were recent.
    let kept = reported(&store, 0).await;
    assert!(kept.iter().all(|kept| kept.owner != owner(1)), "{kept:?}");
    assert_eq!(reported(&store, 2 * DAY).await.len(), 1);
}

async fn a_refusal_noted_in_the_future_counts_for_nothing(place: Place) {
    let store = place.open().await;
    refuse(&store, &owner(1), 1, DAY).await;
    assert_eq!(reported(&store, 0).await, []);
    refuse(&store, &owner(1), 2, 10).await;
    assert_eq!(reported(&store, 10).await, [refusals(owner(1), 10, 10, 1)]);
}

async fn a_forgotten_owner_has_no_refusals(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    for number in [1, 2] {
        refuse(&store, &owner(number), 1, 0).await;
    }
    assert!(store.forget(&key(), &appid(1)).await.unwrap());
    assert_eq!(reported(&store, 0).await, [refusals(owner(2), 0, 0, 1)]);
    store.forget_platform(&key()).await.unwrap();
    assert_eq!(reported(&store, 0).await, []);
}
