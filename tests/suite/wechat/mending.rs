//! Broken names do not hide accounts.

use std::borrow::Cow;

use proptest::prelude::*;
use wxauth::wechat::wire::{AuthorizerInfo, Reply, mended};

fn nick_name(quoted: &[u8]) -> String {
    let body = [
        b"{\"authorizer_info\":{\"nick_name\":\"",
        quoted,
        b"\"},\"authorization_info\":{\"authorizer_appid\":\"wx1\"}}",
    ]
    .concat();
    let body = mended(&body);
    let info = AuthorizerInfo::from_reply(&Reply::parse(&body).unwrap()).unwrap();
    serde_json::from_str::<serde_json::Value>(info.raw.get()).unwrap();
    info.nick_name.unwrap()
}

#[test]
fn names_that_json_cannot_hold_are_mended() {
    for (sent, read) in [
        (&b"shop\x01 7"[..], "shop  7"),
        (b"line\nbreak", "line break"),
        (b"cut \\ud83d", "cut \u{fffd}"),
        (b"cut \\udE00\\ud83d!", "cut \u{fffd}\u{fffd}!"),
        (b"whole \\ud83d\\ude00", "whole 😀"),
        (b"no escape \\\\ud83d", "no escape \\ud83d"),
        (b"gbk \xb5\xea", "gbk \u{fffd}\u{fffd}"),
    ] {
        assert_eq!(nick_name(sent), read);
    }
}

#[test]
fn a_sound_body_is_not_copied() {
    let body = r#"{"nick_name":"店 😀","head_img":"http:\/\/a"}"#.as_bytes();
    assert!(matches!(mended(body), Cow::Borrowed(_)));
}

proptest! {
    #[test]
    fn every_json_means_the_same_mended(text in "(\\PC|[\\x00-\\x7f]|\\\\){0,40}", escape in any::<bool>()) {
        let mut body = serde_json::to_string(&[&text]).unwrap();
        if escape {
            body = body
                .chars()
                .flat_map(|letter| {
                    let mut units = [0; 2];
                    if letter.is_ascii() {
                        vec![letter.to_string()]
                    } else {
                        letter
                            .encode_utf16(&mut units)
                            .iter()
                            .map(|unit| format!("\\u{unit:04x}"))
                            .collect()
                    }
                })
                .collect();
        }
        let read: [String; 1] = serde_json::from_slice(&mended(body.as_bytes())).unwrap();
        prop_assert_eq!(&read[0], &text);
    }

    #[test]
    fn any_bytes_are_taken(body in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = mended(&body);
    }
}
