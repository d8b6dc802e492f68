//! The file of a store that is moved, deleted or replaced under the processes that have it open.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use wxauth::store::events::EventFilter;
use wxauth::store::{Store, StoreError, StoreLocation};

use super::support::{Place, accept, authorized, event, key};
use crate::support::tamper;

fn beside(store: &Path, end: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

async fn try_accept(store: &Store, number: u32) -> Result<(), StoreError> {
    let accepted = store.accept_event(&key(), authorized(number)).await;
    accepted.map(|_| ())
}

async fn count(store: &Store) -> Result<usize, StoreError> {
    let filter = EventFilter {
        limit: 100,
        ..EventFilter::default()
    };
    store
        .events(&key(), &filter)
        .await
        .map(|events| events.len())
}

/// A store with one event in its log, and another file with two that is to take its place.
async fn store_and_other() -> (Place, Store, PathBuf) {
    let (place, elsewhere) = (Place::sqlite(), Place::sqlite());
    let other = elsewhere.open().await;
    accept(&other, authorized(11)).await;
    accept(&other, authorized(12)).await;
    drop(other);
    let store = place.open().await;
    accept(&store, authorized(1)).await;
    let copy = place.path().with_file_name("other.db");
    fs::rename(elsewhere.path(), &copy).unwrap();
    (place, store, copy)
}

fn is_replaced<T: std::fmt::Debug>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Replaced { .. }))
}

/// `serve` opens the store once for each of its profiles.
#[tokio::test]
async fn second_store_in_one_process_keeps_the_locks_of_the_first() {
    let place = Place::sqlite();
    let first = place.open().await;
    accept(&first, authorized(1)).await;
    let second = place.open().await;
    accept(&second, authorized(2)).await;
    let file = format!(":{} ", place.path().metadata().unwrap().ino());
    let process = format!(" {} ", std::process::id());
    let locks = fs::read_to_string("/proc/locks").unwrap();
    let held =
        |line: &&str| line.contains("POSIX") && line.contains(&file) && line.contains(&process);
    assert_eq!(locks.lines().filter(held).count(), 1, "{locks}");
}

#[tokio::test]
async fn moved_deleted_or_replaced_store_is_neither_written_nor_read() {
    type Change = fn(&Path, &Path);
    let changes: [(&str, Change); 4] = [
        ("moved", |store, _| {
            fs::rename(store, beside(store, ".away")).unwrap();
        }),
        ("deleted", |store, _| fs::remove_file(store).unwrap()),
        ("replaced", |store, other| fs::rename(other, store).unwrap()),
        ("deleted with its log", |store, _| {
            for end in ["", "-wal", "-shm"] {
                fs::remove_file(beside(store, end)).unwrap();
            }
        }),
    ];
    for (what, change) in changes {
        let (place, store, other) = store_and_other().await;
        // A connection is at hand for the next read.
        assert_eq!(count(&store).await, Ok(1));
        change(&place.path(), &other);
        let written = try_accept(&store, 2).await;
        assert!(is_replaced(&written), "{what}: {written:?}");
        let read = count(&store).await;
        assert!(is_replaced(&read), "{what}: {read:?}");
        if what == "moved" {
            fs::rename(beside(&place.path(), ".away"), place.path()).unwrap();
            try_accept(&store, 3).await.unwrap();
            assert_eq!(count(&place.open().await).await, Ok(2), "put back");
        }
    }
}

#[tokio::test]
async fn write_into_a_log_that_was_removed_is_refused() {
    for removed in ["-wal", "-shm"] {
        let place = Place::sqlite();
        let store = place.open().await;
        accept(&store, authorized(1)).await;
        fs::remove_file(beside(&place.path(), removed)).unwrap();
        let written = try_accept(&store, 2).await;
        assert!(is_replaced(&written), "{removed}: {written:?}");
    }
}

#[tokio::test]
async fn store_is_not_opened_while_its_former_file_is_written_to() {
    let (place, store, other) = store_and_other().await;
    fs::remove_file(place.path()).unwrap();
    let in_use = |opened: Result<Store, StoreError>| match opened {
        Err(StoreError::InUse { holder, .. }) => {
            assert_eq!(holder.process_id, std::process::id());
            assert_eq!(holder.command, "wxauth story");
        }
        opened => panic!("{opened:?}"),
    };
    in_use(place.try_open().await);
    assert!(!place.path().exists(), "nothing is made in its place");
    fs::rename(&other, place.path()).unwrap();
    in_use(place.try_open().await);
    drop(store);
    let refused = place.try_open().await.map(|_| ());
    assert!(
        matches!(
            refused,
            Err(StoreError::ForeignLog {
                is_missing: false,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn log_of_a_replaced_file_is_never_applied_to_the_new_one() {
    let (place, store, other) = store_and_other().await;
    fs::rename(&other, place.path()).unwrap();
    let before = fs::read(place.path()).unwrap();
    assert!(is_replaced(&try_accept(&store, 2).await));
    drop(store);
    for _ in 0..2 {
        let refused = place.try_open().await.map(|_| ());
        assert!(
            matches!(
                refused,
                Err(StoreError::ForeignLog {
                    is_missing: false,
                    ..
                })
            ),
            "{refused:?}"
        );
    }
    assert_eq!(fs::read(place.path()).unwrap(), before);
    // The cure that the error names.
    let log = beside(&place.path(), "-wal");
    fs::rename(&log, beside(&log, ".former")).unwrap();
    let store = place.open().await;
    assert_eq!(count(&store).await, Ok(2));
    let id = accept(&store, authorized(13)).await;
    assert_eq!(event(&store, id).await.id, id);
    drop(store);
    let check = Connection::open(place.path())
        .and_then(|store| store.query_row("PRAGMA integrity_check", [], |row| row.get(0)));
    assert_eq!(check, Ok("ok".to_owned()));
}

#[tokio::test]
async fn log_without_its_file_is_left_alone() {
    let place = Place::sqlite();
    let store = place.open().await;
    accept(&store, authorized(1)).await;
    let log = beside(&place.path(), "-wal");
    let copy = fs::read(&log).unwrap();
    drop(store);
    // As a crash and a careless move leave it.
    fs::rename(place.path(), beside(&place.path(), ".away")).unwrap();
    fs::write(&log, &copy).unwrap();
    let refused = place.try_open().await.map(|_| ());
    assert!(
        matches!(
            refused,
            Err(StoreError::ForeignLog {
                is_missing: true,
                ..
            })
        ),
        "{refused:?}"
    );
    assert_eq!(fs::read(&log).unwrap(), copy);
    fs::rename(beside(&place.path(), ".away"), place.path()).unwrap();
    assert_eq!(count(&place.open().await).await, Ok(1));
}

#[tokio::test]
async fn store_moved_together_with_its_log_opens_at_its_new_place() {
    let place = Place::sqlite();
    let store = place.open().await;
    accept(&store, authorized(1)).await;
    let folder = place.path().parent().unwrap().to_owned();
    let moved = folder.with_file_name("moved");
    fs::rename(&folder, &moved).unwrap();
    assert!(is_replaced(&try_accept(&store, 2).await));
    drop(store);
    let location = StoreLocation::Sqlite(moved.join(place.path().file_name().unwrap()));
    let store = super::support::open(&location).await.unwrap();
    assert_eq!(count(&store).await, Ok(1));
    try_accept(&store, 2).await.unwrap();
}

#[tokio::test]
async fn copy_that_sqlite_made_gets_a_log_of_its_own() {
    let place = Place::sqlite();
    let store = place.open().await;
    accept(&store, authorized(1)).await;
    let copy = beside(&place.path(), ".copy");
    tamper(&place.path(), &format!("VACUUM INTO '{}'", copy.display()));
    drop(store);
    fs::rename(copy, place.path()).unwrap();
    let store = place.open().await;
    accept(&store, authorized(2)).await;
    assert!(beside(&place.path(), "-wal").exists());
    assert_eq!(count(&store).await, Ok(2));
}
