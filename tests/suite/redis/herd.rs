//! Thirty-two processes on one Redis want the same token at once.

use std::collections::BTreeSet;
use std::process::Child;

use crate::support::{Desk, Outcome, SandboxProcess, shared_redis};

const HERD: usize = 32;

#[track_caller]
fn one(start: impl Fn() -> Child) -> String {
    let children: Vec<Child> = (0..HERD).map(|_| start()).collect();
    let printed: BTreeSet<String> = (children.into_iter())
        .map(|child| Outcome::of(child).expect_code(0).stdout)
        .collect();
    assert_eq!(printed.len(), 1, "all hold the same token");
    printed.into_iter().next().unwrap_or_default()
}

#[test]
fn a_crowd_asks_wechat_once_for_each_token() {
    let flags = ["--accounts", "6", "--authorized", "all"];
    let sandbox = SandboxProcess::start(&Desk::new(), &flags);
    let redis = shared_redis();
    // As many homes as machines: they share the Redis and nothing else.
    let desks: Vec<Desk> = (0..4)
        .map(|_| {
            let desk = (sandbox.environment().into_iter())
                .fold(Desk::new(), |desk, (name, value)| desk.with(&name, value));
            desk.with("WXAUTH_STORE", redis.clone())
        })
        .collect();
    let turn = std::cell::Cell::new(0);
    let next = || {
        turn.set(turn.get() + 1);
        &desks[turn.get() % desks.len()]
    };
    sandbox.fault("api_component_token: once hold 1s before");
    one(|| next().start(["token", "component"]));
    assert_eq!(sandbox.successes("api_component_token"), 1);

    next().run(["authorizers", "sync"]).expect_code(0);
    let listed = sandbox.get("accounts?authorized=true&count=1");
    let appid = listed[0]["appid"].as_str().expect("an appid").to_owned();
    sandbox.fault("api_authorizer_token: once hold 1s after");
    one(|| next().start(["token", "authorizer", &appid]));
    assert_eq!(sandbox.successes("api_authorizer_token"), 1);
    assert_eq!(sandbox.successes("api_component_token"), 1);
}
