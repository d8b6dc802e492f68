//! Tickets and authorization events, as a platform hears them.

use serde_json::json;
use wxauth::sandbox::SandboxOptions;

use super::receiver::{Keys, Receiver};
use super::stage::{Stage, assert_refused, text};

/// A sandbox whose first platform hears its pushes; the first ticket is taken.
async fn heard() -> (Stage, Receiver, Keys) {
    let stage = Stage::new().await;
    stage.just_after_a_new_ticket().await;
    let mut receiver = Receiver::new().await;
    stage.push_to(&receiver).await;
    let keys = stage.keys().await;
    receiver.event(&keys).await;
    (stage, receiver, keys)
}

#[tokio::test]
async fn a_ticket_comes_at_once_then_every_10_minutes_and_every_second_one_is_new() {
    let stage = Stage::new().await;
    stage.just_after_a_new_ticket().await;
    let mut receiver = Receiver::new().await;
    stage.push_to(&receiver).await;
    let keys = stage.keys().await;
    let first = receiver.event(&keys).await;
    assert_eq!(first["InfoType"], "component_verify_ticket");
    assert_eq!(first["AppId"], stage.card["component_appid"]);
    let ticket = text(&first, "ComponentVerifyTicket");
    assert!(ticket.starts_with("ticket@@@"));
    let mut tickets = vec![ticket];
    for _ in 0..3 {
        stage.pushes(tickets.len()).await;
        stage.pass("+10m").await;
        tickets.push(text(&receiver.event(&keys).await, "ComponentVerifyTicket"));
    }
    assert_eq!(tickets[0], tickets[1]);
    assert_ne!(tickets[1], tickets[2]);
    assert_eq!(tickets[2], tickets[3]);
    // It is one that opens the door.
    let answer = stage
        .component_token(json!({"component_verify_ticket": tickets[3]}))
        .await;
    text(&answer, "component_access_token");
    let pushes = stage.pushes(4).await;
    assert!(pushes.iter().all(|push| push["delivered"] == true));
    receiver.heard_nothing_else();
}

#[tokio::test]
async fn a_sandbox_that_starts_with_an_address_pushes_at_once() {
    let mut receiver = Receiver::new().await;
    let folder = tempfile::tempdir().unwrap();
    let options = |events_url| SandboxOptions {
        folder: Some(folder.path().to_owned()),
        events_url,
        ..SandboxOptions::default()
    };
    let stage = Stage::with(options(Some(receiver.events_url()))).await;
    let keys = stage.keys().await;
    receiver.event(&keys).await;
    stage.stop().await;
    // The address is kept, and a service that starts pushes.
    let again = Stage::with(options(None)).await;
    receiver.event(&keys).await;
    // So is it in a world made anew.
    again.order("reset", json!({})).await;
    receiver.event(&again.keys().await).await;
}

#[tokio::test]
async fn no_tickets_come_while_they_are_stopped() {
    let (stage, mut receiver, keys) = heard().await;
    stage
        .order("platform", json!({"ticket_pushes": false}))
        .await;
    stage.pass("+1h").await;
    let body = json!({
        "component_appid": stage.component_appid(),
        "component_secret": stage.card("component_appsecret"),
    });
    let path = "/cgi-bin/component/api_start_push_ticket";
    assert_eq!(stage.post(path, &body).await["errcode"], 0);
    // The first thing heard since is the ticket that follows the start.
    receiver.event(&keys).await;
    assert_eq!(stage.pushes(2).await.len(), 2);
}

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

#[tokio::test]
async fn pushes_stand_in_the_journal() {
    let (stage, _receiver, _) = heard().await;
    stage.pushes(1).await;
    let journal = stage.control("journal?path=component_verify_ticket").await;
    assert_eq!(journal[0]["method"], "PUSH");
    assert_eq!(journal[0]["outcome"], "ok");
    assert_eq!(journal[0]["platform"], stage.card["component_appid"]);
}
