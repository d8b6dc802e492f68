//! Pre-authorization codes and authorization codes.

use serde_json::json;

use super::stage::{Stage, assert_refused, ids, text};

#[tokio::test]
async fn a_pre_auth_code_lives_1800_seconds_and_several_live_side_by_side() {
    let stage = Stage::new().await;
    let answer = stage.component("api_create_preauthcode", json!({})).await;
    assert_eq!(answer["expires_in"], 1800);
    let first = text(&answer, "pre_auth_code");
    assert!(first.starts_with("preauthcode@@@"));
    assert_eq!(first.len(), "preauthcode@@@".len() + 86);
    let second = stage.pre_auth_code().await;
    assert_ne!(first, second);
    let appid = stage.account("official_account", false).await;
    stage
        .order("authorize", json!({"appid": appid, "pre_auth_code": first}))
        .await;
    stage.pass("+30m").await;
    let late = json!({"appid": appid, "pre_auth_code": second});
    assert_eq!(stage.declined("authorize", late).await, "pre_auth_code");
}

#[tokio::test]
async fn a_pre_auth_code_is_used_once_and_by_its_own_platform() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", false).await;
    let body = json!({"appid": appid, "pre_auth_code": stage.pre_auth_code().await});
    let foreign = json!({
        "appid": appid,
        "pre_auth_code": stage.pre_auth_code().await,
        "platform": stage.second().await.component_appid(),
    });
    assert_eq!(stage.declined("authorize", foreign).await, "pre_auth_code");
    stage.order("authorize", body.clone()).await;
    assert_eq!(stage.declined("authorize", body).await, "pre_auth_code");
    let unknown = json!({"appid": appid, "pre_auth_code": "preauthcode@@@nobody"});
    assert_eq!(stage.declined("authorize", unknown).await, "pre_auth_code");
}

#[tokio::test]
async fn without_a_link_the_newest_usable_pre_auth_code_is_taken() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", false).await;
    assert_eq!(
        stage.declined("authorize", json!({"appid": appid})).await,
        "pre_auth_code"
    );
    let older = stage.pre_auth_code().await;
    stage.pre_auth_code().await;
    stage.order("authorize", json!({"appid": appid})).await;
    stage
        .order("authorize", json!({"appid": appid, "pre_auth_code": older}))
        .await;
    assert_eq!(
        stage.declined("authorize", json!({"appid": appid})).await,
        "pre_auth_code"
    );
}

#[tokio::test]
async fn a_platform_of_the_customized_type_gets_no_pre_auth_code() {
    let stage = Stage::new().await;
    stage.order("platform", json!({"customized": true})).await;
    assert_refused(
        &stage.component("api_create_preauthcode", json!({})).await,
        61000,
    );
}

#[tokio::test]
async fn an_authorization_code_is_exchanged_once() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", false).await;
    let code = stage.authorize(&appid).await;
    assert!(code.starts_with("queryauthcode@@@"));
    assert_eq!(code.len(), "queryauthcode@@@".len() + 86);
    let body = json!({"authorization_code": code});
    let answer = stage.component("api_query_auth", body.clone()).await;
    let info = &answer["authorization_info"];
    assert_eq!(info["authorizer_appid"], json!(appid));
    assert_eq!(info["expires_in"], 7200);
    assert_eq!(
        text(info, "authorizer_refresh_token"),
        stage.refresh_token(&appid).await
    );
    assert!(ids(&info["func_info"]).contains(&17));
    assert_refused(&stage.component("api_query_auth", body).await, 61009);
}

#[tokio::test]
async fn an_authorization_code_dies_after_an_hour() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", false).await;
    let code = stage.authorize(&appid).await;
    stage.pass("+1h").await;
    let body = json!({"authorization_code": code});
    assert_refused(&stage.component("api_query_auth", body).await, 61010);
}

#[tokio::test]
async fn a_code_of_another_kind_or_platform_is_invalid() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", false).await;
    let foreign = stage.authorize(&appid).await;
    let second = stage.second().await;
    let exchange = json!({"authorization_code": foreign});
    assert_refused(&second.component("api_query_auth", exchange).await, 61009);
    for code in [stage.pre_auth_code().await.as_str(), "0123456789abcdef"] {
        let body = json!({"authorization_code": code});
        assert_refused(&stage.component("api_query_auth", body).await, 61009);
    }
    assert_refused(&stage.component("api_query_auth", json!({})).await, 40097);
}

#[tokio::test]
async fn a_code_never_exchanged_leaves_an_authorization_without_refresh_token() {
    let mut stage = Stage::new().await;
    let appid = stage.account("mini_program", false).await;
    stage.authorize(&appid).await;
    stage.pass_and_renew("+2h").await;
    let info = stage.info(&appid).await;
    assert_eq!(
        info["authorization_info"].get("authorizer_refresh_token"),
        None
    );
    // An unchanged confirmation gives no code; a changed one cures it.
    let same = stage.order("update", json!({"appid": appid})).await;
    assert_eq!(same["auth_code"], json!(null));
    let changed = stage
        .order("update", json!({"appid": appid, "permissions": [17, 31]}))
        .await;
    let body = json!({"authorization_code": text(&changed, "auth_code")});
    let redeemed = stage.component("api_query_auth", body).await;
    assert_eq!(ids(&redeemed["authorization_info"]["func_info"]).len(), 2);
    assert_eq!(
        text(&redeemed["authorization_info"], "authorizer_refresh_token"),
        stage.refresh_token(&appid).await
    );
}
