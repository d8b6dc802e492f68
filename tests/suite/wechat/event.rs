//! Events for the platform: every documented kind, what is secret in it, and what is written.

use proptest::prelude::*;
use serde_json::json;
use wxauth::wechat::event::{
    AuthorizationEvent, Event, EventError, EventKind, INFO_TYPES, InfoType, authorization_xml,
    masked, ticket_xml, unauthorized_xml, unknown_xml,
};
use wxauth::wechat::id::{Appid, ComponentAppid};
use wxauth::wechat::secret::Secret;

use super::vectors;

fn about(appid: &str) -> EventKind {
    EventKind::Other {
        about: Some(Appid::from_wire(appid)),
    }
}

fn of_type(info_type: &str, fields: &str) -> Event {
    let xml = format!(
        "<xml><AppId><![CDATA[wx0123456789abcdef]]></AppId><CreateTime>1700000000</CreateTime>\
         <InfoType><![CDATA[{info_type}]]></InfoType>{fields}</xml>"
    );
    Event::parse(&xml).unwrap()
}

#[test]
fn a_ticket_is_read() {
    let event = Event::parse(&vectors::one('D').message).unwrap();
    assert_eq!(event.component_appid, "wx0123456789abcdef");
    assert_eq!(event.created_at, Some(1_700_000_000));
    let ticket = Secret::new("ticket@@@vector-0001");
    assert_eq!(event.kind, EventKind::Ticket(ticket));
}

#[test]
fn an_authorization_is_read_with_a_time_of_either_kind() {
    let expected = AuthorizationEvent {
        appid: Appid::from_wire("wxfedcba9876543210"),
        code: Some(Secret::new("queryauthcode@@@vector-0002")),
        code_expires_at: Some(1_700_003_700),
        pre_auth_code: Some(Secret::new("preauthcode@@@vector-0003")),
    };
    let message = vectors::one('E').message;
    let event = Event::parse(&message).unwrap();
    assert_eq!(event.kind, EventKind::Authorized(expected.clone()));
    // The page's table says seconds: so they would be counted from the event on.
    let seconds = message.replace("1700003700", "3600");
    assert_eq!(Event::parse(&seconds).unwrap().kind, event.kind);
    let update = message.replace("[authorized]", "[updateauthorized]");
    let event = Event::parse(&update).unwrap();
    assert_eq!(event.kind, EventKind::UpdateAuthorized(expected));
    // An update made in WeChat's console has no link.
    let plain = of_type(
        "updateauthorized",
        "<AuthorizerAppid>wx1</AuthorizerAppid><PreAuthCode/>",
    );
    let EventKind::UpdateAuthorized(found) = plain.kind else {
        panic!("{plain:?}")
    };
    assert_eq!((found.code, found.pre_auth_code), (None, None));
    assert_eq!(found.code_expires_at, None);
}

#[test]
fn the_end_of_an_authorization_is_read() {
    let event = of_type("unauthorized", "<AuthorizerAppid> wx1 </AuthorizerAppid>");
    assert_eq!(event.kind, EventKind::Unauthorized(Appid::from_wire("wx1")));
}

#[test]
fn every_other_documented_kind_is_kept_with_its_account() {
    let registered = "<appid>wx1</appid><status>0</status><auth_code>queryauthcode@@@x</auth_code>\
        <msg>OK</msg><info><name><![CDATA[某公司]]></name><code>91</code><code_type>1</code_type>\
        <legal_persona_wechat>w</legal_persona_wechat></info>";
    let audited = "<list><appid><![CDATA[wx1]]></appid><audit_id>451726598</audit_id><status>3</status></list>";
    for (name, fields, kind) in [
        ("notify_third_fasteregister", registered, about("wx1")),
        (
            "notify_third_fasteregister",
            "<status>-1</status><msg>authorize third party failed</msg>",
            EventKind::Other { about: None },
        ),
        (
            "notify_third_fastregisterbetaapp",
            "<appid>wx1</appid><status>0</status><info><unique_id>u</unique_id></info>",
            about("wx1"),
        ),
        (
            "notify_third_fastverifybetaapp",
            "<appid>wx1</appid><status>0</status>",
            about("wx1"),
        ),
        (
            "notify_icpfiling_verify_result",
            "<task_id>t</task_id><verify_appid>wx1</verify_appid><result>3</result>",
            about("wx1"),
        ),
        (
            "notify_apply_icpfiling_result",
            "<authorizer_appid>wx1</authorizer_appid><beian_status>4</beian_status>",
            about("wx1"),
        ),
        (
            "notify_3rd_wxa_auth",
            "<appid>wx1</appid><taskid>t</taskid><dispatch_info><provider>p</provider></dispatch_info>",
            about("wx1"),
        ),
        (
            "notify_3rd_wxa_wxverify",
            "<appid>wx1</appid><expired>1800000000</expired>",
            about("wx1"),
        ),
        (
            "order_path_apply_result_notify",
            "<list><appid>wx1</appid></list><list><appid>wx2</appid></list>",
            EventKind::Other { about: None },
        ),
        ("order_path_audit_result_notify", audited, about("wx1")),
        (
            "wxa_nickname_audit",
            "<nickname>n</nickname><ret>3</ret>",
            EventKind::Other { about: None },
        ),
    ] {
        assert!(InfoType::find(name).is_some(), "{name}");
        let event = of_type(name, fields);
        assert_eq!(event.kind, kind, "{name}");
        assert_eq!(event.info_type, name);
    }
    assert_eq!(INFO_TYPES.len(), 14);
    assert_eq!(InfoType::find("notify_of_tomorrow"), None);
    let event = of_type("notify_of_tomorrow", "<a><b>1</b></a>");
    assert_eq!(event.to_json()["a"]["b"], "1");
}

#[test]
fn tickets_and_codes_are_masked_wherever_they_stand() {
    let event = of_type(
        "notify_third_fasteregister",
        "<auth_code>0123456789</auth_code><info><deep>queryauthcode@@@abcdefghij</deep></info>\
         <list><auth_code>one</auth_code></list><list><auth_code>two</auth_code></list><msg>OK</msg>",
    );
    let shown = event.without_secrets();
    assert_eq!(shown["auth_code"], "…");
    assert_eq!(shown["info"]["deep"], "queryauthcode@@@…");
    assert_eq!(
        shown["list"],
        json!([{"auth_code": "…"}, {"auth_code": "…"}])
    );
    assert_eq!(shown["msg"], "OK");
    assert_eq!(event.to_json()["auth_code"], "0123456789");
    let typed = masked(json!({"Content": "QUERY_AUTH_CODE:queryauthcode@@@abc", "auth_code": 1}));
    assert_eq!(
        typed,
        json!({"Content": "QUERY_AUTH_CODE:queryauthcode@@@…", "auth_code": "…"})
    );
    for letter in ['D', 'E'] {
        let event = Event::parse(&vectors::one(letter).message).unwrap();
        let shown = format!("{} {event:?}", event.without_secrets());
        assert!(!shown.contains("vector-"), "{shown}");
    }
}

#[test]
fn an_event_without_its_head_is_named() {
    let missing = |name| Err(EventError::Missing { name });
    for (xml, expected) in [
        ("<xml><AppId>wx1</AppId></xml>", missing("InfoType")),
        (
            "<xml><InfoType>authorized</InfoType></xml>",
            missing("AppId"),
        ),
        (
            "<xml><AppId>wx1</AppId><InfoType>authorized</InfoType></xml>",
            missing("AuthorizerAppid"),
        ),
        (
            "<xml><AppId>wx1</AppId><InfoType>unauthorized</InfoType></xml>",
            missing("AuthorizerAppid"),
        ),
        (
            "<xml><AppId>wx1</AppId><InfoType>component_verify_ticket</InfoType></xml>",
            missing("ComponentVerifyTicket"),
        ),
    ] {
        assert_eq!(Event::parse(xml).map(|event| event.kind), expected, "{xml}");
    }
    // As one page of WeChat's prints it.
    let misprint = vectors::one('D').message.replace("</xml>", "<xml>");
    assert!(matches!(Event::parse(&misprint), Err(EventError::Xml(_))));
}

#[test]
fn a_ticket_code_or_id_that_is_none_is_malformed() {
    let event = |info_type: &str, name: &str, value: &str| {
        let xml = format!(
            "<xml><AppId>wx0123456789abcdef</AppId><InfoType>{info_type}</InfoType>\
             <{name}><![CDATA[{value}]]></{name}></xml>"
        );
        Event::parse(&xml)
    };
    let long = "x".repeat(2049);
    for value in ["ticket@@@one two", "ticket@@@one\ntwo", "票", &long] {
        let (info_type, name) = ("component_verify_ticket", "ComponentVerifyTicket");
        let parsed = event(info_type, name, value);
        assert_eq!(
            parsed.err(),
            Some(EventError::Malformed { name }),
            "{value}"
        );
    }
    for value in ["wx 1", "wx\n1", &long] {
        let name = "AuthorizerAppid";
        let parsed = event("unauthorized", name, value);
        assert_eq!(
            parsed.err(),
            Some(EventError::Malformed { name }),
            "{value}"
        );
        // What other events are about is no reason to refuse them.
        assert!(event("weapp_audit_success", "appid", value).is_ok());
    }
}

#[test]
fn what_is_written_is_what_wechat_writes() {
    let platform: ComponentAppid = "wx0123456789abcdef".parse().unwrap();
    let ticket = Secret::new("ticket@@@vector-0001");
    let written = ticket_xml(&platform, 1_700_000_000, &ticket);
    assert_eq!(written, vectors::one('D').message);
    let EventKind::Authorized(authorization) =
        Event::parse(&vectors::one('E').message).unwrap().kind
    else {
        panic!("an authorization")
    };
    let written = authorization_xml(&platform, 1_700_000_100, false, &authorization);
    assert_eq!(written, vectors::one('E').message);
    let update = authorization_xml(&platform, 1, true, &authorization);
    let kind = Event::parse(&update).unwrap().kind;
    assert_eq!(kind, EventKind::UpdateAuthorized(authorization.clone()));
    let ended = unauthorized_xml(&platform, 1, &authorization.appid);
    let kind = Event::parse(&ended).unwrap().kind;
    assert_eq!(kind, EventKind::Unauthorized(authorization.appid));
    let unknown = Event::parse(&unknown_xml(&platform, 1, "wxauth_probe")).unwrap();
    assert_eq!(unknown.kind, EventKind::Other { about: None });
    assert_eq!(unknown.info_type, "wxauth_probe");
}

proptest! {
    #[test]
    fn any_text_is_taken_without_a_crash(text in "[<>/&;!\\[\\]A-Za-z ]{0,100}", time: i64) {
        let _ = Event::parse(&text);
        let _ = Event::parse(&format!(
            "<xml><AppId>a</AppId><InfoType>authorized</InfoType><CreateTime>{time}</CreateTime>\
             <AuthorizerAppid>{time}</AuthorizerAppid>\
             <AuthorizationCodeExpiredTime>{}</AuthorizationCodeExpiredTime></xml>",
            i64::MIN / 2 + time / 2
        ));
    }
}
