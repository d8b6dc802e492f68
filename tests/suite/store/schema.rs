use std::fs;

use wxauth::store::StoreError;

use super::support::{Place, appid, authorize, key, listed, owner};
use crate::support::tamper;

#[tokio::test]
async fn a_newer_schema_is_refused_by_name() {
    let place = Place::sqlite();
    drop(place.open().await);
    tamper(
        &place.path(),
        "UPDATE schema SET version = 99, min_reader = 98",
    );
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
    assert_eq!((version, min_reader, supported), (99, 98, 1));
    assert_eq!(named, place.path().display().to_string());
}

#[tokio::test]
async fn a_newer_schema_that_lets_us_read_is_used() {
    let place = Place::sqlite();
    drop(place.open().await);
    tamper(
        &place.path(),
        "UPDATE schema SET version = 99, min_reader = 1",
    );
    let store = place.open().await;
    authorize(&store, 1).await;
    assert_eq!(store.info().await.unwrap().schema_version, 99);
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
    fs::create_dir_all(place.path().parent().unwrap()).unwrap();
    tamper(&place.path(), "CREATE TABLE notes (text TEXT)");
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
    tamper(&place.path(), "INSERT INTO notes VALUES ('still here')");
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
async fn missing_key_of_a_secret_is_named() {
    let place = Place::sqlite();
    authorize(&place.open().await, 1).await;
    tamper(
        &place.path(),
        "UPDATE tokens SET refresh = 'encrypted:vault-7:AAAA'",
    );
    let store = place.open().await;
    let refused = store.token(&key(), &owner(1)).await;
    assert_eq!(
        refused,
        Err(StoreError::Encrypted {
            key_id: "vault-7".to_owned(),
            current: None,
        })
    );
}

#[tokio::test]
async fn operation_that_fails_halfway_leaves_nothing_behind() {
    let place = Place::sqlite();
    for number in 1..=3 {
        authorize(&place.open().await, number).await;
    }
    tamper(
        &place.path(),
        "UPDATE tokens SET refresh = 'encrypted:vault-7:AAAA' WHERE owner = 'wx0000000000000003'",
    );
    let store = place.open().await;
    // The first is new and written, the second cannot be compared with what is stored.
    let seen = vec![listed(4, Some("new"), 0, 0), listed(3, Some("new"), 0, 0)];
    let platform = key();
    let (failed, ()) = tokio::join!(store.observe(&platform, seen), authorize(&store, 5));
    assert!(
        matches!(failed, Err(StoreError::Encrypted { .. })),
        "{failed:?}"
    );
    assert_eq!(store.authorizer(&key(), &appid(4)).await.unwrap(), None);
    assert!(store.authorizer(&key(), &appid(5)).await.unwrap().is_some());
}
