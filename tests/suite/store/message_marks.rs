//! A message counts once, however late it comes again.

use wxauth::store::messages::MessageOutcome::{self, New, Repeated, TooOld};
use wxauth::store::messages::NewMessage;
use wxauth::store::{Store, StoreLocation};

use super::support::{NOW, Place, at, key, new_message, other_key};
use crate::support::tamper;

super::stories! {
    a_message_counts_once_for_whatever_account,
    a_replay_is_refused_after_the_message_was_forgotten,
    a_clock_that_is_wrong_neither_forgets_nor_refuses,
    a_time_in_the_future_makes_nothing_look_old,
    texts_without_a_time_are_remembered,
    the_oldest_marks_make_room,
    a_failed_count_leaves_no_mark,
}

const DAY: i64 = 86_400;

async fn take(store: &Store, message: NewMessage) -> MessageOutcome {
    store.count_message(&key(), message).await.unwrap()
}

/// Takes a message that arrives as soon as it is made.
async fn at_once(store: &Store, id: &str, created_at: i64) -> MessageOutcome {
    let message = NewMessage {
        received_at: at(created_at),
        ..new_message(id, Some(created_at))
    };
    take(store, message).await
}

async fn count_of(store: &Store, account: &str) -> u64 {
    let counts = store.message_counts(&key()).await.unwrap();
    let of_account = counts.iter().filter(|count| count.account == account);
    of_account.map(|count| count.count).sum()
}

async fn a_message_counts_once_for_whatever_account(place: Place) {
    let store = place.open().await;
    let again = |account: &str| NewMessage {
        account: account.to_owned(),
        ..new_message("1", Some(0))
    };
    assert_eq!(take(&store, again("gh_1")).await, New);
    for account in ["gh_1", "gh_2"] {
        assert_eq!(take(&store, again(account)).await, Repeated);
    }
    // Another store knows it only where it is another place.
    if !matches!(place.location, StoreLocation::Memory) {
        drop(store);
        let store = place.open().await;
        assert_eq!(take(&store, again("gh_2")).await, Repeated);
        assert_eq!(count_of(&store, "gh_1").await, 1);
        assert_eq!(count_of(&store, "gh_2").await, 0);
        let of_another = store.count_message(&other_key(), again("gh_1")).await;
        assert_eq!(of_another, Ok(New));
        store.forget_platform(&key()).await.unwrap();
        assert_eq!(take(&store, again("gh_1")).await, New);
    }
}

async fn a_replay_is_refused_after_the_message_was_forgotten(place: Place) {
    let store = place.open().await;
    assert_eq!(at_once(&store, "first", 0).await, New);
    assert_eq!(at_once(&store, "second", 60).await, New);
    assert_eq!(at_once(&store, "a day later", DAY).await, New);
    assert_eq!(at_once(&store, "first", 0).await, Repeated);
    assert_eq!(at_once(&store, "too much later", DAY + 30).await, New);
    for received_at in [DAY + 30, 300 * DAY, -300 * DAY] {
        let replayed = NewMessage {
            received_at: at(received_at),
            ..new_message("first", Some(0))
        };
        assert_eq!(take(&store, replayed).await, TooOld);
    }
    assert_eq!(at_once(&store, "second", 60).await, Repeated);
    // What cannot have been forgotten counts, however late it comes.
    let late = NewMessage {
        received_at: at(DAY + 30),
        ..new_message("late", Some(1))
    };
    assert_eq!(take(&store, late.clone()).await, New);
    assert_eq!(take(&store, late).await, TooOld);
    assert_eq!(count_of(&store, "gh_1").await, 5);
}

async fn a_clock_that_is_wrong_neither_forgets_nor_refuses(place: Place) {
    for wrong in [400 * DAY, -400 * DAY] {
        let store = place.open().await;
        let platform = wxauth::store::PlatformKey {
            realm: wrong.to_string(),
            ..key()
        };
        let at_wrong_time = async |id: &str, created_at: i64| {
            let message = NewMessage {
                received_at: at(created_at + wrong),
                ..new_message(id, Some(created_at))
            };
            store.count_message(&platform, message).await.unwrap()
        };
        for second in 0..10 {
            for id in ["one", "other"] {
                let id = format!("{id}{second}");
                assert_eq!(at_wrong_time(&id, second).await, New);
                assert_eq!(at_wrong_time(&id, second).await, Repeated);
            }
        }
        assert_eq!(at_wrong_time("one0", 0).await, Repeated);
    }
}

async fn a_time_in_the_future_makes_nothing_look_old(place: Place) {
    let store = place.open().await;
    let ahead = [("seconds", 400 * DAY), ("milliseconds", 1_800_000_000_000)];
    for (id, created_at) in ahead {
        assert_eq!(take(&store, new_message(id, Some(created_at))).await, New);
    }
    for second in 0..10 {
        let id = second.to_string();
        assert_eq!(at_once(&store, &id, second).await, New);
        assert_eq!(at_once(&store, &id, second).await, Repeated);
    }
    for (id, created_at) in ahead {
        let again = new_message(id, Some(created_at));
        assert_eq!(take(&store, again).await, Repeated);
    }
}

async fn texts_without_a_time_are_remembered(place: Place) {
    let store = place.open().await;
    assert_eq!(at_once(&store, "with a time", 0).await, New);
    for expected in [New, Repeated] {
        assert_eq!(take(&store, new_message("without", None)).await, expected);
    }
    // One that a wrong clock puts into the future makes nothing look old.
    let ahead = NewMessage {
        received_at: at(400 * DAY),
        ..new_message("ahead", None)
    };
    assert_eq!(take(&store, ahead).await, New);
    for second in 1..10 {
        let message = NewMessage {
            received_at: at(400 * DAY),
            ..new_message(&second.to_string(), Some(second))
        };
        assert_eq!(take(&store, message.clone()).await, New);
        assert_eq!(take(&store, message).await, Repeated);
    }
    // Milliseconds are no time: such marks are dropped as others are, and do not fill the store.
    let milliseconds = || new_message("milliseconds", Some(NOW * 1000));
    for expected in [New, Repeated] {
        assert_eq!(take(&store, milliseconds()).await, expected);
    }
    for second in 0..5 {
        let id = format!("{second} s later");
        assert_eq!(at_once(&store, &id, 2 * DAY + second).await, New);
    }
    assert_eq!(take(&store, milliseconds()).await, New);
}

async fn the_oldest_marks_make_room(place: Place) {
    let store = place.open().await;
    for second in [3, 1, 2] {
        assert_eq!(at_once(&store, &second.to_string(), second).await, New);
    }
    match &place.location {
        StoreLocation::Memory => return,
        StoreLocation::Sqlite(path) => {
            let nearly_full = "UPDATE message_memory SET marks = 99999";
            assert_eq!(tamper(path, nearly_full), 1);
        }
        #[cfg(feature = "redis")]
        StoreLocation::Redis(_) => {
            let many = "for index = 1, 99996 do
                            redis.call('ZADD', KEYS[1], ARGV[1], 'mark' .. index) end";
            let last = (NOW + 60).to_string();
            let marks = redis_key("messages:marks");
            redis_command(&place, &["EVAL", many, "1", &marks, &last]);
        }
        #[cfg(not(feature = "redis"))]
        StoreLocation::Redis(_) => return,
    }
    assert_eq!(at_once(&store, "the last with room", 30).await, New);
    assert_eq!(at_once(&store, "1", 1).await, Repeated);
    assert_eq!(at_once(&store, "one too many", 31).await, New);
    assert_eq!(at_once(&store, "1", 1).await, TooOld);
    assert_eq!(at_once(&store, "2", 2).await, Repeated);
    assert_eq!(at_once(&store, "3", 3).await, Repeated);
}

async fn a_failed_count_leaves_no_mark(place: Place) {
    let store = place.open().await;
    let message = || new_message("1", Some(0));
    match &place.location {
        StoreLocation::Memory => return,
        StoreLocation::Sqlite(path) => {
            let full = "CREATE TRIGGER full BEFORE INSERT ON message_counts
                        BEGIN SELECT RAISE(FAIL, 'disk is full'); END";
            tamper(path, full);
            store.count_message(&key(), message()).await.unwrap_err();
            tamper(path, "DROP TRIGGER full");
        }
        #[cfg(feature = "redis")]
        StoreLocation::Redis(_) => {
            let counts = redis_key("messages:counts");
            redis_command(&place, &["SET", &counts, "no hash"]);
            store.count_message(&key(), message()).await.unwrap_err();
            redis_command(&place, &["DEL", &counts]);
        }
        #[cfg(not(feature = "redis"))]
        StoreLocation::Redis(_) => return,
    }
    assert_eq!(take(&store, message()).await, New);
    assert_eq!(take(&store, message()).await, Repeated);
    assert_eq!(count_of(&store, "gh_1").await, 1);
}

#[cfg(feature = "redis")]
fn redis_key(name: &str) -> String {
    format!(
        "wxauth:{{{}/{}}}:{name}",
        key().realm,
        key().component_appid
    )
}

#[cfg(feature = "redis")]
fn redis_command(place: &Place, words: &[&str]) {
    let StoreLocation::Redis(address) = &place.location else {
        panic!("a Redis");
    };
    let socket = address.to_string().replace("redis+unix", "unix");
    let client = redis::Client::open(socket).unwrap();
    let mut connection = client.get_connection().unwrap();
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    let _: redis::Value = command.query(&mut connection).unwrap();
}
