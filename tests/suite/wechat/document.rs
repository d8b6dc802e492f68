//! An answer as it came, and what is masked in it.

use wxauth::wechat::masking::masked_text;
use wxauth::wechat::rid::Rid;
use wxauth::wechat::wire::{Document, veiled};

fn again(text: &str) -> String {
    let document = Document::parse(text.as_bytes()).unwrap();
    serde_json::to_string(&document).unwrap()
}

#[test]
fn order_digits_and_repeated_names_stay() {
    for text in [
        r#"{"b":1,"a":[2,{"z":null,"y":true}],"b":3}"#,
        "[12345678901234567890123,1e400,-0.10]",
        r#""字""#,
        "null",
        "{}",
    ] {
        assert_eq!(again(text), text);
    }
    assert_eq!(
        again("\u{feff} {\"a\" : \"\\u5b57\\/\"} "),
        "{\"a\":\"字/\"}"
    );
    for broken in ["", "{", "{\"a\":1} x", "{a:1}", "nul"] {
        assert!(Document::parse(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn depth_ends_in_an_error_and_not_in_a_crash() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Document::parse(nested(100).as_bytes()).is_ok());
    assert!(Document::parse(nested(1_000_000).as_bytes()).is_err());
}

#[test]
fn credentials_are_masked_by_name_and_by_prefix() {
    let text = r#"{"access_token":"97_abcdefghijklmnopqrstuvwxyz","list":[{"refresh_token":"x"}],"other":"ticket@@@abc","session_key":"k","url":"/a?access_token=97_zzzz&b=1","inner":"{\"appsecret\":\"y\",\"n\":1}"}"#;
    let (masked, count) = veiled(Document::parse(text.as_bytes()).unwrap());
    assert_eq!(count, 5);
    assert_eq!(
        serde_json::to_string(&masked).unwrap(),
        r#"{"access_token":"97_…wxyz","list":[{"refresh_token":"…"}],"other":"ticket@@@…","session_key":"k","url":"/a?access_token=97_…&b=1","inner":"{\"appsecret\":\"…\",\"n\":1}"}"#
    );
    for plain in [
        "",
        "a=b&c=d",
        "你好 access_token",
        "{\"a\":1}",
        "https://x/?code_=1",
        "{broken",
    ] {
        assert_eq!(masked_text(plain), (plain.to_owned(), 0));
    }
}

/// As a log may hold it: cut short, or with words before it.
#[test]
fn credentials_in_what_is_no_whole_document_are_masked_too() {
    let secret = "97_cUXgSsnjpMETHN6C8TLOoosES0Cjl6tZupKHNmOdTYR1ffsSz0P";
    for text in [
        format!("{{\"errcode\":0,\"access_token\": \"{secret}"),
        format!("request: {{\"component_appsecret\":\"{secret}\",\"a\":"),
        format!("{{\"refresh_token\":\"{secret}\",\"access_token\":\"{secret}\",\"list\":[{{\"a"),
    ] {
        let (told, _) = masked_text(&text);
        assert!(!told.contains(&secret[8..]), "{told}");
        let begins = text.split('"').next();
        assert_eq!(told.split('"').next(), begins, "the rest stays: {told}");
    }
}

#[test]
fn a_rid_is_found_in_what_is_pasted() {
    let rid = "64f69b23-60f73830-19f36488";
    for text in [
        rid.to_owned(),
        format!("api unauthorized, rid: {rid}"),
        format!("{{\"errmsg\":\"no rid: {rid}\"}}"),
        format!("rid not found, please check rid: 11111111-22222222-33333333 rid: {rid}"),
        rid.to_uppercase(),
    ] {
        let found = Rid::find(&text).unwrap();
        assert_eq!((found.as_str(), found.made_at()), (rid, 1_693_883_171));
    }
    for text in [
        "",
        "64f69b23-60f73830",
        "64f69b23-60f73830-19f36488-1",
        "g4f69b23-60f73830-19f36488",
    ] {
        assert_eq!(Rid::find(text), None, "{text}");
    }
}
