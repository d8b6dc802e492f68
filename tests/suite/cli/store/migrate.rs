//! Layouts of a shared Redis: older ones are refused by name, newer ones as they say themselves.

use super::Movers;
use crate::cli::office::{hints, text};
use crate::support::RedisServer;

#[test]
fn an_older_layout_is_left_alone_until_a_person_migrates_it() {
    let movers = Movers::with_merchants("2");
    let server = RedisServer::start();
    let store = server.url();
    movers
        .on(&store, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let before = movers.sight(&store);
    server.cli(&["HSET", "wxauth:schema", "version", "0", "min_reader", "0"]);
    let keys = || server.cli(&["DEBUG", "DIGEST"]);
    let untouched = keys();
    let refused = movers.on(&store, &["authorizers", "sync", "-o", "json"]);
    let error = refused.expect_code(4).json_error();
    assert!(hints(&error, "wxauth store migrate"), "{error}");
    let info = movers.json(&store, &["store", "info"]);
    assert_eq!(info["schema_version"], 0);
    let planned = movers.json(&store, &["store", "migrate", "--dry-run"]);
    assert_eq!((&planned["from"], &planned["to"]), (&0.into(), &1.into()));
    assert_eq!(
        (
            planned["steps"].as_array().map(Vec::len),
            &planned["changed"]
        ),
        (Some(1), &false.into())
    );
    let unasked = movers.on(&store, &["store", "migrate"]).expect_code(2);
    assert!(unasked.stderr.contains("--yes"), "{unasked:?}");
    assert_eq!(keys(), untouched);

    let migrated = movers.json(&store, &["store", "migrate", "--yes"]);
    assert_eq!(migrated["changed"], true);
    assert_eq!(movers.sight(&store), before);
    let again = movers.json(&store, &["store", "migrate", "--yes"]);
    assert_eq!(
        (&again["changed"], &again["steps"]),
        (&false.into(), &serde_json::json!([]))
    );
}

#[test]
fn a_newer_layout_is_used_where_it_says_that_this_reader_may() {
    let movers = Movers::with_merchants("2");
    let server = RedisServer::start();
    let store = server.url();
    server.cli(&["HSET", "wxauth:schema", "version", "7", "min_reader", "1"]);
    movers
        .on(&store, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let idle = movers.json(&store, &["store", "migrate", "--yes"]);
    assert_eq!((&idle["from"], &idle["to"]), (&7.into(), &7.into()));
    assert_eq!(server.cli(&["HGET", "wxauth:schema", "version"]), "7");
    server.cli(&["HSET", "wxauth:schema", "min_reader", "6"]);
    for words in [
        &["authorizers", "list", "-o", "json"][..],
        &["store", "migrate", "--yes", "-o", "json"],
    ] {
        let error = movers.on(&store, words).expect_code(7).json_error();
        assert!(text(&error, "message").contains('7'), "{error}");
    }
}

#[test]
fn a_file_needs_no_migration_and_an_empty_redis_neither() {
    let movers = Movers::with_merchants("2");
    let file = format!("sqlite:{}", movers.file("a.db"));
    let told = movers.on(&file, &["store", "migrate"]).expect_code(0);
    assert!(told.stdout.contains("by being opened"), "{told:?}");
    let server = RedisServer::start();
    let empty = movers.json(&server.url(), &["store", "migrate", "--yes"]);
    assert!(empty["from"].is_null() && empty["changed"] == false);
    assert_eq!(server.cli(&["DBSIZE"]), "0");
}
