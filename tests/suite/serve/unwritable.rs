//! The store can be read and not written: pushes are refused in time, `/healthz` shows it until a
//! write succeeds again, and nothing is lost.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use wxauth::wechat::push::{KeyUsed, To};

use crate::support::{Desk, Disk, Held, lock_store, tamper};

use super::receiver::{Answer, PATIENCE, Receiver, WeChat, answer, desk, events, posted};

/// After this WeChat hangs up.
const HANGS_UP: Duration = Duration::from_secs(5);

struct Scene {
    desk: Desk,
    server: Receiver,
    wechat: WeChat,
}

impl Scene {
    /// A server that has a ticket.
    fn begin(desk: Desk, disk: Option<&Disk>) -> Self {
        let server = Receiver::run(&desk, &[], |command| {
            if let Some(disk) = disk {
                disk.give_to(command);
            }
        });
        let scene = Self {
            desk,
            server,
            wechat: WeChat::new(),
        };
        assert_eq!(scene.push(1).0, 200);
        scene.assert_health(200, "ok");
        scene
    }

    /// The answer to the ticket of this number, which came before WeChat hung up.
    #[track_caller]
    fn push(&self, number: u32) -> Answer {
        let began = Instant::now();
        let answer = self.server.send("/events", &self.wechat.ticket(number));
        let took = began.elapsed();
        assert!(took < HANGS_UP, "{answer:?} after {took:?}");
        answer
    }

    fn health(&self) -> (u16, Value) {
        let request = b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
        let (status, body) = self.server.raw(request);
        (status, serde_json::from_str(&body).expect("JSON"))
    }

    #[track_caller]
    fn assert_health(&self, status: u16, store: &str) {
        let (found, health) = self.health();
        let platform = &health["platforms"][0];
        assert_eq!((found, &platform["store"]), (status, &store.into()));
        assert_eq!(health["healthy"], status == 200);
        assert_eq!(platform["ticket"], "live");
    }

    /// It becomes healthy again though nobody pushes.
    fn await_recovery(&self) {
        let end = Instant::now() + PATIENCE;
        while self.health().0 != 200 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(300));
        }
        self.assert_health(200, "ok");
    }
}

#[test]
fn full_disk_is_shown_until_there_is_room_and_reported_once() {
    let Some(disk) = Disk::new() else { return };
    let scene = Scene::begin(desk(), Some(&disk));
    disk.set_full(true);
    assert_eq!(scene.push(2).0, 500);
    scene.assert_health(503, "not_writable");
    let refused = scene.server.told("store_failed");
    assert!(
        refused["error"].to_string().contains("no space left"),
        "{refused}"
    );
    // Long enough for three test writes, which fail as well.
    let end = Instant::now() + Duration::from_secs(16);
    while Instant::now() < end {
        scene.assert_health(503, "not_writable");
        std::thread::sleep(Duration::from_millis(500));
    }
    disk.set_full(false);
    scene.await_recovery();
    assert_eq!(scene.push(2).0, 200);
    assert_eq!(events(&scene.desk, &[]).len(), 2);
    scene.server.signal(rustix::process::Signal::TERM);
    let log = scene.server.log();
    let lines = |what: &str| log.iter().filter(|line| line["what"] == what).count();
    // The first test write may have come between the disk's end and the push.
    assert!(lines("store_failed") <= 1, "{log:?}");
    assert_eq!(lines("store_recovered"), 1);
}

#[test]
fn hanging_disk_leaves_no_push_without_an_answer() {
    let Some(disk) = Disk::new() else { return };
    let scene = Scene::begin(desk(), Some(&disk));
    disk.set_hanging(true);
    assert_eq!(scene.push(2).0, 500);
    scene.assert_health(503, "not_writable");
    let text = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
                <MsgType>event</MsgType><Event>subscribe</Event></xml>";
    let message = scene
        .wechat
        .push(KeyUsed::Present, text, To::Account("gh_a"));
    let began = Instant::now();
    let answer = scene.server.send("/messages/wx00000000000000aa", &message);
    assert_eq!(answer.0, 200);
    assert!(began.elapsed() < HANGS_UP, "{:?}", began.elapsed());
    disk.set_hanging(false);
    scene.await_recovery();
    // It was written after all, and counts once.
    assert_eq!(scene.push(2).0, 200);
    assert_eq!(events(&scene.desk, &[]).len(), 2);
}

#[test]
fn locked_store_refuses_each_push_in_time_and_keeps_what_is_repeated() {
    let scene = Scene::begin(desk(), None);
    let lock = scene.lock();
    let locked = Instant::now();
    for number in 2..6 {
        assert_eq!(scene.push(number).0, 500);
        scene.assert_health(503, "not_writable");
    }
    assert!(locked.elapsed() > Duration::from_secs(10));
    drop(lock);
    scene.await_recovery();
    for number in 2..6 {
        assert_eq!(scene.push(number).0, 200);
    }
    assert_eq!(events(&scene.desk, &[]).len(), 5);
}

impl Scene {
    fn store(&self) -> PathBuf {
        self.desk.config_dir().join("store.db")
    }

    /// Another program writes, until what comes back is dropped.
    fn lock(&self) -> Held {
        lock_store(&self.store())
    }

    /// Pushes fail by something that a test write does not touch.
    #[track_caller]
    fn assert_shown_until_a_push_is_written(&self, begin: impl FnOnce(), end: impl FnOnce()) {
        let long = Duration::from_secs(12);
        begin();
        assert_eq!(self.push(2).0, 500);
        // Long enough for two test writes, which succeed.
        let until = Instant::now() + long;
        while Instant::now() < until {
            self.assert_health(503, "not_writable");
            std::thread::sleep(Duration::from_millis(500));
        }
        end();
        self.assert_health(503, "not_writable");
        assert_eq!(self.push(2).0, 200);
        self.assert_health(200, "ok");
    }
}

#[test]
fn failure_of_pushes_alone_is_shown_until_one_is_written() {
    let scene = Scene::begin(desk(), None);
    let store = scene.store();
    scene.assert_shown_until_a_push_is_written(
        || {
            let broken = "CREATE TRIGGER broken BEFORE INSERT ON events
                          BEGIN SELECT RAISE(FAIL, 'broken'); END";
            tamper(&store, broken);
        },
        || {
            tamper(&store, "DROP TRIGGER broken");
        },
    );
}

/// A slow body must not cost the store its time, nor the store its good name.
#[test]
fn store_that_is_busy_after_a_slow_body_has_time_to_keep_it() {
    let scene = Scene::begin(desk(), None);
    let (query, body) = scene.wechat.ticket(2);
    let whole = posted("/events", &query, &body);
    let (most, last) = whole.split_at(whole.len() - 5);
    let lock = scene.lock();
    let mut stream = scene.server.connect();
    stream.write_all(most).expect("it listens");
    std::thread::sleep(Duration::from_millis(1700));
    stream.write_all(last).expect("it still reads");
    std::thread::sleep(Duration::from_millis(1450));
    drop(lock);
    assert_eq!(answer(stream).0, 200);
    scene.assert_health(200, "ok");
    assert_eq!(events(&scene.desk, &[]).len(), 2);
}

/// That a count was slow is no failure of the store; a test write shows whether there is one.
#[test]
fn message_that_is_not_counted_leads_to_a_test_write_and_to_nothing_else() {
    let scene = Scene::begin(desk(), None);
    let text = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
                <MsgType>event</MsgType><Event>subscribe</Event></xml>";
    let message = scene
        .wechat
        .push(KeyUsed::Present, text, To::Account("gh_a"));
    let lock = scene.lock();
    assert_eq!(scene.server.send("/messages/gh_a", &message).0, 200);
    scene.assert_health(200, "ok");
    scene.server.told("message_not_counted");
    let end = Instant::now() + PATIENCE;
    while scene.health().0 == 200 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(300));
    }
    scene.assert_health(503, "not_writable");
    drop(lock);
    scene.await_recovery();
}

#[cfg(feature = "redis")]
mod on_redis {
    use crate::support::{RedisServer, eventually, free_port};

    use super::*;

    fn desk_of(redis: &RedisServer) -> Desk {
        desk().with("WXAUTH_STORE", redis.url())
    }

    /// A Redis that fails to save its memory, and the way to let it succeed again.
    fn break_saving(redis: &RedisServer) {
        std::fs::create_dir(dump(redis)).expect("in the way of its file");
        redis.cli(&["config", "set", "save", "3600 100"]);
        redis.cli(&["bgsave"]);
        let failed = |info: &str| info.contains("rdb_last_bgsave_status:err");
        eventually(|| failed(&redis.cli(&["info", "persistence"])));
    }

    fn dump(redis: &RedisServer) -> PathBuf {
        redis.socket().with_file_name("dump.rdb")
    }

    #[test]
    fn redis_that_takes_no_writes_is_shown_until_it_does() {
        let redis = RedisServer::start();
        let scene = Scene::begin(desk_of(&redis), None);
        let nowhere = free_port().to_string();
        let run = |words: &[&str]| {
            redis.cli(words);
        };
        /// How a trouble begins and ends.
        type Trouble<'a> = (&'a dyn Fn(), &'a dyn Fn());
        let troubles: [Trouble<'_>; 3] = [
            (&|| run(&["config", "set", "maxmemory", "1"]), &|| {
                run(&["config", "set", "maxmemory", "0"]);
            }),
            (&|| run(&["replicaof", "127.0.0.1", &nowhere]), &|| {
                run(&["replicaof", "no", "one"]);
            }),
            (&|| break_saving(&redis), &|| {
                std::fs::remove_dir(dump(&redis)).expect("out of the way");
                run(&["config", "set", "save", ""]);
            }),
        ];
        for (number, (begin, end)) in (2..).zip(troubles) {
            begin();
            assert_eq!(scene.push(number).0, 500, "trouble {number}");
            scene.assert_health(503, "not_writable");
            end();
            scene.await_recovery();
            assert_eq!(scene.push(number).0, 200, "trouble {number}");
        }
        assert_eq!(events(&scene.desk, &[]).len(), 4);
    }

    #[test]
    fn key_of_another_type_is_shown_until_a_push_is_written() {
        let redis = RedisServer::start();
        let scene = Scene::begin(desk_of(&redis), None);
        let found = redis.cli(&["--scan", "--pattern", "wxauth:{*}:events"]);
        let key = found.trim();
        assert!(!key.is_empty());
        scene.assert_shown_until_a_push_is_written(
            || {
                redis.cli(&["rename", key, "theirs"]);
                redis.cli(&["xadd", key, "*", "theirs", "1"]);
            },
            || {
                redis.cli(&["rename", "theirs", key]);
            },
        );
    }

    #[test]
    fn redis_without_memory_is_shown_before_any_push_comes() {
        let redis = RedisServer::start();
        let Scene { desk, server, .. } = Scene::begin(desk_of(&redis), None);
        assert_eq!(server.stop(), 0);
        redis.cli(&["config", "set", "maxmemory", "1"]);
        let scene = Scene {
            server: Receiver::start(&desk, &[]),
            desk,
            wechat: WeChat::new(),
        };
        scene.server.told("store_failed");
        scene.assert_health(503, "not_writable");
        // What only reads goes on.
        let status = scene.desk.run(["status", "-o", "json"]);
        assert_eq!(status.expect_code(0).json()["healthy"], true);
        let empty = super::desk().with("WXAUTH_STORE", format!("{}/1", redis.url()));
        let status = empty.run(["status", "-o", "json"]);
        assert_eq!(status.expect_code(3).json()["ticket"], Value::Null);
        redis.cli(&["config", "set", "maxmemory", "0"]);
        scene.await_recovery();
    }
}
