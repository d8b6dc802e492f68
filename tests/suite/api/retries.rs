//! What is sent again, and what never is.

use std::time::Duration;

use wxauth::api::{Api, ApiError, ApiOptions, Call, Effect, Observer, RetryPolicy};
use wxauth::sys::clock::Clock;
use wxauth::sys::http::HttpOptions;

use super::server::{Server, Step};
use super::{api, merchant, platform, secret, token};

const BUSY: &str = r#"{"errcode":-1,"errmsg":"system error"}"#;
const BLOCKED: &str = r#"{"errcode":45102,"errmsg":"this api have been blocked temporarily."}"#;

/// How often a call reaches a server that always answers so.
async fn sent(call: Call, step: &Step) -> usize {
    let server = Server::start([step.clone()]).await;
    let error = send(&api(&server.base), call).await.unwrap_err();
    assert_eq!(error.call(), call);
    server.seen().len()
}

async fn send(api: &Api, call: Call) -> Result<(), ApiError> {
    let (platform, merchant, token) = (platform(), merchant(), token());
    match call {
        Call::StartPushTicket => api
            .start_push_ticket(&platform, &secret(""))
            .await
            .map(drop),
        Call::ComponentToken => api
            .component_token(&platform, &secret(""), &secret("ticket@@@"))
            .await
            .map(drop),
        Call::PreAuthCode => api.pre_auth_code(&platform, &token).await.map(drop),
        Call::QueryAuth => api
            .query_auth(&platform, &token, &secret("queryauthcode@@@"))
            .await
            .map(drop),
        Call::AuthorizerToken => api
            .authorizer_token(&platform, &token, &merchant, &secret("refreshtoken@@@"))
            .await
            .map(drop),
        Call::AuthorizerInfo => api
            .authorizer_info(&platform, &token, &merchant)
            .await
            .map(drop),
        Call::AuthorizerList => api
            .authorizer_list(&platform, &token, 0, 500)
            .await
            .map(drop),
        other => panic!("{other} is not told here"),
    }
}

const TOLD: [Call; 7] = [
    Call::StartPushTicket,
    Call::ComponentToken,
    Call::PreAuthCode,
    Call::QueryAuth,
    Call::AuthorizerToken,
    Call::AuthorizerInfo,
    Call::AuthorizerList,
];

#[tokio::test]
async fn a_busy_wechat_is_asked_again_but_for_the_exchange_of_a_code() {
    for call in TOLD {
        let expected = if call == Call::QueryAuth { 1 } else { 3 };
        assert_eq!(sent(call, &Step::json(BUSY)).await, expected, "{call}");
    }
}

#[tokio::test]
async fn other_passing_refusals_are_repeated_where_nothing_is_minted_or_spent() {
    for call in TOLD {
        let expected = match call.effect() {
            Effect::Harmless | Effect::Idempotent => 3,
            Effect::Mints | Effect::Spends => 1,
        };
        assert_eq!(sent(call, &Step::json(BLOCKED)).await, expected, "{call}");
    }
}

#[tokio::test]
async fn token_and_quota_errors_are_the_callers_to_cure() {
    for errcode in [40001, 42001, 45009, 45011, 61003, 61023] {
        let body = format!(r#"{{"errcode":{errcode},"errmsg":"no"}}"#);
        for call in [Call::AuthorizerInfo, Call::AuthorizerToken] {
            assert_eq!(sent(call, &Step::json(&body)).await, 1, "{errcode}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_only_where_that_does_no_harm() {
    for step in [
        Step::Drop,
        Step::status("503 Service Unavailable", "text/html", ""),
    ] {
        for call in TOLD {
            let expected = if call.effect() == Effect::Harmless {
                3
            } else {
                1
            };
            assert_eq!(sent(call, &step).await, expected, "{call}");
        }
    }
}

#[tokio::test]
async fn a_repeat_that_succeeds_is_a_success() {
    let answer = r#"{"component_access_token":"97_new","expires_in":7200}"#;
    let server = Server::start([Step::json(BUSY), Step::json(BUSY), Step::json(answer)]).await;
    send(&api(&server.base), Call::ComponentToken)
        .await
        .unwrap();
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn the_time_limit_of_a_call_holds_all_its_tries_and_waits() {
    let limit = |attempts| {
        let options = ApiOptions {
            base: "http://127.0.0.1:9".parse().unwrap(),
            http: HttpOptions::default(),
            retry: RetryPolicy {
                attempts,
                base_delay: Duration::from_secs(1),
                max_delay: Duration::from_secs(3),
            },
            clock: Clock::system(),
            observer: Observer::default(),
        };
        Api::new(options).call_time_limit()
    };
    assert_eq!(limit(0), Duration::from_secs(10));
    assert_eq!(limit(1), Duration::from_secs(10));
    // Waits of 1, 2 and 3 seconds, doubled by chance at the most.
    assert_eq!(limit(4), Duration::from_secs(40 + 12));
}
