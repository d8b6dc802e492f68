//! Options of an authorizer, in both generations of the calls.

use serde_json::json;

use super::stage::{COMPONENT, Stage, assert_refused};

#[tokio::test]
async fn an_option_set_in_one_generation_is_read_in_the_other() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let token = stage.authorizer_token(&appid).await;
    let read = json!({"authorizer_appid": appid, "option_name": "location_report"});
    let old = stage
        .component("api_get_authorizer_option", read.clone())
        .await;
    assert_eq!(
        old,
        json!({"authorizer_appid": appid, "option_name": "location_report", "option_value": "0"})
    );
    let set =
        json!({"authorizer_appid": appid, "option_name": "location_report", "option_value": "2"});
    assert_eq!(
        stage.component("api_set_authorizer_option", set).await,
        json!({"errcode": 0, "errmsg": "ok"})
    );
    let present = json!({"option_name": "location_report", "option_value": "2"});
    assert_eq!(
        stage.component("get_authorizer_option", read).await,
        present
    );
    let path = format!("{COMPONENT}get_authorizer_option?access_token={token}");
    assert_eq!(
        stage
            .post(&path, &json!({"option_name": "location_report"}))
            .await,
        present
    );
    let path = format!("{COMPONENT}set_authorizer_option?access_token={token}");
    let set = json!({"option_name": "voice_recognize", "option_value": "1"});
    assert_eq!(
        stage.post(&path, &set).await,
        json!({"errcode": 0, "errmsg": "ok"})
    );
}

#[tokio::test]
async fn an_option_is_refused_for_its_name_its_value_and_its_account() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let stranger = stage.account("official_account", false).await;
    for generation in ["api_", ""] {
        let get = format!("{generation}get_authorizer_option");
        let set = format!("{generation}set_authorizer_option");
        let body = |name: &str, value: serde_json::Value| json!({"authorizer_appid": appid, "option_name": name, "option_value": value});
        assert_refused(
            &stage.component(&get, body("colour", json!("1"))).await,
            61012,
        );
        assert_refused(
            &stage.component(&set, body("colour", json!("1"))).await,
            61012,
        );
        for value in [json!("2"), json!("x"), json!(1), json!("+1")] {
            assert_refused(
                &stage.component(&set, body("voice_recognize", value)).await,
                61013,
            );
        }
        let other = json!({"authorizer_appid": stranger, "option_name": "voice_recognize", "option_value": "1"});
        assert_refused(&stage.component(&get, other.clone()).await, 61003);
        assert_refused(&stage.component(&set, other).await, 61003);
        assert_refused(
            &stage
                .component(&get, json!({"option_name": "voice_recognize"}))
                .await,
            40013,
        );
    }
}

#[tokio::test]
async fn a_switch_says_which_token_the_present_generation_takes() {
    let stage = Stage::new().await;
    let appid = stage.account("official_account", true).await;
    let token = stage.authorizer_token(&appid).await;
    let body = json!({"authorizer_appid": appid, "option_name": "voice_recognize"});
    let path = format!("{COMPONENT}get_authorizer_option?access_token={token}");
    stage
        .order("behaviours", json!({"option_token": "component"}))
        .await;
    assert_refused(&stage.post(&path, &body).await, 61014);
    stage
        .order("behaviours", json!({"option_token": "authorizer"}))
        .await;
    assert_refused(&stage.component("get_authorizer_option", body).await, 61015);
}
