//! wechatpy keeps its tokens in a Redis: wxauth borrows them, and writes what wechatpy reads.
//!
//! Told of version 1, and of the one that WXAUTH_TEST_WECHATPY_2 names the folder of.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::cli::layouts::Backend;
use crate::support::skip;

use super::{fed, python_with, script_path, start};

const MODULES: &str = "wechatpy.component, cryptography, redis";

/// wechatpy in one of its versions.
struct Wechatpy {
    python: PathBuf,
    /// Where a Python finds version 2 before its own.
    second: Option<String>,
}

impl Wechatpy {
    fn first() -> Option<Self> {
        let python = python_with(MODULES)?;
        Some(Self {
            python,
            second: None,
        })
    }

    fn second() -> Option<Self> {
        let python = python_with(MODULES)?;
        let folder = std::env::var("WXAUTH_TEST_WECHATPY_2").unwrap_or_default();
        if !Path::new(&folder).join("wechatpy").is_dir() {
            skip(&format!(
                "no wechatpy 2: WXAUTH_TEST_WECHATPY_2 is `{folder}`"
            ));
            return None;
        }
        Some(Self {
            python,
            second: Some(folder),
        })
    }

    #[track_caller]
    fn run(&self, backend: &Backend, more: &[(&str, Value)]) -> Value {
        let mut command = Command::new(&self.python);
        command.arg(script_path("wechatpy_redis.py")).env_clear();
        if let Some(folder) = &self.second {
            command.env("PYTHONPATH", folder);
        }
        fed(start(&mut command), &given(backend, more))
    }
}

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
    Wechatpy::first().iter().for_each(is_borrowed);
}

#[test]
fn what_wechatpy_2_holds_is_borrowed() {
    Wechatpy::second().iter().for_each(is_borrowed);
}

fn is_borrowed(wechatpy: &Wechatpy) {
    let backend = Backend::open();
    let held = wechatpy.run(&backend, &[]);
    let minted = backend.minted();
    let found = backend.detect();
    // Version 1 does not name the platform, so that there are no lines to paste.
    match wechatpy.second {
        Some(_) => assert_eq!(found["component_appid"], json!(backend.platform())),
        None => assert_eq!(found["component_appid"], Value::Null),
    }
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
    Wechatpy::first().iter().for_each(reads);
}

#[test]
fn what_is_minted_in_its_place_wechatpy_2_reads() {
    Wechatpy::second().iter().for_each(reads);
}

fn reads(wechatpy: &Wechatpy) {
    let backend = Backend::open();
    wechatpy.run(&backend, &[("ticket_only", json!(true))]);
    backend.configure(&[
        ("mint", "shared"),
        ("layout", "wechatpy"),
        ("layout_redis", &backend.redis),
    ]);
    let token = backend.run(&["token", "component", "-o", "json"]);
    let token = token.expect_code(0).json();
    assert_eq!(token["source"], json!("refreshed"));
    let found = wechatpy.run(&backend, &[("read", json!(true))]);
    assert_eq!(found["component_token"], token["token"]);
    assert_eq!(backend.minted(), (1, 0));
}

#[test]
fn on_what_it_is_given_wechatpy_works_on() {
    Wechatpy::first().iter().for_each(works_on);
}

#[test]
fn on_what_it_is_given_wechatpy_2_works_on() {
    Wechatpy::second().iter().for_each(works_on);
}

fn works_on(wechatpy: &Wechatpy) {
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

    let found = wechatpy.run(&backend, &[("go_on", json!(appid))]);
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
