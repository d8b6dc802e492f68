//! How long acts wait for other processes that write, and for a server that does not answer.

use std::time::{Duration, Instant};

use wxauth::store::{Store, StoreError};

use super::support::{Place, authorized, key};
use crate::support::lock_store;

/// Shorter than anything else that is waited for here.
const SHORT: Duration = Duration::from_millis(300);

async fn accept(store: Store, number: u32) -> Result<(), StoreError> {
    let accepted = store.accept_event(&key(), authorized(number)).await;
    accepted.map(|_| ())
}

/// Something keeps the store from being written: an act with a deadline ends with `expected`, one
/// without waits until `heal` ended the trouble, and succeeds.
async fn assert_waits(
    store: &Store,
    trouble: impl FnOnce(),
    expected: impl Fn(&StoreError) -> bool,
    heal: impl FnOnce(),
) {
    accept(store.clone(), 1).await.unwrap();
    trouble();
    let patient = tokio::spawn(accept(store.clone(), 2));
    tokio::task::yield_now().await;
    let limited = store.until(Instant::now() + SHORT);
    let refused = accept(limited, 3).await.unwrap_err();
    assert!(expected(&refused), "{refused:?}");
    assert!(!patient.is_finished(), "{:?}", patient.await);
    heal();
    patient.await.unwrap().unwrap();
    accept(store.until(Instant::now() + Duration::from_secs(60)), 4)
        .await
        .unwrap();
}

#[tokio::test]
async fn act_on_a_locked_file_ends_at_its_own_deadline() {
    let place = Place::sqlite();
    let store = place.open().await;
    let lock = std::cell::Cell::new(None);
    assert_waits(
        &store,
        || lock.set(Some(lock_store(&place.path()))),
        |error| matches!(error, StoreError::Busy { .. }),
        || drop(lock.take()),
    )
    .await;
}

#[cfg(feature = "redis")]
mod on_redis {
    use wxauth::store::StoreLocation;
    use wxauth::sys::redis::{Address, FailureKind};

    use crate::store::support::open;
    use crate::support::{RedisServer, free_port};

    use super::*;

    async fn store_at(url: &str) -> Store {
        let address = Address::parse(url).unwrap();
        open(&StoreLocation::Redis(address)).await.unwrap()
    }

    fn kind(error: &StoreError) -> &FailureKind {
        match error {
            StoreError::Redis(failure) => &failure.kind,
            error => panic!("{error:?}"),
        }
    }

    #[tokio::test]
    async fn act_on_a_silent_server_ends_at_its_own_deadline() {
        let server = RedisServer::start();
        assert_waits(
            &store_at(&server.url()).await,
            || server.signal("STOP"),
            |error| matches!(kind(error), FailureKind::Unreachable(_)),
            || server.signal("CONT"),
        )
        .await;
    }

    #[tokio::test]
    async fn act_on_a_server_that_is_down_ends_at_its_own_deadline() {
        let server = std::cell::RefCell::new(RedisServer::start());
        let url = server.borrow().url();
        let store = store_at(&url).await;
        assert_waits(
            &store,
            || server.borrow().signal("KILL"),
            |error| matches!(kind(error), FailureKind::Unreachable(_)),
            || server.borrow_mut().restart(),
        )
        .await;
    }

    #[tokio::test]
    async fn act_on_a_replica_ends_at_its_own_deadline() {
        let server = RedisServer::start();
        let nowhere = free_port().to_string();
        let set = |host: &str, port: &str| {
            server.cli(&["replicaof", host, port]);
        };
        assert_waits(
            &store_at(&server.url()).await,
            || set("127.0.0.1", &nowhere),
            |error| *kind(error) == FailureKind::ReadOnly,
            || set("no", "one"),
        )
        .await;
    }
}
