//! One exchange with WeChat: what its failures, and calls whose end is unknown, do to what is stored.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use wxauth::flow::{BulkLimits, FlowError, Happening, RefreshTargets, Refreshed, TokenOrigin};
use wxauth::store::leases::LeaseAttempt;
use wxauth::store::tokens::TokenOwner;

use super::bench::Bench;
use super::wechat::{TOKEN, errcode, refused};
use crate::api::server::Step;
use crate::store::support::{LONG, appid, at, key, lease, listed, new_token, owner, secret};

/// A platform with the authorizer 1, whose refresh token is `refresh-1`.
pub async fn bench() -> Bench {
    let bench = Bench::new().await;
    let seen = listed(1, Some("refresh-1"), -1000, -100);
    bench.observe(seen).await;
    bench
}

/// Refreshes the token of the authorizer 1, whatever is stored.
pub async fn refresh(bench: &Bench) -> Refreshed {
    let named = RefreshTargets::Named(vec![appid(1)]);
    let refreshed = bench.platform.refresh(named, BulkLimits::default()).await;
    refreshed.unwrap()
}

/// Another process begins a call at `started_at` under a lease of this length and ends without a word.
async fn call_left_open(bench: &Bench, owner: &TokenOwner, started_at: Timestamp, life: Duration) {
    let attempt = bench.store().lease(&key(), owner, life).await.unwrap();
    let LeaseAttempt::Granted { lease, .. } = attempt else {
        panic!("{attempt:?}");
    };
    bench.store().begin(&lease, started_at).await.unwrap();
    if life > Duration::ZERO {
        bench.store().release(lease).await.unwrap();
    }
}

/// Five minutes are certain, in which WeChat still accepts a token that it replaced.
fn in_five_minutes(bench: &Bench) -> Timestamp {
    bench.clock.now() + SignedDuration::from_mins(5)
}

fn holders_died(bench: &Bench) -> usize {
    bench.reported(|happening| matches!(happening, Happening::HolderDied { .. }))
}

#[tokio::test]
async fn a_fresh_token_has_five_minutes_after_a_lost_answer() {
    for lost in [
        Step::Drop,
        Step::json("{\"expires_in\":7200}"),
        Step::json("<html>"),
    ] {
        let bench = bench().await;
        let first = bench.token(1).await.unwrap();
        bench.always(TOKEN, lost);
        let refreshed = refresh(&bench).await;
        assert!(matches!(refreshed.failed[0].error, FlowError::Api(_)));
        assert_eq!(
            bench.calls(TOKEN),
            3,
            "the first token, one call, its repeat"
        );
        let stored = bench.stored(&owner(1)).await;
        assert_eq!(stored.access_token, Some(first.token.clone()));
        assert!(stored.expires_at.unwrap() <= in_five_minutes(&bench));
        // What was capped leaves nothing to worry about.
        bench.as_usual(TOKEN);
        let next = bench.token(1).await.unwrap();
        assert_ne!(next.token, first.token);
        assert_eq!(holders_died(&bench), 0);
        assert_eq!(bench.stored(&owner(1)).await.unsettled_since, None);
    }
}

#[tokio::test]
async fn a_refused_call_leaves_a_fresh_token_as_it_is() {
    let bench = bench().await;
    let first = bench.token(1).await.unwrap();
    bench.always(TOKEN, refused(48001));
    let refreshed = refresh(&bench).await;
    assert_eq!(errcode(&refreshed.failed[0].error), 48001);
    let stored = bench.stored(&owner(1)).await;
    assert_eq!(stored.expires_at, first.expires_at);
    bench.as_usual(TOKEN);
    refresh(&bench).await;
    assert_eq!(holders_died(&bench), 0, "its intent was cleared");
}

/// A process that ended leaves a request that travels on without it.
#[tokio::test]
async fn a_token_made_beside_an_open_call_is_certain_for_five_minutes() {
    let bench = bench().await;
    call_left_open(&bench, &owner(1), bench.clock.now(), LONG).await;
    let held = bench.token(1).await.unwrap();
    assert_eq!(holders_died(&bench), 1);
    assert!(held.expires_at.unwrap() <= in_five_minutes(&bench));
    let stored = bench.stored(&owner(1)).await;
    assert!(stored.unsettled_since.is_some());
    // The open call may still be done by WeChat, though its holder is known to be gone by now.
    refresh(&bench).await;
    assert!(bench.stored(&owner(1)).await.unsettled_since.is_some());
    // Longer than any call takes.
    bench.pass(60);
    refresh(&bench).await;
    assert_eq!(bench.stored(&owner(1)).await.unsettled_since, None);
    assert_eq!(holders_died(&bench), 1, "reported once");
}

#[tokio::test]
async fn an_old_call_is_over_only_when_its_lease_ran_out() {
    let hour_ago = SignedDuration::from_hours(-1);
    let bench = bench().await;
    let began = bench.clock.now() + hour_ago;
    call_left_open(&bench, &owner(1), began, LONG).await;
    bench.token(1).await.unwrap();
    assert!(bench.stored(&owner(1)).await.unsettled_since.is_some());

    let bench = self::bench().await;
    call_left_open(&bench, &owner(1), began, Duration::ZERO).await;
    let held = bench.token(1).await.unwrap();
    assert_eq!(holders_died(&bench), 1);
    assert_eq!(bench.stored(&owner(1)).await.unsettled_since, None);
    assert!(held.expires_at.unwrap() > in_five_minutes(&bench));
}

#[tokio::test]
async fn a_refusal_does_not_settle_a_call_of_another_process() {
    let bench = bench().await;
    call_left_open(&bench, &owner(1), bench.clock.now(), LONG).await;
    bench.always(TOKEN, refused(48001));
    let refreshed = refresh(&bench).await;
    assert_eq!(errcode(&refreshed.failed[0].error), 48001);
    bench.as_usual(TOKEN);
    refresh(&bench).await;
    assert!(bench.stored(&owner(1)).await.unsettled_since.is_some());
}

/// While WeChat's answer travels a code is exchanged, whose token the answer may have ended.
#[tokio::test]
async fn a_late_answer_caps_what_was_stored_meanwhile() {
    for later_succeeds in [true, false] {
        let bench = bench().await;
        let late = json!({"authorizer_access_token": "late", "expires_in": 7200});
        let permit = bench.hold(TOKEN, &late);
        if !later_succeeds {
            bench.next(TOKEN, [refused(48001)]);
        }
        let platform = bench.platform.clone();
        let task = tokio::spawn(async move {
            let freshness = wxauth::flow::Freshness::Usable;
            platform.authorizer_token(&appid(1), freshness).await
        });
        bench.until_called(TOKEN, 1).await;
        let exchanged = new_token("exchanged", Some("refresh-2"));
        let seen = listed(1, Some("refresh-2"), 0, 0);
        bench
            .store()
            .commit_redeem(&key(), "code", seen, Some(exchanged), i64::MAX)
            .await
            .unwrap();
        permit.add_permits(1);
        let outcome = task.await.unwrap();
        let stored = bench.stored(&owner(1)).await;
        if later_succeeds {
            let held = outcome.unwrap();
            assert_eq!(held.origin, TokenOrigin::Refreshed);
            assert_eq!(stored.access_token, Some(held.token));
            let asked = bench.requests(TOKEN)[1].json();
            assert_eq!(asked["authorizer_refresh_token"], "refresh-2");
        } else {
            assert_eq!(errcode(&outcome.unwrap_err()), 48001);
            assert_eq!(stored.access_token, Some(secret("exchanged")));
            assert!(stored.expires_at.unwrap() < at(7140));
            assert!(stored.expires_at.unwrap() <= in_five_minutes(&bench));
        }
    }
}

/// An answer comes so late that others have stored a token since, with nothing left open.
#[tokio::test]
async fn an_answer_after_all_others_caps_what_is_stored() {
    let bench = bench().await;
    let late = json!({"authorizer_access_token": "late", "expires_in": 7200});
    let permit = bench.hold(TOKEN, &late);
    bench.next(TOKEN, [refused(48001)]);
    let platform = bench.platform.clone();
    let task = tokio::spawn(async move {
        let freshness = wxauth::flow::Freshness::Usable;
        platform.authorizer_token(&appid(1), freshness).await
    });
    bench.until_called(TOKEN, 1).await;
    assert!(bench.store().forget(&key(), &appid(1)).await.unwrap());
    bench
        .observe(listed(1, Some("refresh-1"), -1000, -100))
        .await;
    let (held, _, open) = lease(bench.store(), &owner(1)).await;
    assert_eq!(open, None);
    let token = new_token("of another", None);
    bench.store().commit_refresh(&held, token).await.unwrap();
    permit.add_permits(1);
    assert_eq!(errcode(&task.await.unwrap().unwrap_err()), 48001);
    let stored = bench.stored(&owner(1)).await;
    assert_eq!(stored.access_token, Some(secret("of another")));
    assert!(stored.expires_at.unwrap() <= in_five_minutes(&bench));
}
