//! `store info`: what it tells, and that it changes nothing.

use super::super::office::{Office, text};

#[test]
fn a_store_that_is_not_there_yet_is_not_made_by_looking() {
    let office = Office::open();
    let info = office
        .run(["store", "info", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        (&info["exists"], &info["kind"]),
        (&false.into(), &"sqlite".into())
    );
    assert!(!office.store().exists());
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let info = office
        .run(["store", "info", "-o", "json"])
        .expect_code(0)
        .json();
    let own = &info["platforms"][0];
    assert_eq!(own["own"], true);
    assert!(own["records"]["authorizers"].as_u64() > Some(3), "{info}");
    assert_eq!(info["encrypted"]["plain_text"], true);
    let told = office.run(["store", "info"]).expect_code(0).stdout;
    assert!(told.contains("authorizers ") && told.contains(&text(own, "component_appid")));
}

#[cfg(feature = "redis")]
#[test]
fn a_redis_that_can_forget_is_warned_of() {
    let office = Office::open();
    let look = |directives: &[&str]| {
        let server = crate::support::RedisServer::with(directives);
        let mut command = office.desk.command(["store", "info", "-o", "json"]);
        command.env("WXAUTH_STORE", server.url());
        let info = crate::support::Outcome::of(command.spawn().expect("the program"));
        // Looking makes nothing.
        assert_eq!(server.cli(&["DBSIZE"]), "0");
        info.expect_code(0).json()
    };
    let warned = |info: &serde_json::Value, part: &str| {
        let warnings = info["warnings"].as_array().expect("warnings").iter();
        warnings
            .filter_map(|warning| warning.as_str())
            .any(|warning| warning.contains(part))
    };
    let careless = look(&["--maxmemory-policy", "allkeys-lru"]);
    assert!(warned(&careless, "noeviction") && warned(&careless, "appendonly yes"));
    assert_eq!(careless["redis"]["role"], "master");
    let careful = look(&["--appendonly", "yes"]);
    assert_eq!(careful["warnings"], serde_json::json!([]));
    assert_eq!(careful["redis"]["appendonly"], true);
}
