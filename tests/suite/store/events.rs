use std::fs;

use tokio::task::JoinSet;
use wxauth::store::Store;
use wxauth::store::events::{Accepted, EventFilter, EventOutcome};

use super::support::{
    Place, accept, appid, at, authorized, event, key, other_key, pushed_ticket, secret,
};

super::stories! {
    what_arrived_is_kept_as_it_was_said,
    a_repeat_changes_nothing_but_a_count,
    a_ticket_arrives_with_its_event,
    lists_filter_page_and_follow,
    a_link_finds_its_event,
    platforms_do_not_see_each_other,
}

async fn tickets(store: &Store) -> Vec<String> {
    let tickets = store.tickets(&key()).await.unwrap();
    tickets
        .iter()
        .map(|record| record.ticket.expose().to_owned())
        .collect()
}

async fn ids(store: &Store, filter: EventFilter) -> Vec<i64> {
    let events = store.events(&key(), &filter).await.unwrap();
    events.iter().map(|event| event.id).collect()
}

fn all() -> EventFilter {
    EventFilter {
        limit: 99,
        ..EventFilter::default()
    }
}

async fn what_arrived_is_kept_as_it_was_said(place: Place) {
    let store = place.open().await;
    let accepted = store.accept_event(&key(), authorized(1)).await.unwrap();
    let Accepted::New { id, outcome } = accepted else {
        panic!("{accepted:?}");
    };
    assert_eq!(outcome, EventOutcome::Pending);
    let kept = event(&store, id).await;
    assert_eq!((kept.received_at, kept.created_at), (at(0), Some(at(-1))));
    assert_eq!(kept.fields, authorized(1).fields);
    assert_eq!(kept.code, Some(secret("queryauthcode@@@1")));
    assert_eq!(kept.code_expires_at, Some(at(3600)));
    assert_eq!((kept.outcome, kept.finished_at), (outcome, None));
    assert_eq!((kept.detail.is_null(), kept.repeats), (true, 0));
    // An InfoType that nobody knows asks for no work and is done at once.
    let mut unknown = authorized(2);
    unknown.info_type = "notify_of_tomorrow".to_owned();
    (unknown.appid, unknown.code, unknown.needs_work) = (None, None, false);
    let id = accept(&store, unknown).await;
    let kept = event(&store, id).await;
    assert_eq!(kept.outcome, EventOutcome::Done);
    assert_eq!(kept.finished_at, Some(at(0)));
    assert_eq!((kept.appid, kept.code, kept.forward), (None, None, None));
}

async fn a_repeat_changes_nothing_but_a_count(place: Place) {
    let store = place.open().await;
    let id = accept(&store, authorized(1)).await;
    store
        .finish_event(&key(), id, EventOutcome::Done, "exchanged".into(), true)
        .await
        .unwrap();
    for repeats in 1..=2 {
        let mut again = authorized(1);
        again.received_at = at(60 * repeats);
        let accepted = store.accept_event(&key(), again).await.unwrap();
        assert_eq!(accepted, Accepted::Repeat { id });
    }
    let kept = event(&store, id).await;
    assert_eq!((kept.repeats, kept.received_at), (2, at(0)));
    // The replay neither wakes the work nor brings the spent code back.
    assert_eq!((kept.outcome, kept.code), (EventOutcome::Done, None));
    assert_eq!(ids(&store, all()).await, [id]);
}

async fn a_ticket_arrives_with_its_event(place: Place) {
    let store = place.open().await;
    let id = accept(&store, pushed_ticket("one", -1200, -1199)).await;
    assert_eq!(event(&store, id).await.outcome, EventOutcome::Done);
    accept(&store, pushed_ticket("two", 0, 0)).await;
    assert_eq!(tickets(&store).await, ["two", "one"]);
    let first = store.tickets(&key()).await.unwrap().pop().unwrap();
    assert_eq!(first.received_at, at(-1199));
    assert_eq!(first.source.as_str(), "push");
}

async fn lists_filter_page_and_follow(place: Place) {
    let store = place.open().await;
    let mut numbers = Vec::new();
    for number in 1..=5 {
        let mut event = authorized(number);
        event.received_at = at(i64::from(number));
        numbers.push(accept(&store, event).await);
    }
    numbers.push(accept(&store, pushed_ticket("ticket", 6, 6)).await);
    let page = EventFilter { limit: 2, ..all() };
    assert_eq!(ids(&store, page.clone()).await, [numbers[5], numbers[4]]);
    let older = EventFilter {
        before: Some(numbers[4]),
        ..page.clone()
    };
    assert_eq!(ids(&store, older).await, [numbers[3], numbers[2]]);
    let newer = EventFilter {
        after: Some(numbers[2]),
        ..page
    };
    assert_eq!(ids(&store, newer).await, [numbers[3], numbers[4]]);
    let of_one = EventFilter {
        appid: Some(appid(2)),
        ..all()
    };
    assert_eq!(ids(&store, of_one).await, [numbers[1]]);
    let told = EventFilter {
        info_type: Some("authorized".to_owned()),
        since: Some(at(4)),
        ..all()
    };
    assert_eq!(ids(&store, told).await, [numbers[4], numbers[3]]);
    let done = EventFilter {
        outcome: Some(EventOutcome::Done),
        ..all()
    };
    assert_eq!(ids(&store, done).await, [numbers[5]]);
    let totals = store.event_totals(&key()).await.unwrap();
    let expected = [
        ("authorized".to_owned(), EventOutcome::Pending, 5),
        ("component_verify_ticket".to_owned(), EventOutcome::Done, 1),
    ];
    assert_eq!(totals, expected);
}

async fn a_link_finds_its_event(place: Place) {
    let store = place.open().await;
    accept(&store, authorized(1)).await;
    let id = accept(&store, authorized(2)).await;
    let found = store.event_of_link(&key(), "pre-auth-2").await.unwrap();
    assert_eq!(found.map(|event| event.id), Some(id));
    let unused = store.event_of_link(&key(), "pre-auth-3").await.unwrap();
    assert_eq!(unused, None);
}

async fn platforms_do_not_see_each_other(place: Place) {
    let store = place.open().await;
    // In Redis each platform counts its own events, so that only the second number is nobody else's.
    accept(&store, authorized(2)).await;
    let id = accept(&store, authorized(1)).await;
    let other = store.accept_event(&other_key(), authorized(1)).await;
    assert!(matches!(other.unwrap(), Accepted::New { .. }));
    assert_eq!(store.event(&other_key(), id).await.unwrap(), None);
    store.forget_platform(&key()).await.unwrap();
    assert_eq!(store.event(&key(), id).await.unwrap(), None);
    let kept = store.events(&other_key(), &all()).await.unwrap();
    assert_eq!(kept.len(), 1);
}

/// How many transactions lie in the write-ahead log: the frames that end one.
fn commits(place: &Place) -> usize {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    let mut name = place.path().into_os_string();
    name.push("-wal");
    let log = fs::read(name).unwrap();
    let page = u32::from_be_bytes(log[8..12].try_into().unwrap()) as usize;
    log[HEADER..]
        .chunks_exact(FRAME_HEADER + page)
        .filter(|frame| frame[4..8] != [0; 4])
        .count()
}

#[tokio::test]
async fn a_thousand_pushes_at_once_are_all_kept_in_few_commits() {
    let place = Place::sqlite();
    let store = place.open().await;
    let before = commits(&place);
    let mut tasks = JoinSet::new();
    for number in 0..1000 {
        let store = store.clone();
        tasks.spawn(async move { store.accept_event(&key(), authorized(number % 900)).await });
    }
    let accepted = tasks.join_all().await;
    let new = accepted
        .iter()
        .filter(|accepted| matches!(accepted, Ok(Accepted::New { .. })))
        .count();
    assert_eq!((accepted.len(), new), (1000, 900));
    let totals = store.event_totals(&key()).await.unwrap();
    assert_eq!(
        totals,
        [("authorized".to_owned(), EventOutcome::Pending, 900)]
    );
    let commits = commits(&place) - before;
    assert!(commits <= 250, "{commits} commits");
}
