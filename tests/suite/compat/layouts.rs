//! wechatpy keeps its tokens in a Redis: wxauth borrows them, and writes what wechatpy reads.

use serde_json::{Value, json};

use crate::cli::layouts::Backend;

use super::{python_with, run_script};

const MODULES: &str = "wechatpy.component, cryptography, redis";

/// What the script is given: the sandbox's card and where the Redis is.
pub(super) fn given(backend: &Backend, more: &[(&str, Value)]) -> Value {
    let (socket, database) = (backend.redis.strip_prefix("redis+unix://"))
        .and_then(|rest| rest.split_once("?db="))
        .expect("a socket and a database");
    let mut given = backend.office.sandbox.card.clone();
    given["socket"] = json!(socket);
    given["database"] = json!(database.parse::<u32>().expect("a number"));
    for (name, value) in more {
        given[*name] = value.clone();
    }
    given
}

#[test]
fn what_wechatpy_holds_is_borrowed() {
    let Some(python) = python_with(MODULES) else {
        return;
    };
    let backend = Backend::open();
    let held = run_script(&python, "wechatpy_redis.py", &given(&backend, &[]));
    let minted = backend.minted();
    // Version 1 does not name the platform, so that there are no lines to paste.
    let found = backend.detect();
    assert_eq!(found["layout"], json!("wechatpy"));
    assert_eq!(found["ticket"], json!("live"));
    assert_eq!(found["component_token"], json!("live"));
    assert_eq!(found["authorizers"], json!(1));
    backend.configure(&[("layout", "wechatpy"), ("layout_redis", &backend.redis)]);
    let token = backend.run(&["token", "component", "-o", "json"]);
    assert_eq!(
        token.expect_code(0).json()["token"],
        held["component_token"]
    );
    let appid = held["appid"].as_str().expect("an appid");
    let token = backend.run(&["token", "authorizer", appid, "-o", "json"]);
    assert_eq!(
        token.expect_code(0).json()["token"],
        held["authorizer_token"]
    );
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    assert_eq!(backend.minted(), minted, "wxauth minted");
}

#[test]
fn what_is_minted_in_its_place_wechatpy_reads() {
    let Some(python) = python_with(MODULES) else {
        return;
    };
    let backend = Backend::open();
    let ticket = [("ticket_only", json!(true))];
    run_script(&python, "wechatpy_redis.py", &given(&backend, &ticket));
    backend.configure(&[
        ("mint", "shared"),
        ("layout", "wechatpy"),
        ("layout_redis", &backend.redis),
    ]);
    let token = backend.run(&["token", "component", "-o", "json"]);
    let token = token.expect_code(0).json();
    assert_eq!(token["source"], json!("refreshed"));
    let read = [("read", json!(true))];
    let found = run_script(&python, "wechatpy_redis.py", &given(&backend, &read));
    assert_eq!(found["component_token"], token["token"]);
    assert_eq!(backend.minted(), (1, 0));
}

#[test]
fn on_what_it_is_given_wechatpy_works_on() {
    let Some(python) = python_with(MODULES) else {
        return;
    };
    let backend = Backend::open();
    backend.configure(&[
        ("mint", "wxauth"),
        ("layout", "wechatpy"),
        ("layout_redis", &backend.redis),
    ]);
    let ticket = backend.office.sandbox.text("component_verify_ticket");
    let desk = &backend.office.desk;
    desk.run_with_input(["ticket", "set"], &ticket)
        .expect_code(0);
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    let list = backend.run(&["authorizers", "list", "-o", "json"]).json();
    let appid = list[0]["appid"].as_str().expect("an appid");
    let token = |words: &[&str]| {
        let token = backend.run(&[words, &["-o", "json"]].concat());
        token.expect_code(0).json()["token"].clone()
    };
    let (platform, merchant) = (
        token(&["token", "component"]),
        token(&["token", "authorizer", appid]),
    );
    let words = ["store", "export", "--layout", "--yes", "-q"];
    backend.run(&words).expect_code(0);
    let minted = backend.minted();

    let work = [("go_on", json!(appid))];
    let found = run_script(&python, "wechatpy_redis.py", &given(&backend, &work));
    assert_eq!(found["ticket"], json!(ticket));
    assert_eq!(found["component_token"], platform);
    assert_eq!(found["authorizer_token"], merchant);
    assert!(
        found["refresh_token"]
            .as_str()
            .is_some_and(|it| !it.is_empty())
    );
    assert!(
        found["addresses"]
            .as_array()
            .is_some_and(|it| !it.is_empty())
    );
    assert_eq!(backend.minted(), minted, "wechatpy minted");
}
