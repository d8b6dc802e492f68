//! What WeChat's calls need, and what people paste to ask for it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wxauth::wechat::api_permission::{self, Asked, CallToken, find, near, opened_by, read};
use wxauth::wechat::id::PermissionSetId;
use wxauth::wechat::permission;

fn path(text: &str) -> Option<String> {
    read(text).path
}

#[test]
fn a_path_is_found_as_people_write_it() {
    for written in [
        "/wxa/commit",
        "wxa/commit",
        "/wxa/commit/",
        "POST /wxa/commit",
        "https://api.weixin.qq.com/wxa/commit?access_token=76_secret",
        "api.weixin.qq.com/wxa/commit?access_token=76_secret",
        "curl 'https://api.weixin.qq.com//wxa/commit?access_token=76_secret' -d '{}'",
        "/cgi-bin/wxa/commit",
        "/WXA/Commit#top",
    ] {
        let asked = path(written).unwrap_or_else(|| panic!("{written}: no path"));
        let calls = find(&asked);
        let [call] = calls.as_slice() else {
            panic!("{written}: {asked}")
        };
        assert_eq!(call.path, "/wxa/commit", "{written}");
        assert_eq!(call.permission_sets, [PermissionSetId(18)]);
        assert_eq!(call.token, CallToken::Authorizer);
    }
    let without_prefix = find("/menu/create");
    assert_eq!(without_prefix[0].path, "/cgi-bin/menu/create");
    assert_eq!(read("POST /wxa/commit").method.as_deref(), Some("POST"));
}

#[test]
fn no_token_of_a_query_is_kept() {
    for text in [
        "https://api.weixin.qq.com/wxa/commit?access_token=76_secret",
        "/wxa/commit?access_token=76_secret",
        "/wxa/commit&access_token=76_secret",
        "/wxa/commit#access_token=76_secret",
    ] {
        assert!(!format!("{:?}", read(text)).contains("secret"), "{text}");
    }
}

#[test]
fn an_error_of_wechat_is_read_with_or_without_its_path() {
    let captured = include_str!("../../data/captured/error-61007-rid.json");
    assert_eq!(read(captured).errcode, Some(61007));
    assert_eq!(read(captured).path, None);
    let only = |errcode| Asked {
        errcode: Some(errcode),
        ..Asked::default()
    };
    assert_eq!(
        read(r#"{"errcode":61007,"errmsg":"api is unauthorized to component rid: 5f-a"}"#),
        only(61007)
    );
    assert_eq!(
        read(r#"{"errcode":"48001","errmsg":"api unauthorized"}"#),
        only(48001)
    );
    assert_eq!(
        read("errcode: 61007, errmsg: api is unauthorized to component rid: 5f"),
        only(61007)
    );
    assert_eq!(read("61007"), only(61007));
    assert_eq!(read("errcode:61007"), only(61007));
    let both =
        read(r#"POST https://api.weixin.qq.com/wxa/commit?access_token=7 -> {"errcode":61007}"#);
    assert_eq!(both.path.as_deref(), Some("/wxa/commit"));
    assert_eq!(
        (both.method.as_deref(), both.errcode),
        (Some("POST"), Some(61007))
    );
    assert_eq!(read(""), Asked::default());
}

#[test]
fn near_misses_are_suggested_the_nearest_first() {
    let paths =
        |text: &str| -> Vec<&str> { near(text, 5).iter().map(|call| &*call.path).collect() };
    assert_eq!(paths("/wxa/comit").first(), Some(&"/wxa/commit"));
    assert_eq!(paths("/commit").first(), Some(&"/wxa/commit"));
    assert_eq!(
        paths("/getAuthorizerAccessToken").first(),
        Some(&"/cgi-bin/component/api_authorizer_token")
    );
    assert_eq!(
        paths("/cgi-bin/menu/creat").first(),
        Some(&"/cgi-bin/menu/create")
    );
    assert!(paths("/nothing/like/this/anywhere/at_all_zzzzzz").is_empty());
    assert!(paths("/").is_empty());
    assert_eq!(near("/wxa/get", 3).len(), 3);
}

#[test]
fn the_table_parses_and_every_row_stands_on_its_source() {
    assert!(api_permission::all().len() >= 950);
    let mut seen = BTreeSet::new();
    for call in api_permission::all() {
        let row = format!("{} {}", call.method, call.path);
        assert!(seen.insert(row.to_lowercase()), "{row} twice");
        assert!(matches!(&*call.method, "GET" | "POST"), "{row}");
        assert!(
            call.path.starts_with('/') && !call.path.contains('?'),
            "{row}"
        );
        assert!(
            call.source_url.starts_with("https://"),
            "{row} has no source"
        );
        assert!(!call.name_zh.is_empty(), "{row} has no name");
        assert!(!call.account_kinds.is_empty(), "{row} is for nobody");
        for id in &call.permission_sets {
            assert!(
                permission::get(*id).is_some(),
                "{row} needs {id}, which is unknown"
            );
        }
        assert_eq!(
            find(&call.path).len(),
            1,
            "{row}: a method must be named to tell them apart"
        );
    }
    assert!(opened_by(PermissionSetId(18)).any(|call| call.path == "/wxa/commit"));
    assert!(opened_by(PermissionSetId(18)).all(|call| call.path != "/cgi-bin/menu/create"));
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}") {
        let asked = read(&text);
        if let Some(path) = asked.path {
            prop_assert!(path.starts_with('/') && !path.contains('?'));
            let _ = (find(&path), near(&path, 5));
        }
    }
}
