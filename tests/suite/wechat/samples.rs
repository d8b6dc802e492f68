//! The sample bodies of the API notes, with and without their optional parts, and what WeChat
//! could send in their place.

use wxauth::wechat::account::AccountKind;
use wxauth::wechat::wire::{
    ApiQuota, Authorization, AuthorizerInfo, AuthorizerOption, AuthorizerToken, ComponentToken,
    FieldError, ListPage, NotJson, PreAuthCode, PushTicketState, Reply,
};

fn reply(body: &str) -> Reply<'_> {
    Reply::parse(body.as_bytes()).unwrap()
}

#[test]
fn tokens_and_codes_are_read_and_a_missing_errcode_is_success() {
    let component = reply(r#"{"component_access_token":"97_abc","expires_in":7200}"#);
    assert!(component.refusal().is_none());
    let component = ComponentToken::from_reply(&component).unwrap();
    assert_eq!(component.component_access_token.expose(), "97_abc");
    assert_eq!(component.expires_in, 7200);
    let code = reply(r#"{"pre_auth_code":"preauthcode@@@abc","expires_in":"1800"}"#);
    assert_eq!(PreAuthCode::from_reply(&code).unwrap().expires_in, 1800);
    let token = reply(
        r#"{"authorizer_access_token":"97_x","expires_in":7200,"authorizer_refresh_token":"refreshtoken@@@x","errcode":0,"errmsg":"ok"}"#,
    );
    assert!(token.refusal().is_none());
    let token = AuthorizerToken::from_reply(&token).unwrap();
    assert_eq!(
        token.authorizer_refresh_token.unwrap().expose(),
        "refreshtoken@@@x"
    );
}

#[test]
fn an_absent_empty_or_null_refresh_token_is_none() {
    for part in [
        "",
        r#","authorizer_refresh_token":"""#,
        r#","authorizer_refresh_token":null"#,
    ] {
        let body = format!(r#"{{"authorizer_access_token":"97_x","expires_in":7200{part}}}"#);
        let token = AuthorizerToken::from_reply(&reply(&body)).unwrap();
        assert_eq!(token.authorizer_refresh_token, None, "{body}");
    }
}

#[test]
fn a_success_without_its_token_names_the_missing_field() {
    let empty = reply(r#"{"component_access_token":"","expires_in":7200}"#);
    assert_eq!(
        ComponentToken::from_reply(&empty),
        Err(FieldError::Missing("component_access_token"))
    );
    assert_eq!(
        PreAuthCode::from_reply(&reply(r#"{"pre_auth_code":"preauthcode@@@a"}"#)),
        Err(FieldError::Missing("expires_in"))
    );
    assert_eq!(
        Authorization::from_reply(&reply("{}")),
        Err(FieldError::Missing("authorization_info"))
    );
    assert_eq!(
        ListPage::from_reply(&reply(r#"{"list":[]}"#)),
        Err(FieldError::Missing("total_count"))
    );
}

#[test]
fn a_grant_without_api_permission_has_no_tokens_and_strange_sets_are_kept() {
    let grant = Authorization::from_reply(&reply(
        r#"{"authorization_info":{"authorizer_appid":"wxfedcba9876543210","func_info":[{"funcscope_category":{"id":9001,"type":0,"name":"","desc":""},"confirm_info":{"need_confirm":1,"already_confirm":0,"can_confirm":1},"later":{}},{"funcscope_category":{"id":"17"}},{"funcscope_category":{}},{"funcscope_category":null},7]}}"#,
    ))
    .unwrap();
    assert_eq!(grant.authorizer_access_token, None);
    assert_eq!(grant.expires_in, None);
    let ids: Vec<u32> = grant.func_info.iter().map(|set| set.id.0).collect();
    assert_eq!(ids, [9001, 17]);
    assert_eq!(grant.func_info[0].need_confirm, Some(true));
    for absent in ["null", "\"\"", "{}", "[]"] {
        let body = format!(
            r#"{{"authorization_info":{{"authorizer_appid":"wx1","func_info":{absent}}}}}"#
        );
        let grant = Authorization::from_reply(&reply(&body)).unwrap();
        assert!(grant.func_info.is_empty(), "{body}");
    }
}

const DOCUMENTED_INFO: &str = r#"{"authorizer_info":{"nick_name":"Demo","head_img":"http://wx.qlogo.cn/0","service_type_info":{"id":0},"verify_type_info":{"id":-1},"user_name":"gh_0123456789ab","alias":"","qrcode_url":"http://mmbiz.qpic.cn/0","business_info":{"open_pay":0,"open_shake":0,"open_scan":0,"open_card":0,"open_store":0},"idc":1,"principal_name":"Demo Ltd","signature":"","MiniProgramInfo":{"network":{"RequestDomain":["https://www.example.com"],"WsRequestDomain":[],"UploadDomain":[],"DownloadDomain":[],"BizDomain":[],"UDPDomain":[]},"categories":[{"first":"工具","second":"信息查询"}],"visit_status":0},"register_type":0,"account_status":1,"basic_config":{"is_phone_configured":true,"is_email_configured":true}},"authorization_info":{"authorizer_appid":"wxfedcba9876543210","authorizer_refresh_token":"refreshtoken@@@x","func_info":[{"funcscope_category":{"id":17}}]}}"#;

#[test]
fn the_documented_info_is_read_whole() {
    let info = AuthorizerInfo::from_reply(&reply(DOCUMENTED_INFO)).unwrap();
    assert_eq!(info.kind(), AccountKind::MiniProgram);
    assert_eq!(info.verify_type, Some(-1));
    assert_eq!(info.register_type, Some(0));
    assert_eq!(info.account_status, Some(1));
    assert_eq!(info.principal_name.as_deref(), Some("Demo Ltd"));
    assert!(
        info.raw
            .get()
            .contains("\"categories\":[{\"first\":\"工具\"")
    );
}

#[test]
fn the_kind_follows_the_object_that_is_there() {
    for (part, kind) in [
        (r#""channels_info":{"id":0}"#, AccountKind::Channels),
        (r#""store_info":{"id":0}"#, AccountKind::Store),
        (r#""talent_info":{"id":0}"#, AccountKind::Other),
        (r#""supplier_info":{"id":0}"#, AccountKind::Other),
        (
            r#""service_type_info":{"id":2,"name":"service"}"#,
            AccountKind::OfficialAccount,
        ),
        (r#""service_type_info":1"#, AccountKind::Unknown),
        (r#""service_type_info":{"id":77}"#, AccountKind::Other),
        (
            r#""MiniProgramInfo":null,"service_type_info":{"id":0}"#,
            AccountKind::OfficialAccount,
        ),
        (r#""service_type_info":null"#, AccountKind::Unknown),
    ] {
        let body = format!(
            r#"{{"authorizer_info":{{{part}}},"authorization_info":{{"authorizer_appid":"wx1"}}}}"#
        );
        let info = AuthorizerInfo::from_reply(&reply(&body)).unwrap();
        assert_eq!(info.kind(), kind, "{body}");
    }
}

#[test]
fn one_odd_field_hides_no_account() {
    let info = AuthorizerInfo::from_reply(&reply(
        r#"{"authorizer_info":{"nick_name":12345,"alias":{"a":[1]},"principal_name":["x"],"account_status":"14","verify_type_info":{"id":"0"},"signature":null,"user_name":true},"authorization_info":{"authorizer_appid":"wx1","authorizer_refresh_token":7,"func_info":[]}}"#,
    ))
    .unwrap();
    assert_eq!(info.nick_name.as_deref(), Some("12345"));
    assert_eq!(info.alias, None);
    assert_eq!(info.account_status, Some(14));
    assert_eq!(info.verify_type, Some(0));
}

#[test]
fn the_list_takes_either_name_and_an_empty_page() {
    let page = ListPage::from_reply(&reply(
        r#"{"total_count":"3","list":[{"authorizer_appid":"wx1","refresh_token":"","auth_time":"1700000100"},{"appid":"wx2","authorizer_refresh_token":"refreshtoken@@@b"},{"auth_time":1}]}"#,
    ))
    .unwrap();
    assert_eq!(page.total_count, 3);
    assert_eq!(page.list.len(), 2);
    assert_eq!(page.list[0].refresh_token, None);
    assert_eq!(page.list[0].auth_time, Some(1_700_000_100));
    assert!(page.list[1].refresh_token.is_some());
    let past = ListPage::from_reply(&reply(r#"{"total_count":3,"list":null}"#)).unwrap();
    assert!(past.list.is_empty());
}

#[test]
fn pushes_options_and_quota_are_read() {
    let state = |message: &str| {
        PushTicketState::from_reply(&reply(&format!(r#"{{"errcode":0,"errmsg":"{message}"}}"#)))
    };
    assert_eq!(state("ok"), PushTicketState::Restarted);
    assert_eq!(state("in a normal state"), PushTicketState::Running);
    let option = AuthorizerOption::from_reply(&reply(
        r#"{"option_name":"voice_recognize","option_value":1}"#,
    ))
    .unwrap();
    assert_eq!(option.option_value, "1");
    let quota = ApiQuota::from_reply(&reply(
        r#"{"errcode":0,"errmsg":"ok","quota":{"daily_limit":10000,"used":12,"remain":9988},"rate_limit":{"call_count":1,"refresh_second":60}}"#,
    ))
    .unwrap();
    assert_eq!(
        (quota.daily_limit, quota.used, quota.remain),
        (10_000, 12, 9_988)
    );
}

#[test]
fn what_is_no_whole_object_is_not_json() {
    for body in [
        &b""[..],
        b"<html></html>",
        b"[]",
        b"null",
        b"{\"errcode\":0,",
        b"{\"a\":\"\xff\"}",
        b"{} trailing",
    ] {
        assert_eq!(Reply::parse(body).unwrap_err(), NotJson);
    }
    assert!(Reply::parse("\u{feff}{\"errcode\":0}\n".as_bytes()).is_ok());
}

#[test]
fn no_wire_struct_shows_a_secret() {
    let long = "x".repeat(86);
    let body = format!(
        r#"{{"component_access_token":"97_{long}","pre_auth_code":"preauthcode@@@{long}","authorizer_access_token":"97_{long}","authorizer_refresh_token":"refreshtoken@@@{long}","expires_in":7200,"total_count":1,"list":[{{"authorizer_appid":"wx1","refresh_token":"refreshtoken@@@{long}"}}]}}"#
    );
    let tokens = reply(&body);
    let body = format!(
        r#"{{"authorizer_info":{{}},"authorization_info":{{"authorizer_appid":"wx1","authorizer_access_token":"97_{long}","expires_in":7200,"authorizer_refresh_token":"refreshtoken@@@{long}"}}}}"#
    );
    let grant = reply(&body);
    for shown in [
        format!("{tokens:?}"),
        format!("{:?}", ComponentToken::from_reply(&tokens).unwrap()),
        format!("{:?}", PreAuthCode::from_reply(&tokens).unwrap()),
        format!("{:?}", AuthorizerToken::from_reply(&tokens).unwrap()),
        format!("{:?}", ListPage::from_reply(&tokens).unwrap()),
        format!("{grant:?}"),
        format!("{:?}", Authorization::from_reply(&grant).unwrap()),
        format!("{:?}", AuthorizerInfo::from_reply(&grant).unwrap()),
    ] {
        assert!(!shown.contains("xxxxx"), "{shown}");
    }
}
