//! When a stored token is handed out, and when WeChat is asked for another.

use jiff::SignedDuration;
use wxauth::flow::{Freshness, HeldToken, TokenOrigin};
use wxauth::store::tokens::NewToken;

use super::bench::Bench;
use super::wechat::{TOKEN, errcode, refused};
use crate::store::support::{appid, at, key, lease, listed, new_token, owner, secret};

/// A platform with the authorizer 1, whose refresh token is `refresh-1`.
async fn bench() -> Bench {
    let bench = Bench::new().await;
    bench
        .observe(listed(1, Some("refresh-1"), -1000, -100))
        .await;
    bench
}

async fn token(bench: &Bench, freshness: Freshness) -> HeldToken {
    let appid = appid(1);
    let held = bench.platform.authorizer_token(&appid, freshness).await;
    held.unwrap()
}

/// Stores a token of the authorizer 1 that ends so many seconds after the beginning.
async fn store_token(bench: &Bench, expires_at: i64) {
    let (lease, ..) = lease(bench.store(), &owner(1)).await;
    let token = NewToken {
        expires_at: at(expires_at),
        ..new_token("stored", None)
    };
    bench.store().commit_refresh(&lease, token).await.unwrap();
}

/// A call of another process begins now, or began so many seconds ago, and its end stays unknown.
async fn call_left_open(bench: &Bench, seconds_ago: i64) {
    let (lease, ..) = lease(bench.store(), &owner(1)).await;
    let began = bench.clock.now() - SignedDuration::from_secs(seconds_ago);
    bench.store().begin(&lease, began).await.unwrap();
    bench.store().release(lease).await.unwrap();
}

#[tokio::test]
async fn a_token_is_used_until_ten_minutes_before_its_end() {
    let bench = bench().await;
    let first = token(&bench, Freshness::Usable).await;
    assert_eq!(first.origin, TokenOrigin::Refreshed);
    let stored = bench.stored(&owner(1)).await;
    let validity = stored.expires_at.unwrap() - stored.issued_at.unwrap();
    assert_eq!(
        validity.get_seconds(),
        7140,
        "a minute less than WeChat says"
    );
    bench.pass(7140 - 600 - 60);
    let again = token(&bench, Freshness::Usable).await;
    assert_eq!(
        (again.origin, &again.token),
        (TokenOrigin::Cache, &first.token)
    );
    bench.pass(61);
    let next = token(&bench, Freshness::Usable).await;
    assert_eq!(next.origin, TokenOrigin::Refreshed);
}

#[tokio::test]
async fn beside_an_open_call_a_token_is_used_for_three_minutes() {
    let bench = bench().await;
    let first = token(&bench, Freshness::Usable).await;
    call_left_open(&bench, 0).await;
    let again = token(&bench, Freshness::Usable).await;
    assert_eq!(again.token, first.token);
    let five_minutes = bench.clock.now() + SignedDuration::from_mins(5);
    assert!(again.expires_at.unwrap() <= five_minutes);
    bench.pass(170);
    assert_eq!(token(&bench, Freshness::Usable).await.token, first.token);
    bench.pass(11);
    assert_ne!(token(&bench, Freshness::Usable).await.token, first.token);
}

#[tokio::test]
async fn more_validity_than_is_certain_is_asked_for() {
    let minutes = |minutes| Freshness::AtLeast(SignedDuration::from_mins(minutes));
    let bench = bench().await;
    let first = token(&bench, minutes(100)).await;
    assert_eq!(token(&bench, minutes(100)).await.token, first.token);
    assert_eq!(token(&bench, minutes(1)).await.token, first.token);
    call_left_open(&bench, 0).await;
    assert_eq!(token(&bench, minutes(4)).await.token, first.token);
    assert_ne!(token(&bench, minutes(6)).await.token, first.token);

    // The end of the token itself may come before the end of the five minutes.
    let bench = self::bench().await;
    store_token(&bench, 150).await;
    call_left_open(&bench, 0).await;
    assert_eq!(token(&bench, minutes(1)).await.token, secret("stored"));
    assert_ne!(token(&bench, minutes(4)).await.token, secret("stored"));
}

/// What was made after a call began lives on when that call ends.
#[tokio::test]
async fn a_token_made_after_an_open_call_began_is_certain_from_its_own_beginning() {
    let bench = bench().await;
    call_left_open(&bench, 200).await;
    let exchanged = new_token("exchanged", Some("refresh-2"));
    let seen = listed(1, Some("refresh-2"), 0, 0);
    let (key, since) = (key(), i64::MAX);
    let redeemed = bench
        .store()
        .commit_redeem(&key, "code", seen, Some(exchanged), since);
    redeemed.await.unwrap();
    let held = token(&bench, Freshness::Usable).await;
    assert_eq!(held.token, secret("exchanged"));
    assert_eq!(held.expires_at, Some(at(300)));
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_by_a_newer_one() {
    let bench = bench().await;
    let first = token(&bench, Freshness::Usable).await;
    let newer = token(&bench, Freshness::Newer(first.generation)).await;
    assert!(newer.generation > first.generation);
    assert_eq!(newer.origin, TokenOrigin::Refreshed);
    let known = token(&bench, Freshness::Newer(first.generation)).await;
    assert_eq!(
        (known.origin, known.token),
        (TokenOrigin::Cache, newer.token)
    );
    // A newer one that has ended is not enough.
    bench.pass(7140);
    let last = token(&bench, Freshness::Newer(first.generation)).await;
    assert!(last.generation > newer.generation);
    assert_eq!(bench.calls(TOKEN), 3);
}

#[tokio::test]
async fn a_stored_token_is_capped_when_an_open_call_may_have_ended_it() {
    let bench = bench().await;
    let first = token(&bench, Freshness::Usable).await;
    call_left_open(&bench, 0).await;
    bench.next(TOKEN, [refused(48001)]);
    let appid = appid(1);
    let newer = Freshness::Newer(first.generation);
    let refusal = bench.platform.authorizer_token(&appid, newer).await;
    assert_eq!(errcode(&refusal.unwrap_err()), 48001);
    let stored = bench.stored(&owner(1)).await;
    let five_minutes = bench.clock.now() + SignedDuration::from_mins(5);
    assert!(stored.expires_at.unwrap() <= five_minutes);
}
