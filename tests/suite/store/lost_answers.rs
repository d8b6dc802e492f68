//! Acts that a Redis carried out and whose answers were lost: they come again, and count once.

use wxauth::store::journal::JournalFilter;
use wxauth::store::leases::Due;
use wxauth::store::messages::{MessageFilter, MessageOutcome, MessageRecord};
use wxauth::store::observations::ChangeKind;
use wxauth::store::tokens::Commit;
use wxauth::store::{Store, StoreLocation};
use wxauth::sys::redis::Address;

use super::support::{
    LONG, Place, at, authorize, key, lease, listed, new_message, new_token, open, owner, stored,
};
use crate::support::Wire;

/// A store at the end of a wire. Its scripts are known to the server, so that none comes twice for
/// another reason.
async fn wired() -> (Wire, Store) {
    let wire = Wire::new();
    let location = StoreLocation::Redis(Address::parse(&wire.address).unwrap());
    let store = open(&location).await.unwrap();
    (wire, store)
}

fn message() -> MessageRecord {
    MessageRecord {
        id: 0,
        received_at: at(0),
        account: "gh_000000000001".to_owned(),
        what: "text".to_owned(),
        body: "<xml/>".to_owned(),
    }
}

#[tokio::test]
async fn what_is_counted_or_kept_counts_once() {
    let (wire, store) = wired().await;
    let platform = key();
    let count = |id| store.count_message(&platform, new_message(id, Some(0)));
    assert_eq!(count("1").await, Ok(MessageOutcome::New));
    wire.lose_answer();
    assert_eq!(count("2").await, Ok(MessageOutcome::New));
    assert!(wire.has_lost());
    let counts = store.message_counts(&key()).await.unwrap();
    assert_eq!(counts[0].count, 2);

    store.keep_message(&key(), message()).await.unwrap();
    wire.lose_answer();
    store.keep_message(&key(), message()).await.unwrap();
    assert!(wire.has_lost());
    let filter = MessageFilter {
        limit: 9,
        ..MessageFilter::default()
    };
    assert_eq!(store.messages(&key(), &filter).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_exchange_is_not_told_that_it_was_done_before() {
    let (wire, store) = wired().await;
    let exchange = |code: &'static str, number: u32| {
        let seen = listed(number, None, 0, 0);
        let token = Some(new_token("access", Some("refresh")));
        let store = &store;
        async move {
            let done = store.commit_redeem(&key(), code, seen, token, 0).await;
            done.unwrap().kind
        }
    };
    assert_eq!(exchange("one", 1).await, ChangeKind::Added);
    wire.lose_answer();
    assert_eq!(exchange("two", 2).await, ChangeKind::Added);
    assert!(wire.has_lost());
    let filter = JournalFilter {
        limit: 99,
        ..JournalFilter::default()
    };
    let told = store.journal(&key(), &filter).await.unwrap();
    assert_eq!(told.len(), 4, "{told:?}");
}

#[tokio::test]
async fn a_token_is_stored_once() {
    let (wire, store) = wired().await;
    authorize(&store, 1).await;
    for (access, is_lost) in [("first", false), ("second", true)] {
        let (held, ..) = lease(&store, &owner(1)).await;
        store.begin(&held, at(0)).await.unwrap();
        if is_lost {
            wire.lose_answer();
        }
        let commit = store.commit_refresh(&held, new_token(access, None)).await;
        assert!(wire.has_lost());
        let generation = stored(&store, &owner(1)).await.generation;
        assert_eq!(commit.unwrap(), Commit::Accepted { generation });
        assert_eq!(generation, held.fence());
    }
    // The commit comes again when the next has the lease already: it was done all the same.
    let (held, ..) = lease(&store, &owner(1)).await;
    let third = || store.commit_refresh(&held, new_token("third", None));
    let Commit::Accepted { generation } = third().await.unwrap() else {
        panic!("refused");
    };
    let (next, ..) = lease(&store, &owner(1)).await;
    assert_eq!(third().await.unwrap(), Commit::Accepted { generation });
    let token = new_token("fourth", None);
    store.commit_refresh(&next, token).await.unwrap();
    assert_eq!(third().await.unwrap(), Commit::Refused);
}

#[tokio::test]
async fn a_claim_does_not_take_its_own_calls_for_anothers() {
    let (wire, store) = wired().await;
    for number in [1, 2] {
        authorize(&store, number).await;
    }
    let due = || Due {
        before: at(600),
        now: at(0),
        used_since: None,
        except: Vec::new(),
    };
    let platform = key();
    let claim = |limit| store.claim_due(&platform, due(), None, limit, LONG, at(1));
    assert_eq!(claim(1).await.unwrap().len(), 1);
    // The first script looks for candidates.
    wire.lose_answer_of(2);
    let claims = claim(9).await.unwrap();
    assert!(wire.has_lost());
    assert_eq!(claims.len(), 1);
    assert!(
        claims[0].open_intent.is_none(),
        "{:?}",
        claims[0].open_intent
    );
}

/// A failover loses the last writes: what was stored is as it was before them.
#[tokio::test]
async fn the_number_of_a_token_that_was_lost_is_not_the_next_ones() {
    let place = Place::redis();
    let store = place.open().await;
    authorize(&store, 1).await;
    let StoreLocation::Redis(address) = &place.location else {
        panic!("a Redis");
    };
    let socket = address.to_string().replace("redis+unix", "unix");
    let client = redis::Client::open(socket).unwrap();
    let mut connection = client.get_connection().unwrap();
    let name = "wxauth:{api.weixin.qq.com/wxc0c0c0c0c0c0c0c0}:token:wx0000000000000001";
    let mint = async |access| {
        let (held, ..) = lease(&store, &owner(1)).await;
        store
            .commit_refresh(&held, new_token(access, None))
            .await
            .unwrap();
        stored(&store, &owner(1)).await.generation
    };
    let known = mint("known").await;
    let before: Vec<u8> = redis::cmd("DUMP").arg(name).query(&mut connection).unwrap();
    let lost = mint("lost").await;
    let restore = redis::cmd("RESTORE")
        .arg(name)
        .arg(0)
        .arg(before)
        .arg("REPLACE")
        .to_owned();
    let () = restore.query(&mut connection).unwrap();
    assert_eq!(stored(&store, &owner(1)).await.generation, known);
    let next = mint("next").await;
    assert!(known < lost && lost < next, "{known} {lost} {next}");
}
