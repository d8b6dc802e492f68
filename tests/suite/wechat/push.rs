//! Pushes as they travel: the envelope, which key opened it, and what is told when one is wrong.

use proptest::prelude::*;
use serde_json::{Value, json};
use wxauth::wechat::crypto::{self, OpenError};
use wxauth::wechat::id::ComponentAppid;
use wxauth::wechat::push::{
    BodyFormat, Envelope, KeyUsed, Place, PushError, PushKeys, PushQuery, Stamp, To, WrongKey,
};
use wxauth::wechat::secret::Secret;
use wxauth::wechat::xml;

use super::vectors::{self, Vector};

const OLD_KEY: &str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";

fn keys(vector: &Vector, previous: Option<&str>) -> PushKeys {
    PushKeys::new(
        Secret::new(&*vector.token),
        &Secret::new(&*vector.encoding_aes_key),
        previous.map(Secret::new).as_ref(),
    )
    .unwrap()
}

fn platform(vector: &Vector) -> ComponentAppid {
    vector.component_appid.parse().unwrap()
}

fn query(vector: &Vector) -> PushQuery {
    let Vector {
        timestamp,
        nonce,
        msg_signature,
        ..
    } = vector;
    let query = format!(
        "signature=x&timestamp={timestamp}&nonce={nonce}&encrypt_type=aes&msg_signature={msg_signature}"
    );
    PushQuery::parse(&query).unwrap()
}

fn stamp(random: [u8; 16]) -> Stamp {
    Stamp {
        timestamp: "1700000000".to_owned(),
        nonce: "1234567890".to_owned(),
        random,
    }
}

/// A query with the right signature for `encrypt`.
fn signed(vector: &Vector, encrypt: &str) -> PushQuery {
    let mut query = query(vector);
    query.msg_signature =
        crypto::signature(&vector.token, &query.timestamp, &query.nonce, Some(encrypt));
    query
}

#[test]
fn the_vectors_come_in_through_the_door() {
    for vector in vectors::all() {
        let body = format!(
            "<xml><Encrypt><![CDATA[{}]]></Encrypt></xml>",
            vector.encrypt
        );
        let received = keys(&vector, None)
            .open(&platform(&vector), &query(&vector), body.as_bytes())
            .unwrap();
        assert_eq!(received.message, vector.message, "{}", vector.name);
        assert_eq!(received.key, KeyUsed::Present);
    }
}

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

#[test]
fn a_push_sealed_with_the_previous_key_is_opened_and_answered_with_it() {
    let vector = vectors::one('D');
    let both = keys(&vector, Some(OLD_KEY));
    let appid = platform(&vector);
    let (query, body) = both
        .push(
            &appid,
            KeyUsed::Previous,
            "<xml/>",
            &stamp([1; 16]),
            To::Platform,
        )
        .unwrap();
    let received = both.open(&appid, &query, body.as_bytes()).unwrap();
    assert_eq!(
        (received.key, received.message.as_str()),
        (KeyUsed::Previous, "<xml/>")
    );
    let alone = keys(&vector, None).open(&appid, &query, body.as_bytes());
    assert!(
        matches!(alone, Err(PushError::Open(OpenError::Padding { .. }))),
        "{alone:?}"
    );
    let reply = both.reply(
        &appid,
        received.key,
        BodyFormat::Xml,
        "hello",
        &stamp([2; 16]),
    );
    let envelope = Envelope::parse(reply.unwrap().as_bytes()).unwrap();
    let old = crypto::EncodingAesKey::parse(OLD_KEY).unwrap();
    assert_eq!(
        crypto::open(&old, &envelope.encrypt).unwrap().message,
        b"hello"
    );
    // Without a previous key nothing can be sealed with it.
    let none = keys(&vector, None);
    assert!(
        none.push(&appid, KeyUsed::Previous, "", &stamp([1; 16]), To::Platform)
            .is_none()
    );
}

#[test]
fn a_wrong_signature_is_told_before_anything_is_decrypted() {
    let vector = vectors::one('D');
    let mut query = query(&vector);
    query.msg_signature.replace_range(..1, "f");
    // Were it decrypted first, the text that is no base64 would be told.
    for encrypt in [vector.encrypt.as_str(), "%%%"] {
        let body = format!("<xml><Encrypt>{encrypt}</Encrypt></xml>");
        let found = keys(&vector, None).open(&platform(&vector), &query, body.as_bytes());
        assert_eq!(found.unwrap_err(), PushError::Signature);
    }
    // The `signature` of the query is no signature of the body.
    let mut query = super::push::query(&vector);
    query.msg_signature = vector.signature.clone().unwrap();
    let body = format!("<xml><Encrypt>{}</Encrypt></xml>", vector.encrypt);
    let found = keys(&vector, None).open(&platform(&vector), &query, body.as_bytes());
    assert_eq!(found.unwrap_err(), PushError::Signature);
}

#[test]
fn the_signature_of_the_query_tells_a_wrong_token_from_a_changed_body() {
    let vector = vectors::one('D');
    let mut query = query(&vector);
    query.signature.clone_from(&vector.signature);
    assert_eq!(keys(&vector, None).token_fits(&query), Some(true));
    let other = keys(&vectors::one('A'), None);
    assert_eq!(other.token_fits(&query), Some(false));
    query.signature = None;
    assert_eq!(other.token_fits(&query), None);
}

#[test]
fn a_push_for_another_platform_is_told_apart() {
    let vector = vectors::one('D');
    let Vector { encrypt, .. } = &vector;
    let other: ComponentAppid = "wxaaaaaaaaaaaaaaaa".parse().unwrap();
    let found = |place, appid: &str| {
        Err(PushError::ForeignAppid {
            found: appid.to_owned(),
            place,
        })
    };
    let body = format!("<xml><AppId>wx0123456789abcdef</AppId><Encrypt>{encrypt}</Encrypt></xml>");
    let open = |previous, body: &str| {
        keys(&vector, previous)
            .open(&other, &query(&vector), body.as_bytes())
            .map(|received| received.message)
    };
    assert_eq!(open(None, &body), found(Place::Outer, "wx0123456789abcdef"));
    let body = format!("<xml><ToUserName>gh_1</ToUserName><Encrypt>{encrypt}</Encrypt></xml>");
    assert_eq!(open(None, &body), found(Place::Inner, "wx0123456789abcdef"));
    // The key that opens it says more than the one that does not, whichever it is.
    assert_eq!(
        open(Some(OLD_KEY), &body),
        found(Place::Inner, "wx0123456789abcdef")
    );
    let swapped = PushKeys::new(
        Secret::new(&*vector.token),
        &Secret::new(OLD_KEY),
        Some(&Secret::new(&*vector.encoding_aes_key)),
    );
    let received = swapped
        .unwrap()
        .open(&other, &query(&vector), body.as_bytes());
    assert_eq!(
        received.map(|it| it.message),
        found(Place::Inner, "wx0123456789abcdef")
    );
}

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

#[test]
fn a_bad_key_is_named() {
    let made = PushKeys::new(
        Secret::new("t"),
        &Secret::new(OLD_KEY),
        Some(&Secret::new("short")),
    );
    let error = crypto::KeyError::Length { found: 5 };
    assert_eq!(
        made.unwrap_err(),
        WrongKey {
            key: KeyUsed::Previous,
            error
        }
    );
}

#[test]
fn nothing_secret_is_in_a_log() {
    let vector = vectors::one('D');
    let keys = keys(&vector, Some(OLD_KEY));
    let body = format!("<xml><Encrypt>{}</Encrypt></xml>", vector.encrypt);
    let received = keys.open(&platform(&vector), &query(&vector), body.as_bytes());
    let shown = format!("{keys:?} {received:?}");
    for secret in [
        &*vector.token,
        &vector.encoding_aes_key,
        OLD_KEY,
        "vector-0001",
    ] {
        assert!(!shown.contains(secret), "{shown}");
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
