//! The file of a store, as the program itself opens it, and as another program works on it.
//!
//! What a store keeps is read and written through [`with_store`] and [`with_platform`], never by
//! SQL. SQL is for what no command brings about: [`tamper`], [`lock_store`], [`hold_old_state`],
//! [`count_commits`].

use std::path::Path;

use rusqlite::Connection;
use wxauth::store::encryption::Keyring;
use wxauth::store::observations::{ChangeKind, ChangeSource, Observation, Profile};
use wxauth::store::roster::AccountStatus;
use wxauth::store::{Holder, PlatformKey, Store, StoreError, StoreLocation, StoreOptions};
use wxauth::sys::clock::Clock;
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::{Appid, PermissionSetId};

/// Opens a store as a process of its own would.
pub async fn open_store(
    location: &StoreLocation,
    keyring: Keyring,
    clock: Clock,
) -> Result<Store, StoreError> {
    let holder = Holder {
        host: "workshop".to_owned(),
        process_id: std::process::id(),
        command: "wxauth story".to_owned(),
    };
    let options = StoreOptions {
        keyring,
        ..StoreOptions::new(holder, clock)
    };
    Store::open(location, options).await
}

/// Works on the store in this file, and closes it again.
pub fn with_store<T>(path: &Path, keyring: Keyring, work: impl AsyncFnOnce(&Store) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let location = StoreLocation::Sqlite(path.to_owned());
        let store = open_store(&location, keyring, Clock::system()).await;
        work(&store.expect("the store")).await
    })
}

/// Works on the only platform of the store in this file, which has no keys.
pub fn with_platform<T>(path: &Path, work: impl AsyncFnOnce(&Store, &PlatformKey) -> T) -> T {
    with_store(path, Keyring::none(), async |store| {
        let platforms = store.platforms().await.expect("the platforms");
        let [key] = &platforms[..] else {
            panic!("not one platform: {platforms:?}");
        };
        work(store, key).await
    })
}

/// The merchant gave itself another name, and grants these permission sets if any are told.
pub fn rename_merchant(path: &Path, appid: &str, name: &str, permission_ids: Option<&[u32]>) {
    let told = Observation {
        listed: None,
        profile: Some(Profile {
            appid: Appid::from_wire(appid),
            user_name: None,
            nick_name: Some(name.to_owned()),
            kind: AccountKind::Unknown,
            principal_name: None,
            account_status: AccountStatus::Unknown,
            permission_ids: permission_ids
                .map(|ids| ids.iter().copied().map(PermissionSetId).collect()),
            pending_ids: Vec::new(),
            refresh_token: None,
            details: None,
        }),
        as_of: Clock::system().now(),
        source: ChangeSource::Sync,
    };
    let changes = with_platform(path, async |store, key| {
        store.observe(key, vec![told]).await.expect("the store")
    });
    assert_eq!(changes[0].kind, ChangeKind::Updated, "{changes:?}");
}

/// Changes a database behind the back of its program, to what no command brings about. How many
/// rows the last statement changed.
pub fn tamper(path: &Path, statements: &str) -> u64 {
    let database = Connection::open(path).expect("a database");
    database.execute_batch(statements).expect("statements");
    database.changes()
}

/// What another program holds of a database, until this is dropped.
pub struct Held {
    _transaction: Connection,
}

/// Another program begins to write, so that nobody else can.
pub fn lock_store(path: &Path) -> Held {
    hold(path, "BEGIN IMMEDIATE")
}

/// Another program begins to read, and sees the database as it is now.
pub fn hold_old_state(path: &Path) -> Held {
    hold(path, "BEGIN; SELECT * FROM sqlite_schema")
}

fn hold(path: &Path, begin: &str) -> Held {
    let transaction = Connection::open(path).expect("a database");
    transaction.execute_batch(begin).expect("a transaction");
    Held {
        _transaction: transaction,
    }
}

/// Tells whenever it is asked what number the database has: another one after each commit.
pub fn count_commits(path: &Path) -> impl Fn() -> i64 + use<> {
    let watcher = Connection::open(path).expect("a database");
    move || {
        let version = watcher.query_row("PRAGMA data_version", [], |row| row.get(0));
        version.expect("a number")
    }
}
