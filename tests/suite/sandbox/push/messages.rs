//! Messages on order, and replies to them.

use serde_json::json;
use wxauth::wechat::crypto;
use wxauth::wechat::message::Message;
use wxauth::wechat::push::{BodyFormat, PushQuery, Stamp};

use super::keys::Keys;
use super::receiver::{Heard, Said, said};
use super::{push, without_tickets};
use crate::sandbox::stage::text;

/// What a message is answered with: this text, sealed.
fn reply(keys: &Keys, heard: &Heard, content: &str) -> Said {
    let opened = keys.open(heard).expect("a message");
    let stamp = Stamp {
        timestamp: "1700000000".to_owned(),
        nonce: "7".to_owned(),
        random: [7; 16],
    };
    let appid = keys.appid.parse().expect("an appid");
    let format = opened.envelope.format;
    let body = keys
        .keys
        .reply(&appid, opened.key, format, content, &stamp)
        .expect("a key");
    said(&body)
}

#[tokio::test]
async fn messages_go_to_the_account_s_own_address_and_may_be_replied_to() {
    let (stage, mut receiver, keys) = without_tickets().await;
    let account = stage.named("江南书院").await;
    let appid = text(&account, "appid");
    let (own, json_too) = (stage.keys().await, [false, true]);
    receiver.answers(move |heard| reply(&own, heard, "<xml>谢谢</xml>"));
    for json in json_too {
        let order = json!({
            "message": "text", "appid": appid, "json": json, "fields": {"Content": "在吗"},
        });
        let pushed = push(&stage, order).await;
        assert_eq!(pushed["reply"], "<xml>谢谢</xml>");
        let heard = receiver.next().await;
        assert_eq!(heard.path, format!("/messages/{appid}"));
        let opened = keys.open(&heard).unwrap();
        let expected = if json {
            BodyFormat::Json
        } else {
            BodyFormat::Xml
        };
        assert_eq!(opened.envelope.format, expected);
        assert_eq!(
            opened.envelope.to_user_name.as_deref(),
            account["user_name"].as_str()
        );
        let message = Message::parse(&opened.message).unwrap();
        assert_eq!(message.content.as_deref(), Some("在吗"));
        assert_eq!(Some(message.to.as_str()), account["user_name"].as_str());
        let query = PushQuery::parse(&heard.query).unwrap();
        assert_eq!(query.openid, Some(message.from));
    }
    // Nothing, and the bare word, are no reply and no failure.
    for quiet in ["", "success"] {
        receiver.answers(move |_| said(quiet));
        push(&stage, json!({"message": "weapp_audit_success"})).await;
        let opened = keys.open(&receiver.next().await).unwrap();
        let message = Message::parse(&opened.message).unwrap();
        assert_eq!(message.event.as_deref(), Some("weapp_audit_success"));
    }
    receiver.answers(|_| said("thank you"));
    let pushed = stage.order("push", json!({"message": "text"})).await;
    assert_eq!(pushed["problems"][0]["kind"], "reply");
    assert_eq!(
        stage.control("alarms").await[0]["target"],
        json!("messages")
    );
}

#[tokio::test]
async fn a_reply_with_a_wrong_signature_is_none() {
    let (stage, receiver, _) = without_tickets().await;
    let own = stage.keys().await;
    receiver.answers(move |heard| match reply(&own, heard, "<xml>x</xml>") {
        Said::Body(status, body) => {
            let body = String::from_utf8(body).unwrap();
            let signature = crypto::signature("another", "1700000000", "7", None);
            let (before, rest) = body.split_once("<MsgSignature><![CDATA[").unwrap();
            let body = format!("{before}<MsgSignature><![CDATA[{signature}{}", &rest[40..]);
            Said::Body(status, body.into_bytes())
        }
        other => other,
    });
    let pushed = stage.order("push", json!({"message": "text"})).await;
    assert_eq!(pushed["delivered"], false);
    assert!(text(&pushed["problems"][0], "detail").contains("MsgSignature"));
}
