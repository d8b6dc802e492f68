//! Stories about events in a Redis that two servers share.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use wxauth::store::events::{Accepted, EventFilter, EventOutcome, ForwardState, NewEvent};
use wxauth::store::{Store, StoreLocation};
use wxauth::sys::redis::Address;

use super::support::{
    LONG, Place, accept, appid, at, authorized, event, key, open, pushed_ticket, secret,
};
use crate::support::RedisServer;

async fn claimed(store: &Store, limit: usize, life: Duration) -> Vec<i64> {
    let claimed = store.claim_events(&key(), limit, life).await.unwrap();
    claimed.iter().map(|event| event.id).collect()
}

async fn forwards(store: &Store, life: Duration) -> Vec<i64> {
    let queue = store.claim_forwards(&key(), 500, life).await.unwrap();
    queue.iter().map(|event| event.id).collect()
}

async fn finish(store: &Store, id: i64) {
    store
        .finish_event(&key(), id, EventOutcome::Done, json!({}), true)
        .await
        .unwrap();
}

fn to_forward(number: u32, told: &str) -> NewEvent {
    NewEvent {
        fingerprint: format!("{number} {told}"),
        forward: Some(String::new()),
        ..authorized(number)
    }
}

#[tokio::test]
async fn two_servers_never_get_the_same_event() {
    let place = Place::redis();
    let (one, two) = (place.open().await, place.open().await);
    for number in 0..200 {
        accept(&one, authorized(number)).await;
    }
    let mut tasks = JoinSet::new();
    for turn in 0..60 {
        let store = if turn % 2 == 0 { &one } else { &two }.clone();
        tasks.spawn(async move { claimed(&store, 5, LONG).await });
    }
    let mut taken = tasks.join_all().await.concat();
    taken.sort_unstable();
    assert_eq!(taken, (1..=200).collect::<Vec<i64>>());
}

#[tokio::test]
async fn the_work_of_a_killed_server_is_taken_over_after_its_deadline() {
    let place = Place::redis();
    let (one, two) = (place.open().await, place.open().await);
    let first = accept(&one, authorized(1)).await;
    let second = accept(&one, to_forward(2, "came")).await;
    finish(&one, second).await;
    let short = Duration::from_millis(300);
    assert_eq!(claimed(&one, 9, short).await, [first]);
    assert_eq!(forwards(&one, short).await, [second]);
    // Nobody tells Redis that it is gone: the deadline does.
    drop(one);
    assert!(claimed(&two, 9, LONG).await.is_empty());
    assert!(forwards(&two, LONG).await.is_empty());
    let (mut work, mut queue) = (Vec::new(), Vec::new());
    while work.is_empty() || queue.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        work.extend(claimed(&two, 9, LONG).await);
        queue.extend(forwards(&two, LONG).await);
    }
    assert_eq!((work, queue), (vec![first], vec![second]));
}

#[tokio::test]
async fn who_lost_its_claim_changes_no_end_and_wakes_nothing() {
    let place = Place::redis();
    let (one, two) = (place.open().await, place.open().await);
    let id = accept(&one, authorized(1)).await;
    assert_eq!(claimed(&one, 1, Duration::ZERO).await, [id]);
    assert_eq!(claimed(&two, 1, LONG).await, [id]);
    let put_back = async |detail: &str| {
        one.finish_event(&key(), id, EventOutcome::Pending, detail.into(), false)
            .await
            .unwrap();
    };
    // While the other works on it, the work stays the other's.
    put_back("WeChat is away").await;
    assert!(claimed(&one, 1, LONG).await.is_empty());
    finish(&two, id).await;
    put_back("late").await;
    let kept = event(&one, id).await;
    assert_eq!((kept.outcome, kept.detail), (EventOutcome::Done, json!({})));
    assert!(claimed(&one, 1, LONG).await.is_empty());
}

#[tokio::test]
async fn what_is_forwarded_anew_is_first_in_its_queue_again() {
    let store = Place::redis().open().await;
    let mut ids = Vec::new();
    for told in ["came", "changed", "left"] {
        let id = accept(&store, to_forward(1, told)).await;
        finish(&store, id).await;
        ids.push(id);
    }
    let note = async |id, state| {
        let noted = store.note_forward(&key(), id, state, None, None).await;
        noted.unwrap();
    };
    assert_eq!(forwards(&store, LONG).await, [ids[0]]);
    note(ids[0], ForwardState::Delivered).await;
    // Whose claim ran out comes late and says that it is to be tried again.
    note(ids[0], ForwardState::Pending).await;
    assert_eq!(forwards(&store, LONG).await, [ids[0]]);
    note(ids[0], ForwardState::Delivered).await;
    assert_eq!(forwards(&store, LONG).await, [ids[1]]);
    // One that is dropped does not keep those after it waiting.
    store.prune_events(&key(), at(60), 99).await.unwrap();
    assert!(forwards(&store, LONG).await.is_empty());
    let again = accept(&store, to_forward(1, "came back")).await;
    finish(&store, again).await;
    assert_eq!(forwards(&store, LONG).await, [again]);
}

#[tokio::test]
async fn a_thousand_pushes_by_two_servers_are_kept_once_and_followed_without_a_gap() {
    let place = Place::redis();
    let (one, two) = (place.open().await, place.open().await);
    let mut tasks = JoinSet::new();
    for number in 0..1000 {
        let store = if number % 2 == 0 { &one } else { &two }.clone();
        // The last hundred are repeats of the first, by the other server.
        let event = match number {
            900.. => authorized(number - 899),
            _ => authorized(number),
        };
        tasks.spawn(async move { store.accept_event(&key(), event).await.unwrap() });
    }
    let (mut follower, mut after) = (Vec::new(), 0);
    while follower.len() < 900 {
        let filter = EventFilter {
            after: Some(after),
            limit: 70,
            ..EventFilter::default()
        };
        for event in two.events(&key(), &filter).await.unwrap() {
            after = event.id;
            follower.push(event.id);
        }
    }
    assert_eq!(follower, (1..=900).collect::<Vec<i64>>());
    let accepted = tasks.join_all().await;
    let new = accepted
        .iter()
        .filter(|accepted| matches!(accepted, Accepted::New { .. }));
    assert_eq!((accepted.len(), new.count()), (1000, 900));
    let totals = one.event_totals(&key()).await.unwrap();
    let expected = ("authorized".to_owned(), EventOutcome::Pending, 900);
    assert_eq!(totals, [expected]);
}

#[tokio::test]
async fn tickets_that_two_servers_get_at_once_are_all_kept() {
    let place = Place::redis();
    let stores = [place.open().await, place.open().await];
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let store = stores[usize::from(number % 2 == 0)].clone();
        // WeChat pushes each to both, and all within one second.
        let push = pushed_ticket(&format!("ticket-{}", number / 2), 0, 0);
        tasks.spawn(async move { store.accept_event(&key(), push).await.unwrap() });
    }
    let accepted = tasks.join_all().await;
    let new = accepted
        .iter()
        .filter(|accepted| matches!(accepted, Accepted::New { .. }));
    assert_eq!(new.count(), 20);
    assert_eq!(stores[0].tickets(&key()).await.unwrap().len(), 20);
}

#[tokio::test]
async fn a_spent_code_and_a_dropped_event_leave_no_trace_in_redis() {
    let server = RedisServer::start();
    let address = Address::parse(&server.url()).unwrap();
    let store = open(&StoreLocation::Redis(address)).await.unwrap();
    let spent = accept(&store, to_forward(1, "came")).await;
    let kept = event(&store, spent).await;
    assert_eq!(kept.code, Some(secret("queryauthcode@@@1")));
    let name = "wxauth:{api.weixin.qq.com/wxc0c0c0c0c0c0c0c0}:event:1 came";
    assert_eq!(server.cli(&["HGET", name, "code"]), "queryauthcode@@@1");
    finish(&store, spent).await;
    assert_eq!(server.cli(&["HGET", name, "code"]), "");
    assert_eq!(event(&store, spent).await.appid, Some(appid(1)));
    assert_eq!(store.prune_events(&key(), at(60), 99).await.unwrap(), 1);
    let keys = server.cli(&["KEYS", "*"]);
    let mut left: Vec<&str> = keys.lines().filter(|key| key.contains('}')).collect();
    left.sort_unstable();
    // Its number stays given.
    assert_eq!(
        left,
        ["wxauth:{api.weixin.qq.com/wxc0c0c0c0c0c0c0c0}:events:last"]
    );
}
