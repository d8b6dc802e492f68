//! Thirty-two processes want the same thing at once.

use std::collections::BTreeSet;
use std::process::Child;

use crate::support::{Desk, Outcome, SandboxProcess};

use super::scene::Scene;

const HERD: usize = 32;

/// Starts them all, and hears what each prints. All must succeed.
fn herd(start: impl Fn() -> Child) -> BTreeSet<String> {
    let children: Vec<Child> = (0..HERD).map(|_| start()).collect();
    (children.into_iter())
        .map(|child| Outcome::of(child).expect_code(0).stdout)
        .collect()
}

#[track_caller]
fn one(printed: &BTreeSet<String>) -> &str {
    assert_eq!(printed.len(), 1, "all hold the same token");
    printed.first().expect("one").trim()
}

/// A platform known from the environment alone, its merchants synced; and the first of them.
fn from_the_environment() -> (SandboxProcess, Desk, String) {
    let flags = ["--accounts", "6", "--authorized", "all"];
    let sandbox = SandboxProcess::start(&Desk::new(), &flags);
    let desk = (sandbox.environment().into_iter())
        .fold(Desk::new(), |desk, (name, value)| desk.with(&name, value));
    let listed = sandbox.get("accounts?authorized=true&count=1");
    let appid = listed[0]["appid"].as_str().expect("an appid").to_owned();
    (sandbox, desk, appid)
}

#[test]
fn a_crowd_on_an_empty_store_asks_wechat_once_for_the_component_token() {
    let (sandbox, desk, _) = from_the_environment();
    // Slow enough that all of them are there before the first answer.
    sandbox.fault("api_component_token: once hold 1s before");
    let printed = herd(|| desk.start(["token", "component"]));
    one(&printed);
    assert_eq!(sandbox.successes("api_component_token"), 1);
}

#[test]
fn a_crowd_asks_wechat_once_for_one_merchants_token() {
    let (sandbox, desk, appid) = from_the_environment();
    desk.run(["authorizers", "sync"]).expect_code(0);
    sandbox.fault("api_authorizer_token: once hold 1s after");
    let printed = herd(|| desk.start(["token", "authorizer", &appid]));
    one(&printed);
    assert_eq!(sandbox.successes("api_authorizer_token"), 1);
    assert_eq!(sandbox.successes("api_component_token"), 1);
}

#[test]
fn a_crowd_replaces_stale_tokens_with_one_call_each() {
    let scene = Scene::synced(3);
    let appid = scene.merchants[0].clone();
    let former = scene.accepted(&["authorizer", &appid]);
    scene.sandbox.pass("1h55m");
    let printed = herd(|| scene.start(["token", "authorizer", &appid]));
    let newer = one(&printed);
    assert_ne!(
        newer, former,
        "five minutes are less than what may be handed out"
    );
    assert_eq!(scene.errcode_for(newer), 0);
    assert_eq!(scene.sandbox.successes("api_authorizer_token"), 2);
    assert_eq!(scene.sandbox.successes("api_component_token"), 2);
    let printed = herd(|| scene.start(["token", "component"]));
    assert_eq!(scene.errcode_for(one(&printed)), 0);
    assert_eq!(scene.sandbox.successes("api_component_token"), 2);
}

#[test]
fn a_crowd_without_a_running_sandbox_hosts_one_and_shares_it() {
    let desk = Desk::new();
    let printed = herd(|| desk.start(["--sandbox", "token", "component"]));
    let token = one(&printed).to_owned();
    let again = desk.run(["--sandbox", "token", "component"]).expect_code(0);
    assert_eq!(again.stdout.trim(), token, "what they stored lasts");
    let journal = desk.run(["sandbox", "journal", "-o", "json"]);
    let journal = journal.expect_code(0).json();
    let minted = (journal.as_array().expect("an array").iter()).filter(|call| {
        call["path"]
            .as_str()
            .unwrap_or_default()
            .ends_with("api_component_token")
    });
    assert_eq!(minted.count(), 1);
}
