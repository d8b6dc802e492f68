//! The example that works on a store beside the program. (`sandbox_in_a_test` is a test itself.)

#[allow(dead_code, reason = "its `main` is not called here")]
#[path = "../../../examples/refresh_all.rs"]
mod refresh_all;

use wxauth::sys::env::Environment;

use crate::support::{Desk, SandboxProcess};

/// WeChat's pushes may all come from one address: a limit would hold tickets up.
#[test]
fn the_nginx_example_limits_pages_and_never_pushes() {
    let conf = super::sources::read("examples/nginx/wxauth.conf");
    let mut limited = Vec::new();
    for block in conf.split("\n    location ").skip(1) {
        let (inside, after) = block.split_once("\n    }").expect("its end");
        let path = inside.split(" {").next().expect("a path").to_owned();
        if inside.contains("limit_req zone=") && inside.contains("limit_conn ") {
            limited.push(path);
        } else {
            assert!(!inside.contains("limit_"), "{path} is limited by half");
        }
        assert!(!after.contains("limit_req zone="), "{after}");
    }
    let (before, _) = conf.split_once("\n    location ").expect("a location");
    assert!(!before.contains("limit_req zone=") && !before.contains("limit_conn wx"));
    assert_eq!(limited, ["/"], "pushes have a location of their own");
    let pushes = r"location ~ ^(/wx[0-9a-f]+)?/(events|messages/[^/]+)$ {";
    assert!(conf.contains(pushes));
}

#[test]
fn a_program_of_ones_own_refreshes_what_the_program_then_uses() {
    let sandbox_desk = Desk::new();
    let sandbox = SandboxProcess::start(&sandbox_desk, &["--accounts", "24"]);
    let store = sandbox_desk.home().join("shared.db");
    let mut desk = Desk::new().with("WXAUTH_STORE", format!("sqlite:{}", store.display()));
    for (name, value) in sandbox.environment() {
        desk = desk.with(&name, value);
    }
    let synced = desk.run(["authorizers", "sync", "-o", "json"]);
    assert!(synced.expect_code(0).json()["total"].as_u64() > Some(1));

    let environment: Environment = sandbox.environment().into_iter().collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let refreshed = runtime
        .block_on(refresh_all::refresh_all(&environment, store))
        .expect("the example works");
    assert!(refreshed.failed.is_empty(), "{:?}", refreshed.failed);
    assert!(refreshed.refreshed > 1, "{refreshed:?}");
    let calls = sandbox.successes("api_authorizer_token");
    assert_eq!(calls, refreshed.refreshed);

    let list = desk.run(["authorizers", "list", "-o", "json"]);
    let list = list.expect_code(0).json();
    let merchant = list
        .as_array()
        .expect("a list")
        .iter()
        .find(|merchant| merchant["status"] == "active")
        .expect("an active merchant");
    let who = merchant["appid"].as_str().expect("an appid");
    let token = desk.run(["token", "authorizer", who, "-o", "json"]);
    assert_eq!(token.expect_code(0).json()["source"], "cache");
    assert_eq!(sandbox.successes("api_authorizer_token"), calls);
}
