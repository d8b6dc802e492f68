//! A platform goes round: from a file-based store through an encrypted file to Redis and back.

use serde_json::json;

use super::Movers;
use crate::cli::office::{hints, text};
use crate::support::{RedisServer, shared_redis};

#[test]
fn two_hundred_merchants_survive_export_to_a_file_to_redis_and_back() {
    let movers = Movers::with_merchants("210");
    let old = format!("sqlite:{}", movers.file("old.db"));
    let redis = shared_redis();
    let back = format!("sqlite:{}", movers.file("back.db"));
    movers
        .on(&old, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let list = movers.json(&old, &["authorizers", "list"]);
    let merchants = list.as_array().expect("merchants");
    assert!(merchants.len() >= 200, "{}", merchants.len());
    let named: Vec<String> = merchants.iter().map(|row| text(row, "appid")).collect();
    for (index, appid) in named.iter().take(3).enumerate() {
        let id = format!("shop-{index}");
        let set = ["authorizers", "set", appid, "--external-id", &id];
        movers.on(&old, &set).expect_code(0);
    }
    let token = |store: &str, appid: &str| {
        let words = ["token", "authorizer", appid];
        movers.on(store, &words).expect_code(0).stdout
    };
    let own = |store: &str| movers.on(store, &["token", "component"]).expect_code(0);
    let (first, component) = (token(&old, &named[0]), own(&old).stdout);
    let before = movers.sight(&old);
    let counted = movers.holding(&old);

    let file = movers.file("all.wxauth");
    let (passphrase, count) = (movers.passphrase(), json!(merchants.len()));
    let words = [
        "store",
        "export",
        "--to",
        &file,
        "--passphrase-file",
        &passphrase,
    ];
    let exported = movers.json(&old, &words);
    assert_eq!(exported[0]["records"], counted);
    let words = ["store", "import", &file, "--passphrase-file", &passphrase];
    let imported = movers.json(&redis, &words);
    assert_eq!(imported[0]["records"], counted);
    assert_eq!(imported[0]["verified"], true);
    assert_eq!(imported[0]["records"]["authorizers"], count);

    let calls = || movers.sandbox.get("journal/counters");
    let quiet = calls();
    assert_eq!(movers.sight(&redis), before);
    assert_eq!(
        (token(&redis, &named[0]), own(&redis).stdout),
        (first.clone(), component)
    );
    let found = movers.json(&redis, &["authorizers", "show", "shop-1"]);
    assert_eq!(text(&found, "appid"), named[1]);
    assert_eq!(calls(), quiet, "what was moved needs no call");
    movers
        .on(&redis, &["authorizers", "refresh", &named[5], "-q"])
        .expect_code(0);

    let sight = movers.sight(&redis);
    let (fresh, holding) = (token(&redis, &named[5]), movers.holding(&redis));
    let words = ["store", "export", "--to", &back];
    let carried = movers.json(&redis, &words);
    assert_eq!(carried[0]["records"], holding);
    assert_eq!(carried[0]["verified"], true);
    assert_eq!(movers.sight(&back), sight);
    assert_eq!(
        (token(&back, &named[0]), token(&back, &named[5])),
        (first, fresh)
    );
    // Fences of the new place stand above every generation that was brought.
    let worked = movers.json(&back, &["authorizers", "refresh", &named[5]]);
    assert_eq!(worked["refreshed"], 1, "{worked}");
}

#[test]
fn what_an_interrupted_import_left_is_recognised_and_completed() {
    let movers = Movers::with_merchants("20");
    let old = format!("sqlite:{}", movers.file("old.db"));
    movers
        .on(&old, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let before = movers.sight(&old);
    for new in [format!("sqlite:{}", movers.file("new.db")), shared_redis()] {
        movers
            .on(&new, &["store", "import", &old, "-q"])
            .expect_code(0);
        // As it would stand had it ended in the middle of the roster.
        let appids: Vec<String> = before.0.as_array().expect("merchants")[8..]
            .iter()
            .map(|row| text(row, "appid"))
            .collect();
        for appid in &appids {
            movers
                .on(&new, &["authorizers", "forget", appid, "--yes", "-q"])
                .expect_code(0);
        }
        let half = movers.holding(&new);
        assert_ne!(half["authorizers"], movers.holding(&old)["authorizers"]);
        let again = movers.json(&new, &["store", "import", &old]);
        assert_eq!(again[0]["verified"], true);
        assert_eq!(again[0]["written"]["authorizers"], appids.len());
        assert_eq!(again[0]["written"]["journal"], serde_json::Value::Null);
        let after = movers.sight(&new);
        assert_eq!((&after.0, &after.2), (&before.0, &before.2));
        // A third time there is nothing left to do.
        let idle = movers.json(&new, &["store", "import", &old]);
        assert_eq!(
            (&idle[0]["written"], &idle[0]["skipped"]),
            (&json!({}), &json!({}))
        );
    }
}

#[test]
fn nothing_newer_is_overwritten_and_the_operators_ids_stay() {
    let movers = Movers::with_merchants("5");
    let old = format!("sqlite:{}", movers.file("old.db"));
    let (sqlite, redis) = (format!("sqlite:{}", movers.file("new.db")), shared_redis());
    movers
        .on(&old, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let list = movers.json(&old, &["authorizers", "list"]);
    let (one, two) = (text(&list[0], "appid"), text(&list[1], "appid"));
    let token = |store: &str| {
        let words = ["token", "authorizer", &one];
        movers.on(store, &words).expect_code(0).stdout
    };
    token(&old);
    let set = |store: &str, appid: &str, id: &str| {
        let words = ["authorizers", "set", appid, "--external-id", id];
        movers.on(store, &words).expect_code(0);
    };
    set(&old, &one, "shop");
    for new in [sqlite, redis] {
        movers.sandbox.pass("+1m");
        movers
            .on(&new, &["authorizers", "sync", "-q"])
            .expect_code(0);
        set(&new, &two, "shop");
        let fresh = token(&new);
        let words = ["store", "import", &old, "-o", "json"];
        let merged = movers.on(&new, &words).expect_code(0).json();
        assert_eq!(merged[0]["skipped"]["external_ids"], 1, "{merged}");
        assert_eq!(token(&new), fresh);
        let taken = movers.json(&new, &["authorizers", "show", "shop"]);
        assert_eq!(text(&taken, "appid"), two);
    }
}

#[test]
fn a_password_is_no_argument_and_comes_from_a_file() {
    let movers = Movers::with_merchants("2");
    let server = RedisServer::with(&["--requirepass", "opensesame99"]);
    let old = format!("sqlite:{}", movers.file("old.db"));
    movers
        .on(&old, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let address = server.url().replace("redis://", "redis://:opensesame99@");
    for words in [
        ["store", "export", "--to", &address, "-o", "json"],
        ["store", "import", &address, "-o", "json", "--dry-run"],
    ] {
        let refused = movers.on(&old, &words).expect_code(2);
        assert!(!refused.stderr.contains("opensesame99"), "{refused:?}");
        assert!(hints(&refused.json_error(), "--password-file"));
    }
    let file = movers.file("password.txt");
    std::fs::write(&file, "opensesame99\n").expect("a file");
    let url = server.url();
    let words = ["store", "export", "--to", &url, "--password-file", &file];
    assert_eq!(movers.json(&old, &words)[0]["verified"], true);
    movers
        .on(&old, &["store", "export", "--to", &url])
        .expect_code(7);
}
