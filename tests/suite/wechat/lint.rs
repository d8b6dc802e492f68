//! What is wrong with a link, told by the links that people really make.

use proptest::prelude::*;
use wxauth::wechat::id::ComponentAppid;
use wxauth::wechat::link::FindingCode::{self, *};
use wxauth::wechat::link::{LintContext, lint};

const BODY: &str =
    "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIj";

fn good() -> String {
    format!(
        "https://open.weixin.qq.com/wxaopen/safe/bindcomponent?action=bindcomponent&no_scan=1\
         &component_appid=wx0123456789abcdef&pre_auth_code=preauthcode@@@{BODY}\
         &redirect_uri=https%3A%2F%2Fa.example.com%2Fback%3Fx%3D1&auth_type=3#wechat_redirect"
    )
}

fn codes(text: &str) -> Vec<FindingCode> {
    let platform: ComponentAppid = "wx0123456789abcdef".parse().unwrap();
    let context = LintContext {
        launch_domain: Some("a.example.com"),
        component_appid: Some(&platform),
    };
    let findings = lint(text, &context);
    let shown = format!("{findings:?}");
    assert!(!shown.contains("AbCdEfGh"), "a code shows: {shown}");
    for finding in &findings {
        let alike = finding.code == DuplicateParameter;
        assert!(alike || finding.severity == finding.code.severity());
    }
    findings.iter().map(|finding| finding.code).collect()
}

/// The good link with one part of it replaced.
fn with(part: &str, by: &str) -> Vec<FindingCode> {
    let good = good();
    assert!(good.contains(part), "{part}");
    codes(&good.replacen(part, by, 1))
}

#[test]
fn a_good_link_has_no_finding_on_either_page() {
    assert_eq!(codes(&good()), []);
    let pc = good()
        .replace(
            "open.weixin.qq.com/wxaopen/safe/bindcomponent?action=bindcomponent&no_scan=1&",
            "mp.weixin.qq.com/cgi-bin/componentloginpage?",
        )
        .replace("#wechat_redirect", "");
    assert_eq!(codes(&pc), []);
    assert_eq!(codes(&format!("{pc}#wechat_redirect")), [FragmentNotNeeded]);
    let escaped = good().replace("@@@", "%40%40%40");
    assert_eq!(codes(&escaped), []);
}

#[test]
fn what_mail_and_chat_do_to_a_link_is_seen_through() {
    assert_eq!(codes(&format!("<{}>\n", good())), []);
    assert_eq!(codes(&good().replace('&', "&amp;")), [HtmlEscaped]);
    assert_eq!(with("&auth_type", "\n&auth_type"), [WhiteSpace]);
    assert_eq!(
        codes(&format!("{} 请管理员扫码", good())),
        [TrailingCharacters]
    );
    assert_eq!(codes(&format!("{}.", good())), [TrailingCharacters]);
    let whole: String = url::form_urlencoded::byte_serialize(good().as_bytes()).collect();
    assert_eq!(codes(&whole), [EncodedAsWhole]);
}

#[test]
fn what_is_no_link_is_named() {
    assert_eq!(codes(""), [Empty]);
    assert_eq!(codes("hello"), [NotAUrl]);
    assert_eq!(codes(&format!("preauthcode@@@{BODY}")), [BareCode]);
    assert_eq!(
        codes(&format!("queryauthcode@@@{BODY}")),
        [AuthorizationCodeGiven]
    );
    assert_eq!(
        codes(&format!(
            "https://a.example.com/back?auth_code=queryauthcode@@@{BODY}&expires_in=3600"
        )),
        [RedirectResult]
    );
    assert_eq!(
        codes("https://fuwu.weixin.qq.com/service/detail/1"),
        [ServiceStoreLink]
    );
    assert_eq!(codes("https://example.com/"), [WrongHost]);
}

#[test]
fn address_and_form_are_judged() {
    assert_eq!(with("https://open", "http://open"), [NotHttps]);
    assert_eq!(with("https://open", "open"), [NotAUrl]);
    assert_eq!(with("qq.com/", "qq.com:8443/"), [OddAddress]);
    assert_eq!(with("open.weixin", "mp.weixin"), [WrongHost]);
    assert_eq!(with("open.weixin", "open.wechat"), [WrongHost]);
    assert_eq!(with("/wxaopen/safe/", "/wxaopen/"), [WrongPath]);
    assert_eq!(
        with("open.weixin.qq.com/wxaopen", "mp.weixin.qq.com"),
        [LegacyForm]
    );
    assert_eq!(
        with("https://open.weixin.qq.com", "http://127.0.0.1:8787"),
        [LoopbackHost]
    );
}

#[test]
fn parameters_that_lack_double_or_stray_are_named() {
    assert_eq!(
        with("component_appid=wx0123456789abcdef&", ""),
        [MissingParameter]
    );
    assert_eq!(
        with("component_appid=wx0123456789abcdef", "component_appid="),
        [EmptyParameter]
    );
    assert_eq!(with("&auth_type=3", ""), [AuthTypeMissing]);
    assert_eq!(
        with("&auth_type=3", "&auth_type=3&auth_type=3"),
        [DuplicateParameter]
    );
    assert_eq!(with("pre_auth_code", "preAuthCode"), [MisspeltParameter]);
    assert_eq!(with("&auth_type", "&lang=zh&auth_type"), [UnknownParameter]);
    assert_eq!(with("action=bindcomponent&", ""), [ConstantMissing]);
    assert_eq!(with("no_scan=1", "no_scan=0"), [WrongConstant]);
}

#[test]
fn the_platform_and_the_code_are_judged() {
    assert_eq!(
        with("wx0123456789abcdef", "wx0123456789ABCDEF"),
        [ComponentAppidMalformed]
    );
    assert_eq!(
        with("wx0123456789abcdef", "wxfedcba9876543210"),
        [OtherPlatform]
    );
    assert_eq!(with("preauthcode@@@", ""), [CodeWithoutPrefix]);
    assert_eq!(
        with("preauthcode@@@", "queryauthcode@@@"),
        [AuthorizationCodeGiven]
    );
    assert_eq!(with("preauthcode@@@", "ticket@@@"), [OtherValueGiven]);
    assert_eq!(with(BODY, "AbCd"), [CodeTruncated]);
    assert_eq!(with(BODY, "AbCd%21"), [CodeMalformed]);
    assert_eq!(with("@@@", "%2540%2540%2540"), [DoubleEncoded]);
}

#[test]
fn the_redirect_uri_fails_at_its_encoding_first() {
    const ENCODED: &str = "https%3A%2F%2Fa.example.com%2Fback%3Fx%3D1";
    assert_eq!(
        with(ENCODED, "https://a.example.com/back"),
        [RedirectUnencoded]
    );
    assert_eq!(
        with(ENCODED, "https://a.example.com/back?x=1&y=2"),
        [RedirectCutOff]
    );
    assert_eq!(
        with(ENCODED, "https://a.example.com/#/back"),
        [RedirectCutOff, AuthTypeMissing]
    );
    assert_eq!(
        with(ENCODED, "https%253A%252F%252Fa.example.com%252Fback"),
        [DoubleEncoded]
    );
    assert_eq!(with(ENCODED, "%2Fback"), [RedirectMalformed]);
    assert_eq!(
        with(ENCODED, "http%3A%2F%2Fa.example.com%2Fback"),
        [RedirectNotHttps]
    );
    assert_eq!(
        with(ENCODED, "https%3A%2F%2Fexample.com%2Fback"),
        [RedirectHost]
    );
    assert_eq!(
        with(ENCODED, "http%3A%2F%2Fexample.com%2Fback"),
        [RedirectHost, RedirectNotHttps]
    );
    assert_eq!(
        with(ENCODED, "https%3A%2F%2Fme%40a.example.com%2F"),
        [RedirectUserInfo]
    );
}

#[test]
fn offers_are_judged() {
    for (value, finding) in [
        ("0", AuthTypeUnknown),
        ("7", AuthTypeUndocumented),
        ("9", AuthTypeUnknown),
        ("both", AuthTypeUnknown),
    ] {
        assert_eq!(
            with("auth_type=3", &format!("auth_type={value}")),
            [finding]
        );
    }
    let also = |parameter: &str| with("#", &format!("&{parameter}#"));
    assert_eq!(also("biz_appid=wxfedcba9876543210"), [BizAppidWins]);
    assert_eq!(also("biz_appid=gh_0123456789ab"), [BizAppidIsUserName]);
    assert_eq!(also("biz_appid=demo"), [BizAppidMalformed]);
    assert_eq!(also("category_id_list=1%7C15"), []);
    assert_eq!(also("category_id_list=1|15"), [CategoryUnencoded]);
    assert_eq!(also("category_id_list=1,15"), [CategoryComma]);
    assert_eq!(also("category_id_list=1%7Cx"), [CategoryMalformed]);
    assert_eq!(also("category_id_list=1%7C9001"), [CategoryUnknown]);
    assert_eq!(also("category_id_list=160"), [CategoryFitsNothing]);
}

#[test]
fn an_h5_link_ends_with_its_fragment() {
    assert_eq!(with("#wechat_redirect", ""), [FragmentMissing]);
    assert_eq!(with("#wechat_redirect", "#redirect"), [FragmentWrong]);
    assert_eq!(
        with("#wechat_redirect", "#wechat_redirect&biz_appid=wx1"),
        [FragmentNotLast]
    );
    assert_eq!(
        with(
            "&auth_type=3#wechat_redirect",
            "#wechat_redirect&auth_type=3"
        ),
        [AuthTypeMissing, FragmentNotLast]
    );
}

#[test]
fn every_code_has_a_name_of_its_own() {
    let mut names: Vec<_> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FindingCode::ALL.len());
}

proptest! {
    #[test]
    fn any_text_is_judged(text in "\\PC{0,120}") {
        let _ = lint(&text, &LintContext::default());
    }

    #[test]
    fn any_damage_to_a_link_is_judged(at in 0_usize..300, by in "\\PC{0,6}", length in 0_usize..40) {
        let good = good();
        let start = at.min(good.len());
        let end = (start + length).min(good.len());
        codes_of_damage(&format!("{}{by}{}", &good[..start], &good[end..]));
    }
}

fn codes_of_damage(text: &str) {
    let shown = format!("{:?}", lint(text, &LintContext::default()));
    assert!(!shown.contains("AbCdEfGhIjKlMnOpQrStUvWxYz"), "{shown}");
}
