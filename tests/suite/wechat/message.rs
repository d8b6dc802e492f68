//! Messages of authorized accounts, and the two that the release check sends.

use wxauth::wechat::message::{Message, MessageError, text_reply};
use wxauth::wechat::release_check::{ACCOUNTS, Task, is_check_account, task};
use wxauth::wechat::secret::Secret;

use super::vectors;

fn text(content: &str) -> Message {
    let xml = text_reply("gh_3c884a361561", "oUser", 1_700_000_000, content);
    Message::parse(&xml).unwrap()
}

#[test]
fn the_head_is_read_from_xml_and_from_json() {
    let message = Message::parse(&vectors::one('A').message).unwrap();
    assert_eq!(message.to, "gh_97417a04a28d");
    assert_eq!(message.from, "o9AgO5Kd5ggOC-bXrbNODIiE3bGY");
    assert_eq!(message.created_at, Some(1_715_943_329));
    assert_eq!(message.msg_type, "event");
    assert_eq!(message.event.as_deref(), Some("debug_demo"));
    assert_eq!((message.content, message.msg_id), (None, None));

    let json = r#"{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1662480000,"MsgType":"event","Event":"channels_ec_order_new","order_info":{"order_id":1}}"#;
    let message = Message::parse(json).unwrap();
    assert_eq!(message.created_at, Some(1_662_480_000));
    assert_eq!(message.event.as_deref(), Some("channels_ec_order_new"));

    let missing = |name| Err(MessageError::Missing { name });
    assert_eq!(Message::parse("{}"), missing("ToUserName"));
    assert_eq!(Message::parse("{"), Err(MessageError::Json));
    assert_eq!(
        Message::parse(&vectors::one('D').message),
        missing("ToUserName")
    );
    assert!(matches!(
        Message::parse("success"),
        Err(MessageError::Xml(_))
    ));
}

#[test]
fn what_a_user_wrote_is_in_no_log() {
    let shown = format!("{:?}", text("QUERY_AUTH_CODE:queryauthcode@@@abc"));
    assert!(
        !shown.contains("abc") && !shown.contains("oUser"),
        "{shown}"
    );
}

#[test]
fn a_reply_goes_back_where_the_message_came_from() {
    let message = text("a <b> & ]]> 你好");
    assert_eq!(message.content.as_deref(), Some("a <b> & ]]> 你好"));
    assert_eq!(message.msg_type, "text");
    let reply = Message::parse(&text_reply(&message.from, &message.to, 5, "x")).unwrap();
    assert_eq!((&reply.to, &reply.from), (&message.from, &message.to));
}

#[test]
fn the_two_texts_of_the_release_check_are_recognised() {
    assert_eq!(
        task(&text("TESTCOMPONENT_MSG_TYPE_TEXT")),
        Some(Task::ReplyText(
            "TESTCOMPONENT_MSG_TYPE_TEXT_callback".to_owned()
        ))
    );
    // The code is everything behind the first colon, its prefix too.
    assert_eq!(
        task(&text("QUERY_AUTH_CODE:queryauthcode@@@a:b")),
        Some(Task::QueryCode(Secret::new("queryauthcode@@@a:b")))
    );
    for other in [
        "hello",
        "",
        "QUERY_AUTH_CODE:",
        "TESTCOMPONENT_MSG_TYPE_TEXT_callback",
    ] {
        assert_eq!(task(&text(other)), None, "{other}");
    }
    let mut image = text("TESTCOMPONENT_MSG_TYPE_TEXT");
    image.msg_type = "image".to_owned();
    assert_eq!(task(&image), None);
}

#[test]
fn wechats_own_accounts_are_known() {
    assert_eq!(ACCOUNTS.iter().filter(|one| one.mini_program).count(), 5);
    for account in ACCOUNTS {
        assert!(account.appid.parse::<wxauth::wechat::id::Appid>().is_ok());
        assert!(
            account
                .user_name
                .parse::<wxauth::wechat::id::UserName>()
                .is_ok()
        );
        assert!(is_check_account(account.appid) && is_check_account(account.user_name));
    }
    assert!(is_check_account("wx570bc396a51b8ff8") && is_check_account("gh_7818dcb60240"));
    assert!(!is_check_account("wx0123456789abcdef") && !is_check_account(""));
}
