use wxauth::store::Store;
use wxauth::store::events::{EventFilter, EventOutcome, ForwardState, NewEvent};
use wxauth::store::messages::{MessageFilter, MessageRecord};

use super::support::{Place, accept, at, authorized, event, key, pushed_ticket};

super::stories! {
    old_events_go_and_young_ones_stay,
    the_oldest_go_first_when_there_are_too_many,
    what_the_backend_has_not_got_is_not_dropped_for_room,
    dead_codes_are_taken_out,
    kept_messages_and_launches_grow_old_too,
}

const DAY: i64 = 86_400;

async fn prune(store: &Store, keep_rows: u64) -> u64 {
    store
        .prune_events(&key(), at(-90 * DAY), keep_rows)
        .await
        .unwrap()
}

async fn left(store: &Store) -> usize {
    let all = EventFilter {
        limit: 9999,
        ..EventFilter::default()
    };
    store.events(&key(), &all).await.unwrap().len()
}

async fn old_events_go_and_young_ones_stay(place: Place) {
    let store = place.open().await;
    // More than one act drops.
    for number in 0..900 {
        let mut event = authorized(number);
        event.received_at = at(-91 * DAY);
        accept(&store, event).await;
    }
    let young = accept(&store, pushed_ticket("ticket", 0, -89 * DAY)).await;
    assert_eq!(prune(&store, 10_000).await, 900);
    assert_eq!(left(&store).await, 1);
    assert_eq!(event(&store, young).await.outcome, EventOutcome::Done);
    assert_eq!(prune(&store, 10_000).await, 0);
    // A number that was given stays given.
    assert_eq!(accept(&store, authorized(1)).await, young + 1);
}

async fn the_oldest_go_first_when_there_are_too_many(place: Place) {
    let store = place.open().await;
    let waiting = accept(&store, authorized(1)).await;
    for second in 0..10 {
        accept(&store, pushed_ticket("ticket", second, 0)).await;
    }
    assert_eq!(prune(&store, 11).await, 0);
    assert_eq!(prune(&store, 4).await, 6);
    // Work that was never done is not dropped for room.
    assert_eq!(event(&store, waiting).await.outcome, EventOutcome::Pending);
    assert_eq!(left(&store).await, 5);
}

async fn what_the_backend_has_not_got_is_not_dropped_for_room(place: Place) {
    let store = place.open().await;
    let waiting = |number, received_at| NewEvent {
        forward: Some("<xml>as it came</xml>".to_owned()),
        ..pushed_ticket("to forward", number, received_at)
    };
    let old = accept(&store, waiting(1, -2 * DAY)).await;
    let young = accept(&store, waiting(2, -60)).await;
    for second in 10..20 {
        accept(&store, pushed_ticket("ticket", second, 0)).await;
    }
    assert_eq!(prune(&store, 10).await, 1);
    assert_eq!(store.event(&key(), old).await.unwrap(), None);
    assert!(event(&store, young).await.forward_payload.is_some());
    // What nobody passed on for long is given up, and its payload with it.
    let given_up = async |before| store.give_up_forwards(&key(), at(before)).await.unwrap();
    assert_eq!(given_up(-3600).await, 0);
    assert_eq!(given_up(-59).await, 1);
    let young = event(&store, young).await;
    assert_eq!(young.forward, Some(ForwardState::Failed));
    assert_eq!(young.forward_detail.as_deref(), Some("too old"));
    assert_eq!(young.forward_payload, None);
}

async fn dead_codes_are_taken_out(place: Place) {
    let store = place.open().await;
    let mut dead = authorized(1);
    dead.code_expires_at = Some(at(-60));
    let mut untold = authorized(2);
    (untold.code_expires_at, untold.received_at) = (None, at(-4000));
    let (dead, untold) = (accept(&store, dead).await, accept(&store, untold).await);
    let living = accept(&store, authorized(3)).await;
    assert_eq!(prune(&store, 99).await, 0);
    assert_eq!(event(&store, dead).await.code, None);
    assert_eq!(event(&store, untold).await.code, None);
    assert!(event(&store, living).await.code.is_some());
}

async fn kept_messages_and_launches_grow_old_too(place: Place) {
    let store = place.open().await;
    for second in [-100 * DAY, -DAY] {
        let message = MessageRecord {
            id: 0,
            received_at: at(second),
            account: "gh_000000000001".to_owned(),
            what: "text".to_owned(),
            body: format!("<xml>{second}</xml>"),
        };
        store.keep_message(&key(), message).await.unwrap();
        let launch = super::launches::launch(&format!("launch{second}"), second);
        store.put_launch(&key(), launch).await.unwrap();
    }
    assert_eq!(prune(&store, 99).await, 0);
    let filter = MessageFilter {
        limit: 9,
        ..MessageFilter::default()
    };
    let messages = store.messages(&key(), &filter).await.unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].received_at, at(-DAY));
    let old = format!("launch{}", -100 * DAY);
    assert_eq!(store.launch(&key(), &old).await.unwrap(), None);
    let young = format!("launch{}", -DAY);
    assert!(store.launch(&key(), &young).await.unwrap().is_some());
}
