//! The control interface.

use serde_json::{Value, json};

use super::stage::{COMPONENT, Stage, text};

#[tokio::test]
async fn the_card_tells_what_a_client_needs() {
    let stage = Stage::new().await;
    let status = stage.control("status").await;
    assert_eq!(status["url"], json!(stage.base));
    assert_eq!(
        status["control_url"],
        json!(format!("{}/__sandbox", stage.base))
    );
    assert_eq!(status["nonce"], stage.card["nonce"]);
    assert_eq!(text(&status, "encoding_aes_key").len(), 43);
    assert_eq!(text(&status, "component_appsecret").len(), 32);
    assert_eq!(
        text(&status, "redirect_uri"),
        "https://platform-one.example.com/wechat/callback"
    );
    assert_eq!(text(&status, "launch_domain"), "platform-one.example.com");
    assert_eq!(status["released"], true);
    let platforms = status["platforms"].as_array().unwrap();
    assert_eq!(platforms.len(), 2);
    for field in [
        "component_appid",
        "token",
        "component_verify_ticket",
        "test_list",
    ] {
        assert_eq!(platforms[0][field], status[field]);
        assert!(!platforms[1][field].is_null());
    }
    assert_eq!(platforms[1]["released"], false);
    assert_eq!(platforms[1]["test_list"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn accounts_are_filtered_and_paged() {
    let stage = Stage::new().await;
    let all = stage.control("accounts").await;
    assert_eq!(all.as_array().unwrap().len(), 24);
    for kind in [
        "official_account",
        "mini_program",
        "channels",
        "store",
        "other",
    ] {
        let some = stage.control(&format!("accounts?kind={kind}")).await;
        let some = some.as_array().unwrap();
        assert!(!some.is_empty() && some.iter().all(|account| account["kind"] == kind));
    }
    let authorized = stage.control("accounts?authorized=true").await;
    assert_eq!(authorized.as_array().unwrap().len(), 8);
    let page = stage.control("accounts?offset=20&count=10").await;
    assert_eq!(
        page.as_array().unwrap().as_slice(),
        &all.as_array().unwrap()[20..]
    );
    let url = format!("{}/__sandbox/accounts?kind=robot", stage.base);
    assert_eq!(stage.http.get(url).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn the_clock_goes_by_steps_and_back() {
    let stage = Stage::new().await;
    for (order, offset) in [
        (json!({"offset": "+2h"}), 7200),
        (json!({"offset": "-30m"}), 5400),
        (json!({"offset": 60}), 5460),
        (json!({"offset": "1d1s"}), 91_861),
        (json!({"reset": true}), 0),
        (json!({"reset": true, "offset": "5s"}), 5),
    ] {
        assert_eq!(stage.order("clock", order).await["offset"], offset);
        assert_eq!(stage.control("status").await["clock_offset"], offset);
    }
    for offset in [
        json!("soon"),
        json!("5"),
        json!(""),
        json!("1h2"),
        json!(i64::MAX),
    ] {
        let (status, _) = stage
            .try_order("clock", json!({ "offset": offset.clone() }))
            .await;
        assert_eq!(status, if offset == "5" { 200 } else { 400 }, "{offset}");
    }
}

#[tokio::test]
async fn the_journal_tells_each_call_and_counts_exactly() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", true).await;
    stage.info(&appid).await;
    stage.info("wx00000000000000ff").await;
    let token = stage.authorizer_token(&appid).await;
    stage
        .post(&format!("/wxa/commit?access_token={token}"), &json!({}))
        .await;
    let journal = stage.control("journal?path=api_get_authorizer_info").await;
    let journal = journal.as_array().unwrap();
    assert_eq!(journal.len(), 3);
    assert_eq!(
        journal[0]["path"],
        json!(format!("{COMPONENT}api_get_authorizer_info"))
    );
    assert_eq!(journal[0]["method"], "POST");
    assert_eq!(journal[0]["platform"], stage.card["component_appid"]);
    assert_eq!(journal[0]["appid"], json!(appid));
    assert_eq!(
        (&journal[0]["outcome"], &journal[0]["errcode"]),
        (&json!("ok"), &json!(0))
    );
    assert_eq!(
        (&journal[1]["outcome"], &journal[1]["errcode"]),
        (&json!("61003"), &json!(61003))
    );
    assert!(text(&journal[0], "at").ends_with('Z'));
    let all = stage.control("journal").await;
    let last = all.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["path"], &last["appid"]),
        (&json!("/wxa/commit"), &json!(appid))
    );
    let counters = stage.control("journal/counters").await;
    let expected =
        json!({"path": format!("{COMPONENT}api_get_authorizer_info"), "outcome": "ok", "count": 2});
    assert!(
        counters.as_array().unwrap().contains(&expected),
        "{counters}"
    );
}

#[tokio::test]
async fn a_reset_voids_everything_that_was_given_out() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", true).await;
    let refresh = stage.refresh_token(&appid).await;
    stage.order("revoke", json!({"appid": appid})).await;
    stage.order("faults", json!({"fault": "any: -1"})).await;
    stage.pass("+3h").await;
    stage.order("reset", json!({})).await;
    assert_eq!(stage.control("status").await["clock_offset"], 0);
    assert_eq!(stage.control("journal").await, json!([]));
    assert_eq!(stage.info(&appid).await["errcode"], 40001);
    assert_eq!(stage.component_token(json!({})).await["errcode"], 61006);
    let mut stage = stage;
    stage.token = stage.new_component_token().await;
    assert_ne!(stage.refresh_token(&appid).await, refresh);
}

#[tokio::test]
async fn pages_of_other_sites_and_foreign_names_are_kept_out() {
    let stage = Stage::new().await;
    let url = format!("{}/__sandbox/status", stage.base);
    for (name, value, status) in [
        ("origin", "https://evil.example.com", 403),
        ("origin", "null", 403),
        ("origin", stage.base.as_str(), 200),
        ("host", "evil.example.com", 403),
        ("host", "localhost:80", 200),
    ] {
        let answer = stage
            .http
            .get(&url)
            .header(name, value)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{name}: {value}");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_said() {
    let stage = Stage::new().await;
    for (name, body, status, kind) in [
        ("nothing", json!({}), 404, "unknown_path"),
        ("authorize", json!({}), 400, "body"),
        ("authorize", json!({"appid": "x", "colour": 1}), 400, "body"),
        ("behaviours", json!({"colour": 1}), 400, "behaviours"),
        (
            "account",
            json!({"appid": "x", "account_status": 1}),
            404,
            "unknown_account",
        ),
        (
            "quota",
            json!({"path": "/no/such", "used": 1}),
            404,
            "unknown_path",
        ),
    ] {
        let (got, answer) = stage.try_order(name, body).await;
        assert_eq!(
            (got, text(&answer["error"], "kind").as_str()),
            (status, kind),
            "{name}"
        );
    }
    let account = stage.account("store", true).await;
    let wrong = json!({"appid": account, "account_status": 2});
    assert_eq!(stage.declined("account", wrong).await, "account_status");
    let unknown: Value = stage
        .http
        .get(format!("{}/__sandbox/x", stage.base))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(unknown["error"]["kind"], "unknown_path");
}
