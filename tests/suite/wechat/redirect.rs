//! Codes out of whatever an operator pastes.

use proptest::prelude::*;
use wxauth::wechat::redirect::{RedirectError, parse};
use wxauth::wechat::value::ValueKind;

fn code() -> String {
    format!("queryauthcode@@@{}", "Ab-_".repeat(21) + "xy")
}

#[test]
fn a_code_is_found_in_every_form_of_redirect() {
    let code = code();
    let escaped = code.replace('@', "%40");
    for text in [
        code.clone(),
        format!("  {code}\n"),
        escaped.clone(),
        format!("https://a.example.com/back?auth_code={code}&expires_in=3600"),
        format!("https://a.example.com/back?auth_code={escaped}&expires_in=3600"),
        format!("https://a.example.com/back?expires_in=3600&auth_code={code}"),
        format!("https://a.example.com/#/back?auth_code={code}&expires_in=3600"),
        format!("https://a.example.com/#/back&auth_code={code}&expires_in=3600"),
        format!("https://a.example.com/back?auth_code={code}&amp;expires_in=3600"),
        format!("\"https://a.example.com/back?auth_code={code}\""),
        format!("auth_code={code}&expires_in=3600"),
        format!("GET /back?auth_code={code}&expires_in=3600 HTTP/1.1"),
        format!("https://a.example.com/back?auth_code={code}#top"),
        format!("https%3A%2F%2Fa.example.com%2Fback%3Fauth_code%3D{escaped}%26expires_in%3D3600"),
    ] {
        let result = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(result.code.expose(), code, "{text}");
        if text.contains("expires_in") {
            assert_eq!(result.expires_in, Some(3600), "{text}");
        }
    }
}

#[test]
fn own_parameters_come_back_in_order() {
    let text = format!(
        "https://a.example.com/back?state=a%20b&shop=%E5%BA%97&auth_code={}&expires_in=3600",
        code()
    );
    let expected =
        [("state", "a b"), ("shop", "店")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(parse(&text).unwrap().parameters, expected);
    let routed = format!(
        "https://a.example.com/?state=1#/back?tab=2&auth_code={}",
        code()
    );
    let expected =
        [("state", "1"), ("tab", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(parse(&routed).unwrap().parameters, expected);
}

#[test]
fn what_is_no_authorization_code_is_named() {
    let body = "Ab-_".repeat(21) + "xy";
    let token = format!("97_{}", "aB".repeat(60));
    for (text, error) in [
        (String::new(), RedirectError::Empty),
        ("  \n".to_owned(), RedirectError::Empty),
        (
            format!("preauthcode@@@{body}"),
            RedirectError::PreAuthCodeGiven,
        ),
        (
            format!(
                "https://open.weixin.qq.com/wxaopen/safe/bindcomponent?pre_auth_code=preauthcode@@@{body}#wechat_redirect"
            ),
            RedirectError::PreAuthCodeGiven,
        ),
        (
            format!("https://a.example.com/?auth_code=preauthcode@@@{body}"),
            RedirectError::PreAuthCodeGiven,
        ),
        (
            "0123456789abcdef".to_owned(),
            RedirectError::ServiceMarketCode,
        ),
        (body.clone(), RedirectError::PrefixMissing),
        ("queryauthcode@@@".to_owned(), RedirectError::Truncated),
        (
            "https://a.example.com/?auth_code=".to_owned(),
            RedirectError::NoCode,
        ),
        (
            "https://a.example.com/?code=1".to_owned(),
            RedirectError::NoCode,
        ),
        (
            format!("ticket@@@{body}"),
            RedirectError::OtherValue(ValueKind::Ticket),
        ),
        (token, RedirectError::OtherValue(ValueKind::AccessToken)),
        (
            "wx0123456789abcdef".to_owned(),
            RedirectError::OtherValue(ValueKind::Appid),
        ),
        ("hello there".to_owned(), RedirectError::Unrecognised),
    ] {
        assert_eq!(parse(&text).unwrap_err(), error, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn a_code_survives_any_state(state in "\\PC{0,40}") {
        let mut url = url::Url::parse("https://a.example.com/back").unwrap();
        url.query_pairs_mut()
            .append_pair("state", &state)
            .append_pair("auth_code", &code())
            .append_pair("expires_in", "600");
        let result = parse(url.as_str()).unwrap();
        prop_assert_eq!(result.code.expose(), code());
        prop_assert_eq!(result.expires_in, Some(600));
        prop_assert_eq!(&result.parameters[0].1, &state);
    }
}
