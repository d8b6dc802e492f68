//! Query and body, before anything is decrypted.

use proptest::prelude::*;
use serde_json::json;
use wxauth::wechat::crypto;
use wxauth::wechat::push::{BodyFormat, Envelope, PushError, PushQuery};
use wxauth::wechat::xml;

use super::{keys, platform, signed};
use crate::wechat::vectors::{self, Vector};

#[test]
fn envelopes_come_with_cdata_without_and_as_json() {
    let Vector { encrypt, .. } = vectors::one('D');
    let account = "gh_0123456789ab";
    for (body, format) in [
        (
            format!("<xml><ToUserName>{account}</ToUserName><Encrypt>{encrypt}</Encrypt></xml>"),
            BodyFormat::Xml,
        ),
        (
            format!(
                "<xml>\n <Encrypt>\n<![CDATA[{encrypt}]]>\n</Encrypt><Extra>1</Extra><ToUserName><![CDATA[{account}]]></ToUserName></xml>"
            ),
            BodyFormat::Xml,
        ),
        (
            json!({"ToUserName": account, "Encrypt": encrypt, "Extra": 1}).to_string(),
            BodyFormat::Json,
        ),
    ] {
        let envelope = Envelope::parse(body.as_bytes()).unwrap();
        assert_eq!(envelope.format, format, "{body}");
        assert_eq!(envelope.encrypt, encrypt, "{body}");
        assert_eq!(envelope.to_user_name.as_deref(), Some(account), "{body}");
        assert_eq!(envelope.appid, None, "{body}");
        assert_eq!(
            Envelope::parse(envelope.to_body().as_bytes()).unwrap(),
            envelope
        );
    }
    for (body, error) in [
        (&b"<xml><AppId>wx1</AppId></xml>"[..], PushError::NoEncrypt),
        (b"<xml><Encrypt></Encrypt></xml>", PushError::NoEncrypt),
        (b"{\"Encrypt\":1}", PushError::NoEncrypt),
        (b"{\"Encrypt\":", PushError::Json),
        (b"<xml>\xff</xml>", PushError::NotText),
        (b"", PushError::Xml(xml::XmlError::Empty)),
        (
            b"<!DOCTYPE x><xml/>",
            PushError::Xml(xml::XmlError::Doctype),
        ),
    ] {
        assert_eq!(Envelope::parse(body), Err(error), "{body:?}");
    }
}

#[test]
fn empty_fields_count_as_absent() {
    let vector = vectors::one('D');
    let Vector { encrypt, .. } = &vector;
    let xml = format!("<xml><AppId></AppId><ToUserName/><Encrypt>{encrypt}</Encrypt></xml>");
    let json = json!({"AppId": "", "ToUserName": "", "Encrypt": encrypt}).to_string();
    for body in [xml, json] {
        let envelope = Envelope::parse(body.as_bytes()).unwrap();
        assert_eq!(
            (envelope.appid, envelope.to_user_name),
            (None, None),
            "{body}"
        );
        // An empty appid is not a foreign one.
        let opened = keys(&vector, None).open(
            &platform(&vector),
            &signed(&vector, encrypt),
            body.as_bytes(),
        );
        assert!(opened.is_ok(), "{body}: {opened:?}");
    }
    for body in ["<xml><Encrypt/></xml>", r#"{"Encrypt":""}"#] {
        assert_eq!(Envelope::parse(body.as_bytes()), Err(PushError::NoEncrypt));
    }
}

#[test]
fn a_store_push_is_opened() {
    let vector = vectors::one('D');
    let message = r#"{"ToUserName":"gh_0123456789ab","MsgType":"event","Event":"x"}"#;
    let key = crypto::EncodingAesKey::parse(&vector.encoding_aes_key).unwrap();
    let encrypt = crypto::seal(&key, [3; 16], message.as_bytes(), &vector.component_appid);
    let body = json!({"ToUserName": "gh_0123456789ab", "Encrypt": encrypt}).to_string();
    let received = keys(&vector, None)
        .open(
            &platform(&vector),
            &signed(&vector, &encrypt),
            body.as_bytes(),
        )
        .unwrap();
    assert_eq!(received.message, message);
    assert_eq!(received.envelope.format, BodyFormat::Json);
    // What is no text inside is told.
    let encrypt = crypto::seal(&key, [3; 16], b"\xff\xfe", &vector.component_appid);
    let body = json!({"Encrypt": encrypt}).to_string();
    let found = keys(&vector, None).open(
        &platform(&vector),
        &signed(&vector, &encrypt),
        body.as_bytes(),
    );
    assert_eq!(found.unwrap_err(), PushError::NotText);
}

#[test]
fn a_query_names_what_it_lacks() {
    let whole = "timestamp=1&nonce=2&msg_signature=3";
    let parsed = PushQuery::parse(&format!("?profile=a&{whole}&openid=o-1")).unwrap();
    assert_eq!(parsed.openid.as_deref(), Some("o-1"));
    assert_eq!(PushQuery::parse(&parsed.to_query()).unwrap(), parsed);
    for name in ["timestamp", "nonce", "msg_signature"] {
        for query in [
            whole.replace(name, "x"),
            whole.replace(&format!("{name}="), &format!("{name}=&x=")),
        ] {
            assert_eq!(
                PushQuery::parse(&query),
                Err(PushError::MissingQuery { name }),
                "{query}"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_taken_without_a_crash(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        text in "[<>/&;!\\[\\]A-Za-z{}:\"=+ ]{0,100}",
    ) {
        let _ = Envelope::parse(&body);
        let _ = Envelope::parse(text.as_bytes());
        let _ = PushQuery::parse(&String::from_utf8_lossy(&body));
        let _ = PushQuery::parse(&text);
    }
}
