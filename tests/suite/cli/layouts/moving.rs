//! Taking over what a backend's keys hold, by `store import --layout`.

use serde_json::{Value, json};

use super::{Backend, Held};
use crate::cli::office::text;
use crate::support::shared_redis;

/// A backend on wechatpy, its keys, and a desk that mints by itself from now on.
fn of_wechatpy() -> (Backend, Held) {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let a = held.appid.clone();
    let quoted = |value: &str| format!("\"{value}\"");
    let keys = [
        (format!("{c}_component_verify_ticket"), &held.ticket, None),
        (
            format!("{c}_component_access_token"),
            &held.component_token,
            Some(5000),
        ),
        (format!("{a}_refresh_token"), &held.refresh_token, None),
        (
            format!("{a}_access_token"),
            &held.authorizer_token,
            Some(4000),
        ),
        // An official account that is no merchant of the platform.
        (
            "wx0000000000000001_access_token".to_owned(),
            &held.ticket,
            Some(4000),
        ),
    ];
    for (key, value, life) in keys {
        backend.set(&format!("wechatpy:{key}"), quoted(value), life);
    }
    backend.configure(&[
        ("layout", "wechatpy"),
        ("layout_redis", &backend.redis),
        ("mint", "wxauth"),
    ]);
    (backend, held)
}

fn import(backend: &Backend, words: &[&str]) -> Value {
    let usual = ["store", "import", "--layout", "-o", "json"];
    let answer = backend.run(&[&usual[..], words].concat());
    answer.expect_code(0).json()[0].clone()
}

#[test]
fn what_the_sdk_keeps_does_the_work_from_now_on() {
    let (backend, held) = of_wechatpy();
    let said = import(&backend, &["--dry-run"]);
    assert_eq!(said["verified"], Value::Null);
    assert_eq!(said["written"], json!({"tickets": 1, "tokens": 1}));

    let row = import(&backend, &[]);
    assert_eq!(row["records"], json!({"tickets": 1, "tokens": 1}));
    assert_eq!(row["written"], json!({"tickets": 1, "tokens": 1}));
    // The merchant is not in the roster yet.
    assert_eq!(row["skipped"], json!({"authorizers": 1}));
    assert_eq!(row["verified"], json!(true));

    let token = backend.run(&["token", "component", "-o", "json"]);
    let token = token.expect_code(0).json();
    assert_eq!(text(&token, "token"), held.component_token);
    let left = token["expires_in"].as_i64().expect("a life");
    assert!((4900..=5000).contains(&left), "{token}");
    let ticket = backend.run(&["ticket", "show", "--reveal", "-o", "json"]);
    assert_eq!(text(&ticket.expect_code(0).json(), "ticket"), held.ticket);

    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    let row = import(&backend, &[]);
    assert_eq!(row["records"], json!({"tickets": 1, "tokens": 2}));
    assert_eq!(row["verified"], json!(true));
    assert_eq!(row["skipped"].get("authorizers"), None);
    let token = backend.run(&["token", "authorizer", &held.appid]);
    assert_eq!(token.expect_code(0).stdout.trim(), held.authorizer_token);
    let call = ["api", "/cgi-bin/getcallbackip", "--as", &held.appid];
    backend.run(&call).expect_code(0);
    assert_eq!(backend.minted(), (1, 1), "wxauth minted");
}

#[test]
fn a_newer_token_stays() {
    let (mut backend, held) = of_wechatpy();
    let key = format!("wechatpy:{}_component_access_token", backend.platform());
    backend.redis(&[b"DEL", key.as_bytes()]);
    import(&backend, &[]);
    let newer = backend.run(&["token", "component"]).expect_code(0).stdout;
    assert_ne!(newer.trim(), held.component_token);
    let old = format!("\"{}\"", held.component_token);
    backend.set(&key, old, Some(5000));
    let row = import(&backend, &[]);
    assert_eq!(row["skipped"]["tokens"], json!(1));
    let token = backend.run(&["token", "component"]).expect_code(0);
    assert_eq!(token.stdout, newer);
}

#[test]
fn what_is_not_there_is_said() {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let refused = backend.run(&["store", "import", "--layout"]).expect_code(2);
    assert!(
        refused.stderr.contains("wxauth store detect"),
        "{}",
        refused.stderr
    );
    backend.configure(&[("layout", "silenceper"), ("layout_redis", &backend.redis)]);
    let key = format!("component_access_token_{c}");
    backend.set(&key, &held.component_token, None);
    let said = backend.run(&["store", "import", "--layout"]).expect_code(0);
    for words in [
        "silenceper does not keep it in Redis",
        "tokens without an end (1)",
        "not taken: refresh tokens",
        "wxauth ticket set",
        "wxauth authorizers recover",
    ] {
        assert!(said.stderr.contains(words), "{words}: {}", said.stderr);
    }
    let said = backend.run(&["--lang", "zh", "store", "import", "--layout"]);
    assert!(
        said.stderr.contains("未导入：refresh_token"),
        "{}",
        said.stderr
    );
    backend
        .run(&["store", "import", "--layout", "--replace"])
        .expect_code(2);
    backend.run(&["store", "import"]).expect_code(2);
}

#[test]
fn a_store_in_redis_takes_it_too() {
    let (backend, held) = of_wechatpy();
    backend.configure(&[("store", &shared_redis())]);
    let row = import(&backend, &[]);
    assert_eq!(row["verified"], json!(true), "{row}");
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    let row = import(&backend, &[]);
    assert_eq!(row["records"], json!({"tickets": 1, "tokens": 2}));
    assert_eq!(row["verified"], json!(true), "{row}");
    let token = backend.run(&["token", "authorizer", &held.appid]);
    assert_eq!(token.expect_code(0).stdout.trim(), held.authorizer_token);
    assert_eq!(backend.minted(), (1, 1), "wxauth minted");
}
