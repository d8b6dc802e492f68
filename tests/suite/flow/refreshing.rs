//! Refreshing many tokens: whose, how many, and what is left when the work stops.

use wxauth::flow::{BulkLimits, DueTokens, FlowError, RefreshTargets, Refreshed, Wanted};
use wxauth::store::leases::LeaseAttempt;

use super::bench::Bench;
use super::wechat::{COMPONENT, TOKEN, errcode, refused};
use crate::store::support::{LONG, appid, at, authorize, key, lease, owner};

const ONE_BY_ONE: BulkLimits = BulkLimits {
    concurrency: 1,
    rate: 0,
};

/// A platform with this many authorizers, all without an access token.
async fn bench(count: u32) -> Bench {
    let bench = Bench::new().await;
    for number in 1..=count {
        authorize(bench.store(), number).await;
    }
    bench
}

fn due() -> DueTokens {
    DueTokens::within(jiff::SignedDuration::from_mins(20))
}

async fn refresh(bench: &Bench, due: DueTokens) -> Refreshed {
    let targets = RefreshTargets::Due(due);
    bench.platform.refresh(targets, ONE_BY_ONE).await.unwrap()
}

/// The authorizers whose lease is free.
async fn free(bench: &Bench, count: u32) -> Vec<u32> {
    let mut free = Vec::new();
    for number in 1..=count {
        let (key, owner) = (key(), owner(number));
        let attempt = bench.store().lease(&key, &owner, LONG).await.unwrap();
        if let LeaseAttempt::Granted { lease, .. } = attempt {
            free.push(number);
            bench.store().release(lease).await.unwrap();
        }
    }
    free
}

#[tokio::test]
async fn only_who_requests_tokens_refreshes_them() {
    let bench = Bench::with(|options| {
        options.mint = wxauth::flow::MintPolicy::Never {
            token_command: Some(vec!["/no/such/program".to_owned()]),
            backend: None,
        };
    })
    .await;
    let targets = RefreshTargets::Named(vec![appid(1)]);
    let outcome = bench.platform.refresh(targets, ONE_BY_ONE).await;
    let error = outcome.unwrap_err();
    assert!(
        matches!(error, FlowError::NotMinting(Wanted::Refresh)),
        "{error:?}"
    );
}

#[tokio::test]
async fn nothing_due_asks_for_nothing() {
    let bench = bench(0).await;
    assert_eq!(refresh(&bench, due()).await.refreshed, 0);
    assert_eq!(bench.calls(COMPONENT), 0);
}

#[tokio::test]
async fn a_portion_is_no_larger_than_asked_for() {
    let bench = bench(5).await;
    let portion = DueTokens {
        at_most: Some(2),
        ..due()
    };
    let done = refresh(&bench, portion.clone()).await;
    assert_eq!((done.refreshed, done.skipped), (2, 0));
    assert_eq!(done.last, Some(appid(2)));
    assert_eq!(free(&bench, 5).await, [1, 2, 3, 4, 5]);
    let more = DueTokens {
        at_most: Some(9),
        after: done.last,
        ..due()
    };
    assert_eq!(refresh(&bench, more).await.refreshed, 3);
    assert_eq!(bench.calls(TOKEN), 5);
}

#[tokio::test]
async fn the_work_stops_at_a_quota_and_leaves_the_rest_free() {
    for code in [45009, 61004, 61005] {
        let bench = bench(6).await;
        bench.next(TOKEN, [refused(48001)]);
        bench.next(TOKEN, std::iter::repeat_n(refused(code), 2));
        let done = refresh(&bench, due()).await;
        assert!(done.stopped, "{code}");
        assert_eq!((done.refreshed, done.skipped), (0, 4));
        let codes: Vec<_> = done
            .failed
            .iter()
            .map(|failed| errcode(&failed.error))
            .collect();
        assert_eq!(codes, [48001, code]);
        assert_eq!(done.last, Some(appid(2)));
        // Neither leases nor intents are left.
        assert_eq!(free(&bench, 6).await, [1, 2, 3, 4, 5, 6]);
        for number in 1..=6 {
            let (_, token, open) = lease(bench.store(), &owner(number)).await;
            assert_eq!((token.unwrap().unsettled_since, open), (None, None));
        }
    }
}

/// What another process left open stays open, also where this one never got to it.
#[tokio::test]
async fn a_call_left_open_stays_so_when_the_work_stops_before_it() {
    let bench = bench(3).await;
    bench.platform.component_token().await.unwrap();
    refresh(&bench, due()).await;
    let (left, ..) = lease(bench.store(), &owner(3)).await;
    bench.store().begin(&left, bench.clock.now()).await.unwrap();
    bench.store().release(left).await.unwrap();
    bench.next(TOKEN, [refused(45009)]);
    let all = DueTokens::within(jiff::SignedDuration::from_hours(3));
    assert!(refresh(&bench, all).await.stopped);
    let stored = bench.stored(&owner(3)).await;
    assert!(stored.unsettled_since.is_some());
    let five_minutes = bench.clock.now() + jiff::SignedDuration::from_mins(5);
    assert!(stored.expires_at.unwrap() <= five_minutes, "it is capped");
    assert!(bench.stored(&owner(2)).await.expires_at.unwrap() > five_minutes);
}

#[tokio::test]
async fn an_open_call_caps_a_token_that_is_due() {
    let bench = bench(1).await;
    refresh(&bench, due()).await;
    let (left, ..) = lease(bench.store(), &owner(1)).await;
    bench.store().begin(&left, bench.clock.now()).await.unwrap();
    bench.store().release(left).await.unwrap();
    bench.next(TOKEN, [refused(48001)]);
    let all = DueTokens::within(jiff::SignedDuration::from_hours(3));
    let done = refresh(&bench, all).await;
    assert_eq!(errcode(&done.failed[0].error), 48001);
    let stored = bench.stored(&owner(1)).await;
    let five_minutes = bench.clock.now() + jiff::SignedDuration::from_mins(5);
    assert!(stored.expires_at.unwrap() <= five_minutes);
}

#[tokio::test]
async fn a_slow_pace_claims_no_more_than_ten_seconds_of_work() {
    let bench = bench(25).await;
    let slow = BulkLimits {
        concurrency: 1,
        rate: 1,
    };
    let permit = bench.hold(
        TOKEN,
        &serde_json::json!({"authorizer_access_token": "first", "expires_in": 7200}),
    );
    let platform = bench.platform.clone();
    let targets = RefreshTargets::Due(due());
    let work = tokio::spawn(async move { platform.refresh(targets, slow).await });
    bench.until_called(TOKEN, 1).await;
    // The batch at hand, and the one after it that is claimed meanwhile.
    let leased = async || 25 - free(&bench, 25).await.len();
    for _ in 0..600 {
        if leased().await == 20 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(leased().await, 20);
    bench.always(TOKEN, refused(45009));
    permit.add_permits(1);
    let done = work.await.unwrap().unwrap();
    assert_eq!((done.refreshed, done.failed.len()), (1, 1));
    assert_eq!(free(&bench, 25).await.len(), 25);
    assert!(bench.stored(&owner(1)).await.expires_at > Some(at(0)));
}
