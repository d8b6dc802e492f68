//! Authorization events, as a platform hears them.

use serde_json::json;

use super::heard;
use crate::sandbox::stage::{assert_refused, text};

#[tokio::test]
async fn a_confirmation_pushes_a_code_of_its_own() {
    let (stage, mut receiver, keys) = heard().await;
    let appid = stage.account("mini_program", false).await;
    let pre_auth_code = stage.pre_auth_code().await;
    let body = json!({"appid": appid, "pre_auth_code": pre_auth_code});
    let confirmed = stage.order("authorize", body).await;
    let event = receiver.event(&keys).await;
    assert_eq!(event["InfoType"], "authorized");
    assert_eq!(event["AuthorizerAppid"], json!(appid));
    assert_eq!(event["PreAuthCode"], json!(pre_auth_code));
    let number = |name: &str| text(&event, name).parse::<i64>().unwrap();
    assert_eq!(
        number("AuthorizationCodeExpiredTime"),
        number("CreateTime") + 3600
    );
    let codes = [
        text(&event, "AuthorizationCode"),
        text(&confirmed, "auth_code"),
    ];
    assert_ne!(codes[0], codes[1]);
    for code in codes {
        let body = json!({"authorization_code": code});
        let answer = stage.component("api_query_auth", body.clone()).await;
        assert_eq!(
            answer["authorization_info"]["authorizer_appid"],
            json!(appid)
        );
        assert_refused(&stage.component("api_query_auth", body).await, 61009);
    }
}

#[tokio::test]
async fn event_and_redirect_may_bring_the_same_code() {
    let (stage, mut receiver, keys) = heard().await;
    stage
        .order("behaviours", json!({"event_code": "same"}))
        .await;
    let appid = stage.account("official_account", false).await;
    let code = stage.authorize(&appid).await;
    let event = receiver.event(&keys).await;
    assert_eq!(event["AuthorizationCode"], json!(code));
}

#[tokio::test]
async fn an_update_is_told_when_something_changed_and_an_end_always() {
    let (stage, mut receiver, keys) = heard().await;
    let appid = stage.account("official_account", true).await;
    let granted = stage.granted(&appid).await;
    // Confirmed again with the very same sets, by console and by link: nothing to tell.
    let same = json!({"appid": appid, "permissions": granted});
    stage.order("update", same.clone()).await;
    stage.authorize(&appid).await;
    let fewer = json!({"appid": appid, "permissions": [1, 11]});
    let updated = stage.order("update", fewer).await;
    let event = receiver.event(&keys).await;
    assert_eq!(event["InfoType"], "updateauthorized");
    assert_eq!(event["AuthorizationCode"], updated["auth_code"]);
    assert!(event["PreAuthCode"].is_null(), "the console has no link");
    // By link there is one.
    stage.authorize(&appid).await;
    let event = receiver.event(&keys).await;
    assert_eq!(event["InfoType"], "updateauthorized");
    assert!(text(&event, "PreAuthCode").starts_with("preauthcode@@@"));
    stage.order("revoke", json!({"appid": appid})).await;
    let event = receiver.event(&keys).await;
    assert_eq!(event["InfoType"], "unauthorized");
    assert_eq!(event["AuthorizerAppid"], json!(appid));
    assert!(event["AuthorizationCode"].is_null());
    stage.pushes(4).await;
    receiver.heard_nothing_else();
}
