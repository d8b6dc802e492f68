//! `mint = "shared"`: minted in the backend's place, under its SDK's lock, in its SDK's form.

use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use super::Backend;
use crate::cli::office::text;
use crate::support::{Outcome, eventually};

const LOCK: &str = "componentAccessTokenLock";

/// A desk that shares minting with a backend on this SDK, whose ticket is there.
fn sharing(layout: &str) -> Backend {
    let mut backend = Backend::open();
    let (c, ticket) = (
        backend.platform(),
        backend.office.sandbox.text("component_verify_ticket"),
    );
    match layout {
        "wxjava" => backend.set(&format!("wechat_component_verify_ticket:{c}"), ticket, None),
        "wechatpy" => {
            let key = format!("wechatpy:{c}_component_verify_ticket");
            backend.set(&key, format!("\"{ticket}\""), None);
        }
        _ => {
            let set = backend
                .office
                .desk
                .run_with_input(["ticket", "set"], &ticket);
            set.expect_code(0);
        }
    }
    backend.configure(&[
        ("mint", "shared"),
        ("layout", layout),
        ("layout_redis", &backend.redis),
    ]);
    backend
}

#[test]
fn a_token_is_minted_under_wxjavas_lock_and_written_as_wxjava_writes_it() {
    let mut backend = sharing("wxjava");
    let key = format!("wechat_component_access_token:{}", backend.platform());
    let token = backend.run(&["token", "component", "-o", "json"]);
    let token = token.expect_code(0).json();
    assert_eq!(token["source"], json!("refreshed"));
    assert_eq!(backend.get(&key).as_deref(), token["token"].as_str());
    assert!((6940..=7000).contains(&backend.life(&key)));
    assert_eq!(backend.get(LOCK), None, "the lock was not given back");
    // From now on it is there for everybody.
    let again = backend.run(&["token", "component", "-o", "json"]).json();
    assert_eq!(again["source"], json!("borrowed"));
    assert_eq!(again["token"], token["token"]);
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    assert_eq!(backend.minted(), (1, 0));
}

#[test]
fn a_merchants_token_is_renewed_with_the_backends_refresh_token() {
    let mut backend = sharing("wxjava");
    let (held, c) = (backend.mint(), backend.platform());
    let a = &held.appid;
    backend.set(
        &format!("wechat_component_access_token:{c}"),
        &held.component_token,
        Some(7000),
    );
    let refresh = format!("wechat_authorizer_refresh_token:{c}:{a}");
    backend.set(&refresh, &held.refresh_token, None);
    let token = backend.run(&["token", "authorizer", a, "-o", "json"]);
    let token = token.expect_code(0).json();
    assert_eq!(token["source"], json!("refreshed"));
    let key = format!("wechat_authorizer_access_token:{c}:{a}");
    assert_eq!(backend.get(&key).as_deref(), token["token"].as_str());
    assert!((6940..=7000).contains(&backend.life(&key)));
    assert_eq!(backend.get(&refresh), Some(held.refresh_token.clone()));
    assert_eq!(backend.life(&refresh), -1, "refresh tokens stay");
    assert_eq!(backend.get(&format!("{a}:accessTokenLock")), None);
    assert_eq!(backend.minted(), (1, 2));
}

#[test]
fn nothing_is_minted_while_the_backend_holds_its_lock() {
    let mut backend = sharing("wxjava");
    let (held, c) = (backend.mint(), backend.platform());
    backend.set(LOCK, "8a1f-of-a-jvm", Some(60));
    let words = ["token", "component", "--lock-timeout", "1s"];
    let refused = backend.run(&words).expect_code(7);
    assert!(refused.stderr.contains(LOCK), "{}", refused.stderr);
    assert_eq!(backend.minted(), (1, 1));
    assert_eq!(backend.get(LOCK).as_deref(), Some("8a1f-of-a-jvm"));

    // The backend is done: what it minted is taken.
    let waiting = backend
        .office
        .desk
        .start(["token", "component", "-o", "json"]);
    sleep(Duration::from_millis(300));
    let key = format!("wechat_component_access_token:{c}");
    backend.set(&key, &held.component_token, Some(7000));
    backend.redis(&[b"DEL", LOCK.as_bytes()]);
    let token = Outcome::of(waiting).expect_code(0).json();
    assert_eq!(text(&token, "token"), held.component_token);
    assert_eq!(backend.minted(), (1, 1));
}

/// WeChat has made a token, and its answer is still under way.
fn minting(backend: &Backend) -> Child {
    let office = &backend.office;
    office.sandbox.fault("api_component_token: hold 2s after");
    let child = office.desk.start(["token", "component", "-o", "json"]);
    eventually(|| office.sandbox.successes("api_component_token") == 1);
    child
}

#[test]
fn a_write_that_comes_after_the_lock_was_lost_is_refused() {
    let mut backend = sharing("wxjava");
    let key = format!("wechat_component_access_token:{}", backend.platform());
    let minting = minting(&backend);
    // The lock ended meanwhile, and a process of the backend has minted.
    backend.set(LOCK, "8a1f-of-a-jvm", Some(60));
    backend.set(&key, "97_of_the_backend", Some(7000));
    let token = Outcome::of(minting).expect_code(0);
    assert!(token.stderr.is_empty() || !token.stderr.contains("panicked"));
    let token = token.json();
    assert_eq!(text(&token, "token"), "97_of_the_backend");
    assert_eq!(token["source"], json!("borrowed"));
    assert!(
        token["expires_in"].as_i64().expect("a life") <= 300,
        "{token}"
    );
    assert_eq!(backend.get(&key).as_deref(), Some("97_of_the_backend"));
    assert_eq!(
        backend.get(LOCK).as_deref(),
        Some("8a1f-of-a-jvm"),
        "not ours to delete"
    );
}

#[test]
fn what_a_backend_without_a_lock_wrote_meanwhile_stands() {
    let mut backend = sharing("silenceper");
    let key = format!("component_access_token_{}", backend.platform());
    let minting = minting(&backend);
    backend.set(&key, "97_of_the_backend", Some(5700));
    let token = Outcome::of(minting).expect_code(0).json();
    assert_eq!(text(&token, "token"), "97_of_the_backend");
    assert_eq!(backend.get(&key).as_deref(), Some("97_of_the_backend"));
}

#[test]
fn silenceper_gets_the_component_token_alone() {
    let mut backend = sharing("silenceper");
    let key = format!("component_access_token_{}", backend.platform());
    let token = backend.run(&["token", "component"]).expect_code(0);
    assert_eq!(backend.get(&key).as_deref(), Some(token.stdout.trim()));
    assert!((5640..=5700).contains(&backend.life(&key)));
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    let merchant = backend.office.accounts("official_account", true).remove(0);
    let refused = backend
        .run(&["token", "authorizer", &merchant])
        .expect_code(4);
    assert!(
        refused.stderr.contains("authorizer_access_token_"),
        "{}",
        refused.stderr
    );
    assert_eq!(backend.minted(), (1, 0));
}

#[test]
fn wechatpy_gets_json_beside_its_ticket() {
    let mut backend = sharing("wechatpy");
    let c = backend.platform();
    let token = backend.run(&["token", "component"]).expect_code(0);
    let token = token.stdout.trim();
    let key = format!("wechatpy:{c}_component_access_token");
    assert_eq!(backend.get(&key), Some(format!("\"{token}\"")));
    assert!((7140..=7200).contains(&backend.life(&key)));
}

#[test]
fn many_processes_mint_one_token() {
    let backend = sharing("wxjava");
    let started: Vec<_> = (0..8)
        .map(|_| backend.office.desk.start(["token", "component"]))
        .collect();
    let tokens: Vec<_> = started
        .into_iter()
        .map(|child| Outcome::of(child).expect_code(0).stdout)
        .collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    assert_eq!(backend.minted(), (1, 0));
}

#[test]
fn where_value_or_lock_are_not_known_sharing_is_refused_with_the_reason() {
    let backend = Backend::open();
    backend.configure(&[("mint", "shared"), ("layout_redis", &backend.redis)]);
    let refused = backend.run(&["token", "component"]).expect_code(4);
    assert!(
        refused.stderr.contains("store detect"),
        "{}",
        refused.stderr
    );
    for (layout, why) in [
        ("easywechat6", "no lock"),
        ("easywechat5", "would not find ours"),
        ("powerwechat", "would not find ours"),
        ("senparc", "object of many fields"),
    ] {
        backend.configure(&[("layout", layout)]);
        let refused = backend.run(&["token", "component"]).expect_code(4);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
    // Codes and bulk renewals stay the backend's own.
    backend.configure(&[("layout", "wxjava")]);
    backend.run(&["authorizers", "refresh"]).expect_code(4);
    assert_eq!(backend.minted(), (0, 0));
}

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_once_it_has_written_back_the_next_process_takes_what_is_there() {
    let mut backend = sharing("wxjava");
    let mut killed = backend.office.desk.command(["token", "component"]);
    let status = killed
        .env("WXAUTH_CRASH_POINT", "refresh:written_back")
        .status();
    assert!(!status.expect("it ran").success());
    let key = format!("wechat_component_access_token:{}", backend.platform());
    let written = backend.get(&key).expect("it was written back");
    let token = backend.run(&["token", "component"]).expect_code(0).stdout;
    assert_eq!(token.trim(), written);
    assert_eq!(backend.minted(), (1, 0), "nothing is minted twice");
}
