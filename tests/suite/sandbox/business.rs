//! Every other API path: who may call it.

use serde_json::{Value, json};

use super::stage::{Stage, assert_refused, text};

async fn call(stage: &Stage, path: &str, token: &str) -> Value {
    stage
        .post(&format!("{path}?access_token={token}"), &json!({}))
        .await
}

#[tokio::test]
async fn a_business_call_wants_an_authorizers_token_then_the_grant_then_the_ability() {
    let stage = Stage::new().await;
    let service = text(&stage.named("江南书院").await, "appid");
    let unverified = text(&stage.named("老王读报").await, "appid");
    let mini_program = stage.account("mini_program", true).await;
    let token = stage.authorizer_token(&service).await;
    assert_refused(
        &call(&stage, "/cgi-bin/menu/create", &stage.token).await,
        61015,
    );
    assert_eq!(
        call(&stage, "/cgi-bin/menu/create", &token).await,
        json!({"errcode": 0, "errmsg": "ok"})
    );
    let forbidden = call(&stage, "/wxa/commit", &token).await;
    assert_refused(&forbidden, 48001);
    assert!(text(&forbidden, "errmsg").starts_with("api unauthorized, rid: "));
    assert_refused(
        &call(
            &stage,
            "/cgi-bin/menu/create",
            &stage.authorizer_token(&unverified).await,
        )
        .await,
        48001,
    );
    assert_eq!(
        call(
            &stage,
            "/wxa/commit",
            &stage.authorizer_token(&mini_program).await
        )
        .await["errcode"],
        0
    );
    stage
        .order("update", json!({"appid": service, "permissions": [1, 2]}))
        .await;
    assert_refused(&call(&stage, "/cgi-bin/menu/create", &token).await, 61007);
}

#[tokio::test]
async fn a_call_of_the_platform_wants_its_own_token() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", true).await;
    let token = stage.authorizer_token(&appid).await;
    let path = "/cgi-bin/component/modify_wxa_server_domain";
    assert_eq!(call(&stage, path, &stage.token).await["errcode"], 0);
    assert_refused(&call(&stage, path, &token).await, 61014);
    assert_refused(&call(&stage, "/cgi-bin/business/list", &token).await, 48001);
}

#[tokio::test]
async fn a_banned_account_is_limited() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", true).await;
    let token = stage.authorizer_token(&appid).await;
    stage
        .order("account", json!({"appid": appid, "account_status": 16}))
        .await;
    assert_refused(&call(&stage, "/wxa/commit", &token).await, 50002);
}

#[tokio::test]
async fn calls_for_a_merchant_use_the_merchants_quota() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", true).await;
    let token = stage.authorizer_token(&appid).await;
    stage
        .order(
            "quota",
            json!({"path": "/wxa/commit", "used": 1_000_000_000, "appid": appid}),
        )
        .await;
    assert_refused(&call(&stage, "/wxa/commit", &token).await, 45009);
    let other = stage.named("城市图书馆").await;
    let other = stage
        .authorizer_token(other["appid"].as_str().unwrap())
        .await;
    assert_eq!(call(&stage, "/wxa/commit", &other).await["errcode"], 0);
}

#[tokio::test]
async fn a_set_that_waits_for_confirmation_works_once_it_is_confirmed() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", true).await;
    let token = stage.authorizer_token(&appid).await;
    let commit = async || call(&stage, "/wxa/commit", &token).await;
    let flags = async || {
        let info = stage.info(&appid).await;
        let entries = info["authorization_info"]["func_info"].as_array().cloned();
        let entry = entries
            .expect("func_info")
            .into_iter()
            .find(|entry| entry["funcscope_category"]["id"] == 18);
        let flags = entry.expect("set 18")["confirm_info"].clone();
        ["need_confirm", "already_confirm", "can_confirm"].map(|name| flags[name].clone())
    };
    let order = async |confirm: &str| {
        let body = json!({"appid": appid, "confirm": {"18": confirm}});
        stage.order("account", body).await
    };
    assert_eq!(flags().await, [0, 0, 0]);
    order("need").await;
    assert_eq!(flags().await, [1, 0, 1]);
    assert_refused(&commit().await, 61016);
    // Another set of the account is not touched, and its status stays as it was.
    let other = call(&stage, "/wxa/getwxacode", &token).await;
    assert_eq!(other["errcode"], 0, "{other}");
    let now = order("confirmed").await;
    assert_eq!(now["account_status"], 1);
    assert_eq!(flags().await, [1, 1, 0]);
    assert_eq!(commit().await["errcode"], 0);
    order("cannot").await;
    assert_eq!(flags().await, [1, 0, 0]);
    assert_refused(&commit().await, 61016);
    let unknown = json!({"appid": appid, "confirm": {"18": "perhaps"}});
    assert_eq!(stage.declined("account", unknown).await, "body");
}
