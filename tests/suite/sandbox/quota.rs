//! Daily limits and their clearing.

use serde_json::{Value, json};

use super::stage::{COMPONENT, Stage, assert_refused, text};

const TOKEN_PATH: &str = "/cgi-bin/component/api_component_token";

async fn clear(stage: &Stage, token: &str, appid: &str) -> Value {
    let path = format!("/cgi-bin/clear_quota?access_token={token}");
    stage.post(&path, &json!({"appid": appid})).await
}

async fn used(stage: &Stage, token: &str, cgi_path: &str) -> Value {
    let path = format!("/cgi-bin/openapi/quota/get?access_token={token}");
    stage.post(&path, &json!({"cgi_path": cgi_path})).await
}

#[tokio::test]
async fn component_tokens_end_at_10000_a_day_until_the_counter_is_cleared() {
    let stage = Stage::new().await;
    let quota = used(&stage, &stage.token, TOKEN_PATH).await;
    assert_eq!(
        quota["quota"],
        json!({"daily_limit": 10000, "used": 1, "remain": 9999})
    );
    stage
        .order("quota", json!({"path": TOKEN_PATH, "used": 9999}))
        .await;
    text(
        &stage.component_token(json!({})).await,
        "component_access_token",
    );
    assert_refused(&stage.component_token(json!({})).await, 45009);
    assert_eq!(
        clear(&stage, &stage.token, stage.component_appid()).await["errcode"],
        0
    );
    text(
        &stage.component_token(json!({})).await,
        "component_access_token",
    );
    stage
        .order("quota", json!({"path": TOKEN_PATH, "used": 10000}))
        .await;
    stage.pass("+24h").await;
    let ticket = stage.control("status").await["component_verify_ticket"].clone();
    let answer = stage
        .component_token(json!({"component_verify_ticket": ticket}))
        .await;
    text(&answer, "component_access_token");
}

#[tokio::test]
async fn any_limit_is_named_when_it_is_reached() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", true).await;
    let refresh = stage.refresh_token(&appid).await;
    for name in ["api_create_preauthcode", "api_authorizer_token"] {
        let path = format!("{COMPONENT}{name}");
        stage
            .order("quota", json!({"path": path, "used": 1_000_000_000}))
            .await;
    }
    assert_refused(
        &stage.component("api_create_preauthcode", json!({})).await,
        45009,
    );
    assert_refused(&stage.refresh(&appid, &refresh).await, 45009);
}

#[tokio::test]
async fn the_token_decides_whose_counters_are_cleared_10_times_a_month() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let token = stage.authorizer_token(&appid).await;
    assert_refused(&clear(&stage, &token, stage.component_appid()).await, 40013);
    assert_refused(&clear(&stage, &stage.token, &appid).await, 40013);
    for _ in 0..10 {
        assert_eq!(clear(&stage, &token, &appid).await["errcode"], 0);
    }
    assert_refused(&clear(&stage, &token, &appid).await, 48006);
    assert_eq!(
        clear(&stage, &stage.token, stage.component_appid()).await["errcode"],
        0
    );
    let old = stage.component("clear_quota", json!({})).await;
    assert_eq!(old, json!({"errcode": 0, "errmsg": "ok"}));
}

#[tokio::test]
async fn the_appsecret_clears_without_a_token_and_shares_the_10() {
    let stage = Stage::new().await;
    let path = format!("{COMPONENT}clear_quota/v2");
    let secret = stage.card("component_appsecret").to_owned();
    let ours = json!({"component_appid": stage.component_appid(), "appsecret": secret});
    for _ in 0..9 {
        assert_eq!(
            stage.post(&path, &ours).await,
            json!({"errcode": 0, "errmsg": "ok"})
        );
    }
    assert_eq!(
        clear(&stage, &stage.token, stage.component_appid()).await["errcode"],
        0
    );
    assert_refused(&stage.post(&path, &ours).await, 48006);
    let query = format!(
        "{path}?component_appid={}&appsecret={secret}&appid={}",
        stage.component_appid(),
        stage.account("mini_program", true).await
    );
    let answer: Value = stage
        .http
        .post(format!("{}{query}", stage.base))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["errcode"], 0);
    let stranger = stage.account("mini_program", false).await;
    for (field, value, errcode) in [
        ("component_appid", json!(null), 41002),
        ("component_appid", json!("wx00000000000000ff"), 40013),
        ("appsecret", json!(null), 41004),
        ("appsecret", json!("0".repeat(32)), 40125),
        ("appid", json!(stranger), 43007),
        ("appid", json!("wx00000000000000ff"), 40013),
    ] {
        let mut body = ours.clone();
        body[field] = value;
        assert_refused(&stage.post(&path, &body).await, errcode);
    }
}

#[tokio::test]
async fn the_form_for_an_accounts_own_secret_is_not_for_platforms() {
    let stage = Stage::new().await;
    let path = "/cgi-bin/clear_quota/v2";
    let body =
        json!({"appid": stage.component_appid(), "appsecret": stage.card("component_appsecret")});
    assert_refused(&stage.post(path, &body).await, 40013);
    assert_refused(&stage.post(path, &json!({"appid": "x"})).await, 41004);
    assert_refused(&stage.post(path, &json!({"appsecret": "x"})).await, 41002);
}

#[tokio::test]
async fn a_path_is_asked_for_by_its_owner_and_in_its_own_form() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let token = stage.authorizer_token(&appid).await;
    for (cgi_path, errcode) in [
        ("https://api.weixin.qq.com/cgi-bin/menu/create", 76003),
        ("cgi-bin/menu/create", 76003),
        ("/cgi-bin/no/such", 76021),
        ("/sns/oauth2/access_token", 76022),
        ("/cgi-bin/menu/create", 76022),
    ] {
        assert_refused(&used(&stage, &stage.token, cgi_path).await, errcode);
    }
    assert_eq!(
        used(&stage, &token, "/cgi-bin/menu/create").await["errcode"],
        0
    );
    let text = used(&stage, &token, TOKEN_PATH).await;
    assert!(
        text["errmsg"]
            .as_str()
            .unwrap()
            .starts_with("could not use this cgi_path，no permission")
    );
}

#[tokio::test]
async fn one_paths_counter_is_cleared_50_times_a_month() {
    let stage = Stage::new().await;
    let path = format!("/cgi-bin/openapi/quota/clear?access_token={}", stage.token);
    stage
        .order("quota", json!({"path": TOKEN_PATH, "used": 77}))
        .await;
    for _ in 0..50 {
        let answer = stage.post(&path, &json!({"cgi_path": TOKEN_PATH})).await;
        assert_eq!(answer, json!({"errcode": 0, "errmsg": "ok"}));
    }
    assert_eq!(
        used(&stage, &stage.token, TOKEN_PATH).await["quota"]["used"],
        0
    );
    assert_refused(
        &stage.post(&path, &json!({"cgi_path": TOKEN_PATH})).await,
        45040,
    );
    assert_refused(
        &stage
            .post(&path, &json!({"cgi_path": "/cgi-bin/no/such"}))
            .await,
        76021,
    );
}
