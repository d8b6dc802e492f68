//! The store's file is moved, deleted or replaced while a server runs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Desk, eventually};

use super::receiver::{Answer, Receiver, WeChat, desk, events};

const SIDES: [&str; 3] = ["", "-wal", "-shm"];

struct Scene {
    desk: Desk,
    server: Receiver,
    wechat: WeChat,
    sent: u32,
    /// How many pushes were answered `success`.
    kept: usize,
}

impl Scene {
    fn begin() -> Self {
        let desk = desk();
        let server = Receiver::start(&desk, &[]);
        let mut scene = Self {
            desk,
            server,
            wechat: WeChat::new(),
            sent: 0,
            kept: 0,
        };
        assert_eq!(scene.push(), (200, "success".to_owned()));
        assert_eq!(scene.health().0, 200);
        scene
    }

    fn push(&mut self) -> Answer {
        self.sent += 1;
        let answer = self.server.send("/events", &self.wechat.ticket(self.sent));
        self.kept += usize::from(answer == (200, "success".to_owned()));
        answer
    }

    fn health(&self) -> (u16, Value) {
        let request = b"GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
        let (status, body) = self.server.raw(request);
        (status, serde_json::from_str(&body).expect("JSON"))
    }

    fn store(&self) -> PathBuf {
        self.desk.config_dir().join("store.db")
    }

    /// No push is taken, the server says that it is not well, and so do commands.
    fn assert_refused(&mut self) {
        for _ in 0..2 {
            assert_eq!(self.push().0, 500);
        }
        let (status, health) = self.health();
        assert_eq!(
            (status, &health["platforms"][0]["store"]),
            (503, &"failed".into())
        );
        let error = self.desk.run(["status", "-o", "json"]);
        let error = error.expect_code(7).json_error();
        assert_eq!(error["kind"], "store", "{error}");
        let cure = format!("kill {}", self.server.process_id());
        assert!(error["hints"].to_string().contains(&cure), "{error}");
        let told = self.server.told("store_failed");
        assert!(
            told["error"]
                .to_string()
                .contains("moved, deleted or replaced"),
            "{told}"
        );
    }
}

fn beside(store: &Path, end: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

#[test]
fn refuses_pushes_while_the_store_is_away_and_loses_none() {
    let mut scene = Scene::begin();
    let store = scene.store();
    let away = scene.desk.home().join("away");
    fs::create_dir(&away).expect("a folder");
    let put = |from: &Path, to: &Path| {
        for end in SIDES {
            let name = format!("store.db{end}");
            fs::rename(from.join(&name), to.join(&name)).expect("moved");
        }
    };
    let folder = store.parent().expect("a folder").to_owned();
    put(&folder, &away);
    scene.assert_refused();
    assert!(!store.exists(), "nothing is made in its place");
    put(&away, &folder);
    assert_eq!(scene.push(), (200, "success".to_owned()));
    assert_eq!(scene.health().0, 200);
    assert_eq!(events(&scene.desk, &[]).len(), scene.kept);
}

#[test]
fn refuses_pushes_after_the_store_was_deleted_until_it_is_started_again() {
    let mut scene = Scene::begin();
    for end in SIDES {
        fs::remove_file(beside(&scene.store(), end)).expect("deleted");
    }
    scene.assert_refused();
    scene.server.signal(rustix::process::Signal::TERM);
    scene.server = Receiver::start(&scene.desk, &[]);
    scene.kept = 0;
    assert_eq!(scene.push(), (200, "success".to_owned()));
    assert_eq!(events(&scene.desk, &[]).len(), scene.kept);
}

#[test]
fn refuses_pushes_after_the_store_was_replaced_and_its_log_is_not_applied() {
    let mut scene = Scene::begin();
    let store = scene.store();
    let copy = scene.desk.home().join("copy.db");
    let place = format!("sqlite:{}", copy.display());
    let exported = scene.desk.run(["store", "export", "--to", &place]);
    exported.expect_code(0);
    let copied = scene.kept;
    assert_eq!(scene.push(), (200, "success".to_owned()));
    fs::rename(&copy, &store).expect("replaced");
    scene.assert_refused();
    // A process that is killed cannot clean up after itself.
    scene.server.signal(rustix::process::Signal::KILL);
    assert!(scene.server.was_killed());
    let error = scene.desk.run(["status", "-o", "json"]);
    let error = error.expect_code(7).json_error();
    let log = beside(&store, "-wal");
    let cure = format!("mv {0} {0}.former", log.display());
    assert!(error["hints"].to_string().contains(&cure), "{error}");
    fs::rename(&log, beside(&log, ".former")).expect("moved");
    assert_eq!(events(&scene.desk, &[]).len(), copied);
    let check = rusqlite::Connection::open(&store)
        .and_then(|store| store.query_row("PRAGMA integrity_check", [], |row| row.get(0)));
    assert_eq!(check, Ok("ok".to_owned()));
    scene.server = Receiver::start(&scene.desk, &[]);
    assert_eq!(scene.push(), (200, "success".to_owned()));
    eventually(|| events(&scene.desk, &[]).len() == copied + 1);
}
