//! Bringing WeChat's account list into the store: what is asked for, and when a sync stops instead.

use jiff::SignedDuration;
use serde_json::json;
use wxauth::flow::{FlowError, Happening, SyncOptions, Synced};
use wxauth::store::observations::Observation;
use wxauth::store::roster::AuthorizationStatus;
use wxauth::wechat::id::Appid;

use super::bench::Bench;
use super::wechat::{INFO, LIST, errcode, refused};
use crate::api::server::Step;
use crate::store::support::{appid, at, key, listed, told};

/// Account `number` as both list and info tell it, at the beginning.
fn seen(number: u32) -> Observation {
    let mut seen = told(number, "Shop", &[17], 0);
    seen.listed = listed(number, Some(&format!("refresh-{number}")), -1000, 0).listed;
    seen
}

/// A store that knows these authorizers well, and a list of WeChat's with the same.
async fn synced(numbers: impl Iterator<Item = u32> + Clone) -> Bench {
    let bench = Bench::new().await;
    let all = numbers.clone().map(seen).collect();
    bench.store().observe(&key(), all).await.unwrap();
    for number in numbers {
        bench.list(number, Some(&format!("refresh-{number}")), -1000);
    }
    bench
}

async fn sync(bench: &Bench) -> Result<Synced, FlowError> {
    bench.platform.sync(SyncOptions::default()).await
}

fn appids(numbers: impl IntoIterator<Item = u32>) -> Vec<Appid> {
    numbers.into_iter().map(appid).collect()
}

#[tokio::test]
async fn one_percent_of_a_large_roster_may_end_without_asking() {
    let bench = synced(1..=1000).await;
    for number in 1..=11 {
        bench.unlist(number);
    }
    match sync(&bench).await {
        Err(FlowError::Shrinking { missing, known }) => {
            assert_eq!((missing, known), (appids(1..=11), 1000));
        }
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(
        bench.calls(INFO),
        0,
        "nothing was asked of those that are missing"
    );
    assert_eq!(bench.status(1).await, AuthorizationStatus::Active);
    bench.list(11, Some("refresh-11"), -1000);
    let synced = sync(&bench).await.unwrap();
    assert_eq!(synced.revoked, appids(1..=10));
    assert_eq!((bench.calls(INFO), synced.unchanged), (10, 990));
}

#[tokio::test]
async fn five_may_end_without_asking_in_a_small_roster() {
    let bench = synced(1..=12).await;
    for number in 1..=6 {
        bench.unlist(number);
    }
    // Those that ended before do not make the roster larger, nor are they missing.
    for number in 1000..1500 {
        bench.observe(seen(number)).await;
        bench.revoke(number, at(1)).await;
    }
    let error = sync(&bench).await.unwrap_err();
    assert!(
        matches!(error, FlowError::Shrinking { known: 12, .. }),
        "{error:?}"
    );
    let allowed = SyncOptions {
        allow_shrink: true,
        ..SyncOptions::default()
    };
    let synced = bench.platform.sync(allowed).await.unwrap();
    assert_eq!(synced.revoked, appids(1..=6));
}

#[tokio::test]
async fn a_missing_account_ends_only_when_info_says_so() {
    let bench = synced(1..=4).await;
    bench.unlist(1);
    bench.unlist(2);
    bench.info(2, Some("refresh-2"), &[17]);
    bench.next(INFO, [refused(48001)]);
    let synced = sync(&bench).await.unwrap();
    assert_eq!((synced.revoked, synced.unchanged), (Vec::new(), 3));
    assert_eq!(synced.failed[0].appid, appid(1));
    assert_eq!(errcode(&synced.failed[0].error), 48001);
    assert_eq!(bench.status(1).await, AuthorizationStatus::Active);
    bench.ended(2);
    bench.info(1, Some("refresh-1"), &[17]);
    let synced = sync(&bench).await.unwrap();
    assert_eq!(synced.revoked, appids([2]));
    assert_eq!(synced.unchanged, 3, "two listed, and one that still stands");
}

#[tokio::test]
async fn details_are_asked_for_when_an_account_is_new_changed_ended_or_old() {
    let bench = synced(1..=2).await;
    let asked = |bench: &Bench| -> Vec<String> {
        let requests = bench.requests(INFO).into_iter();
        let appid = |body: serde_json::Value| body["authorizer_appid"].as_str().unwrap().to_owned();
        requests.map(|seen| appid(seen.json())).collect()
    };
    for number in 1..=3 {
        bench.info(number, Some(&format!("refresh-{number}")), &[17]);
    }
    sync(&bench).await.unwrap();
    assert_eq!(asked(&bench), Vec::<String>::new());
    // New.
    bench.list(3, Some("refresh-3"), -1000);
    let synced = sync(&bench).await.unwrap();
    assert_eq!(synced.added, appids([3]));
    assert_eq!(asked(&bench), [appid(3).as_str()]);
    // Authorized again.
    bench.list(3, Some("refresh-3"), 10);
    sync(&bench).await.unwrap();
    assert_eq!(asked(&bench).len(), 2);
    sync(&bench).await.unwrap();
    assert_eq!(asked(&bench).len(), 2);
    // Ended here, and still in the list.
    bench.revoke(3, bench.clock.now()).await;
    sync(&bench).await.unwrap();
    assert_eq!(asked(&bench).len(), 3);
    // Old: a week is the default.
    bench.pass(7 * 24 * 3600 + 60);
    bench.ticket("ticket@@@a week later").await;
    let of_all = SyncOptions {
        max_age: SignedDuration::from_hours(9 * 24),
        ..SyncOptions::default()
    };
    let before = asked(&bench).len();
    bench.platform.sync(of_all).await.unwrap();
    let ended = before + 1;
    assert_eq!(asked(&bench).len(), ended, "only the one that ended");
    sync(&bench).await.unwrap();
    assert_eq!(asked(&bench)[ended..].len(), 3);
}

/// A full sync that was interrupted goes on with those that it had not asked for.
#[tokio::test]
async fn a_full_sync_that_is_resumed_asks_for_the_rest() {
    let bench = synced(1..=3).await;
    let full = SyncOptions {
        full: true,
        ..SyncOptions::default()
    };
    for number in 1..=3 {
        bench.info(number, Some(&format!("refresh-{number}")), &[17]);
    }
    bench.pass(60);
    // The credentials are refused before the last one: the work stops.
    let answers = bench.requests(INFO).len();
    bench.next(INFO, [info(1), info(2), refused(61005)]);
    let limits = wxauth::flow::BulkLimits {
        concurrency: 1,
        rate: 0,
    };
    let one_by_one = SyncOptions { limits, ..full };
    let stopped = bench.platform.sync(one_by_one).await.unwrap();
    assert!(stopped.stopped);
    assert_eq!(bench.calls(INFO) - answers, 3);
    bench.pass(60);
    let synced = bench.platform.sync(one_by_one).await.unwrap();
    assert!(!synced.stopped);
    let resumed = |happening: &Happening| matches!(happening, Happening::Resumed);
    assert_eq!(bench.reported(resumed), 1);
    assert_eq!(bench.calls(INFO) - answers, 4, "only the third again");
    bench.platform.sync(one_by_one).await.unwrap();
    assert_eq!(
        bench.calls(INFO) - answers,
        7,
        "a new full sync asks for all"
    );
}

fn info(number: u32) -> Step {
    let info = json!({
        "authorizer_info": {"nick_name": "Shop", "MiniProgramInfo": {}},
        "authorization_info": {
            "authorizer_appid": appid(number),
            "authorizer_refresh_token": format!("refresh-{number}"),
            "func_info": [],
        },
    });
    Step::Json(info.to_string())
}

#[tokio::test]
async fn one_odd_answer_to_the_list_ends_nothing() {
    let bench = synced(1..=12).await;
    let empty = Step::json(r#"{"total_count":0,"list":[]}"#);
    bench.next(LIST, [empty]);
    let synced = sync(&bench).await.unwrap();
    assert_eq!((synced.revoked, synced.unchanged), (Vec::new(), 12));
    assert_eq!(bench.calls(LIST), 2);
}

#[tokio::test]
async fn a_list_that_keeps_moving_is_stored_and_ends_nothing() {
    let bench = synced(1..=3).await;
    bench.unlist(3);
    bench.list(4, Some("refresh-4"), -1000);
    bench.info(4, Some("refresh-4"), &[17]);
    // The total says three, and two are there.
    let rows = json!([
        {"authorizer_appid": appid(1), "refresh_token": "refresh-1", "auth_time": at(-1000).as_second()},
        {"authorizer_appid": appid(4), "refresh_token": "refresh-4", "auth_time": at(-1000).as_second()},
    ]);
    let page = json!({"total_count": 3, "list": rows}).to_string();
    let end = json!({"total_count": 3, "list": []}).to_string();
    for _ in 0..4 {
        bench.next(LIST, [Step::json(&page), Step::json(&end)]);
    }
    let error = sync(&bench).await.unwrap_err();
    assert!(
        matches!(error, FlowError::ListUnstable { total: 3, seen: 2 }),
        "{error:?}"
    );
    assert_eq!(bench.status(3).await, AuthorizationStatus::Active);
    assert_eq!(bench.status(4).await, AuthorizationStatus::Active);
}

/// Older answers of info have no refresh token: the one in the list must not be lost.
#[tokio::test]
async fn a_refresh_token_that_only_the_list_has_is_stored() {
    let bench = Bench::new().await;
    bench.list(1, Some("refresh-1"), -1000);
    bench.info(1, None, &[17]);
    bench.list(2, Some("refresh-2"), -1000);
    bench.info(2, Some("refresh-newer"), &[17]);
    let synced = sync(&bench).await.unwrap();
    assert_eq!(synced.added, appids([1, 2]));
    assert_eq!(synced.updated, [], "each is reported once");
    for (number, refresh_token) in [(1, "refresh-1"), (2, "refresh-newer")] {
        let owner = crate::store::support::owner(number);
        let stored = bench.stored(&owner).await;
        let expected = crate::store::support::secret(refresh_token);
        assert_eq!(stored.refresh_token, Some(expected));
        let row = bench.authorizer(number).await.unwrap();
        assert_eq!(row.nick_name, Some(format!("Shop {number}")));
    }
}
