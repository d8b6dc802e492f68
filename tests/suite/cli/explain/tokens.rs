//! Tokens that another process ended, that are past their time, or of the wrong kind.

use serde_json::json;

use super::{Desk, Office, call, cause, errcode, printed, text};
use crate::support::SandboxProcess;

const LIST: &str = "/cgi-bin/component/api_create_preauthcode";

/// What a call of the platform answers to this token.
fn platform_call(office: &Office, token: &str) -> i64 {
    let body = json!({"component_appid": office.sandbox.text("component_appid")});
    errcode(&call(office, LIST, token, &body))
}

#[test]
fn a_token_that_somebody_else_replaced_is_noticed_and_replaced() {
    let office = Office::open();
    let held = printed(office.run(["token", "component"]));
    let mint = json!({
        "component_appid": office.sandbox.text("component_appid"),
        "component_appsecret": office.sandbox.text("component_appsecret"),
        "component_verify_ticket": office.sandbox.text("component_verify_ticket"),
    });
    let elsewhere = call(&office, "/cgi-bin/component/api_component_token", "", &mint);
    text(&elsewhere, "component_access_token");
    office.sandbox.pass("+6m");
    assert_eq!(platform_call(&office, &held), 40001);
    let told = cause(&office.desk, "40001 invalid credential", "minted_elsewhere");
    told.run(&office.desk, "wxauth authorizers sync", &[])
        .expect_code(0);
    let token = printed(office.run(["token", "component"]));
    assert_eq!(platform_call(&office, &token), 0);
}

#[test]
fn a_merchants_token_from_before_a_new_authorization_is_replaced() {
    let office = Office::synced();
    let who = office.accounts("mini_program", true).remove(0);
    let old = printed(office.run(["token", "authorizer", &who]));
    office.run(["sandbox", "revoke", &who]).expect_code(0);
    office.run(["link", "-q"]).expect_code(0);
    let again = office
        .run(["sandbox", "authorize", &who, "-o", "json"])
        .expect_code(0)
        .json();
    let body = json!({
        "component_appid": office.sandbox.text("component_appid"),
        "authorization_code": again["auth_code"],
    });
    let component = printed(office.run(["token", "component"]));
    call(
        &office,
        "/cgi-bin/component/api_query_auth",
        &component,
        &body,
    );
    office.sandbox.pass("+6m");
    let commit = |token: &str| errcode(&call(&office, "/wxa/commit", token, &json!({})));
    assert_ne!(commit(&old), 0);
    let told = cause(&office.desk, "40001", "token_before_reauthorization");
    let filled = [("WHO", who.as_str())];
    told.run(&office.desk, "wxauth authorizers refresh", &filled)
        .expect_code(0);
    let token = printed(told.run(&office.desk, "wxauth token authorizer", &filled));
    assert_eq!(commit(&token), 0);
}

#[test]
fn a_token_past_its_two_hours_is_made_anew() {
    let desk = Desk::new();
    let sandbox = SandboxProcess::start(&desk, &[]);
    let office = |token: &str| {
        let url = format!("{}{LIST}?access_token={token}", sandbox.url());
        let body = json!({"component_appid": sandbox.text("component_appid")});
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let sent = super::plain_client()
                .post(url)
                .body(body.to_string())
                .send()
                .await;
            sent.expect("an answer").text().await.expect("a text")
        })
    };
    let old = printed(desk.run(["--sandbox", "token", "component"]));
    sandbox.pass("+3h");
    let refused = office(&old);
    assert!(refused.contains("42001"), "{refused}");
    let told = cause(&desk, &refused, "token_kept_too_long");
    let words = told.typed("wxauth token component", &[]);
    let token = printed(desk.run(["--sandbox".to_owned()].into_iter().chain(words)));
    let answer = office(&token);
    assert!(answer.contains("pre_auth_code"), "{answer}");
}

#[test]
fn each_call_is_made_with_the_token_it_takes() {
    let office = Office::synced();
    let who = office.accounts("mini_program", true).remove(0);
    let merchants = printed(office.run(["token", "authorizer", &who]));
    let platforms = printed(office.run(["token", "component"]));
    assert_eq!(platform_call(&office, &merchants), 61014);
    let told = cause(&office.desk, "61014", "merchants_token_used");
    let token = printed(told.run(&office.desk, "wxauth token component", &[]));
    assert_eq!(platform_call(&office, &token), 0);

    let commit = |token: &str| errcode(&call(&office, "/wxa/commit", token, &json!({})));
    assert_eq!(commit(&platforms), 61015);
    let told = cause(&office.desk, "61015", "platforms_token_used");
    let token = printed(told.run(&office.desk, "wxauth token authorizer", &[("WHO", &who)]));
    assert_eq!(commit(&token), 0);
}
