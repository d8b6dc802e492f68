//! The platform's own token: kept in memory, replaced when WeChat refuses it.

use std::time::Duration;

use serde_json::json;
use wxauth::flow::{FlowError, Happening, MintPolicy, TokenOrigin};
use wxauth::store::tokens::TokenOwner;

use super::bench::Bench;
use super::wechat::{COMPONENT, LIST, errcode, refused};
use crate::api::server::Step;
use crate::store::support::{lease, secret};

#[tokio::test]
async fn the_component_token_in_memory_is_used_no_longer() {
    let bench = Bench::new().await;
    let first = bench.platform.component_token().await.unwrap();
    bench.pass(7140 - 600 - 60);
    let again = bench.platform.component_token().await.unwrap();
    assert_eq!(again.token, first.token);
    bench.pass(61);
    let next = bench.platform.component_token().await.unwrap();
    assert_ne!(next.token, first.token);
    assert_eq!(bench.calls(COMPONENT), 2);
}

#[tokio::test]
async fn a_refused_component_token_is_replaced_once() {
    let bench = Bench::new().await;
    bench.next(LIST, [refused(42001)]);
    bench.platform.begin_wait(None).await.unwrap();
    assert_eq!((bench.calls(LIST), bench.calls(COMPONENT)), (2, 2));
    bench.always(LIST, refused(40001));
    let error = bench.platform.begin_wait(None).await.err().unwrap();
    assert_eq!(errcode(&error), 40001);
    assert_eq!((bench.calls(LIST), bench.calls(COMPONENT)), (4, 3));
    let refusals = |happening: &Happening| matches!(happening, Happening::TokenRefused { .. });
    assert_eq!(bench.reported(refusals), 2);
    // Other refusals are not about the token.
    bench.always(LIST, refused(48001));
    bench.platform.begin_wait(None).await.err().unwrap();
    assert_eq!((bench.calls(LIST), bench.calls(COMPONENT)), (5, 3));
}

#[tokio::test]
async fn the_same_component_token_again_is_not_tried() {
    let bench = Bench::new().await;
    let same = json!({"component_access_token": "the-same", "expires_in": 7200});
    bench.always(COMPONENT, Step::Json(same.to_string()));
    bench.always(LIST, refused(40001));
    let error = bench.platform.begin_wait(None).await.err().unwrap();
    assert_eq!(errcode(&error), 40001);
    assert_eq!((bench.calls(LIST), bench.calls(COMPONENT)), (1, 2));
}

/// Of two calls that were refused with the same token only one asks for another.
#[tokio::test]
async fn a_component_token_that_was_replaced_meanwhile_is_used() {
    let bench = Bench::new().await;
    let permit = bench.hold(LIST, &json!({"errcode": 42001, "errmsg": "expired"}));
    let platform = bench.platform.clone();
    let slow = tokio::spawn(async move { platform.begin_wait(None).await.map(drop) });
    bench.until_called(LIST, 1).await;
    bench.next(LIST, [refused(42001)]);
    bench.platform.begin_wait(None).await.unwrap();
    permit.add_permits(1);
    slow.await.unwrap().unwrap();
    assert_eq!((bench.calls(LIST), bench.calls(COMPONENT)), (4, 2));
}

#[tokio::test]
async fn a_held_lease_is_waited_for_until_the_lock_timeout() {
    let timeout = Duration::from_millis(200);
    let bench = Bench::with(|options| options.lock_timeout = timeout).await;
    let (held, ..) = lease(bench.store(), &TokenOwner::Component).await;
    match bench.platform.component_token().await.unwrap_err() {
        FlowError::LockTimeout { host, waited, .. } => {
            assert_eq!(host, "workshop");
            assert!(waited >= timeout);
        }
        error => panic!("{error:?}"),
    }
    bench.store().release(held).await.unwrap();
    bench.platform.component_token().await.unwrap();
}

/// Without an end of its own, what a program prints is good for this process.
#[tokio::test]
async fn a_token_program_runs_once() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let script = format!("echo run >> {}; echo printed", runs.display());
    let argv = ["sh", "-c", &script].map(str::to_owned).to_vec();
    let bench = Bench::without_ticket(|options| {
        options.mint = MintPolicy::Never {
            token_command: Some(argv),
            backend: None,
        };
    })
    .await;
    for _ in 0..2 {
        let held = bench.platform.component_token().await.unwrap();
        assert_eq!(held.token, secret("printed"));
        assert_eq!(held.origin, TokenOrigin::Borrowed);
    }
    let count = || std::fs::read_to_string(&runs).unwrap().lines().count();
    assert_eq!(count(), 1);
    // A refusal asks it again.
    bench.next(LIST, [refused(40001)]);
    let error = bench.platform.begin_wait(None).await.err().unwrap();
    assert_eq!(errcode(&error), 40001, "it printed the same");
    assert_eq!(count(), 2);
}
