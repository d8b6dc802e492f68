//! Links, built and read back.

use proptest::prelude::*;
use url::Url;
use wxauth::wechat::id::{Appid, ComponentAppid, PermissionSetId};
use wxauth::wechat::link::{
    AuthType, LinkHosts, LinkKind, LinkRequest, LintContext, RedirectProblem, Severity, build,
    check_redirect, lint,
};
use wxauth::wechat::permission;
use wxauth::wechat::secret::Secret;

fn platform() -> ComponentAppid {
    "wx0123456789abcdef".parse().unwrap()
}

fn code() -> Secret {
    Secret::new(format!("preauthcode@@@{}", "Ab-_".repeat(21) + "xy"))
}

#[test]
fn the_h5_link_has_the_present_form() {
    let request = LinkRequest {
        kind: LinkKind::H5,
        component_appid: &platform(),
        pre_auth_code: &Secret::new("preauthcode@@@CODE"),
        redirect_uri: &Url::parse("https://a.example.com/back?state=1&x=2").unwrap(),
        auth_type: AuthType::Both,
        biz_appid: Some(&"wxfedcba9876543210".parse().unwrap()),
        permission_ids: &[PermissionSetId(1), PermissionSetId(15)],
        hosts: &LinkHosts::default(),
    };
    assert_eq!(
        build(&request).expose(),
        "https://open.weixin.qq.com/wxaopen/safe/bindcomponent?action=bindcomponent&no_scan=1\
         &component_appid=wx0123456789abcdef&pre_auth_code=preauthcode@@@CODE\
         &redirect_uri=https%3A%2F%2Fa.example.com%2Fback%3Fstate%3D1%26x%3D2&auth_type=3\
         &biz_appid=wxfedcba9876543210&category_id_list=1%7C15#wechat_redirect"
    );
}

#[test]
fn the_pc_link_has_no_fragment_and_the_sandbox_its_own_base() {
    let hosts = LinkHosts::at(&Url::parse("http://127.0.0.1:8787/").unwrap());
    let request = LinkRequest {
        kind: LinkKind::Pc,
        component_appid: &platform(),
        pre_auth_code: &Secret::new("preauthcode@@@CODE"),
        redirect_uri: &Url::parse("https://a.example.com/").unwrap(),
        auth_type: AuthType::All,
        biz_appid: None,
        permission_ids: &[],
        hosts: &hosts,
    };
    assert_eq!(
        build(&request).expose(),
        "http://127.0.0.1:8787/cgi-bin/componentloginpage?component_appid=wx0123456789abcdef\
         &pre_auth_code=preauthcode@@@CODE&redirect_uri=https%3A%2F%2Fa.example.com%2F&auth_type=6"
    );
    assert!(!format!("{:?}", build(&request)).contains("CODE"));
}

#[test]
fn account_types_go_by_name_and_number() {
    for auth_type in AuthType::ALL {
        assert_eq!(auth_type.to_string().parse(), Ok(auth_type));
        assert_eq!(AuthType::from_number(auth_type.number()), Some(auth_type));
    }
    assert_eq!(AuthType::SalesAssistant.number(), 8);
    assert_eq!(AuthType::from_number(7), None);
    assert!("everything".parse::<AuthType>().is_err());
}

#[test]
fn a_redirect_uri_is_https_on_the_launch_domain() {
    let check = |uri| check_redirect(uri, Some("www.example.com"));
    assert!(check("https://www.example.com/back?x=1#/route").is_ok());
    assert!(check("https://WWW.Example.com/").is_ok());
    assert!(check_redirect("http://localhost:3000/back", None).is_ok());
    assert!(check_redirect("http://127.0.0.1:3000/back", Some("127.0.0.1:3000")).is_ok());
    assert!(matches!(
        check("http://www.example.com/"),
        Err(RedirectProblem::NotHttps { .. })
    ));
    assert_eq!(
        check("https://example.com/"),
        Err(RedirectProblem::HostDiffers {
            host: "example.com".to_owned(),
            launch_domain: "www.example.com".to_owned(),
        })
    );
    assert_eq!(
        check("https://me:secret@www.example.com/"),
        Err(RedirectProblem::UserInfo)
    );
    assert_eq!(
        check("https://www.example.com/a b"),
        Err(RedirectProblem::WhiteSpace)
    );
    for text in ["", "www.example.com", "/back", "mailto:a@b.c"] {
        assert_eq!(check(text), Err(RedirectProblem::NotAUrl), "{text}");
    }
}

fn redirect_uris() -> impl Strategy<Value = Url> {
    ("[a-z/%#?&=|+ 店]{0,30}", "\\PC{0,20}").prop_map(|(tail, state)| {
        let mut url = Url::parse("https://a.example.com/").unwrap();
        url.set_path(&tail);
        url.query_pairs_mut().append_pair("state", &state);
        url
    })
}

proptest! {
    #[test]
    fn every_built_link_reads_back_and_lints_clean(
        pc in any::<bool>(),
        redirect_uri in redirect_uris(),
        auth_type in proptest::sample::select(&AuthType::ALL[..]),
        for_one in any::<bool>(),
        count in 0_usize..4,
    ) {
        let biz: Appid = "wxfedcba9876543210".parse().unwrap();
        let sets: Vec<_> = permission::all()
            .iter()
            .filter(|set| auth_type.kinds().iter().any(|kind| set.fits(*kind)))
            .map(|set| set.id)
            .take(count)
            .collect();
        let request = LinkRequest {
            kind: if pc { LinkKind::Pc } else { LinkKind::H5 },
            component_appid: &platform(),
            pre_auth_code: &code(),
            redirect_uri: &redirect_uri,
            auth_type,
            biz_appid: for_one.then_some(&biz),
            permission_ids: &sets,
            hosts: &LinkHosts::default(),
        };
        let link = build(&request);
        let url = Url::parse(link.expose()).unwrap();
        let value = |name: &str| {
            url.query_pairs()
                .find_map(|(other, value)| (other == name).then(|| value.into_owned()))
        };
        prop_assert_eq!(value("redirect_uri").unwrap(), redirect_uri.as_str());
        let code = code();
        prop_assert_eq!(value("pre_auth_code").unwrap(), code.expose());
        prop_assert_eq!(value("auth_type").unwrap(), auth_type.number().to_string());
        prop_assert_eq!(url.fragment(), if pc { None } else { Some("wechat_redirect") });
        prop_assert!(link.expose().is_ascii());
        let context = LintContext {
            launch_domain: Some("a.example.com"),
            component_appid: Some(&platform()),
        };
        let findings = lint(link.expose(), &context);
        prop_assert!(
            findings.iter().all(|finding| finding.severity == Severity::Note),
            "{:?}",
            findings
        );
        prop_assert!(for_one || findings.is_empty(), "{:?}", findings);
    }
}
