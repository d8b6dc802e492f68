use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;
use tokio::task::JoinSet;
use wxauth::store::Store;
use wxauth::store::events::{EventOutcome, EventRecord, ForwardState, NewEvent};

use super::support::{LONG, Place, accept, at, authorized, event, key, pushed_ticket};

super::stories! {
    work_is_claimed_once_the_oldest_first,
    work_put_back_waits_for_its_claim_to_run_out,
    work_that_ended_keeps_its_outcome,
    forwarding_waits_for_the_work_and_for_its_time,
    events_about_an_authorizer_do_not_overtake_each_other,
    what_need_not_wait_for_the_work_is_forwarded_beside_it,
    giving_up_ends_only_what_is_on_its_way,
}

async fn claimed(store: &Store, limit: usize, life: Duration) -> Vec<i64> {
    let claimed = store.claim_events(&key(), limit, life).await.unwrap();
    claimed.iter().map(|event| event.id).collect()
}

async fn forwards(store: &Store) -> Vec<EventRecord> {
    store.claim_forwards(&key(), 9, LONG).await.unwrap()
}

async fn finish(store: &Store, id: i64, outcome: EventOutcome) {
    store
        .finish_event(&key(), id, outcome, json!({"by": outcome}), true)
        .await
        .unwrap();
}

async fn work_is_claimed_once_the_oldest_first(place: Place) {
    let store = place.open().await;
    let mut numbers = Vec::new();
    for number in [3, 1, 2] {
        numbers.push(accept(&store, authorized(number)).await);
    }
    accept(&store, pushed_ticket("no work", 0, 0)).await;
    let first = store.claim_events(&key(), 2, LONG).await.unwrap();
    assert_eq!(first[0].id, numbers[0]);
    assert!(first[0].code.is_some());
    assert_eq!(first[1].id, numbers[1]);
    assert_eq!(claimed(&store, 9, LONG).await, [numbers[2]]);
    assert!(claimed(&store, 9, LONG).await.is_empty());
    let taken = store.claim_event(&key(), numbers[0], LONG).await.unwrap();
    assert_eq!(taken, None);
}

async fn work_put_back_waits_for_its_claim_to_run_out(place: Place) {
    let store = place.open().await;
    let id = accept(&store, authorized(1)).await;
    let event_of = store.claim_event(&key(), id, LONG).await.unwrap();
    assert_eq!(event_of.unwrap().id, id);
    store
        .finish_event(
            &key(),
            id,
            EventOutcome::Pending,
            "WeChat is away".into(),
            false,
        )
        .await
        .unwrap();
    assert!(claimed(&store, 9, LONG).await.is_empty());
    let kept = event(&store, id).await;
    assert_eq!((kept.finished_at, kept.code.is_some()), (None, true));
    assert_eq!(kept.detail, "WeChat is away");
}

async fn work_that_ended_keeps_its_outcome(place: Place) {
    let store = place.open().await;
    let id = accept(&store, authorized(1)).await;
    claimed(&store, 1, Duration::ZERO).await;
    assert_eq!(claimed(&store, 1, Duration::ZERO).await, [id]);
    finish(&store, id, EventOutcome::Done).await;
    // The first worker comes late with its own end.
    finish(&store, id, EventOutcome::Failed).await;
    let kept = event(&store, id).await;
    assert_eq!(kept.outcome, EventOutcome::Done);
    assert_eq!(kept.detail, json!({"by": "done"}));
    assert!(kept.finished_at.is_some());
    assert_eq!(claimed(&store, 1, LONG).await, [0; 0]);
}

async fn forwarding_waits_for_the_work_and_for_its_time(place: Place) {
    let store = place.open().await;
    let forwarded = |number| NewEvent {
        forward: Some("<xml>as it came</xml>".to_owned()),
        ..authorized(number)
    };
    let first = accept(&store, forwarded(1)).await;
    let second = accept(&store, forwarded(2)).await;
    accept(&store, authorized(3)).await;
    assert!(forwards(&store).await.is_empty());
    finish(&store, second, EventOutcome::Failed).await;
    finish(&store, first, EventOutcome::Done).await;
    let queue = forwards(&store).await;
    let ids: Vec<_> = queue.iter().map(|event| event.id).collect();
    assert_eq!(ids, [first, second]);
    let payload = queue[0].forward_payload.as_deref();
    assert_eq!(payload, Some("<xml>as it came</xml>"));
    assert!(forwards(&store).await.is_empty());

    let note = |id, state, detail, retry_at| {
        let store = store.clone();
        async move {
            let key = key();
            let noted = store.note_forward(&key, id, state, detail, retry_at).await;
            noted.unwrap();
        }
    };
    let later = Some(at(3000));
    note(first, ForwardState::Pending, Some("503"), later).await;
    note(second, ForwardState::Pending, None, Some(at(-1))).await;
    let due = forwards(&store).await;
    assert_eq!((due.len(), due[0].id), (1, second));
    note(second, ForwardState::Delivered, Some("200"), None).await;
    let sent = event(&store, second).await;
    assert_eq!(sent.forward, Some(ForwardState::Delivered));
    assert_eq!(sent.forward_detail.as_deref(), Some("200"));
    assert_eq!(sent.forward_payload, None);
    let waiting = event(&store, first).await;
    assert_eq!(waiting.forward_payload.as_deref(), payload);
}

async fn events_about_an_authorizer_do_not_overtake_each_other(place: Place) {
    let store = place.open().await;
    let mut ids = Vec::new();
    // One who authorizes and leaves, and somebody else in between.
    for (about, told) in [(1, "came"), (2, "came"), (1, "left")] {
        let id = accept(
            &store,
            NewEvent {
                fingerprint: format!("{about} {told}"),
                forward: Some(String::new()),
                ..authorized(about)
            },
        );
        let id = id.await;
        finish(&store, id, EventOutcome::Done).await;
        ids.push(id);
    }
    let due = async || -> Vec<i64> {
        let queue = forwards(&store).await;
        queue.iter().map(|event| event.id).collect()
    };
    assert_eq!(due().await, [ids[0], ids[1]]);
    assert!(due().await.is_empty(), "the first is on its way");
    let note = async |id, state, retry_at| {
        let (store, key) = (store.clone(), key());
        let noted = store.note_forward(&key, id, state, None, retry_at).await;
        noted.unwrap();
    };
    note(ids[1], ForwardState::Delivered, None).await;
    note(ids[0], ForwardState::Pending, Some(at(3000))).await;
    assert!(due().await.is_empty(), "the first is tried again later");
    note(ids[0], ForwardState::Failed, None).await;
    assert_eq!(due().await, [ids[2]]);
}

async fn what_need_not_wait_for_the_work_is_forwarded_beside_it(place: Place) {
    let store = place.open().await;
    let early = NewEvent {
        forward: Some(String::new()),
        forward_early: true,
        ..authorized(1)
    };
    let id = accept(&store, early).await;
    // Somebody works on it, for long.
    assert_eq!(claimed(&store, 1, LONG).await, [id]);
    let queue = forwards(&store).await;
    assert_eq!((queue.len(), queue[0].id), (1, id));
    assert!(queue[0].code.is_some());
    assert!(forwards(&store).await.is_empty());
    store
        .note_forward(&key(), id, ForwardState::Delivered, None, None)
        .await
        .unwrap();
    // The work is still that somebody's.
    assert!(claimed(&store, 1, LONG).await.is_empty());
    assert_eq!(event(&store, id).await.outcome, EventOutcome::Pending);
}

async fn giving_up_ends_only_what_is_on_its_way(place: Place) {
    let store = place.open().await;
    let note = async |id, state, detail| {
        let (store, key) = (store.clone(), key());
        let noted = store.note_forward(&key, id, state, detail, None).await;
        noted.unwrap();
    };
    let arrived = |number, received_at| NewEvent {
        forward: Some("<xml>as it came</xml>".to_owned()),
        ..pushed_ticket("ticket", number, received_at)
    };
    let silent = accept(&store, pushed_ticket("not forwarded", 0, -7200)).await;
    let delivered = accept(&store, arrived(1, -7200)).await;
    let failed = accept(&store, arrived(2, -7200)).await;
    // More than one act gives up.
    let mut old = Vec::new();
    for number in 10..620 {
        old.push(accept(&store, arrived(number, -3601)).await);
    }
    let young = accept(&store, arrived(1000, -3600)).await;
    // What is not forwarded has no state to note.
    note(silent, ForwardState::Pending, Some("503")).await;
    note(delivered, ForwardState::Delivered, Some("200")).await;
    note(failed, ForwardState::Failed, Some("500")).await;
    // One of them is on its way just now, and its answer comes later.
    let under_way = forwards(&store).await[0].id;
    assert_eq!(under_way, old[0]);

    let given_up = store.give_up_forwards(&key(), at(-3600)).await.unwrap();
    assert_eq!(given_up, 610);
    for id in [old[0], old[300], old[609]] {
        let event = event(&store, id).await;
        assert_eq!(event.forward, Some(ForwardState::Failed));
        assert_eq!(event.forward_detail.as_deref(), Some("too old"));
        assert_eq!(event.forward_payload, None);
    }
    for (id, state, detail) in [
        (silent, None, None),
        (delivered, Some(ForwardState::Delivered), Some("200")),
        (failed, Some(ForwardState::Failed), Some("500")),
    ] {
        let event = event(&store, id).await;
        assert_eq!(
            (event.forward, event.forward_detail.as_deref()),
            (state, detail)
        );
    }
    let left: Vec<_> = forwards(&store)
        .await
        .iter()
        .map(|event| event.id)
        .collect();
    assert_eq!(left, [young]);
    note(under_way, ForwardState::Delivered, Some("200")).await;
    let arrived_late = event(&store, under_way).await;
    assert_eq!(arrived_late.forward, Some(ForwardState::Delivered));
    assert_eq!(store.give_up_forwards(&key(), at(-3600)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_claim_that_ran_out_is_taken_by_another_process() {
    let place = Place::sqlite();
    let (one, two) = (place.open().await, place.open().await);
    let first = accept(&one, authorized(1)).await;
    let second = accept(&one, authorized(2)).await;
    assert_eq!(claimed(&one, 1, Duration::ZERO).await, [first]);
    assert_eq!(claimed(&two, 1, LONG).await, [first]);
    assert_eq!(claimed(&one, 9, LONG).await, [second]);
    assert!(claimed(&two, 9, LONG).await.is_empty());
    // A process that ended claims nothing, however long its claim had to live.
    drop(one);
    assert_eq!(claimed(&two, 9, LONG).await, [second]);
}

#[tokio::test]
async fn several_processes_never_get_the_same_event() {
    let place = Place::sqlite();
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
    let expected: Vec<i64> = (1..=200).collect();
    assert_eq!(taken, expected);
}

/// Whether `text` is anywhere in the store's files once the log was copied into the main one.
fn lies_in_files(place: &Place, text: &str) -> bool {
    let connection = Connection::open(place.path()).unwrap();
    let copied: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(copied, 0, "another reads the log");
    let files = std::fs::read_dir(place.path().parent().unwrap()).unwrap();
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .any(|path| {
            let bytes = std::fs::read(path).unwrap();
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        })
}

#[tokio::test]
async fn a_spent_code_leaves_no_trace_in_the_files() {
    let place = Place::sqlite();
    let store = place.open().await;
    let code = "queryauthcode@@@1";
    // Once in a small row and once, with long fields, in one that lies on several pages.
    for number in [1, 1000] {
        let mut event = authorized(number);
        if number == 1000 {
            event.fields = json!({"list": "x".repeat(20_000)});
        }
        accept(&store, event).await;
    }
    assert!(lies_in_files(&place, code));
    for id in [1, 2] {
        finish(&store, id, EventOutcome::Done).await;
    }
    assert!(!lies_in_files(&place, code));
    assert_eq!(event(&store, 1).await.code, None);
}
