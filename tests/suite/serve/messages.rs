//! Messages of authorized accounts: answered at once, counted, kept when asked for.

use serde_json::json;
use wxauth::wechat::push::{Envelope, KeyUsed, PushQuery, To};
use wxauth::wechat::xml;

use super::receiver::{Receiver, WeChat, desk, events};

const ACCOUNT: &str = "/messages/wx00000000000000aa";
/// Of the first group of the full-release check.
const CHECKED: &str = "gh_3c884a361561";

fn text_message(to: &str, content: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{to}]]></ToUserName><FromUserName><![CDATA[oUser]]></FromUserName>\
         <CreateTime>1700000000</CreateTime><MsgType><![CDATA[text]]></MsgType>\
         <Content><![CDATA[{content}]]></Content><MsgId>1</MsgId></xml>"
    )
}

#[test]
fn messages_are_answered_and_counted_whatever_they_are() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let success = (200, "success".to_owned());
    let text = text_message("gh_a", "hello");
    let event = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
                 <MsgType>event</MsgType><Event>subscribe</Event></xml>";
    let store = json!({
        "ToUserName": "gh_shop", "FromUserName": "o", "CreateTime": 1, "MsgType": "event",
        "Event": "channels_ec_order_new",
    });
    let odd = "neither XML nor JSON";
    for (message, what) in [
        (text.as_str(), "text"),
        (event, "event/subscribe"),
        (&store.to_string(), "event/channels_ec_order_new"),
        (odd, "unreadable"),
    ] {
        let push = wechat.push(KeyUsed::Present, message, To::Account("gh_a"));
        assert_eq!(receiver.send(ACCOUNT, &push), success, "{what}");
        let line = receiver.told("message_taken");
        assert_eq!(line["kind"], what);
        assert_eq!(line["account"], "wx00000000000000aa");
    }
    // The push of a store has an envelope of JSON.
    let mut store = store;
    store["CreateTime"] = json!(2);
    let (query, body) = wechat.push(KeyUsed::Present, &store.to_string(), To::Account("gh_shop"));
    let encrypt = Envelope::parse(body.as_bytes()).expect("ours").encrypt;
    let body = json!({"ToUserName": "gh_shop", "Encrypt": encrypt}).to_string();
    assert_eq!(
        receiver.send("/messages/gh_shop000001", &(query, body)),
        success
    );
    receiver.told("message_taken");
    assert!(events(&desk, &[]).is_empty(), "messages are no events");
}

#[test]
fn urls_put_in_each_others_place_lose_nothing() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    receiver.send(ACCOUNT, &wechat.ticket(1));
    receiver.told("event_accepted");
    let text = text_message("gh_a", "private");
    let message = wechat.push(KeyUsed::Present, &text, To::Account("gh_a"));
    receiver.send("/events", &message);
    assert_eq!(receiver.told("message_taken")["account"], "gh_a");
    let kept = events(&desk, &[]);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0]["info_type"], "component_verify_ticket");
}

#[test]
fn the_text_of_the_release_check_is_answered_for_its_accounts_alone() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &["--release-check"]);
    let wechat = WeChat::new();
    let asked = |to: &str, which| {
        let text = text_message(to, "TESTCOMPONENT_MSG_TYPE_TEXT");
        receiver.send(ACCOUNT, &wechat.push(which, &text, To::Account(to)))
    };
    assert_eq!(asked("gh_a", KeyUsed::Present), (200, "success".to_owned()));
    for which in [KeyUsed::Present, KeyUsed::Previous] {
        let (status, body) = asked(CHECKED, which);
        assert_eq!(status, 200);
        let fields = xml::parse(&body).expect("XML");
        let of = |name| fields.text_of(name).expect(name).to_owned();
        let query = PushQuery {
            timestamp: of("TimeStamp"),
            nonce: of("Nonce"),
            msg_signature: of("MsgSignature"),
            signature: None,
            openid: None,
        };
        let opened = wechat.keys.open(&wechat.platform, &query, body.as_bytes());
        let opened = opened.expect("sealed for us");
        assert_eq!(
            opened.key, which,
            "sealed with the key that the message came with"
        );
        let reply = xml::parse(&opened.message).expect("XML");
        assert_eq!(reply.text_of("ToUserName"), Some("oUser"));
        assert_eq!(reply.text_of("FromUserName"), Some(CHECKED));
        let content = reply.text_of("Content");
        assert_eq!(content, Some("TESTCOMPONENT_MSG_TYPE_TEXT_callback"));
    }
}

#[test]
fn without_the_flag_the_release_check_is_answered_as_anything_else() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let text = text_message(CHECKED, "TESTCOMPONENT_MSG_TYPE_TEXT");
    let push = WeChat::new().push(KeyUsed::Present, &text, To::Account(CHECKED));
    assert_eq!(receiver.send(ACCOUNT, &push), (200, "success".to_owned()));
}
