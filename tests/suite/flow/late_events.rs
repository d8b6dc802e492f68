//! Events that come late, ends that are denied, and work that is tried again.

use std::time::Duration;

use serde_json::json;
use wxauth::flow::{CodeExchange, CodeFate, FlowError, SecretSource};
use wxauth::store::events::EventOutcome;
use wxauth::store::roster::AuthorizationStatus;

use super::bench::Bench;
use super::events::{accept, authorized, detail, exchange, unauthorized, work, worked};
use super::wechat::{EXCHANGE, errcode, refused};
use crate::store::support::{at, key, listed, secret, told};

const HOUR: i64 = 3600;

/// What the store was told clearly after the event was made is newer than the event.
#[tokio::test]
async fn a_late_event_changes_nothing() {
    const MADE: i64 = -240;
    let synced = |as_of| {
        let mut seen = told(1, "Shop", &[17], as_of);
        seen.profile.as_mut().unwrap().refresh_token = Some(secret("refresh-0"));
        seen
    };
    for (synced_at, token, late) in [
        (MADE + 61, true, true),
        (MADE + 60, true, false),
        // Without a refresh token the code is still wanted.
        (MADE + 61, false, false),
    ] {
        let bench = Bench::new().await;
        let mut seen = synced(synced_at);
        if !token {
            seen.profile.as_mut().unwrap().refresh_token = None;
        }
        bench.observe(seen).await;
        exchange(&bench);
        let done = worked(&bench, &authorized(MADE)).await;
        let ignored = done.outcome == EventOutcome::Ignored;
        assert_eq!(ignored, late, "{synced_at} {token}");
        assert_eq!(bench.calls(EXCHANGE) == 0, late);
    }
    for (ended_at, late) in [(MADE + 61, true), (MADE + 60, false)] {
        let bench = Bench::new().await;
        bench.observe(listed(1, None, MADE - 100, MADE - 10)).await;
        bench.revoke(1, at(ended_at)).await;
        exchange(&bench);
        let done = worked(&bench, &authorized(MADE)).await;
        assert_eq!(done.outcome == EventOutcome::Ignored, late, "{ended_at}");
    }
}

/// A server of WeChat's may not know of an end yet that another one pushed a moment ago.
#[tokio::test]
async fn an_end_that_info_denies_is_asked_about_twice() {
    let bench = Bench::new().await;
    bench
        .observe(listed(1, Some("refresh-1"), -1000, -100))
        .await;
    bench.info(1, Some("refresh-1"), &[17]);
    let first = worked(&bench, &unauthorized(-60)).await;
    assert_eq!(first.outcome, EventOutcome::Pending);
    assert_eq!(detail(&bench, &first).await, json!({"unconfirmed": true}));
    assert_eq!(bench.status(1).await, AuthorizationStatus::Active);

    // The same, and its claim has run out.
    let again = accept(&bench, &unauthorized(-50), CodeExchange::Always).await;
    let (key, life) = (key(), Duration::ZERO);
    let claimed = bench.store().claim_event(&key, again.id, life).await;
    assert!(claimed.unwrap().is_some());
    let noted = json!({"unconfirmed": true});
    let pending = EventOutcome::Pending;
    let finished = bench
        .store()
        .finish_event(&key, again.id, pending, noted, false);
    finished.await.unwrap();
    let second = work(&bench, again.id, CodeExchange::Always).await;
    assert_eq!(second.outcome, EventOutcome::Ignored);

    let old = worked(&bench, &unauthorized(-300)).await;
    assert_eq!(
        old.outcome,
        EventOutcome::Ignored,
        "five minutes are long enough"
    );
    bench.ended(1);
    let confirmed = worked(&bench, &unauthorized(-40)).await;
    assert_eq!(confirmed.outcome, EventOutcome::Done);
    assert_eq!(bench.status(1).await, AuthorizationStatus::Revoked);
}

#[tokio::test]
async fn work_that_may_succeed_later_is_tried_for_an_hour() {
    let bench = Bench::new().await;
    // Busy, out of quota, an address or a credential that is about to be corrected; and not.
    for (made, (code, again)) in (-9..).zip([
        (-1, true),
        (45009, true),
        (61004, true),
        (61005, true),
        (48001, false),
        (61003, false),
    ]) {
        bench.always(EXCHANGE, refused(code));
        let done = worked(&bench, &authorized(made)).await;
        let pending = done.outcome == EventOutcome::Pending;
        assert_eq!(pending, again, "{code}");
        assert_eq!(errcode(&done.error.unwrap()), code);
        assert_eq!(done.code, CodeFate::Unspent);
    }
    bench.always(EXCHANGE, refused(45009));
    let young = accept(&bench, &authorized(1), CodeExchange::Always).await;
    bench.pass(HOUR - 60);
    let done = work(&bench, young.id, CodeExchange::Always).await;
    assert_eq!(done.outcome, EventOutcome::Pending);
    let old = accept(&bench, &authorized(2), CodeExchange::Always).await;
    bench.pass(HOUR + 60);
    let done = work(&bench, old.id, CodeExchange::Always).await;
    assert_eq!(done.outcome, EventOutcome::Failed);
}

#[tokio::test]
async fn work_waits_for_credentials_that_are_not_there_yet() {
    let bench = Bench::without_ticket(|_| {}).await;
    let done = worked(&bench, &authorized(0)).await;
    assert_eq!(done.outcome, EventOutcome::Pending);
    assert!(matches!(done.error, Some(FlowError::NoTicket)), "{done:?}");
    let bench = Bench::with(|options| {
        options.credentials.appsecret = SecretSource::Missing;
    })
    .await;
    let done = worked(&bench, &authorized(0)).await;
    assert_eq!(done.outcome, EventOutcome::Pending);
    assert!(
        matches!(done.error, Some(FlowError::NoAppsecret)),
        "{done:?}"
    );
}
