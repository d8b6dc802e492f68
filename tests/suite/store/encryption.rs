//! Secrets at rest: encrypted, opened, encrypted anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use wxauth::store::encryption::{EncryptionKey, Keyring};
use wxauth::store::events::NewEvent;
use wxauth::store::leases::Due;
use wxauth::store::observations::ChangeSource;
use wxauth::store::reencryption::{EncryptionCursor, EncryptionTarget};
use wxauth::store::roster::AuthorizationStatus;
use wxauth::store::tickets::{TicketRecord, TicketSource};
use wxauth::store::tokens::TokenOwner;
use wxauth::store::{Store, StoreError, StoreLocation};

use super::support::{
    LONG, Place, appid, at, authorize, key, lease, new_token, open_encrypted, owner, secret, stored,
};
use crate::support::tamper;

super::stories! {
    encrypted_secrets_are_read_as_they_were_written,
    missing_key_is_named,
    plain_text_is_read_during_a_run_only,
    previous_key_still_decrypts,
    program_without_the_key_writes_no_secret,
    unreadable_secret_stops_only_operations_that_need_it,
    unreadable_token_or_ticket_does_not_hide_the_others,
    secrets_are_encrypted_and_decrypted,
    secret_without_its_key_stays_and_is_counted,
    secrets_change_their_key_while_others_refresh,
}

/// Everything secret that [`fill`] stores.
const SECRETS: [&str; 6] = [
    "ticket-of-the-platform",
    "access-of-the-platform",
    "access-of-merchant-1",
    "refresh-of-merchant-1",
    "refresh-2",
    "a-ticket-to-pass-on",
];

fn encryption_key(number: u8) -> EncryptionKey {
    let text: String = (0..32)
        .map(|byte| format!("{:02x}", byte ^ number))
        .collect();
    EncryptionKey::parse(&secret(&text)).unwrap()
}

fn ring(present: u8, previous: &[u8]) -> Keyring {
    Keyring::new(
        encryption_key(present),
        previous.iter().copied().map(encryption_key),
    )
}

fn id(number: u8) -> String {
    encryption_key(number).id().to_owned()
}

/// A ticket, tokens of the platform and of two merchants, an event with a code, to pass on.
async fn fill(store: &Store) {
    let record = TicketRecord {
        ticket: secret(SECRETS[0]),
        received_at: at(-60),
        source: TicketSource::Set,
    };
    store.put_ticket(&key(), record).await.unwrap();
    authorize(store, 1).await;
    authorize(store, 2).await;
    let forward = Some(format!("{{\"ticket\":{:?}}}", SECRETS[5]));
    let event = NewEvent {
        forward,
        ..super::support::authorized(3)
    };
    super::support::accept(store, event).await;
    for (who, access, refresh) in [
        (TokenOwner::Component, SECRETS[1], None),
        (owner(1), SECRETS[2], Some(SECRETS[3])),
    ] {
        let (held, ..) = lease(store, &who).await;
        store.begin(&held, at(0)).await.unwrap();
        let token = new_token(access, refresh);
        store.commit_refresh(&held, token).await.unwrap();
    }
}

async fn check(store: &Store) {
    let tickets = store.tickets(&key()).await.unwrap();
    assert_eq!(tickets[0].ticket, secret(SECRETS[0]));
    let access = |token: wxauth::store::tokens::StoredToken| token.access_token.unwrap();
    let platform = stored(store, &TokenOwner::Component).await;
    assert_eq!(access(platform), secret(SECRETS[1]));
    let merchant = stored(store, &owner(1)).await;
    assert_eq!(merchant.refresh_token, Some(secret(SECRETS[3])));
    assert_eq!(access(merchant), secret(SECRETS[2]));
    let merchant = stored(store, &owner(2)).await;
    assert_eq!(merchant.refresh_token, Some(secret(SECRETS[4])));
    let event = super::support::event(store, 1).await;
    assert_eq!(event.code, Some(secret("queryauthcode@@@3")));
    assert!(event.forward_payload.unwrap().contains(SECRETS[5]));
}

/// Key ids, `""` for none, and how many secrets each has.
async fn secret_counts(store: &Store) -> BTreeMap<String, u64> {
    let counts = store.secret_counts(&key()).await.unwrap().into_iter();
    counts
        .map(|count| (count.key_id.unwrap_or_default(), count.secrets))
        .collect()
}

async fn only(store: &Store, key_id: &str) -> bool {
    secret_counts(store).await.keys().eq([key_id])
}

/// Goes through all secrets; how many were changed, and what is broken.
async fn reencrypt(store: &Store, target: EncryptionTarget) -> (u64, Vec<String>) {
    let mut cursor = Some(EncryptionCursor::default());
    let (mut changed, mut broken) = (0, Vec::new());
    while let Some(here) = cursor {
        let piece = store.reencrypt(&key(), target, here).await.unwrap();
        changed += piece.changed;
        broken.extend(piece.broken);
        cursor = piece.next;
    }
    assert!(store.drop_former_secrets().await.unwrap());
    (changed, broken)
}

async fn open(place: &Place, keys: Keyring) -> Store {
    open_encrypted(&place.location, keys).await.unwrap()
}

/// Everything that the store keeps outside this process.
fn dump(place: &Place) -> String {
    match &place.location {
        StoreLocation::Memory => String::new(),
        StoreLocation::Sqlite(path) => {
            let folder = fs::read_dir(path.parent().unwrap()).unwrap();
            let files = folder.map(|entry| entry.unwrap().path());
            let bytes = files
                .filter(|path| path.is_file())
                .map(|path| fs::read(path).unwrap());
            String::from_utf8_lossy(&bytes.flatten().collect::<Vec<_>>()).into_owned()
        }
        #[cfg(feature = "redis")]
        StoreLocation::Redis(address) => redis_dump(&address.to_string()),
        #[cfg(not(feature = "redis"))]
        StoreLocation::Redis(_) => unreachable!("this build has no Redis"),
    }
}

#[cfg(feature = "redis")]
/// Every key with every value in it, as redis-cli prints them.
fn redis_dump(address: &str) -> String {
    let (socket, database) = address
        .strip_prefix("redis+unix://")
        .and_then(|rest| rest.split_once("?db="))
        .unwrap();
    let cli = |arguments: &[&str]| {
        let mut command = Command::new("redis-cli");
        command.args(["-s", socket, "-n", database]).args(arguments);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let mut dump = String::new();
    for key in cli(&["--scan"]).lines() {
        let read: &[&str] = match cli(&["TYPE", key]).trim() {
            "hash" => &["HGETALL", key],
            "zset" => &["ZRANGE", key, "0", "-1"],
            "set" => &["SMEMBERS", key],
            "string" => &["GET", key],
            "list" => &["LRANGE", key, "0", "-1"],
            other => panic!("{other}"),
        };
        dump += &cli(read);
    }
    dump
}

fn assert_encrypted(place: &Place) {
    let dump = dump(place);
    for secret in SECRETS.iter().chain(&["queryauthcode"]) {
        assert!(!dump.contains(secret), "{secret} lies open");
    }
}

async fn encrypted_secrets_are_read_as_they_were_written(place: Place) {
    let store = open(&place, ring(1, &[])).await;
    fill(&store).await;
    assert_eq!(store.encryption_key_id(), Some(id(1)));
    check(&store).await;
    assert!(only(&store, &id(1)).await);
    assert_encrypted(&place);
    drop(store);
    assert_encrypted(&place);
}

async fn missing_key_is_named(place: Place) {
    if place.location == StoreLocation::Memory {
        return;
    }
    fill(&open(&place, ring(1, &[])).await).await;
    for (keys, present) in [(Keyring::none(), None), (ring(2, &[3]), Some(id(2)))] {
        let other = open(&place, keys).await;
        let expected = StoreError::Encrypted {
            key_id: id(1),
            current: present,
        };
        let refused = other.token(&key(), &owner(1)).await.unwrap_err();
        assert_eq!(refused, expected);
        assert_eq!(other.tickets(&key()).await.unwrap_err(), expected);
        let refused = other.lease(&key(), &owner(1), LONG).await.unwrap_err();
        assert_eq!(refused, expected);
    }
    // None of them has kept a lease on what it could not read.
    let store = open(&place, ring(1, &[])).await;
    lease(&store, &owner(1)).await;
}

async fn plain_text_is_read_during_a_run_only(place: Place) {
    let open_store = open(&place, Keyring::none()).await;
    fill(&open_store).await;
    assert!(only(&open_store, "").await);
    if place.location == StoreLocation::Memory {
        return;
    }
    let store = open(&place, ring(1, &[])).await;
    let refused = store.token(&key(), &owner(1)).await.unwrap_err();
    let record = format!("token:{}", appid(1));
    assert_eq!(refused, StoreError::PlainText { record });
    let tickets = store.tickets(&key()).await.unwrap_err();
    assert!(matches!(tickets, StoreError::PlainText { .. }));
    let leased = store.lease(&key(), &owner(1), LONG).await;
    assert!(matches!(leased, Err(StoreError::PlainText { .. })));

    store.note_encryption_run(&key(), true).await.unwrap();
    check(&store).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    let token = new_token(SECRETS[2], None);
    store.commit_refresh(&held, token).await.unwrap();
    check(&store).await;
    assert_eq!(
        secret_counts(&store).await[&id(1)],
        1,
        "a token and no more"
    );
    store.note_encryption_run(&key(), false).await.unwrap();
    let refused = store.tickets(&key()).await;
    assert!(matches!(refused, Err(StoreError::PlainText { .. })));

    // A key that only decrypts asks for nothing.
    let previous = open(&place, Keyring::decrypting([encryption_key(1)])).await;
    check(&previous).await;
}

async fn previous_key_still_decrypts(place: Place) {
    if place.location == StoreLocation::Memory {
        return;
    }
    fill(&open(&place, ring(1, &[])).await).await;
    let store = open(&place, ring(2, &[3, 1])).await;
    check(&store).await;
    let (held, ..) = lease(&store, &owner(1)).await;
    let token = new_token(SECRETS[2], Some(SECRETS[3]));
    store.commit_refresh(&held, token).await.unwrap();
    check(&store).await;
    assert_eq!(
        secret_counts(&store).await[&id(2)],
        2,
        "both of the merchant's"
    );
}

async fn program_without_the_key_writes_no_secret(place: Place) {
    if place.location == StoreLocation::Memory {
        return;
    }
    fill(&open(&place, ring(1, &[])).await).await;
    let keyless = open(&place, Keyring::none()).await;
    let record = TicketRecord {
        ticket: secret("another-ticket"),
        received_at: at(0),
        source: TicketSource::Set,
    };
    let refused = keyless.put_ticket(&key(), record).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Encrypted { .. }),
        "{refused:?}"
    );
    assert!(!dump(&place).contains("another-ticket"));
}

async fn unreadable_secret_stops_only_operations_that_need_it(place: Place) {
    if place.location == StoreLocation::Memory {
        return;
    }
    let store = open(&place, ring(1, &[])).await;
    authorize(&store, 1).await;
    let store = open(&place, ring(2, &[])).await;
    let unreadable = store.token(&key(), &owner(1)).await;
    assert!(matches!(unreadable, Err(StoreError::Encrypted { .. })));
    let (key, appid) = (key(), appid(1));
    let set = store.set_external_id(&key, &appid, Some("shop"));
    assert_eq!(set.await, Ok(()));
    let revoked = store.mark_revoked(&key, &appid, at(0), ChangeSource::Event);
    assert_eq!(revoked.await, Ok(true));
    let row = store.authorizer(&key, &appid).await.unwrap().unwrap();
    assert_eq!(row.status, AuthorizationStatus::Revoked);
    assert!(row.has_refresh_token);
    assert_eq!(store.forget(&key, &appid).await, Ok(true));
}

async fn unreadable_token_or_ticket_does_not_hide_the_others(place: Place) {
    if place.location == StoreLocation::Memory {
        return;
    }
    let ticket = |text: &str, age: i64| TicketRecord {
        ticket: secret(text),
        received_at: at(-age),
        source: TicketSource::Set,
    };
    let plain = open(&place, Keyring::none()).await;
    authorize(&plain, 1).await;
    let first = ticket("ticket-in-plain-text", 60);
    plain.put_ticket(&key(), first).await.unwrap();
    let store = open(&place, ring(1, &[])).await;
    authorize(&store, 2).await;
    let second = ticket("another-ticket", 30);
    store.put_ticket(&key(), second.clone()).await.unwrap();
    assert_eq!(store.tickets(&key()).await.unwrap(), [second]);
    let due = Due {
        before: at(100),
        now: at(0),
        used_since: None,
        except: Vec::new(),
    };
    let claims = store.claim_due(&key(), due, None, 500, LONG, at(0)).await;
    let claimed: Vec<_> = claims.unwrap().into_iter().map(|it| it.appid).collect();
    assert_eq!(claimed, [appid(2)]);
    // What WeChat gives takes the place of a token that must not be read.
    let seen = vec![super::support::listed(1, Some("given-anew"), 10, 0)];
    store.observe(&key(), seen).await.unwrap();
    let token = stored(&store, &owner(1)).await;
    assert_eq!(token.refresh_token, Some(secret("given-anew")));
}

async fn secrets_are_encrypted_and_decrypted(place: Place) {
    fill(&open(&place, Keyring::none()).await).await;
    if place.location == StoreLocation::Memory {
        return;
    }
    let count = 7;
    let store = open(&place, ring(1, &[])).await;
    store.note_encryption_run(&key(), true).await.unwrap();
    assert_eq!(
        reencrypt(&store, EncryptionTarget::Current).await,
        (count, vec![])
    );
    assert!(only(&store, &id(1)).await);
    assert_encrypted(&place);
    check(&store).await;
    assert_eq!(
        reencrypt(&store, EncryptionTarget::Current).await,
        (0, vec![])
    );

    let store = open(&place, ring(2, &[1])).await;
    assert_eq!(
        reencrypt(&store, EncryptionTarget::Current).await,
        (count, vec![])
    );
    let store = open(&place, ring(2, &[])).await;
    check(&store).await;

    assert_eq!(
        reencrypt(&store, EncryptionTarget::Plain).await,
        (count, vec![])
    );
    assert!(only(&store, "").await);
    check(&open(&place, Keyring::none()).await).await;
}

async fn secret_without_its_key_stays_and_is_counted(place: Place) {
    if place.location == StoreLocation::Memory {
        return;
    }
    fill(&open(&place, ring(1, &[])).await).await;
    let store = open(&place, ring(2, &[])).await;
    assert_eq!(
        reencrypt(&store, EncryptionTarget::Current).await,
        (0, vec![])
    );
    assert!(only(&store, &id(1)).await);
    check(&open(&place, ring(1, &[])).await).await;
}

#[test]
fn keys_are_32_bytes_in_two_forms() {
    let hexadecimal = "00".repeat(32);
    let base64 = format!("{}=", "A".repeat(43));
    let [one, other] =
        [hexadecimal, base64].map(|text| EncryptionKey::parse(&secret(&text)).unwrap());
    assert_eq!(one.id(), other.id());
    assert_eq!(one.id().len(), 8);
    assert_ne!(one.id(), id(1));
    assert_eq!(format!("{one:?}"), format!("EncryptionKey({})", one.id()));
    let wrong = [
        String::new(),
        "00".repeat(31),
        "0g".repeat(32),
        "+f".repeat(32),
        format!("{}==", "A".repeat(42)),
        "A".repeat(43),
    ];
    for text in wrong {
        let refused = EncryptionKey::parse(&secret(&text)).unwrap_err();
        assert!(text.is_empty() || !refused.to_string().contains(&text));
    }
}

/// Changes the last character of an encrypted refresh token.
fn damage(path: &Path) {
    let update = "UPDATE tokens SET refresh = substr(refresh, 1, length(refresh) - 2) ||
        iif(substr(refresh, -2, 1) = 'A', 'BA', 'AA') WHERE owner = 'wx0000000000000001'";
    assert_eq!(tamper(path, update), 1);
}

#[tokio::test]
async fn secret_that_was_changed_is_named_and_stays() {
    let place = Place::sqlite();
    let store = open(&place, ring(1, &[])).await;
    fill(&store).await;
    damage(&place.path());
    let record = format!("token:{}", appid(1));
    let expected = StoreError::Undecryptable {
        record: record.clone(),
        key_id: id(1),
    };
    let refused = store.token(&key(), &owner(1)).await.unwrap_err();
    assert_eq!(refused, expected);
    let refused = store.lease(&key(), &owner(1), LONG).await.unwrap_err();
    assert_eq!(refused, expected);
    let store = open(&place, ring(2, &[1])).await;
    assert_eq!(
        reencrypt(&store, EncryptionTarget::Current).await,
        (6, vec![record])
    );
    assert_eq!(secret_counts(&store).await[&id(1)], 1);
}

#[tokio::test]
async fn value_of_another_key_or_record_is_refused() {
    for update in [
        // What merchant 2 has takes the place of what merchant 1 has.
        "UPDATE tokens SET refresh = (SELECT refresh FROM tokens
             WHERE owner = 'wx0000000000000002') WHERE owner = 'wx0000000000000001'",
        "UPDATE tokens SET access = refresh WHERE owner = 'wx0000000000000001'",
        "UPDATE tokens SET access = replace(access, 'encrypted:KEY', 'encrypted:OTHER')",
    ] {
        let place = Place::sqlite();
        fill(&open(&place, ring(1, &[])).await).await;
        let update = update.replace("KEY", &id(1)).replace("OTHER", &id(2));
        assert!(tamper(&place.path(), &update) > 0);
        let store = open(&place, ring(1, &[2])).await;
        let refused = store.token(&key(), &owner(1)).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::Undecryptable { .. }),
            "{update}: {refused:?}"
        );
    }
}

async fn secrets_change_their_key_while_others_refresh(place: Place) {
    if place.location == StoreLocation::Memory {
        return;
    }
    let before = open(&place, ring(1, &[2])).await;
    for number in 1..=50 {
        authorize(&before, number).await;
    }
    let refreshing = async {
        for round in 0..10 {
            let due = Due {
                before: at(100_000 + round),
                now: at(0),
                used_since: None,
                except: Vec::new(),
            };
            let claims = before
                .claim_due(&key(), due, None, 500, LONG, at(round))
                .await
                .unwrap();
            assert_eq!(claims.len(), 50);
            for claim in claims {
                let text = format!("fresh-{round}-{}", claim.appid);
                let token = new_token(&text, Some(&text));
                before.commit_refresh(&claim.lease, token).await.unwrap();
            }
        }
    };
    let after = open(&place, ring(2, &[1])).await;
    let reencryption = async {
        for _ in 0..10 {
            reencrypt(&after, EncryptionTarget::Current).await;
        }
    };
    tokio::join!(refreshing, reencryption);
    reencrypt(&after, EncryptionTarget::Current).await;
    assert!(only(&after, &id(2)).await);
    let alone = open(&place, ring(2, &[])).await;
    for number in 1..=50 {
        let token = stored(&alone, &owner(number)).await;
        let expected = secret(&format!("fresh-9-{}", appid(number)));
        assert_eq!(token.access_token, Some(expected.clone()));
        assert_eq!(token.refresh_token, Some(expected));
    }
}
