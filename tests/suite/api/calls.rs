//! Each call: what it sends, where the token goes, what it makes of the answer.

use serde_json::json;
use wxauth::api::{Api, Call, OptionGeneration};
use wxauth::wechat::wire::PushTicketState;

use super::server::{Server, Step};
use super::{SECRET, api, merchant, platform, secret, token};

async fn answering(body: &str) -> (Server, Api) {
    let server = Server::start([Step::json(body)]).await;
    let api = api(&server.base);
    (server, api)
}

#[tokio::test]
async fn pushes_are_started_with_the_one_odd_name_of_the_secret() {
    let (server, api) = answering(r#"{"errcode":0,"errmsg":"in a normal state"}"#).await;
    let state = api.start_push_ticket(&platform(), &secret("")).await;
    assert_eq!(state, Ok(PushTicketState::Running));
    let seen = &server.seen()[0];
    assert_eq!(seen.target(), "/cgi-bin/component/api_start_push_ticket");
    assert!(seen.head.starts_with("POST "));
    assert!(seen.head.contains("content-type: application/json\r\n"));
    assert_eq!(
        seen.json(),
        json!({"component_appid": "wx0123456789abcdef", "component_secret": SECRET})
    );
}

#[tokio::test]
async fn a_component_token_is_minted_without_a_token() {
    let (server, api) = answering(r#"{"component_access_token":"97_new","expires_in":7200}"#).await;
    let ticket = secret("ticket@@@");
    let minted = api
        .component_token(&platform(), &secret(""), &ticket)
        .await
        .unwrap();
    assert_eq!(minted.component_access_token.expose(), "97_new");
    let seen = &server.seen()[0];
    assert_eq!(seen.target(), "/cgi-bin/component/api_component_token");
    assert_eq!(
        seen.json(),
        json!({
            "component_appid": "wx0123456789abcdef",
            "component_appsecret": SECRET,
            "component_verify_ticket": ticket.expose(),
        })
    );
}

#[tokio::test]
async fn component_calls_carry_the_component_token_under_its_own_name() {
    let (server, api) = answering(
        r#"{"pre_auth_code":"preauthcode@@@x","expires_in":1800,"authorizer_access_token":"97_a","authorization_info":{"authorizer_appid":"wxfedcba9876543210"},"authorizer_info":{"nick_name":"店"},"total_count":0,"list":[]}"#,
    )
    .await;
    let (platform, merchant, token) = (platform(), merchant(), token());
    let code = secret("queryauthcode@@@");
    let refresh_token = secret("refreshtoken@@@");
    api.pre_auth_code(&platform, &token).await.unwrap();
    api.query_auth(&platform, &token, &code).await.unwrap();
    api.authorizer_token(&platform, &token, &merchant, &refresh_token)
        .await
        .unwrap();
    let info = api
        .authorizer_info(&platform, &token, &merchant)
        .await
        .unwrap();
    assert_eq!(info.nick_name.as_deref(), Some("店"));
    api.authorizer_list(&platform, &token, 500, 100)
        .await
        .unwrap();
    let seen = server.seen();
    let query = format!("?component_access_token=97_{SECRET}");
    for (request, call) in seen.iter().zip([
        Call::PreAuthCode,
        Call::QueryAuth,
        Call::AuthorizerToken,
        Call::AuthorizerInfo,
        Call::AuthorizerList,
    ]) {
        assert_eq!(request.target(), format!("{}{query}", call.path()));
        assert_eq!(request.json()["component_appid"], "wx0123456789abcdef");
    }
    assert_eq!(seen[1].json()["authorization_code"], code.expose());
    assert_eq!(
        seen[2].json()["authorizer_refresh_token"],
        refresh_token.expose()
    );
    assert_eq!(seen[3].json()["authorizer_appid"], "wxfedcba9876543210");
    assert_eq!(seen[4].json()["offset"], 500);
    assert_eq!(seen[4].json()["count"], 100);
    assert_eq!(server.connections(), 1, "connections are used again");
}

#[tokio::test]
async fn options_go_by_generation() {
    let (server, api) = answering(
        r#"{"errcode":0,"errmsg":"ok","option_name":"voice_recognize","option_value":"1"}"#,
    )
    .await;
    let (platform, merchant) = (platform(), merchant());
    let (component, authorizer) = (token(), secret("98_"));
    for generation in [OptionGeneration::Old, OptionGeneration::Present] {
        let option = api
            .get_option(
                generation,
                &platform,
                &component,
                &merchant,
                &authorizer,
                "voice_recognize",
            )
            .await
            .unwrap();
        assert_eq!(option.option_value, "1");
        api.set_option(
            generation,
            &platform,
            &component,
            &merchant,
            &authorizer,
            "voice_recognize",
            "0",
        )
        .await
        .unwrap();
    }
    let seen = server.seen();
    let targets: Vec<_> = seen.iter().map(|request| request.target()).collect();
    let old = format!("?component_access_token=97_{SECRET}");
    let present = format!("?access_token=98_{SECRET}");
    assert_eq!(
        targets,
        [
            format!("/cgi-bin/component/api_get_authorizer_option{old}"),
            format!("/cgi-bin/component/api_set_authorizer_option{old}"),
            format!("/cgi-bin/component/get_authorizer_option{present}"),
            format!("/cgi-bin/component/set_authorizer_option{present}"),
        ]
    );
    assert_eq!(
        seen[1].json(),
        json!({
            "component_appid": "wx0123456789abcdef",
            "authorizer_appid": "wxfedcba9876543210",
            "option_name": "voice_recognize",
            "option_value": "0",
        })
    );
    assert_eq!(seen[2].json(), json!({"option_name": "voice_recognize"}));
}

#[tokio::test]
async fn the_quota_of_a_path_is_read() {
    let (server, api) = answering(
        r#"{"errcode":0,"errmsg":"ok","quota":{"daily_limit":10000,"used":12,"remain":9988}}"#,
    )
    .await;
    let quota = api
        .api_quota(&token(), Call::AuthorizerInfo.path())
        .await
        .unwrap();
    assert_eq!(quota.remain, 9988);
    assert_eq!(
        server.seen()[0].json(),
        json!({"cgi_path": "/cgi-bin/component/api_get_authorizer_info"})
    );
}

#[tokio::test]
async fn a_base_may_have_a_path_and_other_alphabets_go_out_unescaped() {
    let server = Server::start([Step::json(r#"{"errcode":0,"errmsg":"ok"}"#)]).await;
    let api = api(&server.base.join("/wechat/").unwrap());
    api.set_option(
        OptionGeneration::Present,
        &platform(),
        &token(),
        &merchant(),
        &secret("98_@@/+"),
        "备注",
        "店",
    )
    .await
    .unwrap();
    let seen = &server.seen()[0];
    assert!(seen.target().starts_with(
        "/wechat/cgi-bin/component/set_authorizer_option?access_token=98_%40%40%2F%2B"
    ));
    assert_eq!(seen.body, r#"{"option_name":"备注","option_value":"店"}"#);
}
