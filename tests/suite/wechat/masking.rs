//! Credentials are found in any text, however it is escaped.

use proptest::prelude::*;
use wxauth::wechat::masking::masked_text;

const CODE: &str = "queryauthcode@@@0123456789abcdefghijklmnopqrstuvwxyz_-ABCDE";
const TOKEN: &str = "97_cUXgSsnjpMETHN6C8TLOoosES0Cjl6tZupKHNmOdTYR1ffsSz0P";

fn percent(text: &str) -> String {
    let escape = |letter: char| match letter {
        letter if letter.is_ascii_alphanumeric() || "-_.~".contains(letter) => letter.to_string(),
        letter => format!("%{:02x}", u32::from(letter)),
    };
    text.chars().map(escape).collect()
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("JSON");
    quoted.trim_matches('"').replace('@', r"\u0040")
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        .replace('@', "&#64;")
}

/// The text in each escape of its own and in two at once.
fn escaped(text: &str) -> Vec<String> {
    let once = [percent, json, xml];
    let twice = once
        .iter()
        .flat_map(|inner| once.iter().map(|outer| outer(&inner(text))));
    let plain = std::iter::once(text.to_owned());
    plain
        .chain(once.iter().map(|escape| escape(text)))
        .chain(twice)
        .collect()
}

#[test]
fn masks_credentials_in_every_escape() {
    for text in [
        format!("code is {CODE} and more"),
        format!("https://a.example/?auth_code={CODE}&expires_in=600"),
        format!("https://a.example/?access_token={TOKEN}&expires_in=600"),
        format!(r#"{{"access_token":"{TOKEN}","expires_in":600}}"#),
        format!(r#"{{"secret": "{TOKEN}", "expires_in":600}}"#),
        format!("<AuthCode><![CDATA[{CODE}]]></AuthCode><expires_in>600</expires_in>"),
        format!("<AppSecret>{TOKEN}</AppSecret><expires_in>600</expires_in>"),
        format!("said: {TOKEN} expires_in 600"),
    ] {
        for text in escaped(&text) {
            let (masked, count) = masked_text(&text);
            assert!(count > 0, "{text}");
            for part in ["0123456789abcdef", "cUXgSsnjpMETHN6C8T"] {
                assert!(!masked.contains(part), "{text} became {masked}");
            }
            let rest = text.contains("expires_in");
            assert_eq!(
                masked.contains("expires_in"),
                rest,
                "{text} became {masked}"
            );
        }
    }
}

#[test]
fn shows_the_kind_and_leaves_the_rest() {
    let shown = [
        ("a queryauthcode@@@abc b", "a queryauthcode@@@… b"),
        (
            "a=1&access_token%3D97_short&b=2",
            "a=1&access_token%3D97_…&b=2",
        ),
        (
            r#"{\"auth_code\":\"abc\",\"n\":1}"#,
            r#"{\"auth_code\":\"…\",\"n\":1}"#,
        ),
        ("?state=x&code=abc#top", "?state=x&code=…"),
    ];
    for (text, expected) in shown {
        assert_eq!(masked_text(text).0, expected);
    }
    for plain in [
        "invalid credential, access_token is invalid rid: 64f69b23-60f73830-19f36488",
        "errcode=40001 code=7 token: none",
        "the secret: see the console",
        "preauthcode@@@",
        "100% of a_b & c < d \\ %zz \\u00 &#; &",
        "wx0123456789abcdef gh_0123456789ab",
        "access_token=&b=1",
        "字段 access_token：无效",
    ] {
        assert_eq!(masked_text(plain), (plain.to_owned(), 0));
    }
}

proptest! {
    #[test]
    fn any_text_is_taken_without_a_crash(text in "[a_s@%\\\\u0&#;<>=:\"' 4]{0,60}|.{0,40}") {
        let _ = masked_text(&text);
        let _ = masked_text(&format!("access_token{text}secret={text}"));
    }
}
