//! Stories about a Redis that several write at once, and about what lies in its keys.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use wxauth::store::journal::{JournalFilter, JournalKind};
use wxauth::store::leases::Due;
use wxauth::store::observations::{ChangeKind, ChangeSource, Observation};
use wxauth::store::roster::{AuthorizationStatus, RosterFilter};
use wxauth::store::tokens::NewToken;
use wxauth::store::{PlatformKey, Store, StoreError, StoreLocation};
use wxauth::sys::env::Environment;
use wxauth::sys::redis::Address;
use wxauth::wechat::id::UserName;

use super::support::{
    LONG, appid, at, authorize, key, lease, listed, new_token, open, other_key, owner, secret,
    sets, stored, told,
};
use crate::support::RedisServer;

/// Where a child finds the Redis, and which half of what WeChat says it sees.
const PLACE: &str = "WXAUTH_TEST_CHILD_STORE";
const ROLE: &str = "WXAUTH_TEST_CHILD_ROLE";
/// How many merchants two processes see at once: more than one plan takes.
const CROWD: u32 = 250;

fn at_server(server: &RedisServer) -> StoreLocation {
    StoreLocation::Redis(Address::parse(&server.url()).unwrap())
}

fn name(rest: &str) -> String {
    format!("wxauth:{{api.weixin.qq.com/wxc0c0c0c0c0c0c0c0}}:{rest}")
}

fn everyone() -> Due {
    Due {
        before: at(100_000),
        now: at(0),
        used_since: None,
        except: Vec::new(),
    }
}

async fn journal(store: &Store) -> Vec<JournalKind> {
    let filter = JournalFilter {
        limit: 10_000,
        ..JournalFilter::default()
    };
    let entries = store.journal(&key(), &filter).await.unwrap();
    entries.into_iter().map(|entry| entry.what).collect()
}

fn half(role: &str, number: u32, moment: i64) -> Observation {
    match role {
        "list" => listed(number, Some(&format!("refresh-{number}")), -50, moment),
        _ => told(number, "Demo", &[1, 2], moment),
    }
}

fn child(server: &RedisServer, role: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["store::crowd::as_a_child_observe", "--exact", "--nocapture"])
        .env(PLACE, server.url())
        .env(ROLE, role)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until a child says a word.
fn hear(output: &mut impl BufRead, word: &str) {
    let mut lines = output.lines().map(Result::unwrap);
    assert!(lines.any(|line| line == word), "it never said {word}");
}

fn say(text: &str) {
    let line = format!("\n{text}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

#[tokio::test]
async fn as_a_child_observe() {
    let environment = Environment::capture();
    let (Some(place), Some(role)) = (environment.get(PLACE), environment.get(ROLE)) else {
        return;
    };
    let store = open(&StoreLocation::Redis(Address::parse(place).unwrap())).await;
    let store = store.unwrap();
    store.last_fence(&key()).await.unwrap();
    say("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    for moment in 0..4 {
        let seen = (0..CROWD)
            .map(|number| half(role, number, moment))
            .collect();
        store.observe(&key(), seen).await.unwrap();
    }
    say("done");
}

#[tokio::test]
async fn of_what_two_processes_see_at_once_nothing_is_lost() {
    let server = RedisServer::start();
    let mut children = ["list", "info"].map(|role| child(&server, role));
    let mut outputs = children
        .each_mut()
        .map(|child| BufReader::new(child.stdout.take().unwrap()));
    for output in &mut outputs {
        hear(output, "ready");
    }
    for child in &mut children {
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    for output in &mut outputs {
        hear(output, "done");
    }
    for child in &mut children {
        child.wait().unwrap();
    }

    let store = open(&at_server(&server)).await.unwrap();
    let filter = RosterFilter::default();
    let rows = store.page(&key(), &filter, None, 1000).await.unwrap();
    assert_eq!(rows.len(), CROWD as usize);
    for row in &rows {
        assert_eq!(row.status, AuthorizationStatus::Active, "{}", row.appid);
        assert_eq!(row.authorized_at, Some(at(-50)), "{}", row.appid);
        assert_eq!(row.nick_name.as_deref(), Some("Demo"), "{}", row.appid);
        assert_eq!(row.permission_ids, sets(&[1, 2]), "{}", row.appid);
    }
    let due = store.count_due(&key(), everyone(), None).await.unwrap();
    assert_eq!(due, u64::from(CROWD));
    // Each was new once, whoever came first.
    let told = journal(&store).await;
    let new = told.iter().filter(|what| **what == JournalKind::Authorized);
    assert_eq!(new.count(), CROWD as usize);
}

#[tokio::test]
async fn whom_others_overtake_reads_again() {
    let server = RedisServer::start();
    let mut stores = Vec::new();
    for _ in 0..4 {
        let store = open(&at_server(&server)).await.unwrap();
        store.last_fence(&key()).await.unwrap();
        stores.push(store);
    }
    // What each of them sees says nothing of what the others see.
    let part = |number: usize| {
        let mut seen = told(1, "Demo", &[1], 0);
        let profile = seen.profile.as_mut().unwrap();
        if number != 0 {
            profile.nick_name = None;
        }
        if number != 1 {
            profile.principal_name = None;
        }
        if number != 2 {
            profile.user_name = None;
        }
        if number == 3 {
            profile.refresh_token = Some(secret("refresh"));
        }
        profile.details = None;
        profile.permission_ids = None;
        seen
    };
    server.cli(&["CONFIG", "RESETSTAT"]);
    let tasks: Vec<_> = stores
        .iter()
        .cloned()
        .enumerate()
        .map(|(number, store)| {
            tokio::spawn(async move { store.observe(&key(), vec![part(number)]).await.unwrap() })
        })
        .collect();
    let mut added = 0;
    for task in tasks {
        let changes = task.await.unwrap();
        added += usize::from(changes[0].kind == ChangeKind::Added);
    }
    assert_eq!(added, 1);
    let row = stores[0].authorizer(&key(), &appid(1)).await.unwrap();
    let row = row.unwrap();
    assert_eq!(row.nick_name.as_deref(), Some("Demo"));
    assert_eq!(row.principal_name.as_deref(), Some("Demo Ltd"));
    assert_eq!(row.user_name, Some(UserName::from_wire("gh_000000000001")));
    assert_eq!(row.status, AuthorizationStatus::Active);
    assert_eq!(journal(&stores[0]).await, [JournalKind::Authorized]);
    // They were in each other's way indeed.
    let statistics = server.cli(&["INFO", "commandstats"]);
    let calls = statistics
        .lines()
        .find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="))
        .and_then(|rest| rest.split(',').next()?.parse::<u32>().ok());
    assert!(calls > Some(4), "{statistics}");
}

#[tokio::test]
async fn a_code_that_two_take_over_at_once_is_taken_over_once() {
    let server = RedisServer::start();
    let (one, two) = (
        open(&at_server(&server)).await.unwrap(),
        open(&at_server(&server)).await.unwrap(),
    );
    let exchange = async |store: &Store, access: &str| {
        let mut seen = told(1, "Demo", &[1], 0);
        seen.source = ChangeSource::Redeem;
        let token: NewToken = new_token(access, Some("refresh"));
        let key = key();
        let committed = store.commit_redeem(&key, "code", seen, Some(token), 0);
        committed.await.unwrap().kind
    };
    let kinds = tokio::join!(exchange(&one, "one"), exchange(&two, "two"));
    let kinds = [kinds.0, kinds.1];
    assert!(kinds.contains(&ChangeKind::Added), "{kinds:?}");
    assert!(kinds.contains(&ChangeKind::Unchanged), "{kinds:?}");
    let token = stored(&one, &owner(1)).await;
    assert!(token.generation > 0 && token.access_token.is_some());
    let told = journal(&one).await;
    assert_eq!(told, [JournalKind::Authorized, JournalKind::Redeemed]);
}

#[tokio::test]
async fn passes_that_begin_at_once_are_one() {
    let server = RedisServer::start();
    let (one, two) = (
        open(&at_server(&server)).await.unwrap(),
        open(&at_server(&server)).await.unwrap(),
    );
    let begin = async |store: &Store| {
        let run = store.begin_sync(&key(), true, at(0), LONG).await.unwrap();
        (run.id, run.resumed)
    };
    let (first, second) = tokio::join!(begin(&one), begin(&two));
    assert_eq!(first.0, second.0);
    assert_ne!(first.1, second.1);
}

#[tokio::test]
async fn those_that_may_be_due_are_exactly_the_active_ones() {
    let server = RedisServer::start();
    let store = open(&at_server(&server)).await.unwrap();
    let due = || {
        let text = server.cli(&["ZRANGE", &name("due"), "0", "-1", "WITHSCORES"]);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let pair = |pair: &[String]| {
            let number = u32::from_str_radix(&pair[0][2..], 16).unwrap();
            let ends = pair[1].parse::<i64>().unwrap();
            (
                number,
                if ends == 0 {
                    0
                } else {
                    ends - super::support::NOW
                },
            )
        };
        lines.chunks(2).map(pair).collect::<Vec<_>>()
    };
    for number in 1..=4 {
        authorize(&store, number).await;
    }
    store
        .observe(&key(), vec![listed(5, None, 0, 0)])
        .await
        .unwrap();
    assert_eq!(due(), [(1, 0), (2, 0), (3, 0), (4, 0)]);
    let (held, ..) = lease(&store, &owner(1)).await;
    store
        .commit_refresh(&held, new_token("access", None))
        .await
        .unwrap();
    let source = ChangeSource::Event;
    let revoked = store.mark_revoked(&key(), &appid(2), at(10), source).await;
    assert!(revoked.unwrap());
    store.forget(&key(), &appid(3)).await.unwrap();
    assert_eq!(due(), [(4, 0), (1, 7140)]);
    // Seen again, it ends when it did.
    let again = vec![listed(1, Some("refresh-1"), -1000, 20)];
    store.observe(&key(), again).await.unwrap();
    assert_eq!(due(), [(4, 0), (1, 7140)]);
    // Authorized anew, what was minted before is dead.
    let anew = vec![listed(1, Some("other"), 5, 30)];
    store.observe(&key(), anew).await.unwrap();
    assert_eq!(due(), [(4, 0), (1, 30)]);
    // Its code not exchanged yet.
    let waiting = vec![listed(4, None, 5, 30)];
    store.observe(&key(), waiting).await.unwrap();
    assert_eq!(due(), [(1, 30)]);
    let mut seen = told(2, "Demo", &[1], 40);
    seen.source = ChangeSource::Redeem;
    let token = Some(new_token("access", Some("refresh")));
    store
        .commit_redeem(&key(), "code", seen, token, i64::MAX)
        .await
        .unwrap();
    assert_eq!(due(), [(1, 30), (2, 7140)]);
}

#[tokio::test]
async fn a_damaged_record_is_named_by_its_key_and_can_be_forgotten() {
    let server = RedisServer::start();
    let store = open(&at_server(&server)).await.unwrap();
    authorize(&store, 1).await;
    authorize(&store, 2).await;
    let record = name("authorizer:wx0000000000000001");
    let intact = server.cli(&["GET", &record]);
    let unknown = intact.replace("active", "asleep");
    assert_ne!(unknown, intact);
    for damaged in ["{\"kind\":", "[]", &unknown] {
        server.cli(&["SET", &record, damaged]);
        let filter = RosterFilter::default();
        let seen = vec![listed(1, Some("refresh-1"), -1000, 0)];
        for error in [
            store.authorizer(&key(), &appid(1)).await.unwrap_err(),
            store.page(&key(), &filter, None, 10).await.unwrap_err(),
            store.known(&key(), None, 10).await.unwrap_err(),
            store.observe(&key(), seen).await.unwrap_err(),
        ] {
            let StoreError::DamagedRecord { record: named, .. } = &error else {
                panic!("{error:?}");
            };
            assert_eq!(*named, record);
        }
        assert_eq!(server.cli(&["GET", &record]), damaged);
    }
    assert!(store.forget(&key(), &appid(1)).await.unwrap());
    authorize(&store, 1).await;
    let filter = RosterFilter::default();
    assert_eq!(
        store.page(&key(), &filter, None, 10).await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn of_a_forgotten_platform_the_count_of_fences_is_left() {
    let server = RedisServer::start();
    let store = open(&at_server(&server)).await.unwrap();
    // A host that means something else where keys are sought by a pattern.
    let odd = PlatformKey {
        realm: "[a-z]*:8787".to_owned(),
        ..key()
    };
    let alike = PlatformKey {
        realm: "b:8787".to_owned(),
        ..key()
    };
    for key in [&odd, &alike, &other_key()] {
        let seen = (0..1500).map(|number| listed(number, Some("r"), 0, 0));
        store.observe(key, seen.collect()).await.unwrap();
        store.begin_sync(key, true, at(0), LONG).await.unwrap();
        let ttl = Duration::from_secs(1);
        store.lease(key, &owner(1), ttl).await.unwrap();
    }
    let fence = store.last_fence(&odd).await.unwrap();
    let left = store.counts(&alike, at(0)).await.unwrap();
    store.forget_platform(&odd).await.unwrap();
    let keys = server.cli(&["--scan"]);
    let left_of_odd: Vec<&str> = keys
        .lines()
        .filter(|key| key.starts_with("wxauth:{[a-z]*:8787/"))
        .collect();
    assert_eq!(
        left_of_odd,
        ["wxauth:{[a-z]*:8787/wxc0c0c0c0c0c0c0c0}:fence"]
    );
    assert_eq!(store.last_fence(&odd).await.unwrap(), fence);
    assert_eq!(left.active, 1500);
    assert_eq!(store.counts(&alike, at(0)).await.unwrap(), left);
}

#[tokio::test]
async fn where_an_index_went_wrong_the_next_pass_puts_it_right() {
    let server = RedisServer::start();
    let store = open(&at_server(&server)).await.unwrap();
    authorize(&store, 1).await;
    server.cli(&["DEL", &name("authorizers"), &name("due")]);
    assert!(store.known(&key(), None, 10).await.unwrap().is_empty());
    let seen = vec![listed(1, Some("refresh-1"), -1000, 50)];
    store.observe(&key(), seen).await.unwrap();
    assert_eq!(store.known(&key(), None, 10).await.unwrap().len(), 1);
    let due = store.count_due(&key(), everyone(), None).await.unwrap();
    assert_eq!(due, 1);
}
