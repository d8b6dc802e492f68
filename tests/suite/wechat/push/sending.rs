//! What is sent: a push as WeChat's, and the reply to one.

use proptest::prelude::*;
use serde_json::{Value, json};
use wxauth::wechat::push::{BodyFormat, KeyUsed, PushQuery, Stamp, To};
use wxauth::wechat::xml;

use super::{keys, platform, stamp};
use crate::wechat::vectors::{self, Vector};

#[test]
fn a_push_is_written_as_wechat_writes_it() {
    let vector = vectors::one('D');
    let (query, body) = keys(&vector, None)
        .push(
            &platform(&vector),
            KeyUsed::Present,
            &vector.message,
            &stamp(vector.random()),
            To::Platform,
        )
        .unwrap();
    let signature = vector.signature.as_deref().unwrap();
    assert_eq!(
        query.to_query(),
        format!(
            "signature={signature}&timestamp=1700000000&nonce=1234567890&encrypt_type=aes&msg_signature={}",
            vector.msg_signature
        )
    );
    assert_eq!(
        body,
        format!(
            "<xml>\n    <AppId><![CDATA[wx0123456789abcdef]]></AppId>\n    <Encrypt><![CDATA[{}]]></Encrypt>\n</xml>\n",
            vector.encrypt
        )
    );
    let (_, body) = keys(&vector, None)
        .push(
            &platform(&vector),
            KeyUsed::Present,
            "<xml/>",
            &stamp([7; 16]),
            To::Account("gh_0123456789ab"),
        )
        .unwrap();
    assert!(
        body.contains("<ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>"),
        "{body}"
    );
    assert!(!body.contains("AppId"), "{body}");
}

#[test]
fn the_reply_is_the_one_that_wechat_prints() {
    let vector = vectors::one('B');
    let stamp = Stamp {
        timestamp: vector.timestamp.clone(),
        nonce: vector.nonce.clone(),
        random: vector.random(),
    };
    let reply = |format| {
        keys(&vector, None)
            .reply(
                &platform(&vector),
                KeyUsed::Present,
                format,
                &vector.message,
                &stamp,
            )
            .unwrap()
    };
    let Vector {
        encrypt,
        msg_signature,
        timestamp,
        nonce,
        ..
    } = &vector;
    let read = xml::parse(&reply(BodyFormat::Xml)).unwrap().to_json();
    let expected = json!({
        "Encrypt": encrypt, "MsgSignature": msg_signature, "TimeStamp": timestamp, "Nonce": nonce,
    });
    assert_eq!(read, expected);
    // To a store the same in JSON, its time a number.
    let read: Value = serde_json::from_str(&reply(BodyFormat::Json)).unwrap();
    assert_eq!(read["TimeStamp"], json!(1_713_424_427));
    assert_eq!(read["Encrypt"], json!(encrypt));
    assert_eq!(read["MsgSignature"], json!(msg_signature));
    assert_eq!(read["Nonce"], json!(nonce));
}

proptest! {
    #[test]
    fn what_is_pushed_is_received(message in "\\PC{0,120}", random: [u8; 16]) {
        let vector = vectors::one('D');
        let (query, body) = keys(&vector, None)
            .push(&platform(&vector), KeyUsed::Present, &message, &stamp(random), To::Platform)
            .unwrap();
        let query = PushQuery::parse(&query.to_query()).unwrap();
        let received = keys(&vector, None).open(&platform(&vector), &query, body.as_bytes());
        prop_assert_eq!(received.unwrap().message, message);
    }
}
