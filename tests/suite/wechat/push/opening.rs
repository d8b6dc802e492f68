//! Opening a push: signature, keys, appids, in this order.

use wxauth::wechat::crypto::{self, OpenError};
use wxauth::wechat::id::ComponentAppid;
use wxauth::wechat::push::{
    BodyFormat, Envelope, KeyUsed, Place, PushError, PushKeys, To, WrongKey,
};
use wxauth::wechat::secret::Secret;

use super::{OLD_KEY, keys, platform, query, stamp};
use crate::wechat::vectors::{self, Vector};

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
    let mut query = super::query(&vector);
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
