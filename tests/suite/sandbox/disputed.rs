//! Switches for what public sources dispute.

use serde_json::{Value, json};

use super::stage::{Stage, assert_refused, text};

async fn switched(switch: Value) -> Stage {
    let stage = Stage::new().await;
    stage.order("behaviours", switch).await;
    stage
}

async fn page(stage: &Stage, offset: u64, count: u64) -> Value {
    stage
        .component(
            "api_get_authorizer_list",
            json!({"offset": offset, "count": count}),
        )
        .await
}

fn appids(page: &Value) -> Vec<String> {
    page["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(entry, "authorizer_appid"))
        .collect()
}

#[tokio::test]
async fn a_refresh_token_may_rotate_with_5_minutes_of_overlap() {
    let mut stage = switched(json!({"refresh_token_rotates": true})).await;
    let appid = stage.account("official_account", true).await;
    let first = stage.refresh_token(&appid).await;
    let second = text(
        &stage.refresh(&appid, &first).await,
        "authorizer_refresh_token",
    );
    assert_ne!(first, second);
    assert_eq!(stage.refresh_token(&appid).await, second);
    text(
        &stage.refresh(&appid, &second).await,
        "authorizer_access_token",
    );
    text(
        &stage.refresh(&appid, &second).await,
        "authorizer_access_token",
    );
    stage.pass_and_renew("+5m").await;
    assert_refused(&stage.refresh(&appid, &first).await, 61023);
    assert_refused(&stage.refresh(&appid, &second).await, 61023);
}

#[tokio::test]
async fn an_update_may_change_the_refresh_token() {
    let stage = switched(json!({"update_changes_refresh_token": true})).await;
    let appid = stage.account("official_account", true).await;
    let before = stage.refresh_token(&appid).await;
    stage
        .order("update", json!({"appid": appid, "permissions": [1]}))
        .await;
    assert_ne!(stage.refresh_token(&appid).await, before);
}

#[tokio::test]
async fn an_authorization_code_may_live_600_seconds() {
    let stage = switched(json!({"auth_code_seconds": 600})).await;
    let code = stage
        .authorize(&stage.account("mini_program", false).await)
        .await;
    stage.pass("+10m").await;
    assert_refused(
        &stage
            .component("api_query_auth", json!({"authorization_code": code}))
            .await,
        61010,
    );
}

#[tokio::test]
async fn a_used_code_that_is_late_may_count_as_expired() {
    for (switch, errcode) in [("61009", 61009), ("61010", 61010)] {
        let stage = switched(json!({"used_code_when_late": switch})).await;
        let code = stage
            .authorize(&stage.account("mini_program", false).await)
            .await;
        let body = json!({"authorization_code": code});
        stage.component("api_query_auth", body.clone()).await;
        assert_refused(
            &stage.component("api_query_auth", body.clone()).await,
            61009,
        );
        stage.pass("+1h").await;
        assert_refused(&stage.component("api_query_auth", body).await, errcode);
    }
}

#[tokio::test]
async fn an_access_token_may_outlive_its_authorization() {
    for (switch, errcode) in [
        ("61003", Some(61003)),
        ("40001", Some(40001)),
        ("own_end", None),
    ] {
        let stage = switched(json!({"revoked_access_token": switch})).await;
        let appid = stage.account("official_account", true).await;
        let token = stage.authorizer_token(&appid).await;
        stage.order("revoke", json!({"appid": appid})).await;
        let path = format!("/cgi-bin/menu/create?access_token={token}");
        let answer = stage.post(&path, &json!({})).await;
        match errcode {
            Some(errcode) => assert_refused(&answer, errcode),
            None => {
                assert_eq!(answer["errcode"], 0);
                stage.pass("+2h").await;
                assert_refused(&stage.post(&path, &json!({})).await, 42001);
            }
        }
    }
}

#[tokio::test]
async fn a_pre_auth_code_may_be_used_up_by_looking_at_the_page() {
    let stage = Stage::new().await;
    let account = stage.named("晨光口腔预约").await;
    let body = json!({"appid": account["appid"], "user": "somebody", "pre_auth_code": stage.pre_auth_code().await});
    assert_eq!(
        stage.declined("authorize", body.clone()).await,
        "administrator"
    );
    assert_eq!(
        stage.declined("authorize", body.clone()).await,
        "administrator"
    );
    stage
        .order("behaviours", json!({"pre_auth_code_used_at": "view"}))
        .await;
    assert_eq!(
        stage.declined("authorize", body.clone()).await,
        "administrator"
    );
    assert_eq!(stage.declined("authorize", body).await, "pre_auth_code");
}

#[tokio::test]
async fn refusals_may_look_as_they_did() {
    let stage = switched(json!({"errcode_as_text": true, "message_tail": "hint"})).await;
    let answer = stage.info("wx00000000000000ff").await;
    assert_eq!(answer["errcode"], "61003");
    let message = text(&answer, "errmsg");
    assert!(
        message.contains(" hint: [") && message.ends_with("!]"),
        "{message}"
    );
    stage
        .order("behaviours", json!({"message_tail": "none"}))
        .await;
    let message = text(&stage.info("wx00000000000000ff").await, "errmsg");
    assert_eq!(message, "component is not authorized by this account");
}

#[tokio::test]
async fn a_missing_refresh_token_may_be_an_empty_text() {
    let stage = switched(json!({"missing_refresh_token": "empty"})).await;
    let pending = text(&stage.named("云上花店").await, "appid");
    assert_eq!(stage.refresh_token(&pending).await, "");
    let list = page(&stage, 0, 100).await;
    let entry = list["list"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["authorizer_appid"] == json!(pending));
    assert_eq!(entry.unwrap()["refresh_token"], "");
}

#[tokio::test]
async fn the_list_may_be_ordered_otherwise() {
    let stage = switched(json!({"list_order": "appid"})).await;
    let listed = appids(&page(&stage, 0, 100).await);
    assert!(listed.is_sorted());
    stage
        .order("behaviours", json!({"list_order": "auth_time"}))
        .await;
    assert!(!appids(&page(&stage, 0, 100).await).is_sorted());
}

#[tokio::test]
async fn the_list_may_end_otherwise() {
    let stage = Stage::new().await;
    let total = page(&stage, 0, 1).await["total_count"].clone();
    stage
        .order("behaviours", json!({"page_past_end": "zero_total"}))
        .await;
    assert_eq!(
        page(&stage, 100, 5).await,
        json!({"total_count": 0, "list": []})
    );
    stage
        .order("behaviours", json!({"page_past_end": "last_page"}))
        .await;
    let last = page(&stage, 100, 5).await;
    assert_eq!(last["total_count"], total);
    assert_eq!(appids(&last).len(), 5);
}

#[tokio::test]
async fn the_total_may_move_and_entries_may_come_twice() {
    let stage = switched(json!({"moving_total": true, "duplicates_between_pages": true})).await;
    let (first, second) = (page(&stage, 0, 3).await, page(&stage, 3, 3).await);
    assert_ne!(first["total_count"], second["total_count"]);
    assert_eq!(appids(&first).last(), appids(&second).first());
}

#[tokio::test]
async fn the_release_checks_accounts_may_stay_in_the_list() {
    let stage = Stage::new().await;
    let before = page(&stage, 0, 100).await;
    stage
        .order("behaviours", json!({"release_check_accounts": true}))
        .await;
    let after = page(&stage, 0, 100).await;
    let left: Vec<&Value> = after["list"]
        .as_array()
        .unwrap()
        .iter()
        .skip(appids(&before).len())
        .collect();
    assert_eq!(left.len(), 2);
    assert_eq!(left[0]["authorizer_appid"], "wx570bc396a51b8ff8");
    for entry in left {
        let answer = stage
            .refresh(
                &text(entry, "authorizer_appid"),
                &text(entry, "refresh_token"),
            )
            .await;
        assert_refused(&answer, 61003);
    }
}
