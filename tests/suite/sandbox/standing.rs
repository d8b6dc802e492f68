//! What happens to an authorization that stands: configuration, update, end, and its renewal.

use serde_json::json;

use super::stage::{Stage, assert_refused, text};

#[tokio::test]
async fn an_update_changes_the_sets_and_keeps_the_tokens() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let refresh = stage.refresh_token(&appid).await;
    let token = stage.authorizer_token(&appid).await;
    let answer = stage
        .order("update", json!({"appid": appid, "permissions": [1, 15]}))
        .await;
    assert_eq!(answer["redirect_url"], json!(null));
    let mut granted = stage.granted(&appid).await;
    granted.sort_unstable();
    assert_eq!(granted, [1, 15]);
    assert_eq!(stage.refresh_token(&appid).await, refresh);
    let path = format!("/cgi-bin/menu/create?access_token={token}");
    assert_eq!(stage.post(&path, &json!({})).await["errcode"], 0);
    let code = json!({"authorization_code": text(&answer, "auth_code")});
    let redeemed = stage.component("api_query_auth", code).await;
    assert_eq!(
        text(&redeemed["authorization_info"], "authorizer_refresh_token"),
        refresh
    );
}

#[tokio::test]
async fn an_unchanged_update_gives_no_code_but_a_second_scan_does() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let answer = stage.order("update", json!({"appid": appid})).await;
    assert_eq!(
        (&answer["auth_code"], &answer["expires_in"]),
        (&json!(null), &json!(null))
    );
    let code = stage.authorize(&appid).await;
    let redeemed = stage
        .component("api_query_auth", json!({"authorization_code": code}))
        .await;
    assert_eq!(
        redeemed["authorization_info"]["authorizer_appid"],
        json!(appid)
    );
}

#[tokio::test]
async fn a_change_of_the_configuration_waits_for_the_merchant() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let before = stage.granted(&appid).await;
    assert!(before.contains(&15) && !before.contains(&35));
    stage
        .order("platform", json!({"permission_ids": [1, 2, 35]}))
        .await;
    assert_eq!(stage.granted(&appid).await, before);
    let body = json!({"appid": appid, "permissions": [15]});
    assert_eq!(stage.declined("update", body).await, "permissions");
    stage.order("update", json!({"appid": appid})).await;
    let mut after = stage.granted(&appid).await;
    after.sort_unstable();
    assert_eq!(after, [1, 2, 35]);
    assert_eq!(
        stage
            .declined("platform", json!({"permission_ids": [99_999]}))
            .await,
        "platform"
    );
}

#[tokio::test]
async fn an_end_kills_tokens_codes_and_the_entry_in_the_list() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let refresh = stage.refresh_token(&appid).await;
    let token = stage.authorizer_token(&appid).await;
    let code = stage.authorize(&appid).await;
    let total = |list: serde_json::Value| list["total_count"].as_u64().unwrap();
    let page = json!({"offset": 0, "count": 500});
    let before = total(
        stage
            .component("api_get_authorizer_list", page.clone())
            .await,
    );
    stage.order("revoke", json!({"appid": appid})).await;
    assert_eq!(
        total(stage.component("api_get_authorizer_list", page).await),
        before - 1
    );
    assert_refused(&stage.info(&appid).await, 61003);
    assert_refused(&stage.refresh(&appid, &refresh).await, 61003);
    let path = format!("/cgi-bin/menu/create?access_token={token}");
    assert_refused(&stage.post(&path, &json!({})).await, 61003);
    assert_refused(
        &stage
            .component("api_query_auth", json!({"authorization_code": code}))
            .await,
        61009,
    );
    assert_eq!(
        stage.declined("revoke", json!({"appid": appid})).await,
        "not_authorized"
    );
    assert_eq!(
        stage.declined("update", json!({"appid": appid})).await,
        "not_authorized"
    );
}

#[tokio::test]
async fn an_authorization_after_an_end_brings_a_new_refresh_token() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let former = stage.refresh_token(&appid).await;
    let old_token = stage.authorizer_token(&appid).await;
    stage.order("revoke", json!({"appid": appid})).await;
    let info = stage.authorize_and_redeem(&appid).await;
    let fresh = text(&info, "authorizer_refresh_token");
    assert_ne!(fresh, former);
    assert_refused(&stage.refresh(&appid, &former).await, 61023);
    text(
        &stage.refresh(&appid, &fresh).await,
        "authorizer_access_token",
    );
    let path = format!("/cgi-bin/menu/create?access_token={old_token}");
    assert_refused(&stage.post(&path, &json!({})).await, 40001);
}

#[tokio::test]
async fn a_store_is_authorized_without_a_link() {
    let stage = Stage::new().await;
    let appid = stage.account("store", false).await;
    let answer = stage.order("authorize", json!({"appid": appid})).await;
    assert!(answer["auth_code"].is_string());
    assert!(stage.granted(&appid).await.contains(&100));
}
