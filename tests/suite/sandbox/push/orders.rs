//! Authorization events on order.

use serde_json::json;
use wxauth::wechat::event::INFO_TYPES;
use wxauth::wechat::push::{KeyUsed, PushError};

use super::receiver::{Receiver, said};
use super::{push, without_tickets};

#[tokio::test]
async fn every_documented_info_type_and_an_unknown_one_can_be_pushed() {
    let (stage, mut receiver, keys) = without_tickets().await;
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
    let (stage, mut receiver, keys) = without_tickets().await;
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
    let (stage, mut receiver, keys) = without_tickets().await;
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
    let (stage, mut receiver, keys) = without_tickets().await;
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
    let (stage, mut receiver, _) = without_tickets().await;
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
    let (stage, receiver, _) = without_tickets().await;
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
