//! After a loss in Redis WeChat gives back what it knows.

use serde_json::Value;

use super::Movers;
use crate::cli::office::text;
use crate::support::RedisServer;

#[test]
fn an_emptied_redis_is_rebuilt_from_wechat_and_what_is_gone_is_said() {
    let movers = Movers::with_merchants("12");
    let server = RedisServer::start();
    let store = server.url();
    movers
        .on(&store, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let before = movers.json(&store, &["authorizers", "list"]);
    let appid = text(&before[0], "appid");
    let set = ["authorizers", "set", &appid, "--external-id", "shop"];
    movers.on(&store, &set).expect_code(0);
    movers
        .on(&store, &["token", "authorizer", &appid])
        .expect_code(0);
    server.cli(&["FLUSHALL"]);

    let recovered = movers
        .on(&store, &["authorizers", "recover"])
        .expect_code(0);
    for gone in ["external ids", "history", "pushes", "links"] {
        assert!(recovered.stderr.contains(gone), "{gone}: {recovered:?}");
    }
    let mut after = movers.json(&store, &["authorizers", "list"]);
    let mut expected = before;
    for rows in [&mut after, &mut expected] {
        for row in rows.as_array_mut().expect("merchants") {
            row["synced_at"] = Value::Null;
            row["token_expires_at"] = Value::Null;
        }
    }
    assert_eq!(after, expected);
    let token = movers.on(&store, &["token", "authorizer", &appid]);
    assert!(!token.expect_code(0).stdout.trim().is_empty());
    movers
        .on(&store, &["authorizers", "refresh", &appid, "-q"])
        .expect_code(0);
}
