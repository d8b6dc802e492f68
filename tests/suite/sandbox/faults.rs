//! Faults on order.

use std::time::Duration;

use serde_json::{Value, json};
use wxauth::sandbox::SandboxOptions;

use super::stage::{COMPONENT, Stage, assert_refused, text};

async fn with_fault(fault: &str) -> Stage {
    let stage = Stage::new().await;
    stage.order("faults", json!({"fault": fault})).await;
    stage
}

async fn raw(stage: &Stage) -> reqwest::Result<reqwest::Response> {
    let url = format!(
        "{}{COMPONENT}api_create_preauthcode?access_token={}",
        stage.base, stage.token
    );
    stage
        .http
        .post(url)
        .body(json!({"component_appid": stage.component_appid()}).to_string())
        .send()
        .await
}

#[tokio::test]
async fn every_errcode_can_be_ordered_and_comes_with_its_published_text() {
    let stage = Stage::new().await;
    let table: Value = serde_json::from_str(include_str!("../../../src/data/errors.json")).unwrap();
    for row in table.as_array().unwrap() {
        let errcode = row["code"].as_i64().unwrap();
        if errcode == 0 {
            continue;
        }
        stage
            .order("faults", json!({"fault": format!("any: once {errcode}")}))
            .await;
        let answer = stage.component("api_create_preauthcode", json!({})).await;
        assert_refused(&answer, errcode);
        let published = text(row, "message");
        let published = published.trim_start_matches("(text not confirmed) ");
        let message = text(&answer, "errmsg");
        assert!(message.starts_with(published), "{message}");
    }
    stage.pre_auth_code().await;
}

#[tokio::test]
async fn a_fault_comes_once_or_some_times_or_always() {
    let stage = with_fault("api_create_preauthcode: 2 times -1").await;
    for _ in 0..2 {
        assert_refused(
            &stage.component("api_create_preauthcode", json!({})).await,
            -1,
        );
    }
    stage.pre_auth_code().await;
    stage
        .order(
            "faults",
            json!({"fault": format!("{COMPONENT}api_create_preauthcode: 45011")}),
        )
        .await;
    for _ in 0..3 {
        assert_refused(
            &stage.component("api_create_preauthcode", json!({})).await,
            45011,
        );
    }
    assert_eq!(
        stage.control("faults").await["faults"][0]["left"],
        json!(null)
    );
    stage.order("faults", json!({"clear": true})).await;
    stage.pre_auth_code().await;
    stage.order("faults", json!({"fault": "any: 50% -1"})).await;
    let mut refused = 0;
    for _ in 0..200 {
        let answer = stage.component("api_create_preauthcode", json!({})).await;
        refused += usize::from(answer["errcode"] == -1);
    }
    assert!((40..160).contains(&refused), "{refused} of 200");
}

#[tokio::test]
async fn every_call_can_meet_an_address_refusal() {
    let stage = with_fault("ip: 61004").await;
    let answer = stage.component("api_create_preauthcode", json!({})).await;
    assert_refused(&answer, 61004);
    assert!(text(&answer, "errmsg").contains("requestIP: 127.0.0.1"));
}

#[tokio::test]
async fn answers_get_lost_broken_and_replaced() {
    let stage = with_fault("any: once drop").await;
    assert!(raw(&stage).await.is_err());
    stage
        .order("faults", json!({"fault": "any: once cut"}))
        .await;
    assert!(raw(&stage).await.unwrap().bytes().await.is_err());
    stage
        .order("faults", json!({"fault": "any: once truncate"}))
        .await;
    let body = raw(&stage).await.unwrap().text().await.unwrap();
    assert!(!body.is_empty() && serde_json::from_str::<Value>(&body).is_err());
    stage
        .order("faults", json!({"fault": "any: once status 502"}))
        .await;
    assert_eq!(raw(&stage).await.unwrap().status(), 502);
    stage
        .order("faults", json!({"fault": "any: once html"}))
        .await;
    assert!(
        raw(&stage)
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .starts_with("<html>")
    );
    stage
        .order(
            "faults",
            json!({"fault": "api_get_authorizer_list: empty list"}),
        )
        .await;
    let body = json!({"offset": 0, "count": 10});
    let list = stage
        .component("api_get_authorizer_list", body.clone())
        .await;
    assert_eq!(list, json!({"total_count": 0, "list": []}));
    let list = stage.component("api_get_authorizer_list", body).await;
    assert!(list["total_count"].as_u64().unwrap() > 0);
    let outcomes: Vec<String> = (stage.control("journal").await.as_array().unwrap().iter())
        .map(|entry| text(entry, "outcome"))
        .collect();
    assert_eq!(
        outcomes,
        [
            "ok",
            "drop",
            "ok",
            "ok",
            "status",
            "html",
            "empty list",
            "ok"
        ]
    );
}

/// A caller who hangs up while WeChat holds the answer: the code is spent all the same.
#[tokio::test]
async fn a_held_call_is_done_whether_or_not_the_caller_waits() {
    for fault in ["hold 300ms before", "hold 300ms after", "drop after"] {
        let stage = Stage::new().await;
        let appid = stage.account("mini_program", false).await;
        let code = stage.authorize(&appid).await;
        stage
            .order(
                "faults",
                json!({"fault": format!("api_query_auth: once {fault}")}),
            )
            .await;
        let url = format!(
            "{}{COMPONENT}api_query_auth?access_token={}",
            stage.base, stage.token
        );
        let body = json!({"component_appid": stage.component_appid(), "authorization_code": code});
        let impatient = stage.http.post(url).timeout(Duration::from_millis(100));
        assert!(
            impatient.body(body.to_string()).send().await.is_err(),
            "{fault}"
        );
        let answered = async {
            while stage.control("journal?path=api_query_auth").await == json!([]) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), answered)
            .await
            .expect("it is done");
        let again = stage
            .component("api_query_auth", json!({"authorization_code": code}))
            .await;
        assert_refused(&again, 61009);
        text(
            &stage.info(&appid).await["authorization_info"],
            "authorizer_refresh_token",
        );
    }
}

#[tokio::test]
async fn a_delayed_answer_comes() {
    let stage = with_fault("any: once delay 20ms").await;
    stage.pre_auth_code().await;
}

#[tokio::test]
async fn a_fault_that_is_not_understood_names_the_grammar() {
    let stage = Stage::new().await;
    for fault in [
        "",
        "drop",
        "any:",
        "any: explode",
        "any: 0",
        "any: 123456789",
        "any: 150% drop",
        "any: hold 3s",
        "any: delay",
        "any: status 42",
        "any: x times drop",
        "two words: drop",
    ] {
        let (status, answer) = stage.try_order("faults", json!({ "fault": fault })).await;
        assert_eq!(status, 400, "{fault}");
        assert!(text(&answer["error"], "message").contains("TARGET: [once|N times|P%] ACTION"));
    }
}

#[tokio::test]
async fn who_watches_sees_that_a_call_is_held() {
    let stage = with_fault("api_create_preauthcode: hold 60s before").await;
    let url = format!(
        "{}{COMPONENT}api_create_preauthcode?access_token={}",
        stage.base, stage.token
    );
    let body = json!({"component_appid": stage.component_appid()}).to_string();
    let held = tokio::spawn(stage.http.post(url).body(body).send());
    let seen = async {
        while stage.control("faults").await["held"] != 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), seen)
        .await
        .expect("it is held");
    assert_eq!(
        stage.control("journal?path=api_create_preauthcode").await,
        json!([])
    );
    held.abort();
}

#[tokio::test]
async fn latency_is_for_calls_and_not_for_control() {
    let stage = Stage::without_token(SandboxOptions {
        latency: Duration::from_secs(60),
        ..SandboxOptions::default()
    })
    .await;
    let url = format!("{}{COMPONENT}api_component_token", stage.base);
    let impatient = stage.http.post(url).timeout(Duration::from_millis(50));
    assert!(impatient.body("{}").send().await.unwrap_err().is_timeout());
    assert_eq!(stage.control("journal").await, json!([]));
}
