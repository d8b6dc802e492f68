//! node-easywechat 3 goes the whole way at the sandbox, and what it keeps in a Redis is borrowed and
//! written for it.
//!
//! WXAUTH_TEST_NODE_MODULES names the folder where npm installed it and ioredis.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cli::layouts::{Backend, md5};
use crate::support::skip;

use super::layouts::given;
use super::{fed, script_path, start};

/// Runs the script; none where there is no node-easywechat.
fn node(backend: &Backend, more: &[(&str, Value)]) -> Option<Value> {
    let modules = std::env::var("WXAUTH_TEST_NODE_MODULES").unwrap_or_default();
    if !Path::new(&modules).join("node-easywechat").is_dir() {
        skip(&format!(
            "no node-easywechat: WXAUTH_TEST_NODE_MODULES is `{modules}`"
        ));
        return None;
    }
    let mut command = Command::new("node");
    command
        .arg(script_path("node_easywechat.js"))
        .env("NODE_PATH", modules);
    Some(fed(start(&mut command), &given(backend, more)))
}

/// What it wrote is told apart, borrowed, and, when wxauth has fresher tokens, written in its way.
fn tell(form: &str, written: impl Fn(&str) -> String) {
    let mut backend = Backend::open();
    let form = ("form", json!(form));
    let Some(held) = node(&backend, std::slice::from_ref(&form)) else {
        return;
    };
    let told = |name: &str| held[name].as_str().expect(name).to_owned();
    let (platform, appid) = (backend.platform(), told("appid"));
    assert_eq!(held["exchanged"][0], held["appid"]);
    assert_ne!(held["exchanged"][1], held["authorizer_token"], "refreshed");
    assert!(told("link").contains("pre_auth_code=preauthcode%40%40%40"));
    assert!(told("refused").contains("61009"), "a code works once");
    let addresses = |of: &Value| of["addresses"].as_array().is_some_and(|it| !it.is_empty());
    assert!(addresses(&held));
    assert_eq!(backend.minted(), (1, 1));

    // Its keys, its values and their lives are as in the table.
    let hash = md5(&told("refresh_token"));
    let keys = [
        (
            format!("open_platform.verify_ticket.{platform}"),
            "ticket",
            6000,
        ),
        (
            format!("open_platform.component_access_token.{platform}"),
            "component_token",
            7100,
        ),
        (
            format!("open-platform.authorizer_access_token.{appid}.{hash}"),
            "authorizer_token",
            6700,
        ),
    ];
    for (key, name, life) in &keys {
        let key = format!("shop:{key}");
        assert_eq!(backend.get(&key), Some(written(&told(name))), "{key}");
        let left = backend.life(&key);
        assert!((life - 60..=*life).contains(&left), "{key}: {left}");
    }

    let found = backend.detect();
    assert_eq!(found["layout"], json!("easywechat6"));
    assert_eq!(found["prefix"], json!("shop:"));
    for name in ["ticket", "component_token"] {
        assert_eq!(found[name], json!("live"), "{name}");
    }
    backend.paste();
    let token = |backend: &Backend, words: &[&str]| {
        let token = backend.run(&[words, &["-o", "json"]].concat());
        token.expect_code(0).json()["token"].clone()
    };
    assert_eq!(
        token(&backend, &["token", "component"]),
        held["component_token"]
    );
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    let merchant = ["token", "authorizer", &appid];
    assert_eq!(token(&backend, &merchant), held["authorizer_token"]);
    assert_eq!(backend.minted(), (1, 1), "wxauth minted");

    // wxauth mints anew and writes that there: node-easywechat works on with it.
    backend.configure(&[("mint", "wxauth")]);
    let desk = &backend.office.desk;
    desk.run_with_input(["ticket", "set"], &told("ticket"))
        .expect_code(0);
    let ours = [
        token(&backend, &["token", "component"]),
        token(&backend, &merchant),
    ];
    for (key, ..) in &keys[1..] {
        backend.redis(&[b"EXPIRE", format!("shop:{key}").as_bytes(), b"600"]);
    }
    backend
        .run(&["store", "export", "--layout", "--yes", "-q"])
        .expect_code(0);
    let minted = backend.minted();
    let go_on = json!({"appid": appid, "refresh_token": told("refresh_token")});
    let more = [form, ("go_on", go_on)];
    let found = node(&backend, &more).expect("it ran before");
    assert_eq!(found["component_token"], ours[0]);
    assert_eq!(found["authorizer_token"], ours[1]);
    assert_eq!(found["ticket"], held["ticket"]);
    assert!(addresses(&found));
    assert_eq!(backend.minted(), minted, "node-easywechat minted");
}

#[test]
fn with_bare_values_as_its_readme_shows() {
    tell("plain", str::to_owned);
}

#[test]
fn with_values_in_json() {
    tell("json", |text| format!("\"{text}\""));
}
