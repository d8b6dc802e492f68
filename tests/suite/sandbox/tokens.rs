//! Tickets, component tokens and authorizer tokens.

use serde_json::json;
use wxauth::sandbox::SandboxOptions;

use super::stage::{COMPONENT, Stage, assert_refused, text};

async fn list(stage: &Stage, token: &str) -> serde_json::Value {
    let body = json!({"component_appid": stage.component_appid(), "offset": 0, "count": 1});
    let path = format!("{COMPONENT}api_get_authorizer_list?access_token={token}");
    stage.post(&path, &body).await
}

#[tokio::test]
async fn a_ticket_push_that_runs_is_in_a_normal_state() {
    let stage = Stage::new().await;
    let body = json!({
        "component_appid": stage.component_appid(),
        "component_secret": stage.card("component_appsecret"),
    });
    let path = format!("{COMPONENT}api_start_push_ticket");
    assert_eq!(
        stage.post(&path, &body).await,
        json!({"errcode": 0, "errmsg": "in a normal state"})
    );
    stage
        .order("platform", json!({"ticket_pushes": false}))
        .await;
    let before = text(&stage.control("status").await, "component_verify_ticket");
    stage.pass("+1h").await;
    assert_eq!(
        text(&stage.control("status").await, "component_verify_ticket"),
        before
    );
    assert_eq!(
        stage.post(&path, &body).await,
        json!({"errcode": 0, "errmsg": "ok"})
    );
    assert_ne!(
        text(&stage.control("status").await, "component_verify_ticket"),
        before
    );
}

#[tokio::test]
async fn the_secret_of_the_ticket_push_has_a_name_of_its_own() {
    let stage = Stage::new().await;
    let path = format!("{COMPONENT}api_start_push_ticket");
    let mut body = json!({
        "component_appid": stage.component_appid(),
        "component_appsecret": stage.card("component_appsecret"),
    });
    assert_refused(&stage.post(&path, &body).await, 41004);
    body["component_secret"] = json!("0".repeat(32));
    assert_refused(&stage.post(&path, &body).await, 40125);
    body["component_appid"] = json!("wx0000000000000000");
    assert_refused(&stage.post(&path, &body).await, 40013);
    body["component_appid"] = json!(stage.account("mini_program", true).await);
    assert_refused(&stage.post(&path, &body).await, 61011);
}

#[tokio::test]
async fn a_ticket_changes_every_20_minutes_and_works_12_hours() {
    let stage = Stage::new().await;
    let ticket = stage.card("component_verify_ticket").to_owned();
    assert_eq!(ticket.len(), 95);
    assert!(ticket.starts_with("ticket@@@"));
    stage.pass("+20m").await;
    assert_ne!(
        text(&stage.control("status").await, "component_verify_ticket"),
        ticket
    );
    stage.pass("+11h").await;
    text(
        &stage.component_token(json!({})).await,
        "component_access_token",
    );
    stage.pass("+1h").await;
    assert_refused(&stage.component_token(json!({})).await, 61005);
}

#[tokio::test]
async fn a_component_token_is_refused_for_each_wrong_field() {
    let stage = Stage::without_token(SandboxOptions::default()).await;
    let merchant = stage.account("official_account", true).await;
    let second = stage.card["platforms"][1]["component_verify_ticket"].clone();
    for (changes, errcode) in [
        (json!({"component_appid": null}), 41018),
        (
            json!({"component_appid": merchant, "component_appsecret": null}),
            61011,
        ),
        (json!({"component_appid": "wx00000000000000ff"}), 40013),
        (
            json!({"component_verify_ticket": "ticket@@@nobody", "component_appsecret": null}),
            61006,
        ),
        (json!({"component_verify_ticket": null}), 61006),
        (json!({"component_verify_ticket": second}), 61006),
        (json!({"component_appsecret": null}), 41004),
        (json!({"component_appsecret": "0".repeat(32)}), 40125),
    ] {
        assert_refused(&stage.component_token(changes).await, errcode);
    }
}

#[tokio::test]
async fn a_reset_kills_the_former_appsecret_at_once() {
    let stage = Stage::new().await;
    let answer = stage
        .order("platform", json!({"reset_appsecret": true}))
        .await;
    assert_refused(&stage.component_token(json!({})).await, 40125);
    let secret = answer["component_appsecret"].clone();
    text(
        &stage
            .component_token(json!({"component_appsecret": secret}))
            .await,
        "component_access_token",
    );
}

#[tokio::test]
async fn a_component_token_lives_7200_seconds() {
    let stage = Stage::without_token(SandboxOptions::default()).await;
    let answer = stage.component_token(json!({})).await;
    assert_eq!(answer["expires_in"], 7200);
    let token = text(&answer, "component_access_token");
    assert!((136..=157).contains(&token.len()), "{token}");
    assert!(token.starts_with("97_"));
    stage.pass("+1h59m").await;
    assert_eq!(list(&stage, &token).await["errcode"], json!(null));
    stage.pass("+1m").await;
    assert_refused(&list(&stage, &token).await, 42001);
}

#[tokio::test]
async fn a_former_component_token_works_5_more_minutes() {
    let stage = Stage::new().await;
    let former = stage.token.clone();
    let newer = stage.new_component_token().await;
    assert_ne!(former, newer);
    stage.pass("+4m").await;
    assert_eq!(list(&stage, &former).await["errcode"], json!(null));
    stage.pass("+1m").await;
    assert_refused(&list(&stage, &former).await, 40001);
    assert_eq!(list(&stage, &newer).await["errcode"], json!(null));
}

#[tokio::test]
async fn a_former_component_token_does_not_outlive_itself() {
    let stage = Stage::new().await;
    let former = stage.token.clone();
    stage.pass("+1h58m").await;
    stage.new_component_token().await;
    stage.pass("+2m").await;
    assert_refused(&list(&stage, &former).await, 42001);
}

#[tokio::test]
async fn a_component_token_made_up_is_refused() {
    let stage = Stage::new().await;
    assert_refused(&list(&stage, "97_madeup").await, 40001);
    let mut altered = stage.token.clone();
    altered.pop();
    altered.push('!');
    assert_refused(&list(&stage, &altered).await, 40001);
}

#[tokio::test]
async fn an_authorizer_token_comes_with_the_same_refresh_token() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let refresh = stage.refresh_token(&appid).await;
    assert_eq!(refresh.len(), 58);
    let answer = stage.refresh(&appid, &refresh).await;
    assert_eq!(text(&answer, "authorizer_refresh_token"), refresh);
    assert_eq!(answer["expires_in"], 7200);
    let token = text(&answer, "authorizer_access_token");
    assert!((136..=157).contains(&token.len()));
    assert_ne!(
        text(
            &stage.refresh(&appid, &refresh).await,
            "authorizer_access_token"
        ),
        token
    );
}

#[tokio::test]
async fn a_former_authorizer_token_works_5_more_minutes() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let former = stage.authorizer_token(&appid).await;
    let newer = stage.authorizer_token(&appid).await;
    let path = |token: &str| format!("/cgi-bin/openapi/quota/get?access_token={token}");
    let body = json!({"cgi_path": "/cgi-bin/menu/create"});
    stage.pass("+4m59s").await;
    assert_eq!(stage.post(&path(&former), &body).await["errcode"], 0);
    stage.pass("+2s").await;
    assert_refused(&stage.post(&path(&former), &body).await, 40001);
    assert_eq!(stage.post(&path(&newer), &body).await["errcode"], 0);
    stage.pass("+2h").await;
    assert_refused(&stage.post(&path(&newer), &body).await, 42001);
}

#[tokio::test]
async fn an_authorizer_token_is_refused_for_each_wrong_field() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let other = stage.account("channels", true).await;
    let stranger = stage.account("official_account", false).await;
    let refresh = stage.refresh_token(&appid).await;
    assert_refused(&stage.refresh(&stranger, &refresh).await, 61003);
    assert_refused(&stage.refresh("wx00000000000000ff", &refresh).await, 61003);
    assert_refused(&stage.refresh(&other, &refresh).await, 61023);
    assert_refused(&stage.refresh(&appid, "refreshtoken@@@nobody").await, 61023);
    assert_refused(&stage.refresh("", &refresh).await, 40013);
    let body = json!({"authorizer_appid": appid, "authorizer_refresh_token": null});
    assert_refused(&stage.component("api_authorizer_token", body).await, 40013);
}

#[tokio::test]
async fn an_account_that_is_cancelled_or_frozen_gets_no_token() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", true).await;
    let refresh = stage.refresh_token(&appid).await;
    for status in [14, 19] {
        stage
            .order("account", json!({"appid": appid, "account_status": status}))
            .await;
        assert_refused(&stage.refresh(&appid, &refresh).await, 50002);
        assert_eq!(
            stage.info(&appid).await["authorizer_info"]["account_status"],
            status
        );
    }
    stage
        .order("account", json!({"appid": appid, "account_status": 1}))
        .await;
    text(
        &stage.refresh(&appid, &refresh).await,
        "authorizer_access_token",
    );
}
