//! WeChat's own diagnosis calls.

use serde_json::{Value, json};

use super::stage::{Stage, assert_refused, text};

async fn look_up(stage: &Stage, token: &str, rid: &str) -> Value {
    let path = format!("/cgi-bin/openapi/rid/get?access_token={token}");
    stage.post(&path, &json!({"rid": rid})).await
}

#[tokio::test]
async fn a_refused_call_is_looked_up_by_its_rid_for_7_days() {
    let mut stage = Stage::new().await;
    let stranger = stage.account("mini_program", false).await;
    let refused = text(&stage.info(&stranger).await, "errmsg");
    let rid = refused.rsplit(' ').next().unwrap().to_owned();
    let answer = look_up(&stage, &stage.token, &rid).await;
    let request = &answer["request"];
    assert!(
        text(request, "request_url").starts_with("/cgi-bin/component/api_get_authorizer_info?")
    );
    assert!(text(request, "request_body").contains(&stranger));
    assert!(text(request, "response_body").contains(&rid));
    assert_eq!(request["client_ip"], "127.0.0.1");
    assert!(request["invoke_time"].is_u64() && request["cost_in_ms"].is_u64());
    let other = stage.second().await;
    assert_refused(&look_up(&stage, &other.token, &rid).await, 76003);
    stage.pass_and_renew("+7d").await;
    let late = look_up(&stage, &stage.token, &rid).await;
    assert_refused(&late, 76001);
    assert!(text(&late, "errmsg").starts_with("rid not found, please check rid: "));
    assert_refused(&look_up(&stage, &stage.token, "no-rid").await, 76002);
}

#[tokio::test]
async fn the_callback_check_answers_what_was_asked() {
    let stage = Stage::new().await;
    let path = format!("/cgi-bin/callback/check?access_token={}", stage.token);
    let ask = |action: &str, operator: &str| json!({"action": action, "check_operator": operator});
    let all = stage.post(&path, &ask("all", "DEFAULT")).await;
    for field in ["ip", "real_operator"] {
        assert!(all["dns"][0][field].is_string(), "{field}");
    }
    for field in ["ip", "from_operator", "package_loss", "time"] {
        assert!(all["ping"][0][field].is_string(), "{field}");
    }
    assert_eq!(
        stage.post(&path, &ask("dns", "UNICOM")).await.get("ping"),
        None
    );
    assert_eq!(
        stage.post(&path, &ask("ping", "CAP")).await.get("dns"),
        None
    );
    assert_refused(&stage.post(&path, &ask("trace", "DEFAULT")).await, 40202);
    assert_refused(&stage.post(&path, &ask("all", "NOBODY")).await, 40203);
    stage
        .order("platform", json!({"has_callback": false}))
        .await;
    assert_refused(&stage.post(&path, &ask("all", "DEFAULT")).await, 40201);
}

#[tokio::test]
async fn two_lists_of_addresses_are_read_with_either_token() {
    let stage = Stage::new().await;
    let account = stage.account("official_account", true).await;
    let authorizer = stage.authorizer_token(&account).await;
    for name in ["get_api_domain_ip", "getcallbackip"] {
        for token in [&stage.token, &authorizer] {
            let url = format!("{}/cgi-bin/{name}?access_token={token}", stage.base);
            let answer: Value = stage
                .http
                .get(url)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            assert!(answer["ip_list"][0].is_string(), "{answer}");
        }
        let url = format!("{}/cgi-bin/{name}?access_token=97_nobody", stage.base);
        let answer = stage
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_refused(&answer, 40001);
    }
}
