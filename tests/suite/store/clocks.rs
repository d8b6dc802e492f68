//! Stores whose clocks were wrong: what arrived last is the newest, and a time in the future counts for
//! nothing.

use jiff::Timestamp;
use wxauth::store::Store;
use wxauth::store::events::ForwardState;
use wxauth::store::launches::LaunchSource;
use wxauth::store::leases::Due;
use wxauth::store::observations::ChangeSource;
use wxauth::store::roster::AuthorizationStatus;
use wxauth::store::tickets::{TicketRecord, TicketSource};
use wxauth::store::tokens::NewToken;
use wxauth::store::transfer::Source;

use super::support::{
    LONG, Place, accept, appid, at, authorize, authorized, key, lease, listed, new_token, owner,
    pushed_ticket, secret, stored, told,
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

super::stories! {
    a_push_with_any_create_time_is_the_newest_when_it_arrives,
    a_ticket_received_with_the_clock_ahead_gives_way_to_the_next,
    a_known_ticket_takes_the_place_of_one_received_with_the_clock_ahead,
    a_ticket_received_with_the_clock_behind_is_the_newest_and_not_older_than_the_one_before,
    an_older_ticket_of_a_backend_is_not_the_newest,
    a_carried_ticket_keeps_its_place,
    what_was_seen_with_the_clock_ahead_does_not_hide_what_is_seen_later,
    an_authorization_noted_with_the_clock_ahead_can_end_and_come_back,
    a_token_issued_in_the_future_is_due_and_not_counted_as_valid,
    a_use_noted_in_the_future_is_noted_again,
    the_last_sync_is_the_one_that_began_last,
    an_event_that_waits_longer_than_any_try_is_forwarded,
    links_made_in_the_future_use_up_no_limit,
}

async fn texts(store: &Store) -> Vec<String> {
    let tickets = store.tickets(&key()).await.unwrap().into_iter();
    tickets
        .map(|record| record.ticket.expose().to_owned())
        .collect()
}

async fn put(store: &Store, text: &str, received_at: i64, source: TicketSource) {
    let record = TicketRecord {
        ticket: secret(text),
        received_at: at(received_at),
        source,
    };
    store.put_ticket(&key(), record).await.unwrap();
}

async fn a_push_with_any_create_time_is_the_newest_when_it_arrives(place: Place) {
    let store = place.open().await;
    let mut expected = Vec::new();
    for created_at in [0, 30 * DAY, -30 * DAY, 60, -60, 400, -400, 2 * DAY, 0] {
        let text = format!("ticket {}", expected.len());
        let event = pushed_ticket(&text, created_at, expected.len() as i64);
        let id = accept(&store, event).await;
        let kept = store.event(&key(), id).await.unwrap().unwrap();
        assert_eq!(kept.outcome.as_str(), "done", "{created_at}");
        expected.insert(0, text);
        assert_eq!(texts(&store).await, expected, "{created_at}");
    }
    // The same ticket again is no other ticket.
    accept(&store, pushed_ticket("ticket 3", 10, 10)).await;
    assert_eq!(texts(&store).await, expected);
}

async fn a_ticket_received_with_the_clock_ahead_gives_way_to_the_next(place: Place) {
    let store = place.open().await;
    accept(&store, pushed_ticket("ahead", 0, 2 * DAY)).await;
    let tickets = store.tickets(&key()).await.unwrap();
    assert_eq!(tickets[0].received_at, at(2 * DAY), "as it was stored");
    accept(&store, pushed_ticket("right", 0, 0)).await;
    assert_eq!(texts(&store).await, ["right", "ahead"]);
    put(&store, "set", 1, TicketSource::Set).await;
    assert_eq!(texts(&store).await, ["set", "right", "ahead"]);
}

async fn a_known_ticket_takes_the_place_of_one_received_with_the_clock_ahead(place: Place) {
    let store = place.open().await;
    accept(&store, pushed_ticket("known", -600, -600)).await;
    accept(&store, pushed_ticket("ahead", 0, 2 * DAY)).await;
    // An old push that is sent again.
    accept(&store, pushed_ticket("known", -500, 0)).await;
    assert_eq!(texts(&store).await, ["ahead", "known"]);
    accept(&store, pushed_ticket("known", 1, 1)).await;
    let tickets = store.tickets(&key()).await.unwrap();
    assert_eq!(tickets[0].ticket, secret("known"));
    assert_eq!(tickets[0].received_at, at(1));
    accept(&store, pushed_ticket("ahead", 60, 60)).await;
    assert_eq!(texts(&store).await, ["known", "ahead"]);
}

async fn a_ticket_received_with_the_clock_behind_is_the_newest_and_not_older_than_the_one_before(
    place: Place,
) {
    let store = place.open().await;
    accept(&store, pushed_ticket("right", -600, -600)).await;
    accept(&store, pushed_ticket("behind", -10, -2 * DAY)).await;
    let tickets = store.tickets(&key()).await.unwrap();
    assert_eq!(tickets[0].ticket, secret("behind"));
    assert_eq!(tickets[0].received_at, at(-600));
    accept(&store, pushed_ticket("next", 0, 0)).await;
    assert_eq!(texts(&store).await[0], "next");
}

async fn an_older_ticket_of_a_backend_is_not_the_newest(place: Place) {
    let store = place.open().await;
    accept(&store, pushed_ticket("pushed", -600, -600)).await;
    put(&store, "older", -2 * HOUR, TicketSource::Layout).await;
    assert_eq!(texts(&store).await, ["pushed", "older"]);
    put(&store, "newer", -60, TicketSource::Layout).await;
    put(&store, "oldest", -3 * HOUR, TicketSource::Layout).await;
    assert_eq!(texts(&store).await, ["newer", "pushed", "older", "oldest"]);
}

async fn a_carried_ticket_keeps_its_place(place: Place) {
    let (from, to) = (place.open().await, Place::memory().open().await);
    accept(&from, pushed_ticket("ahead", 0, 2 * DAY)).await;
    accept(&from, pushed_ticket("first", -700, -700)).await;
    accept(&from, pushed_ticket("second", -600, -600)).await;
    let from = Source::Store(from);
    from.carry(&key(), &to, true).await.unwrap();
    assert_eq!(texts(&to).await, ["second", "first", "ahead"]);

    let to = Place::memory().open().await;
    accept(&to, pushed_ticket("own", -60, -60)).await;
    from.carry(&key(), &to, true).await.unwrap();
    from.carry(&key(), &to, true).await.unwrap();
    let found = texts(&to).await;
    assert_eq!((found.len(), found[0].as_str()), (4, "own"), "{found:?}");
    put(&to, "next", 0, TicketSource::Push).await;
    assert_eq!(texts(&to).await[0], "next");
}

async fn what_was_seen_with_the_clock_ahead_does_not_hide_what_is_seen_later(place: Place) {
    let store = place.open().await;
    let ahead = vec![
        listed(1, Some("old"), -DAY, 2 * DAY),
        told(1, "Old", &[1], 2 * DAY),
    ];
    store.observe(&key(), ahead).await.unwrap();
    let seen = vec![listed(1, Some("new"), -DAY, 0), told(1, "New", &[1, 2], 0)];
    store.observe(&key(), seen).await.unwrap();
    let row = store.authorizer(&key(), &appid(1)).await.unwrap().unwrap();
    assert_eq!(row.nick_name.as_deref(), Some("New"));
    assert_eq!(
        stored(&store, &owner(1)).await.refresh_token,
        Some(secret("new"))
    );
    // Among times that can be believed the later one counts as before.
    store
        .observe(&key(), vec![told(1, "Late", &[1], -60)])
        .await
        .unwrap();
    let row = store.authorizer(&key(), &appid(1)).await.unwrap().unwrap();
    assert_eq!(row.nick_name.as_deref(), Some("New"));
}

async fn an_authorization_noted_with_the_clock_ahead_can_end_and_come_back(place: Place) {
    let store = place.open().await;
    let status = async || {
        let row = store.authorizer(&key(), &appid(1)).await.unwrap();
        row.unwrap().status
    };
    let ahead = vec![listed(1, Some("refresh"), 2 * DAY, 2 * DAY)];
    store.observe(&key(), ahead).await.unwrap();
    let source = ChangeSource::Event;
    let revoked = store.mark_revoked(&key(), &appid(1), at(0), source).await;
    assert!(revoked.unwrap());
    assert_eq!(status().await, AuthorizationStatus::Revoked);
    let back = vec![listed(1, Some("refresh"), 10, 20)];
    store.observe(&key(), back).await.unwrap();
    assert_eq!(status().await, AuthorizationStatus::Active);
}

async fn a_token_issued_in_the_future_is_due_and_not_counted_as_valid(place: Place) {
    let store = place.open().await;
    for (number, issued_at) in [(1, 0), (2, 3 * HOUR), (3, 2 * DAY), (4, 30)] {
        authorize(&store, number).await;
        let (held, ..) = lease(&store, &owner(number)).await;
        let token = NewToken {
            issued_at: at(issued_at),
            expires_at: at(issued_at + 7140),
            ..new_token(&format!("token {number}"), None)
        };
        store.commit_refresh(&held, token).await.unwrap();
        let ahead = stored(&store, &owner(number)).await.is_ahead(at(0));
        assert_eq!(ahead, issued_at > 60, "{number}");
    }
    let counts = store.counts(&key(), at(0)).await.unwrap();
    assert_eq!(
        (
            counts.tokens_fresh,
            counts.tokens_expired,
            counts.tokens_ahead
        ),
        (2, 2, 2)
    );
    let due = |now: i64| Due {
        before: at(now + 600),
        now: at(now),
        used_since: None,
        except: Vec::new(),
    };
    assert_eq!(store.count_due(&key(), due(0), None).await.unwrap(), 2);
    // By then their times can be believed.
    assert_eq!(
        store.count_due(&key(), due(2 * DAY), None).await.unwrap(),
        3
    );
    let claims = store
        .claim_due(&key(), due(0), None, 9, LONG, at(0))
        .await
        .unwrap();
    let claimed: Vec<_> = claims.iter().map(|claim| claim.appid.clone()).collect();
    assert_eq!(claimed, [appid(2), appid(3)]);
}

async fn a_use_noted_in_the_future_is_noted_again(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let used = |since: i64, now: i64| Due {
        before: at(now + 600),
        now: at(now),
        used_since: Some(at(since)),
        except: Vec::new(),
    };
    let count = async |since, now| {
        let due = used(since, now);
        store.count_due(&key(), due, None).await.unwrap()
    };
    store
        .touch_token(&key(), &appid(1), at(2 * DAY))
        .await
        .unwrap();
    assert_eq!(count(-DAY, 0).await, 0, "nobody knows when it was used");
    store.touch_token(&key(), &appid(1), at(0)).await.unwrap();
    assert_eq!(count(-DAY, 0).await, 1);
    assert_eq!(count(DAY, 2 * DAY).await, 0);
}

async fn the_last_sync_is_the_one_that_began_last(place: Place) {
    let store = place.open().await;
    let begin = async |now: Timestamp| store.begin_sync(&key(), true, now, LONG).await.unwrap();
    let left = begin(at(2 * DAY)).await;
    // Begun in the future: not within the time in which one goes on.
    let run = begin(at(0)).await;
    assert!(!run.resumed && run.id != left.id);
    store.finish_sync(&key(), run, 7).await.unwrap();
    let last = store.last_sync(&key()).await.unwrap().unwrap();
    assert_eq!(last.1, 7);
    assert!(begin(at(1)).await.id > run.id);
}

async fn an_event_that_waits_longer_than_any_try_is_forwarded(place: Place) {
    let store = place.open().await;
    let event = wxauth::store::events::NewEvent {
        needs_work: false,
        forward: Some("payload".to_owned()),
        ..authorized(1)
    };
    let id = accept(&store, event).await;
    let retry = async |retry_at: i64| {
        let state = ForwardState::Pending;
        let (key, detail) = (key(), Some("1 tries: no"));
        let noted = store.note_forward(&key, id, state, detail, Some(at(retry_at)));
        noted.await.unwrap();
        store.claim_forwards(&key, 9, LONG).await.unwrap().len()
    };
    assert_eq!(retry(600).await, 0);
    // The clock was ahead when this was noted: no try is so far away.
    assert_eq!(retry(2 * DAY).await, 1);
}

async fn links_made_in_the_future_use_up_no_limit(place: Place) {
    let store = place.open().await;
    for made_at in [-60, 2 * DAY] {
        let launch = wxauth::store::launches::Launch {
            claimed_external_id: None,
            pre_auth_code_fingerprint: format!("code {made_at}"),
            made_at: at(made_at),
            expires_at: at(made_at + 1800),
            external_id: None,
            only: None,
            permission_ids: Vec::new(),
            source: LaunchSource::Page,
            state: None,
            appid: None,
        };
        store.put_launch(&key(), launch).await.unwrap();
    }
    let counted = store
        .count_launches(&key(), LaunchSource::Page, at(-DAY))
        .await;
    assert_eq!(counted.unwrap(), 1);
}
