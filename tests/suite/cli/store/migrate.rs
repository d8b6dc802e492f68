//! Layouts of a shared Redis: the present one needs no change, newer ones are used as they say.

use super::Movers;
use crate::cli::office::text;
use crate::support::RedisServer;

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
        &["store", "info", "-o", "json"],
        &["store", "migrate", "--yes", "-o", "json"],
    ] {
        let error = movers.on(&store, words).expect_code(7).json_error();
        assert!(text(&error, "message").contains('7'), "{error}");
    }
}

#[test]
fn there_is_nothing_to_migrate_in_a_file_nor_in_an_empty_nor_in_a_present_redis() {
    let movers = Movers::with_merchants("2");
    let file = format!("sqlite:{}", movers.file("a.db"));
    let told = movers.on(&file, &["store", "migrate"]).expect_code(0);
    assert!(told.stdout.contains("has layout 1: nothing"), "{told:?}");
    let server = RedisServer::start();
    let store = server.url();
    let empty = movers.json(&store, &["store", "migrate", "--yes"]);
    assert!(empty["from"].is_null() && empty["changed"] == false);
    assert_eq!(server.cli(&["DBSIZE"]), "0");
    movers
        .on(&store, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let keys = || server.cli(&["DEBUG", "DIGEST"]);
    let untouched = keys();
    for words in [
        &["store", "migrate"][..],
        &["store", "migrate", "--dry-run"],
    ] {
        let idle = movers.json(&store, words);
        assert_eq!((&idle["from"], &idle["to"]), (&1.into(), &1.into()));
        assert_eq!(
            (&idle["min_reader"], &idle["changed"]),
            (&1.into(), &false.into())
        );
    }
    assert_eq!(keys(), untouched);
}
