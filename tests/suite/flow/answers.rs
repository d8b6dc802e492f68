//! Answers that are not about what was asked, or not what such an answer is: nothing of them is stored.

use serde_json::{Value, json};
use wxauth::api::{ApiError, OptionGeneration};
use wxauth::flow::{
    BulkLimits, CodeExchange, CodeFate, Exchange, FlowError, Freshness, MintPolicy, OptionName,
    RefreshTargets, RequiredSets, SyncOptions,
};
use wxauth::store::events::EventOutcome;
use wxauth::store::roster::AuthorizationStatus;
use wxauth::store::tokens::TokenOwner;
use wxauth::wechat::wire::{Expected, FieldError};

use super::bench::Bench;
use super::events::{authorized, detail, worked};
use super::wechat::{COMPONENT, EXCHANGE, INFO, LIST, TOKEN, granted};
use crate::api::server::Step;
use crate::store::launches::launch;
use crate::store::support::{appid, key, owner, secret};

const CODE: &str = "queryauthcode@@@first";
/// What no token is made of.
const NO_TOKENS: [&str; 6] = [
    "one two",
    "one\r\nX-Evil: 1",
    "one\0two",
    "\u{1b}[8mone",
    "one\u{fffd}",
    "ｏｎｅ",
];

fn answer(value: &Value) -> Step {
    Step::Json(value.to_string())
}

/// What the exchange of a code gives that is one of account `number`.
fn exchanged(number: u32) -> Value {
    json!({
        "authorizer_appid": appid(number),
        "authorizer_access_token": format!("exchanged-{number}"),
        "expires_in": 7200,
        "authorizer_refresh_token": format!("refresh-{number}"),
        "func_info": granted(&[17]),
    })
}

fn next_exchange(bench: &Bench, grant: &Value) {
    bench.next(EXCHANGE, [answer(&json!({ "authorization_info": grant }))]);
}

/// The field that was malformed, and what it must be.
#[track_caller]
fn malformed<T: std::fmt::Debug>(outcome: Result<T, FlowError>) -> (&'static str, Expected) {
    match outcome {
        Err(FlowError::Api(ApiError::Field {
            error: FieldError::Malformed { field, expected },
            ..
        })) => (field, expected),
        outcome => panic!("{outcome:?}"),
    }
}

async fn refresh(bench: &Bench) -> Result<(), FlowError> {
    let named = RefreshTargets::Named(vec![appid(1)]);
    let refreshed = bench.platform.refresh(named, BulkLimits::default()).await?;
    match refreshed.failed.into_iter().next() {
        Some(failed) => Err(failed.error),
        None => Ok(()),
    }
}

#[tokio::test]
async fn an_info_about_another_account_changes_neither() {
    let bench = Bench::new().await;
    for number in [1, 2] {
        bench.list(number, Some(&format!("refresh-{number}")), -1000);
    }
    bench.info(7, Some("refresh-7"), &[17]);
    let about_seven = json!({
        "authorizer_info": {"nick_name": "Shop 7", "MiniProgramInfo": {}},
        "authorization_info": {
            "authorizer_appid": appid(7),
            "authorizer_refresh_token": "refresh-7",
            "func_info": granted(&[17]),
        },
    });
    bench.always(INFO, answer(&about_seven));
    let synced = bench.platform.sync(SyncOptions::default()).await.unwrap();
    assert_eq!(synced.failed.len(), 2);
    for (failed, number) in synced.failed.iter().zip([1, 2]) {
        let FlowError::Api(ApiError::OtherAccount {
            asked, answered, ..
        }) = &failed.error
        else {
            panic!("{:?}", failed.error);
        };
        assert_eq!((asked, answered), (&appid(number), &appid(7)));
        // What the list said of it stays.
        let stored = bench.stored(&owner(number)).await;
        let right = secret(&format!("refresh-{number}"));
        assert_eq!(stored.refresh_token, Some(right));
        let row = bench.authorizer(number).await.unwrap();
        assert_eq!((row.nick_name, row.synced_at), (None, None));
    }
    assert!(bench.authorizer(7).await.is_none());
}

/// The code is spent, so that what it gave is kept, under the account that WeChat names.
#[tokio::test]
async fn a_code_of_another_account_fails_its_event_and_loses_no_grant() {
    let bench = Bench::new().await;
    let fingerprint = secret("preauthcode@@@link").fingerprint();
    let mut made = launch(&fingerprint, -60);
    made.only = None;
    bench.store().put_launch(&key(), made).await.unwrap();
    bench.info(1, Some("refresh-1"), &[18]);
    bench.info(2, Some("refresh-2"), &[17]);
    next_exchange(&bench, &exchanged(2));
    let work = worked(&bench, &authorized(0)).await;
    assert_eq!(
        (work.outcome, work.code),
        (EventOutcome::Failed, CodeFate::Spent)
    );
    let Some(FlowError::ExchangedForOther { appid: of, other }) = &work.error else {
        panic!("{:?}", work.error);
    };
    assert_eq!((of, other), (&appid(1), &appid(2)));
    let told = detail(&bench, &work).await["error"].to_string();
    assert!(told.contains(appid(2).as_str()), "{told}");
    for number in [1, 2] {
        let stored = bench.stored(&owner(number)).await;
        let right = secret(&format!("refresh-{number}"));
        assert_eq!(stored.refresh_token, Some(right));
        assert_eq!(bench.status(number).await, AuthorizationStatus::Active);
        let row = bench.authorizer(number).await.unwrap();
        assert_eq!(row.external_id, None, "the link's id is of neither");
    }
    let token = bench.token(2).await.unwrap();
    assert_eq!(token.token, secret("exchanged-2"));
    // It is not tried again.
    let required = RequiredSets::default();
    let left = bench
        .platform
        .work_event_left(CodeExchange::Always, &required);
    assert!(left.await.unwrap().is_none());
}

/// WeChat's check of a full release is answered with the token of the account it wrote to.
#[tokio::test]
async fn a_release_check_is_not_answered_for_another_account() {
    let bench = Bench::new().await;
    next_exchange(&bench, &exchanged(2));
    let (of, code) = (appid(1), secret(CODE));
    let answered = bench.platform.answer_release_check(&of, &code, "openid");
    let error = answered.await.unwrap_err();
    assert!(
        matches!(error, FlowError::ExchangedForOther { .. }),
        "{error:?}"
    );
    assert_eq!(bench.calls("send"), 0);
}

#[tokio::test]
async fn a_link_for_one_account_gives_its_id_to_no_other() {
    let bench = Bench::new().await;
    let mut made = launch("of-another", -60);
    made.only = Some(appid(1));
    made.state = Some("bare".to_owned());
    bench.store().put_launch(&key(), made).await.unwrap();
    next_exchange(&bench, &exchanged(2));
    let back = format!("https://shop.example.com/callback?state=bare&auth_code={CODE}");
    let required = RequiredSets::default();
    let redeemed = bench.platform.redeem(&back, None, &required, &[]);
    let redeemed = redeemed.await.unwrap();
    assert_eq!(redeemed.authorizer.appid, appid(2));
    assert_eq!(redeemed.authorizer.external_id, None);
}

#[tokio::test]
async fn a_token_of_another_account_is_not_stored() {
    let bench = super::minting::bench().await;
    let first = bench.token(1).await.unwrap();
    let other = json!({
        "authorizer_appid": appid(2),
        "authorizer_access_token": "of-2",
        "expires_in": 7200,
        "authorizer_refresh_token": "refresh-2",
    });
    bench.always(TOKEN, answer(&other));
    let error = refresh(&bench).await.unwrap_err();
    let of_another = matches!(error, FlowError::Api(ApiError::OtherAccount { .. }));
    assert!(of_another, "{error:?}");
    let stored = bench.stored(&owner(1)).await;
    assert_eq!(stored.access_token, Some(first.token));
    assert_eq!(stored.refresh_token, Some(secret("refresh-1")));
    // One that names the account that was asked about is taken.
    let own = json!({
        "authorizer_appid": appid(1),
        "authorizer_access_token": "of-1",
        "expires_in": 7200,
    });
    bench.always(TOKEN, answer(&own));
    refresh(&bench).await.unwrap();
    assert_eq!(bench.token(1).await.unwrap().token, secret("of-1"));
}

#[tokio::test]
async fn another_option_than_the_one_asked_for_is_refused() {
    let bench = super::minting::bench().await;
    let other = json!({"option_name": "location_report", "option_value": "1"});
    bench.always("get_authorizer_option", answer(&other));
    let (generation, of) = (OptionGeneration::Present, appid(1));
    let option = |name| bench.platform.option(generation, &of, name);
    let refused = option(OptionName::VoiceRecognize).await;
    assert_eq!(malformed(refused), ("option_name", Expected::AsAsked));
    let found = option(OptionName::LocationReport).await.unwrap();
    assert_eq!(found.option_value, "1");
}

#[tokio::test]
async fn a_lifetime_is_one_second_to_one_day() {
    for lifetime in [
        json!(0),
        json!(-5),
        json!(true),
        json!(86_401),
        json!(10_i64.pow(18)),
        json!(i64::MAX),
        json!(7200.5),
        json!("soon"),
        json!([7200]),
    ] {
        let bench = Bench::new().await;
        let odd = json!({"component_access_token": "odd", "expires_in": lifetime});
        bench.always(COMPONENT, answer(&odd));
        let outcome = bench.platform.component_token().await;
        assert_eq!(malformed(outcome), ("expires_in", Expected::Lifetime));
        let stored = bench.store().token(&key(), &TokenOwner::Component).await;
        let stored = stored.unwrap().and_then(|token| token.access_token);
        assert_eq!(stored, None, "{lifetime}");
    }
    for lifetime in [json!(2), json!(86_400), json!("7200")] {
        let bench = Bench::new().await;
        let right = json!({"component_access_token": "right", "expires_in": lifetime});
        bench.always(COMPONENT, answer(&right));
        let held = bench.platform.component_token().await.unwrap();
        assert_eq!(held.token, secret("right"), "{lifetime}");
    }
}

/// Half of a short lifetime is used, and not one call per command made.
#[tokio::test]
async fn a_token_with_a_short_lifetime_is_used_for_half_of_it() {
    let bench = super::minting::bench().await;
    let short = |name: &str| answer(&json!({"authorizer_access_token": name, "expires_in": 300}));
    bench.next(TOKEN, [short("first"), short("second")]);
    for _ in 0..5 {
        assert_eq!(bench.token(1).await.unwrap().token, secret("first"));
        bench.pass(20);
    }
    bench.pass(30);
    assert_eq!(bench.token(1).await.unwrap().token, secret("second"));
    assert_eq!(bench.calls(TOKEN), 2);
    // Of a usual one ten minutes are left over.
    bench.pass(300);
    let third = bench.token(1).await.unwrap().token;
    bench.pass(7140 - 600 - 60);
    assert_eq!(bench.token(1).await.unwrap().token, third);
    bench.pass(120);
    assert_ne!(bench.token(1).await.unwrap().token, third);
}

#[tokio::test]
async fn what_is_no_token_is_refused_and_not_stored() {
    let long = "x".repeat(2049);
    for odd in NO_TOKENS.iter().copied().chain([long.as_str()]) {
        let bench = super::minting::bench().await;
        let component = json!({"component_access_token": odd, "expires_in": 7200});
        bench.next(COMPONENT, [answer(&component), answer(&component)]);
        let outcome = bench.platform.component_token().await;
        assert_eq!(
            malformed(outcome),
            ("component_access_token", Expected::Token)
        );
        let fields = ["authorizer_access_token", "authorizer_refresh_token"];
        for field in fields {
            let mut token = json!({
                "authorizer_access_token": "new",
                "authorizer_refresh_token": "refresh-new",
                "expires_in": 7200,
            });
            token[field] = json!(odd);
            bench.next(TOKEN, [answer(&token), answer(&token)]);
            let outcome = bench.token(1).await;
            assert_eq!(malformed(outcome), (field, Expected::Token));
        }
        let stored = bench.stored(&owner(1)).await;
        assert_eq!(stored.access_token, None, "{odd:?}");
        assert_eq!(stored.refresh_token, Some(secret("refresh-1")));
        let code = json!({"pre_auth_code": odd, "expires_in": 1800});
        bench.always("api_create_preauthcode", answer(&code));
        let options = super::linking::options(&bench);
        let outcome = bench.platform.link(&options, None, None).await;
        assert_eq!(malformed(outcome), ("pre_auth_code", Expected::Token));
    }
}

/// The code is spent: what cannot be read of the answer is read from the list.
#[tokio::test]
async fn a_malformed_exchange_is_made_up_for_from_the_list() {
    for (field, odd) in [
        ("expires_in", json!(0)),
        ("expires_in", json!(null)),
        ("authorizer_access_token", json!("one two")),
        ("authorizer_refresh_token", json!("one\ntwo")),
        ("authorizer_appid", json!("wx 1")),
    ] {
        let bench = Bench::new().await;
        bench.list(1, Some("refresh-1"), -10);
        let mut grant = exchanged(1);
        grant[field] = odd;
        next_exchange(&bench, &grant);
        let required = RequiredSets::default();
        let redeemed = bench.platform.redeem(CODE, None, &required, &[]);
        assert_eq!(redeemed.await.unwrap().by, Exchange::LostAnswer, "{field}");
        let stored = bench.stored(&owner(1)).await;
        assert_eq!(stored.access_token, None);
        assert_eq!(stored.refresh_token, Some(secret("refresh-1")));
    }
}

#[tokio::test]
async fn a_malformed_row_of_the_list_stops_a_sync() {
    for (field, odd, expected) in [
        ("authorizer_appid", json!("wx 1"), Expected::Id),
        ("authorizer_appid", json!("x".repeat(65)), Expected::Id),
        ("refresh_token", json!("one\ntwo"), Expected::Token),
    ] {
        let bench = Bench::new().await;
        let mut row = json!({"authorizer_appid": appid(1), "refresh_token": "refresh-1"});
        row[field] = odd;
        bench.always(LIST, answer(&json!({"total_count": 1, "list": [row]})));
        let outcome = bench.platform.sync(SyncOptions::default()).await;
        assert_eq!(malformed(outcome), (field, expected));
        assert!(bench.authorizer(1).await.is_none());
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let rows: Vec<_> = (1..=3)
        .map(|number| json!({"authorizer_appid": appid(number), "refresh_token": "refresh"}))
        .collect();
    for (total, pages) in [(1_000_000_000_u64, 1), (1_000_000, 101)] {
        let bench = Bench::new().await;
        bench.always(LIST, answer(&json!({"total_count": total, "list": rows})));
        let endless = bench.platform.sync(SyncOptions::default()).await;
        let error = endless.unwrap_err();
        let is_endless = matches!(error, FlowError::Api(ApiError::Endless { .. }));
        assert!(is_endless, "{error:?}");
        assert_eq!(bench.calls(LIST), pages);
        assert!(bench.authorizer(1).await.is_none());
    }
}

#[tokio::test]
async fn long_names_and_details_are_cut() {
    let bench = Bench::new().await;
    bench.list(1, Some("refresh-1"), -1000);
    let name = |letter: &str| letter.repeat(100_000);
    let info = json!({
        "authorizer_info": {
            "nick_name": name("长"),
            "principal_name": name("b"),
            "signature": name("c"),
            "user_name": "gh_000000000001",
            "MiniProgramInfo": {},
        },
        "authorization_info": {"authorizer_appid": appid(1), "func_info": granted(&[17])},
    });
    bench.always(INFO, answer(&info));
    let synced = bench.platform.sync(SyncOptions::default()).await.unwrap();
    assert_eq!(synced.added.len(), 1);
    let row = bench.authorizer(1).await.unwrap();
    assert_eq!(row.nick_name, Some(format!("{}…", "长".repeat(200))));
    assert_eq!(row.principal_name, Some(format!("{}…", "b".repeat(200))));
    let details = bench.store().details(&key(), &appid(1)).await.unwrap();
    let details = details.unwrap();
    assert!(details.get().len() < 4096, "{}", details.get().len());
    let details: Value = serde_json::from_str(details.get()).unwrap();
    assert_eq!(details["authorizer_info"]["user_name"], "gh_000000000001");
}

#[tokio::test]
async fn a_long_message_does_not_become_a_long_event() {
    let bench = Bench::new().await;
    let refused = json!({"errcode": 48001, "errmsg": "no ".repeat(1_000_000)});
    bench.next(EXCHANGE, [answer(&refused)]);
    let work = worked(&bench, &authorized(0)).await;
    assert_eq!(work.outcome, EventOutcome::Failed);
    let told = detail(&bench, &work).await["error"].to_string();
    assert!(told.len() < 1_100, "{}", told.len());
}

#[tokio::test]
async fn what_a_program_prints_is_a_token_or_refused() {
    for (printed, is_token) in [
        ("printed", true),
        ("two words", false),
        ("\u{1b}[8m", false),
    ] {
        let bench = Bench::without_ticket(|options| {
            options.mint = MintPolicy::Never {
                token_command: Some(["printf", "%s", printed].map(str::to_owned).to_vec()),
                backend: None,
            };
        })
        .await;
        let outcomes = [
            bench.platform.component_token().await,
            bench
                .platform
                .authorizer_token(&appid(1), Freshness::Usable)
                .await,
        ];
        for outcome in outcomes {
            match outcome {
                Ok(held) => assert!(is_token && held.token == secret(printed)),
                Err(FlowError::NotAToken { .. }) => assert!(!is_token),
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}
