use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use wxauth::store::leases::LeaseAttempt;
use wxauth::store::{StoreError, StoreLocation};

use super::support::{LONG, Place, appid, at, authorize, key, lease, open, owner};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn only_the_owner_can_read_what_is_written() {
    let place = Place::sqlite();
    let store = place.open().await;
    authorize(&store, 1).await;
    let (_held, ..) = lease(&store, &owner(1)).await;
    let folder = place.path().parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(
        names,
        [
            "wxauth.db",
            "wxauth.db-shm",
            "wxauth.db-wal",
            "wxauth.db.holders"
        ]
    );
    let holders = fs::read_dir(folder.join("wxauth.db.holders")).unwrap();
    let modes: Vec<u32> = holders.map(|entry| mode(&entry.unwrap().path())).collect();
    assert_eq!(modes, [0o600]);
}

#[tokio::test]
async fn a_store_keeps_what_it_was_told() {
    let place = Place::sqlite();
    authorize(&place.open().await, 1).await;
    let store = place.open().await;
    assert!(store.authorizer(&key(), &appid(1)).await.unwrap().is_some());
    assert_eq!(store.location(), &place.location);
}

#[tokio::test]
async fn a_closed_holder_leaves_its_leases_free_and_no_file() {
    let place = Place::sqlite();
    let (first, second) = (place.open().await, place.open().await);
    authorize(&first, 1).await;
    let (held, ..) = lease(&first, &owner(1)).await;
    first.begin(&held, at(3)).await.unwrap();
    let attempt = second.lease(&key(), &owner(1), LONG).await.unwrap();
    assert!(matches!(attempt, LeaseAttempt::Held { .. }), "{attempt:?}");

    drop(first);
    let (_next, token, open_intent) = lease(&second, &owner(1)).await;
    assert!(token.is_some());
    assert_eq!(open_intent.unwrap().started_at, at(3));
    let holders = place.path().with_file_name("wxauth.db.holders");
    assert_eq!(fs::read_dir(holders).unwrap().count(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_unreachable() {
    let place = Place::sqlite();
    drop(place.open().await);
    // A file stands where the folder should be.
    let location = StoreLocation::Sqlite(place.path().join("state.db"));
    let refused = open(&location).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Unreachable { .. }),
        "{refused:?}"
    );
}
