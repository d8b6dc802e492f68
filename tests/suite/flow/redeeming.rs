//! From an authorization code to an authorizer, and what is made of an answer that was lost.

use serde_json::{Value, json};
use wxauth::flow::{Exchange, FlowError, MintPolicy, Redeemed, RequiredSets, Wanted};
use wxauth::store::observations::Observation;
use wxauth::store::roster::AuthorizationStatus;
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::PermissionSetId;

use super::bench::Bench;
use super::wechat::{EXCHANGE, INFO, LIST, errcode, granted, refused};
use crate::api::server::Step;
use crate::store::support::{appid, at, key, listed, new_token, owner, secret, sets, told};

const CODE: &str = "queryauthcode@@@first";

async fn redeem(bench: &Bench, code: &str) -> Result<Redeemed, FlowError> {
    let required = RequiredSets {
        by_kind: vec![
            (AccountKind::MiniProgram, sets(&[17, 18])),
            (AccountKind::OfficialAccount, sets(&[1])),
        ],
    };
    bench
        .platform
        .redeem(code, None, &required, &sets(&[17, 30]))
        .await
}

/// What WeChat answers to the exchange of a code of account `number`.
fn exchanged(number: u32, ids: &[u32]) -> Value {
    json!({"authorization_info": {
        "authorizer_appid": appid(number),
        "authorizer_access_token": "exchanged",
        "expires_in": 7200,
        "authorizer_refresh_token": format!("refresh-{number}"),
        "func_info": granted(ids),
    }})
}

fn answer(number: u32) -> Step {
    Step::Json(exchanged(number, &[17]).to_string())
}

/// The candidates for a code whose answer was lost.
#[track_caller]
fn candidates(outcome: Result<Redeemed, FlowError>) -> Vec<String> {
    match outcome {
        Err(FlowError::ExchangeLost { candidates }) => {
            candidates.iter().map(ToString::to_string).collect()
        }
        outcome => panic!("{outcome:?}"),
    }
}

fn appids(numbers: &[u32]) -> Vec<String> {
    numbers
        .iter()
        .map(|number| appid(*number).to_string())
        .collect()
}

/// The exchange is safe before anything else is asked: what fails then comes with the next sync.
#[tokio::test]
async fn a_code_is_exchanged_once_and_what_lacks_is_named() {
    let bench = Bench::new().await;
    bench.next(EXCHANGE, [answer(1)]);
    bench.always(INFO, refused(48001));
    let redeemed = redeem(&bench, CODE).await.unwrap();
    assert_eq!(redeemed.by, Exchange::ThisCall);
    assert_eq!(redeemed.authorizer.status, AuthorizationStatus::Active);
    assert_eq!(redeemed.granted, sets(&[17]));
    // WeChat has not told the kind yet: set 17 is one of mini programs.
    assert_eq!(redeemed.missing_required, [PermissionSetId(18)]);
    assert_eq!(redeemed.requested_not_granted, [PermissionSetId(30)]);
    let held = bench.token(1).await.unwrap();
    assert_eq!(held.token, secret("exchanged"));

    let again = redeem(&bench, CODE).await.unwrap();
    assert_eq!(again.by, Exchange::Before);
    assert_eq!((bench.calls(EXCHANGE), bench.calls(INFO)), (1, 1));
}

#[tokio::test]
async fn who_does_not_request_tokens_exchanges_no_code() {
    let bench = Bench::with(|options| {
        options.mint = MintPolicy::Never {
            token_command: Some(vec!["/no/such/program".to_owned()]),
            backend: None,
        };
    })
    .await;
    let error = redeem(&bench, CODE).await.unwrap_err();
    assert!(
        matches!(error, FlowError::NotMinting(Wanted::Exchange)),
        "{error:?}"
    );
    // One that was exchanged before is answered from the store.
    let seen = listed(1, Some("refresh-1"), 0, 0);
    let fingerprint = secret(CODE).fingerprint();
    let (key, token) = (key(), new_token("exchanged", Some("refresh-1")));
    let redeemed = bench
        .store()
        .commit_redeem(&key, &fingerprint, seen, Some(token), 0);
    redeemed.await.unwrap();
    assert_eq!(redeem(&bench, CODE).await.unwrap().by, Exchange::Before);
}

#[tokio::test]
async fn a_lost_answer_is_made_up_for_from_the_list() {
    let unknown = Bench::new().await;
    // Listed before, with a code that was never exchanged.
    let pending = Bench::new().await;
    pending.observe(listed(1, None, -100, 0)).await;
    // Authorized again since.
    let again = Bench::new().await;
    again
        .observe(listed(1, Some("refresh-old"), -2000, 0))
        .await;
    for bench in [unknown, pending, again] {
        bench.observe(listed(2, Some("refresh-2"), -50, 0)).await;
        bench.list(1, Some("refresh-1"), -100);
        bench.list(2, Some("refresh-2"), -50);
        bench.next(EXCHANGE, [Step::Drop]);
        let redeemed = redeem(&bench, CODE).await.unwrap();
        assert_eq!(redeemed.by, Exchange::LostAnswer);
        assert_eq!(redeemed.authorizer.appid, appid(1));
        assert_eq!(bench.calls(EXCHANGE), 1, "a code is never sent twice");
        let stored = bench.stored(&owner(1)).await;
        assert_eq!(stored.refresh_token, Some(secret("refresh-1")));
        assert_eq!(redeem(&bench, CODE).await.unwrap().by, Exchange::Before);
    }
}

#[tokio::test]
async fn what_is_less_certain_is_left_to_a_person() {
    let bench = Bench::new().await;
    bench.next(EXCHANGE, [Step::Drop]);
    bench.next(LIST, [refused(48001)]);
    assert_eq!(candidates(redeem(&bench, CODE).await), appids(&[]));
    // Everyone in the list is known already.
    bench.observe(listed(1, Some("refresh-1"), -100, 0)).await;
    bench.list(1, Some("refresh-1"), -100);
    bench.next(EXCHANGE, [Step::Drop]);
    assert_eq!(candidates(redeem(&bench, CODE).await), appids(&[]));
    // Authorized before a code that is sent now can have been given.
    bench.list(2, Some("refresh-2"), -71 * 60);
    bench.next(EXCHANGE, [Step::Drop]);
    assert_eq!(candidates(redeem(&bench, CODE).await), appids(&[2]));
    // Its refresh token is not there.
    bench.list(2, None, -100);
    bench.next(EXCHANGE, [Step::Drop]);
    assert_eq!(candidates(redeem(&bench, CODE).await), appids(&[2]));
    // Two come into question.
    bench.list(2, Some("refresh-2"), -100);
    bench.list(3, Some("refresh-3"), -100);
    bench.next(EXCHANGE, [Step::Drop]);
    let mut found = candidates(redeem(&bench, CODE).await);
    found.sort();
    assert_eq!(found, appids(&[2, 3]));
    assert!(bench.authorizer(2).await.is_none());
}

/// The redirect and the event bring the same code, and two processes exchange it at once.
#[tokio::test]
async fn a_spent_code_that_another_process_stores_is_known() {
    let bench = Bench::new().await;
    let spent = json!({"errcode": 61009, "errmsg": "code is invalid"});
    let permit = bench.hold(EXCHANGE, &spent);
    let platform = bench.platform.clone();
    let late = tokio::spawn(async move {
        platform
            .redeem(CODE, None, &RequiredSets::default(), &[])
            .await
    });
    bench.until_called(EXCHANGE, 1).await;
    let seen = listed(1, Some("refresh-1"), 0, 0);
    let fingerprint = secret(CODE).fingerprint();
    let (key, token) = (key(), new_token("exchanged", Some("refresh-1")));
    let redeemed = bench
        .store()
        .commit_redeem(&key, &fingerprint, seen, Some(token), 0);
    redeemed.await.unwrap();
    permit.add_permits(1);
    assert_eq!(late.await.unwrap().unwrap().by, Exchange::Before);

    for code in [61009, 61010] {
        bench.next(EXCHANGE, [refused(code)]);
        let error = redeem(&bench, "queryauthcode@@@other").await.unwrap_err();
        assert_eq!(errcode(&error), code);
    }
    // Nothing is waited for, nor looked for in the list, after any other refusal.
    bench.next(EXCHANGE, [refused(48001)]);
    let error = redeem(&bench, "queryauthcode@@@other").await.unwrap_err();
    assert_eq!(errcode(&error), 48001);
    assert_eq!(bench.calls(LIST), 0);
}

/// A refresh that began after the code was sent may have ended the exchange's token.
#[tokio::test]
async fn an_exchange_that_was_overtaken_is_certain_for_five_minutes() {
    for overtaken in [true, false] {
        let bench = Bench::new().await;
        let known = Observation {
            as_of: at(-10),
            ..told(1, "Shop", &[17], 0)
        };
        bench.observe(known).await;
        bench.observe(listed(1, Some("refresh-1"), -100, 0)).await;
        bench.info(1, Some("refresh-1"), &[17]);
        let permit = bench.hold(EXCHANGE, &exchanged(1, &[17]));
        let platform = bench.platform.clone();
        let exchange = tokio::spawn(async move {
            platform
                .redeem(CODE, None, &RequiredSets::default(), &[])
                .await
        });
        bench.until_called(EXCHANGE, 1).await;
        if overtaken {
            bench.token(1).await.unwrap();
        }
        permit.add_permits(1);
        exchange.await.unwrap().unwrap();
        let stored = bench.stored(&owner(1)).await;
        assert_eq!(stored.access_token, Some(secret("exchanged")));
        let five_minutes = bench.clock.now() + jiff::SignedDuration::from_mins(5);
        assert_eq!(stored.expires_at.unwrap() <= five_minutes, overtaken);
    }
}
