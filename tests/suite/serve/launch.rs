//! The page a merchant starts from.

use base64::Engine as _;
use wxauth::serve::{Branding, Logo, Notice};

use super::site::Site;

const WECHAT: &str = "Mozilla/5.0 (iPhone) AppleWebKit/605 MicroMessenger/8.0.49";

#[test]
fn looking_at_the_page_makes_nothing_and_the_button_makes_both_links() {
    let site = Site::open();
    let page = site.get("/authorize?type=mini-program&permissions=17,18", &[]);
    let page = page.expect(200);
    page.says("小程序");
    page.says("管理员");
    page.says("(17)");
    page.says("甲方&lt;i&gt;云服务");
    assert_eq!(site.calls("api_create_preauthcode"), 0);

    let made = site.post("/authorize?type=mini-program&permissions=17,18", &[]);
    let made = made.expect(200);
    assert_eq!(site.calls("api_create_preauthcode"), 1);
    let (pc, h5) = (made.link("pc"), made.link("h5"));
    assert!(pc.contains("/cgi-bin/componentloginpage?"), "{pc}");
    assert!(h5.ends_with("#wechat_redirect"), "{h5}");
    for link in [&pc, &h5] {
        assert!(
            link.contains("auth_type=2&category_id_list=17%7C18"),
            "{link}"
        );
    }
    made.says("<svg ");
    assert_eq!(made.text.matches("referrerpolicy=\"origin\"").count(), 2);
    site.told(|notice| matches!(notice, Notice::LinkMade { .. }).then_some(()));
}

#[test]
fn the_page_lets_nothing_in_and_tells_wechat_its_origin() {
    let site = Site::open();
    for page in [site.get("/authorize", &[]), site.post("/authorize", &[])] {
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["referrer-policy"], "origin");
        let policy = &page.headers["content-security-policy"];
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        let style = page.text.split_once("<style>").expect("a style").1;
        let style = style.split_once("</style>").expect("its end").0;
        let hash = ring::digest::digest(&ring::digest::SHA256, style.as_bytes());
        let hash = base64::engine::general_purpose::STANDARD.encode(hash);
        assert!(policy.contains(&hash), "the browser refuses the style");
        assert!(!page.text.contains("<script"), "{}", page.text);
    }
}

#[test]
fn inside_wechat_the_phone_link_comes_first_and_needs_no_picture() {
    let site = Site::open();
    let page = site
        .post("/authorize", &[("user-agent", WECHAT)])
        .expect(200);
    assert!(page.text.find("id=\"h5\"") < page.text.find("id=\"pc\""));
    assert!(!page.text.contains("<svg"));
    let page = site.post("/authorize", &[]).expect(200);
    assert!(page.text.find("id=\"pc\"") < page.text.find("id=\"h5\""));
}

#[test]
fn an_address_that_asks_for_nonsense_is_refused_in_plain_words() {
    let site = Site::open();
    for (query, words) in [
        ("for=nobody", "nobody"),
        ("for=", "无法识别"),
        ("type=bank", "bank"),
        ("permissions=17,flying", "flying"),
        (
            "permissions=17&type=official-account",
            "不适用于所选账号类型",
        ),
        ("permissions=%3Cscript%3E", "&lt;script&gt;"),
        (&format!("state={}", "长".repeat(43)), "128"),
    ] {
        for page in [
            site.get(&format!("/authorize?{query}"), &[]),
            site.post(&format!("/authorize?{query}"), &[]),
        ] {
            page.expect(400).says(words);
        }
    }
    assert_eq!(site.calls("api_create_preauthcode"), 0);
}

#[test]
fn the_address_may_name_the_one_account() {
    let site = Site::open();
    let appid = site.account("mini_program")["appid"].clone();
    let appid = appid.as_str().expect("an appid");
    let address = format!("/authorize?for={appid}");
    site.get(&address, &[]).expect(200).says(appid);
    let made = site.post(&address, &[]).expect(200);
    assert!(made.link("pc").contains(&format!("biz_appid={appid}")));
}

#[test]
fn strangers_cannot_search_merchants_by_parts_of_their_names() {
    let site = Site::prepared(super::refresher::sync, |_| {});
    let merchants = site.control("accounts?authorized=true", None);
    let text = |field: &str| merchants[0][field].as_str().expect("a text").to_owned();
    let named = |who: &str| {
        let who: String = url::form_urlencoded::byte_serialize(who.as_bytes()).collect();
        site.get(&format!("/authorize?for={who}"), &[]).status
    };
    assert_eq!(named(&text("nick_name")), 400);
    assert_eq!(named(&text("user_name")), 200);
    assert_eq!(named(&text("appid")), 200);
}

#[test]
fn another_site_cannot_press_the_button() {
    let site = Site::open();
    let host = site.url.clone();
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", "https://elsewhere.example", 403),
        ("origin", "null", 403),
        ("origin", &host, 200),
    ] {
        let page = site.post("/authorize", &[(name, value)]);
        assert_eq!(page.status, status, "{name}: {value}");
    }
    assert_eq!(site.calls("api_create_preauthcode"), 2);
}

#[test]
fn the_language_of_the_browser_comes_first() {
    let site = Site::open();
    let english = site.get(
        "/authorize",
        &[("accept-language", "en-GB,en;q=0.9,zh;q=0.5")],
    );
    english.says("<html lang=\"en\">");
    english.says("微信账号授权");
    let chinese = site.get("/authorize", &[("accept-language", "zh-CN,en;q=0.9")]);
    chinese.says("<html lang=\"zh-CN\">");
    chinese.says("Authorize your WeChat account");
}

#[test]
fn the_logo_is_the_operators_and_can_run_nothing() {
    let site = Site::with(|options| {
        options.branding = Branding {
            title: None,
            logo: Some(Logo {
                content_type: "image/svg+xml",
                bytes: b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
            }),
        };
    });
    site.get("/authorize", &[]).says("<img src=\"logo\"");
    let logo = site.get("/logo", &[]).expect(200);
    assert_eq!(logo.headers["content-type"], "image/svg+xml");
    assert!(logo.headers["content-security-policy"].contains("sandbox"));
    assert_eq!(Site::open().get("/logo", &[]).status, 404);
}

#[test]
fn a_platform_without_a_ticket_gives_a_number_and_no_reason() {
    let site = Site::open();
    site.control("clock", Some(&serde_json::json!({"offset": "+13h"})));
    let page = site.post("/authorize", &[]).expect(503);
    let (shown, error) = site.told(|notice| match notice {
        Notice::PageFailed { id, error, .. } => Some((id.clone(), error.clone())),
        _ => None,
    });
    page.says(&shown);
    assert!(error.contains("ticket"), "{error}");
    assert!(!page.text.contains("ticket"));
}

#[test]
fn with_two_platforms_the_address_says_which() {
    let site = Site::with(|options| {
        let twin = options.platforms[0].clone();
        options.platforms.push(twin);
    });
    let appid = site.platform.component_appid().to_string();
    site.get(&format!("/{appid}/authorize"), &[]).expect(200);
    site.get("/authorize", &[])
        .expect(404)
        .says("/wx…/authorize");
    site.get("/wx0000000000000000/authorize", &[]).expect(404);
}
