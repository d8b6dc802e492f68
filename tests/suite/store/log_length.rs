//! How long the write-ahead log of a file becomes.

use wxauth::store::Store;
use wxauth::store::messages::MessageRecord;
use wxauth::store::risk::StoreRisk;

use super::support::{Place, at, key};

/// What is left of the log once nobody reads an older state.
const LIMIT: u64 = 64 << 20;

async fn keep(store: &Store, megabytes: usize) {
    let record = MessageRecord {
        id: 0,
        received_at: at(0),
        account: "gh_1".to_owned(),
        what: "text".to_owned(),
        body: "x".repeat(megabytes << 20),
    };
    store.keep_message(&key(), record).await.unwrap();
}

#[tokio::test]
async fn log_shrinks_with_the_writes_after_a_long_reader() {
    let place = Place::sqlite();
    let store = place.open().await;
    keep(&store, 1).await;
    let log = place.path().with_extension("db-wal");
    let length = || std::fs::metadata(&log).unwrap().len();
    let reader = crate::support::hold_old_state(&place.path());
    while length() <= LIMIT + (16 << 20) {
        keep(&store, 8).await;
    }
    drop(reader);
    for _ in 0..3 {
        keep(&store, 0).await;
    }
    assert!(length() <= LIMIT, "{} bytes", length());
    assert_eq!(store.risks().await.unwrap(), []);
}

#[tokio::test]
async fn log_that_only_grows_is_a_risk() {
    let place = Place::sqlite();
    let store = place.open().await;
    keep(&store, 0).await;
    let log = place.path().with_extension("db-wal");
    let log = std::fs::File::options().write(true).open(log).unwrap();
    // Without content, so that it costs no room.
    log.set_len(300 << 20).unwrap();
    let risk = StoreRisk::LongLog {
        path: place.path(),
        mebibytes: 300,
    };
    assert_eq!(store.risks().await.unwrap(), [risk]);
}
