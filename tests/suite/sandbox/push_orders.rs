//! Pushes on order.

use serde_json::{Value, json};
use wxauth::wechat::crypto;
use wxauth::wechat::event::INFO_TYPES;
use wxauth::wechat::message::Message;
use wxauth::wechat::push::{BodyFormat, KeyUsed, PushError, PushQuery, Stamp};

use super::receiver::{Heard, Keys, Receiver, Said, said};
use super::stage::{Stage, text};

async fn scene() -> (Stage, Receiver, Keys) {
    let stage = Stage::new().await;
    stage
        .order("platform", json!({"ticket_pushes": false}))
        .await;
    let receiver = Receiver::new().await;
    stage.push_to(&receiver).await;
    let keys = stage.keys().await;
    (stage, receiver, keys)
}

async fn push(stage: &Stage, order: Value) -> Value {
    let pushed = stage.order("push", order).await;
    assert_eq!(pushed["delivered"], true, "{pushed}");
    pushed
}

#[tokio::test]
async fn every_documented_info_type_and_an_unknown_one_can_be_pushed() {
    let (stage, mut receiver, keys) = scene().await;
    let known = INFO_TYPES.iter().map(|known| known.name);
    for info_type in known.chain(["brand_new"]) {
        for cdata in [true, false] {
            let order = json!({"info_type": info_type, "cdata": cdata});
            push(&stage, order).await;
            let heard = receiver.next().await;
            let opened = keys.open(&heard).unwrap().message;
            assert_eq!(opened.contains("CDATA"), cdata);
            let event = keys.event(&heard);
            assert_eq!(event["InfoType"], json!(info_type));
            assert!(event.as_object().unwrap().len() > 3, "{event}");
        }
    }
}

#[tokio::test]
async fn an_ordered_code_is_one_that_can_be_exchanged() {
    let (stage, mut receiver, keys) = scene().await;
    let appid = stage.account("mini_program", true).await;
    push(&stage, json!({"info_type": "authorized", "appid": appid})).await;
    let event = receiver.event(&keys).await;
    let body = json!({"authorization_code": event["AuthorizationCode"]});
    let answer = stage.component("api_query_auth", body).await;
    assert_eq!(
        answer["authorization_info"]["authorizer_appid"],
        json!(appid)
    );
}

#[tokio::test]
async fn fields_can_be_changed_and_added() {
    let (stage, mut receiver, keys) = scene().await;
    let order = json!({
        "info_type": "notify_third_fasteregister",
        "fields": {"status": "-1", "info.name": "甲 & ]]> 乙", "own.deep.word": "x"},
    });
    push(&stage, order).await;
    let event = receiver.event(&keys).await;
    assert_eq!(event["status"], "-1");
    assert_eq!(event["info"]["name"], "甲 & ]]> 乙");
    assert_eq!(event["own"]["deep"]["word"], "x");
    let wrong = json!({"info_type": "x", "fields": {"a><b": "1"}});
    assert_eq!(stage.declined("push", wrong).await, "push");
}

#[tokio::test]
async fn a_push_can_be_signed_wrongly_or_sealed_with_the_previous_key() {
    let (stage, mut receiver, keys) = scene().await;
    let order = json!({"info_type": "brand_new", "signature": "wrong"});
    push(&stage, order).await;
    assert_eq!(
        keys.open(&receiver.next().await).unwrap_err(),
        PushError::Signature
    );
    let previous = json!({"info_type": "brand_new", "key": "previous"});
    assert_eq!(
        stage.declined("push", previous.clone()).await,
        "no_previous_key"
    );
    let rotated = stage.order("platform", json!({"rotate_key": true})).await;
    assert_eq!(
        rotated["previous_encoding_aes_key"],
        stage.card["encoding_aes_key"]
    );
    let both = stage.keys().await;
    push(&stage, previous).await;
    let heard = receiver.next().await;
    assert_eq!(both.open(&heard).unwrap().key, KeyUsed::Previous);
    push(&stage, json!({"info_type": "brand_new"})).await;
    assert_eq!(
        both.open(&receiver.next().await).unwrap().key,
        KeyUsed::Present
    );
}

#[tokio::test]
async fn the_same_bytes_can_come_again() {
    let (stage, mut receiver, _) = scene().await;
    let pushed = push(&stage, json!({"info_type": "brand_new", "repeat": 3})).await;
    assert_eq!(pushed["count"], 3);
    let first = receiver.next().await;
    for _ in 0..2 {
        let again = receiver.next().await;
        assert_eq!((&again.query, &again.body), (&first.query, &first.body));
    }
    receiver.heard_nothing_else();
    let too_often = json!({"info_type": "x", "repeat": 0});
    assert_eq!(stage.declined("push", too_often).await, "push");
}

#[tokio::test]
async fn a_push_elsewhere_raises_no_alarm() {
    let (stage, receiver, _) = scene().await;
    let elsewhere = Receiver::new().await;
    elsewhere.answers(|_| said("no"));
    let order = json!({"info_type": "brand_new", "to": elsewhere.events_url()});
    let pushed = stage.order("push", order).await;
    assert_eq!(pushed["delivered"], false);
    assert_eq!(stage.control("alarms").await, json!([]));
    drop(receiver);
    stage.order("platform", json!({"events_url": ""})).await;
    let nowhere = json!({"info_type": "brand_new"});
    assert_eq!(stage.declined("push", nowhere).await, "no_receiver");
}

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
    let (stage, mut receiver, keys) = scene().await;
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
    let (stage, receiver, _) = scene().await;
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
