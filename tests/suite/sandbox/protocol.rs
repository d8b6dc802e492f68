//! What holds for every call: method, body, token names, address, order of checks, the rid.

use serde_json::json;

use super::stage::{COMPONENT, Stage, assert_refused, text};
use super::tables::shape;

const LIST: &str = "/cgi-bin/component/api_get_authorizer_list";

#[tokio::test]
async fn a_refusal_is_http_200_with_the_headers_of_wechat_and_a_rid_of_the_hour() {
    let stage = Stage::new().await;
    stage.pass("+3h").await;
    let url = format!("{}{LIST}?access_token=97_nobody", stage.base);
    let body = json!({"component_appid": stage.component_appid()}).to_string();
    let answer = stage.http.post(url).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["content-type"],
        "application/json; encoding=utf-8"
    );
    assert_eq!(answer.headers()["retkey"], "11");
    assert_eq!(answer.headers()["logicret"], "40001");
    let raw = answer.text().await.unwrap();
    assert_eq!(shape(&raw), ["errcode", "errmsg"]);
    let message = text(&serde_json::from_str(&raw).unwrap(), "errmsg");
    let start = "invalid credential, access_token is invalid or not latest rid: ";
    let rid = message
        .strip_prefix(start)
        .unwrap_or_else(|| panic!("{message}"));
    let groups: Vec<&str> = rid.split('-').collect();
    assert_eq!(
        groups.iter().map(|group| group.len()).collect::<Vec<_>>(),
        [8, 8, 8]
    );
    let at = i64::from_str_radix(groups[0], 16).unwrap();
    let now: jiff::Timestamp = text(&stage.control("status").await, "now").parse().unwrap();
    assert!((now.as_second() - at).abs() < 60, "{at} is not near {now}");
}

#[tokio::test]
async fn the_token_has_two_names_in_the_query() {
    let stage = Stage::new().await;
    let body = json!({"component_appid": stage.component_appid(), "offset": 0, "count": 1});
    for name in ["access_token", "component_access_token"] {
        let path = format!("{LIST}?{name}={}", stage.token);
        assert!(
            stage.post(&path, &body).await["total_count"].is_u64(),
            "{name}"
        );
    }
    assert_refused(&stage.post(LIST, &body).await, 41001);
}

#[tokio::test]
async fn the_wrong_method_is_named() {
    let stage = Stage::new().await;
    let get = |path: &str| {
        stage
            .http
            .get(format!("{}{path}?access_token={}", stage.base, stage.token))
            .send()
    };
    let answer = get(LIST).await.unwrap().json().await.unwrap();
    assert_refused(&answer, 43002);
    let path = format!("/cgi-bin/getcallbackip?access_token={}", stage.token);
    assert_refused(&stage.post(&path, &json!({})).await, 43001);
    let path = format!("/cgi-bin/get_api_domain_ip?access_token={}", stage.token);
    assert_refused(&stage.post(&path, &json!({})).await, 43001);
}

#[tokio::test]
async fn fields_belong_in_a_json_body_of_any_content_type() {
    let stage = Stage::new().await;
    let appid = stage.component_appid();
    let url = format!(
        "{}{LIST}?component_access_token={}",
        stage.base, stage.token
    );
    let whole = json!({"component_appid": appid, "offset": 0, "count": 1}).to_string();
    let backslash =
        json!({"component_appid": appid, "offset": 0, "count": 1, "note": "C:\\users"}).to_string();
    for (kind, query, body, errcode) in [
        ("text/plain", "", whole.as_str(), None),
        ("text/plain", "", backslash.as_str(), None),
        (
            "application/x-www-form-urlencoded",
            "",
            whole.as_str(),
            None,
        ),
        ("application/json", "", "", Some(44002)),
        ("application/json", "", "{\"component_appid\":", Some(47001)),
        ("application/json", "", "[]", Some(47001)),
        (
            "application/json",
            "",
            "{\"component_appid\":\"\\u0077x\"}",
            Some(47002),
        ),
        ("application/json", "", "{}", Some(41018)),
        (
            "application/x-www-form-urlencoded",
            "",
            "component_appid=wx1&offset=0",
            Some(41018),
        ),
        (
            "application/json",
            "&component_appid=wx1&offset=0&count=1",
            "",
            Some(41018),
        ),
    ] {
        let sent = stage
            .http
            .post(format!("{url}{query}"))
            .header("content-type", kind);
        let answer: serde_json::Value = sent
            .body(body.to_owned())
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        match errcode {
            None => assert!(answer["total_count"].is_u64(), "{kind} {body}: {answer}"),
            Some(errcode) => assert_refused(&answer, errcode),
        }
    }
}

#[tokio::test]
async fn the_first_of_several_faults_is_named() {
    let stage = Stage::new().await;
    let merchant = stage.account("mini_program", true).await;
    stage
        .order("platform", json!({"ip_whitelist": ["192.0.2.1"]}))
        .await;
    let path = |token: &str| format!("{LIST}?access_token={token}");
    let ours = json!({"component_appid": stage.component_appid()});
    assert_refused(&stage.post(LIST, &json!({})).await, 41001);
    assert_refused(&stage.post(&path(&stage.token), &json!({})).await, 41018);
    assert_refused(
        &stage
            .post(&path(&stage.token), &json!({"component_appid": merchant}))
            .await,
        61011,
    );
    assert_refused(&stage.post(&path("97_nobody"), &ours).await, 61004);
    stage.order("platform", json!({"ip_whitelist": []})).await;
    assert_refused(&stage.post(&path("97_nobody"), &ours).await, 40001);
    assert_refused(
        &stage
            .post(
                &path(&stage.token),
                &json!({"component_appid": "wx00000000000000ff"}),
            )
            .await,
        40013,
    );
    assert_refused(&stage.post(&path(&stage.token), &ours).await, 40097);
}

#[tokio::test]
async fn an_address_that_is_not_registered_is_named() {
    let stage = Stage::new().await;
    stage
        .order(
            "platform",
            json!({"ip_whitelist": ["192.0.2.1", "127.0.0.1"]}),
        )
        .await;
    text(
        &stage.component_token(json!({})).await,
        "component_access_token",
    );
    stage
        .order("platform", json!({"ip_whitelist": ["192.0.2.1"]}))
        .await;
    let answer = stage.component_token(json!({})).await;
    assert_refused(&answer, 61004);
    let message = text(&answer, "errmsg");
    assert!(
        message.starts_with("access clientip is not registered requestIP: 127.0.0.1 rid: "),
        "{message}"
    );
    let account = stage.account("mini_program", true).await;
    for (name, more) in [
        ("api_create_preauthcode", json!({})),
        ("api_query_auth", json!({"authorization_code": "x"})),
        ("api_authorizer_token", json!({"authorizer_appid": account})),
        (
            "api_get_authorizer_info",
            json!({"authorizer_appid": account}),
        ),
    ] {
        assert_refused(&stage.component(name, more).await, 61004);
    }
    let many: Vec<String> = (0..101).map(|n| format!("192.0.2.{n}")).collect();
    assert_eq!(
        stage
            .declined("platform", json!({"ip_whitelist": many}))
            .await,
        "platform"
    );
    assert_eq!(
        stage
            .declined("platform", json!({"ip_whitelist": ["192.0.2.0/24"]}))
            .await,
        "platform"
    );
}

#[tokio::test]
async fn every_component_call_wants_a_live_component_token_of_its_platform() {
    let stage = Stage::new().await;
    let account = stage.account("mini_program", true).await;
    let authorizer = stage.authorizer_token(&account).await;
    let second = stage.second().await;
    let former = stage.token.clone();
    stage.new_component_token().await;
    stage.pass("+6m").await;
    let newest = stage.new_component_token().await;
    for name in [
        "api_create_preauthcode",
        "api_query_auth",
        "api_authorizer_token",
        "api_get_authorizer_info",
        "api_get_authorizer_list",
        "api_get_authorizer_option",
        "api_set_authorizer_option",
        "clear_quota",
    ] {
        let ours = json!({"component_appid": stage.component_appid()});
        let path = |token: &str| format!("{COMPONENT}{name}?access_token={token}");
        assert_refused(
            &stage.post(&format!("{COMPONENT}{name}"), &ours).await,
            41001,
        );
        assert_refused(&stage.post(&path(&newest), &json!({})).await, 41018);
        assert_refused(
            &stage
                .post(&path(&newest), &json!({"component_appid": account}))
                .await,
            61011,
        );
        assert_refused(&stage.post(&path(&former), &ours).await, 40001);
        assert_refused(&stage.post(&path(&authorizer), &ours).await, 61014);
        assert_refused(&stage.post(&path(&second.token), &ours).await, 40013);
    }
    stage.pass("+2h").await;
    for name in [
        "api_create_preauthcode",
        "api_query_auth",
        "api_authorizer_token",
        "api_get_authorizer_info",
    ] {
        let ours = json!({"component_appid": stage.component_appid()});
        let path = format!("{COMPONENT}{name}?access_token={newest}");
        assert_refused(&stage.post(&path, &ours).await, 42001);
    }
}

#[tokio::test]
async fn an_unknown_path_is_an_invalid_url() {
    let stage = Stage::new().await;
    assert_refused(
        &stage
            .post("/cgi-bin/component/api_no_such_call", &json!({}))
            .await,
        40066,
    );
}
