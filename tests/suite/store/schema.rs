use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rusqlite::Connection;
use wxauth::store::{Keyring, SealKey, StoreError};

use super::support::{
    NOW, Place, accept, appid, at, authorize, key, lease, listed, open_sealed, owner,
    pushed_ticket, secret,
};

/// Does something to the file behind the store's back.
fn tamper(place: &Place, statements: &str) {
    fs::create_dir_all(place.path().parent().unwrap()).unwrap();
    let connection = Connection::open(place.path()).unwrap();
    connection.execute_batch(statements).unwrap();
}

/// The copy that was made before a schema of this version was brought up to date.
fn backup(place: &Place, version: u32) -> PathBuf {
    let part = format!(".backup-v{version}-");
    fs::read_dir(place.path().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains(&part))
        .unwrap()
}

#[tokio::test]
async fn a_newer_schema_is_refused_by_name() {
    let place = Place::sqlite();
    drop(place.open().await);
    tamper(&place, "UPDATE schema SET version = 99, min_reader = 98");
    let refused = place.try_open().await.unwrap_err();
    let StoreError::NewerSchema {
        version,
        min_reader,
        supported,
        place: named,
    } = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!((version, min_reader, supported), (99, 98, 2));
    assert_eq!(named, place.path().display().to_string());
}

#[tokio::test]
async fn a_newer_schema_that_lets_us_read_is_used() {
    let place = Place::sqlite();
    drop(place.open().await);
    tamper(&place, "UPDATE schema SET version = 99, min_reader = 1");
    let store = place.open().await;
    authorize(&store, 1).await;
    assert_eq!(store.info().await.unwrap().schema_version, 99);
}

#[tokio::test]
async fn an_older_schema_is_backed_up_and_brought_up_to_date() {
    let place = Place::sqlite();
    tamper(
        &place,
        "PRAGMA application_id = 2004377973;
         CREATE TABLE schema (version INTEGER NOT NULL, min_reader INTEGER NOT NULL) STRICT;
         INSERT INTO schema VALUES (0, 0);",
    );
    let store = place.open().await;
    authorize(&store, 1).await;
    let info = store.info().await.unwrap();
    assert_eq!((info.schema_version, info.path), (2, Some(place.path())));
    assert!(info.bytes.is_some_and(|bytes| bytes > 0));
    let backup = backup(&place, 0);
    let mode = fs::metadata(&backup).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let copy = Connection::open(backup).unwrap();
    let version: i64 = copy
        .query_row("SELECT version FROM schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 0);
}

#[tokio::test]
async fn a_store_of_the_first_version_keeps_everything() {
    let place = Place::sqlite();
    let (first, own) = (include_str!("../../../src/store/sqlite/schema.sql"), key());
    let rows = format!(
        "PRAGMA application_id = 2004377973;
         PRAGMA journal_mode = WAL;
         CREATE TABLE schema (version INTEGER NOT NULL, min_reader INTEGER NOT NULL) STRICT;
         INSERT INTO schema VALUES (1, 1);
         {first}
         INSERT INTO platforms VALUES (7, '{}', '{}', 40);
         INSERT INTO tickets VALUES (3, 7, 'print', {NOW}, 'push', '', CAST('old ticket' AS BLOB));
         INSERT INTO tokens (platform, owner, refresh_key, refresh, refresh_as_of)
             VALUES (7, '{}', '', CAST('old refresh' AS BLOB), {NOW});",
        own.realm,
        own.component_appid,
        appid(1)
    );
    tamper(&place, &rows);
    let store = place.open().await;
    assert_eq!(store.info().await.unwrap().schema_version, 2);
    let tickets = store.tickets(&own).await.unwrap();
    assert_eq!(tickets[0].ticket, secret("old ticket"));
    let (held, token, _) = lease(&store, &owner(1)).await;
    assert_eq!(token.unwrap().refresh_token, Some(secret("old refresh")));
    assert_eq!(held.fence(), 41);
    // What is new works on the old rows.
    store.touch_token(&own, &appid(1), at(0)).await.unwrap();
    accept(&store, pushed_ticket("new ticket", 600, 600)).await;
    let tickets = store.tickets(&own).await.unwrap();
    assert_eq!(tickets[0].ticket, secret("new ticket"));
    let copy = Connection::open(backup(&place, 1)).unwrap();
    let kept: i64 = copy
        .query_row("SELECT count(*) FROM tickets", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damaged() {
    let place = Place::sqlite();
    fs::create_dir_all(place.path().parent().unwrap()).unwrap();
    wxauth::sys::files::replace_private(&place.path(), &b"not a database\n".repeat(999)).unwrap();
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    let place = Place::sqlite();
    tamper(&place, "CREATE TABLE notes (text TEXT)");
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
    tamper(&place, "INSERT INTO notes VALUES ('still here')");
}

#[tokio::test]
async fn a_damaged_page_is_reported() {
    let place = Place::sqlite();
    let store = place.open().await;
    for number in 0..50 {
        authorize(&store, number).await;
    }
    drop(store);
    let mut bytes = wxauth::sys::files::read_bytes(&place.path(), 1 << 30).unwrap();
    bytes[4096..].fill(0xa5);
    wxauth::sys::files::replace_private(&place.path(), &bytes).unwrap();
    let refused = match place.try_open().await {
        Err(error) => error,
        Ok(store) => store.authorizer(&key(), &appid(1)).await.unwrap_err(),
    };
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_sealed_secret_without_its_key_is_named() {
    let place = Place::sqlite();
    authorize(&place.open().await, 1).await;
    tamper(&place, "UPDATE tokens SET refresh_key = 'vault-7'");
    let store = place.open().await;
    let refused = store.token(&key(), &owner(1)).await;
    assert_eq!(
        refused,
        Err(StoreError::Sealed {
            key_id: "vault-7".to_owned(),
            present: None,
        })
    );
}

#[tokio::test]
async fn an_act_that_fails_halfway_leaves_nothing_behind() {
    let place = Place::sqlite();
    authorize(&place.open().await, 1).await;
    tamper(&place, "UPDATE tokens SET refresh_key = 'vault-7'");
    // With a key of its own it writes, and finds out late that it cannot read everything.
    let text = "0f".repeat(32);
    let keys = Keyring::new(SealKey::parse(&secret(&text)).unwrap(), []);
    let store = open_sealed(&place.location, keys).await.unwrap();
    // The first is new and written, the second cannot be compared with what is stored.
    let seen = vec![listed(2, Some("new"), 0, 0), listed(1, Some("new"), 0, 0)];
    let platform = key();
    let (failed, ()) = tokio::join!(store.observe(&platform, seen), authorize(&store, 3));
    assert!(
        matches!(failed, Err(StoreError::Sealed { .. })),
        "{failed:?}"
    );
    assert_eq!(store.authorizer(&key(), &appid(2)).await.unwrap(), None);
    assert!(store.authorizer(&key(), &appid(3)).await.unwrap().is_some());
}
