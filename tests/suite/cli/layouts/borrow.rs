//! What a backend's keys cannot give is said, and never minted instead.

use serde_json::json;

use super::Backend;
use crate::cli::office::hints;

/// A desk that borrows from WxJava's keys in an empty Redis.
fn of_wxjava() -> Backend {
    let backend = Backend::open();
    backend.configure(&[("layout", "wxjava"), ("layout_redis", &backend.redis)]);
    backend
}

#[test]
fn a_key_that_is_not_there_is_named() {
    let backend = of_wxjava();
    let error = backend.run(&["token", "component", "-o", "json"]);
    let error = error.expect_code(4).json_error();
    let said = format!("{error:#}");
    let key = format!("wechat_component_access_token:{}", backend.platform());
    assert!(said.contains(&key), "{said}");
    assert!(hints(&error, "wxauth store detect"), "{said}");
    let check = backend
        .run(&["check", "--all", "-o", "json"])
        .expect_code(3);
    assert!(check.stdout.contains(&key), "{}", check.stdout);
    backend.run(&["status"]).expect_code(3);
    backend.run(&["authorizers", "sync"]).expect_code(4);
    assert_eq!(backend.minted(), (0, 0));
}

#[test]
fn a_token_that_ends_too_soon_is_not_replaced() {
    let mut backend = of_wxjava();
    let (held, c) = (backend.mint(), backend.platform());
    let key = format!("wechat_authorizer_access_token:{c}:{}", held.appid);
    backend.set(&key, &held.authorizer_token, Some(900));
    let ask = ["token", "authorizer", &held.appid, "--min-life", "30m"];
    let refused = backend.run(&ask).expect_code(4);
    assert!(
        refused.stderr.contains("sooner than asked for"),
        "{}",
        refused.stderr
    );
    let ask = ["token", "authorizer", &held.appid, "--min-life", "10m"];
    let token = backend.run(&ask).expect_code(0);
    assert_eq!(token.stdout.trim(), held.authorizer_token);
    assert_eq!(backend.minted(), (1, 1));
}

#[test]
fn a_token_that_the_backend_renewed_is_read_again() {
    let mut backend = of_wxjava();
    let (held, c) = (backend.mint(), backend.platform());
    let key = format!("wechat_component_access_token:{c}");
    backend.set(&key, &held.component_token, Some(7000));
    let newer = backend.mint_component_token();
    backend.office.sandbox.pass("10m");
    // The old one is refused by WeChat, and the backend has not written the newer one yet.
    backend.run(&["authorizers", "sync"]).expect_code(6);
    backend.set(&key, &newer, Some(7000));
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    assert_eq!(backend.minted(), (2, 1));
}

#[test]
fn values_in_binary_forms_are_refused_with_the_reason() {
    let mut backend = of_wxjava();
    let key = format!("wechat_component_access_token:{}", backend.platform());
    let kryo = b"\x03\x0197_abcdefghijklmno\xf0".as_slice();
    let java = b"\xac\xed\x00\x05t\x00\x0597_ab".as_slice();
    for (value, words) in [(kryo, "Redisson"), (java, "Java's own serialization")] {
        backend.set(&key, value, Some(7000));
        let refused = backend.run(&["token", "component"]).expect_code(4);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
        let found = backend.detect();
        assert_eq!(found["component_token"], json!("unreadable"));
    }
    backend.configure(&[("layout", "easywechat6")]);
    let key = format!(
        "open_platform.component_access_token.{}",
        backend.platform()
    );
    // igbinary: version 2, an object of a class, where a text should be.
    backend.set(&key, b"\0\0\0\x02\x17\x08stdClass\x14\0", Some(7000));
    let refused = backend.run(&["token", "component"]).expect_code(4);
    assert!(refused.stderr.contains("igbinary"), "{}", refused.stderr);
    let refused = backend.run(&["--lang", "zh", "token", "component"]);
    assert!(
        refused.stderr.contains("PHP 的 igbinary 扩展"),
        "{}",
        refused.stderr
    );
    assert_eq!(backend.minted(), (0, 0));
}

#[test]
fn another_sdks_values_are_not_taken_for_tokens() {
    let mut backend = of_wxjava();
    let key = format!("wechat_component_access_token:{}", backend.platform());
    for value in [
        "\"97_quoted\"",
        "s:5:\"97_ab\";",
        "{\"component_access_token\":\"97\"}",
        "",
    ] {
        backend.set(&key, value, Some(7000));
        let refused = backend.run(&["token", "component"]).expect_code(4);
        assert!(
            refused.stderr.contains("is not written as wxjava"),
            "{}",
            refused.stderr
        );
    }
}

#[test]
fn a_program_comes_before_the_keys() {
    let mut backend = of_wxjava();
    let key = format!("wechat_component_access_token:{}", backend.platform());
    backend.set(&key, "97_of_the_keys", Some(7000));
    backend.configure(&[("token_command", "echo 97_of_the_program")]);
    let token = backend.run(&["token", "component"]).expect_code(0);
    assert_eq!(token.stdout.trim(), "97_of_the_program");
}

#[test]
fn a_layout_without_its_redis_is_half_a_setting() {
    let backend = Backend::open();
    backend.configure(&[("layout", "wxjava")]);
    let refused = backend.run(&["token", "component"]).expect_code(4);
    assert!(
        refused.stderr.contains("profile set layout_redis"),
        "{}",
        refused.stderr
    );
    let refused = backend
        .run(&["profile", "set", "layout", "weixin"])
        .expect_code(2);
    assert!(
        refused.stderr.contains("`silenceper`"),
        "{}",
        refused.stderr
    );
    let address = "redis://:geheim@127.0.0.1";
    let refused = backend.run(&["profile", "set", "layout_redis", address]);
    let refused = refused.expect_code(2);
    assert!(
        refused.stderr.contains("layout_redis_password"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("geheim"), "{}", refused.stderr);
}

#[test]
fn a_redis_that_is_not_there_is_the_stores_exit_code() {
    let backend = Backend::open();
    let address = "redis+unix:///nowhere/redis.sock";
    backend.configure(&[("layout", "wxjava"), ("layout_redis", address)]);
    backend.run(&["token", "component"]).expect_code(7);
    backend.run(&["store", "detect", address]).expect_code(7);
    backend.run(&["status"]).expect_code(3);
}
