//! Events, messages and links go along, with the work that waits for them.

use serde_json::{Value, json};

use super::Movers;
use crate::cli::office::text;
use crate::support::shared_redis;

/// What a receiver left behind: work that waits, a forward that waits, messages, a link.
const LEFT_BEHIND: &str = "
INSERT INTO events (platform, fingerprint, received_at, created_at, info_type, appid, fields,
    outcome, detail, finished_at, repeats, pre_auth_code_fingerprint, forward, forward_detail,
    forward_early) SELECT id, 'event-b', unixepoch() - 90, unixepoch() - 91, 'authorized',
    'wx0000000000000001', '{\"a\":1}', 'done', '{\"b\":2}', unixepoch() - 80, 2, 'link-1', 'delivered',
    '200', 0 FROM platforms;
INSERT INTO events (platform, fingerprint, received_at, info_type, appid, fields, outcome,
    code, code_expires_at, forward, forward_after, forward_payload, forward_early)
    SELECT id, 'event-a', unixepoch() - 60, 'updateauthorized', 'wx0000000000000002', '{}',
    'pending', 'queryauthcode@@@abc', unixepoch() + 3000, 'pending',
    unixepoch() + 600, '<xml>x</xml>', 1 FROM platforms;
INSERT INTO message_counts SELECT id, 'wx0000000000000001', 'text', 5, unixepoch() - 7 FROM platforms;
INSERT INTO messages (platform, received_at, account, what, body)
    SELECT id, unixepoch() - 7, 'wx0000000000000001', 'text', '<xml>hello</xml>' FROM platforms;
INSERT INTO messages (platform, received_at, account, what, body)
    SELECT id, unixepoch() - 7, 'wx0000000000000001', 'text', '<xml>hello</xml>' FROM platforms;
INSERT INTO launches SELECT id, 'link-1', unixepoch() - 100, unixepoch() + 1000, 'shop-1', 'claimed-1',
    NULL, '1,15', 'page', 'state-1', 'wx0000000000000001' FROM platforms;
INSERT INTO redeemed_codes SELECT id, 'code-1', 'wx0000000000000001', unixepoch() FROM platforms;
";

/// What stands in the tables about pushes, but for numbers and claims.
fn rows(path: &str) -> Vec<String> {
    let database = rusqlite::Connection::open(path).expect("a store");
    let mut all = Vec::new();
    for table in [
        "SELECT fingerprint, received_at, created_at, info_type, appid, fields, outcome, detail,
             finished_at, repeats, code, code_expires_at, pre_auth_code_fingerprint,
             forward, forward_detail, forward_after, forward_payload, forward_early
         FROM events ORDER BY id",
        "SELECT account, what, count, last_at FROM message_counts ORDER BY 1, 2",
        "SELECT received_at, account, what, body FROM messages ORDER BY id",
        "SELECT pre_auth_code_fingerprint, made_at, expires_at, external_id, claimed_external_id,
             only_appid, permission_ids, source, state, appid FROM launches ORDER BY 1",
        "SELECT fingerprint, appid, redeemed_at FROM redeemed_codes ORDER BY 1",
    ] {
        let mut statement = database.prepare(table).expect("a statement");
        let width = statement.column_count();
        let mut found = statement.query([]).expect("rows");
        while let Some(row) = found.next().expect("a row") {
            let cells: Vec<_> = (0..width)
                .map(|index| format!("{:?}", row.get_ref(index).expect("a cell")))
                .collect();
            all.push(cells.join(" | "));
        }
    }
    all
}

#[test]
fn pushes_messages_and_links_come_along_with_the_work_that_waits() {
    let movers = Movers::with_merchants("2");
    let path = movers.file("old.db");
    let (old, redis) = (format!("sqlite:{path}"), shared_redis());
    movers
        .on(&old, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let database = rusqlite::Connection::open(&path).expect("a store");
    database.execute_batch(LEFT_BEHIND).expect("rows");
    let claim = "UPDATE authorizers SET claimed_external_id = 'shop-of-' || appid";
    database.execute(claim, []).expect("authorizers");
    drop(database);
    let moved = movers.json(&redis, &["store", "import", &old]);
    assert_eq!(moved[0]["verified"], true, "{moved}");
    for (kind, count) in [("events", 2), ("messages", 2), ("launches", 1)] {
        assert_eq!(moved[0]["records"][kind], count, "{kind}: {moved}");
    }
    assert_eq!(movers.holding(&redis), movers.holding(&old));
    let listed = |store: &str| {
        let mut list = movers.json(store, &["events", "list"]);
        for event in list.as_array_mut().expect("events") {
            event["id"] = Value::Null;
        }
        list
    };
    assert_eq!(listed(&redis), listed(&old));
    let again = movers.json(&redis, &["store", "import", &old]);
    assert_eq!(again[0]["written"], json!({}), "{again}");

    let back = movers.file("back.db");
    let place = format!("sqlite:{back}");
    let carried = movers.json(&redis, &["store", "export", "--to", &place]);
    assert_eq!(carried[0]["verified"], true);
    assert_eq!(rows(&back), rows(&path));
    assert_eq!(movers.sight(&redis).0, movers.sight(&old).0);
    let sight = movers.sight(&place).0;
    assert_eq!(sight, movers.sight(&old).0);
    let appid = text(&sight[0], "appid");
    assert_eq!(
        text(&sight[0], "claimed_external_id"),
        format!("shop-of-{appid}")
    );
}

#[test]
fn an_export_is_encrypted_with_the_current_key_and_read_with_it() {
    let movers = Movers::with_merchants("2");
    let (old, file) = (
        format!("sqlite:{}", movers.file("old.db")),
        movers.file("a.wxauth"),
    );
    let keyed = |key: &str, store: &str, words: &[&str]| {
        let mut command = movers.desk.command(words);
        command
            .env("WXAUTH_STORE", store)
            .env("WXAUTH_ENCRYPTION_KEY", key.repeat(64));
        crate::support::Outcome::of(command.spawn().expect("the program"))
    };
    keyed("a", &old, &["authorizers", "sync", "-q"]).expect_code(0);
    keyed("a", &old, &["store", "export", "--to", &file]).expect_code(0);
    for new in [format!("sqlite:{}", movers.file("new.db")), shared_redis()] {
        let import = ["store", "import", &file, "-o", "json"];
        keyed("b", &new, &import).expect_code(4);
        let taken = keyed("a", &new, &import).expect_code(0).json();
        assert_eq!(taken[0]["verified"], true);
        let info = keyed("a", &new, &["store", "info", "-o", "json"]);
        let encrypted = info.expect_code(0).json()["encrypted"].clone();
        assert_eq!(encrypted["open"], false, "{encrypted}");
        assert_eq!(encrypted["key_ids"].as_array().map(Vec::len), Some(1));
    }
}
