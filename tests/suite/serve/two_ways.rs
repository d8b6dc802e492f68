//! One authorization is told in two ways, by an event and by the redirect of the browser, in either
//! order, with one code or with two: each code is exchanged once, and nobody is harmed.

use serde_json::{Value, json};
use wxauth::flow::{CodeExchange, CodeFate, Freshness};
use wxauth::serve::Notice;
use wxauth::store::events::EventOutcome;
use wxauth::wechat::id::Appid;

use super::site::Site;

/// Whether the event brings the redirect's code.
fn site(event_code: &str) -> Site {
    let site = Site::open();
    site.control("behaviours", Some(&json!({ "event_code": event_code })));
    site
}

fn a_merchant(site: &Site) -> String {
    let merchant = site.account("mini_program");
    merchant["appid"].as_str().expect("an appid").to_owned()
}

fn link(site: &Site) -> String {
    let made = site.post("/authorize?type=mini-program&state=shop-7", &[]);
    made.link("pc")
}

/// The end of the work on the authorization.
#[track_caller]
fn worked(site: &Site) -> (EventOutcome, CodeFate) {
    site.told(|notice| match notice {
        Notice::EventWorked {
            info_type,
            outcome,
            code,
            ..
        } if info_type == "authorized" => Some((*outcome, *code)),
        _ => None,
    })
}

/// The merchant is there once, with its own id, and its token serves.
#[track_caller]
fn stands(site: &Site, appid: &str) {
    let own_id = Some("shop-7".to_owned());
    assert_eq!(site.merchants(), [(appid.to_owned(), own_id)]);
    let appid: Appid = appid.parse().expect("an appid");
    site.runtime.block_on(async {
        let token = site.platform.authorizer_token(&appid, Freshness::Usable);
        let token = token.await.expect("a token");
        // Its refresh token is the living one.
        let newer = Freshness::Newer(token.generation);
        let newer = site.platform.authorizer_token(&appid, newer);
        newer.await.expect("a new token");
    });
}

fn exchanges(site: &Site) -> (u64, u64) {
    let counters = site.control("journal/counters", None);
    let rows = counters.as_array().expect("an array").iter();
    let (mut good, mut all) = (0, 0);
    for row in rows.filter(|row| {
        row["path"]
            .as_str()
            .unwrap_or("")
            .ends_with("api_query_auth")
    }) {
        let count = row["count"].as_u64().expect("a count");
        all += count;
        good += if row["outcome"] == "ok" { count } else { 0 };
    }
    (good, all)
}

#[test]
fn the_event_comes_before_the_browser() {
    for (event_code, expected) in [("same", (1, 1)), ("different", (2, 2))] {
        let site = site(event_code);
        site.receive_pushes();
        let appid = a_merchant(&site);
        let back = site.confirm(&link(&site), &appid, None);
        assert_eq!(worked(&site), (EventOutcome::Done, CodeFate::Spent));
        // The event alone says which link it was, and with it the operator's own id.
        let own_id = Some("shop-7".to_owned());
        assert_eq!(site.merchants(), [(appid.clone(), own_id)]);
        site.get(&back, &[]).expect(200).says("授权成功");
        assert_eq!(exchanges(&site), expected, "{event_code}");
        stands(&site, &appid);
    }
}

#[test]
fn the_browser_comes_before_the_event() {
    for (event_code, expected) in [("same", (1, 1)), ("different", (2, 2))] {
        let site = site(event_code);
        let appid = a_merchant(&site);
        let link = link(&site);
        let back = site.confirm(&link, &appid, None);
        site.get(&back, &[]).expect(200).says("授权成功");
        let code = url::Url::parse(&back).expect("a URL");
        let code = code.query_pairs().find(|(name, _)| name == "auth_code");
        let code = code.expect("a code").1.into_owned();
        let fields = match event_code {
            "same" => json!({ "AuthorizationCode": code }),
            _ => json!({}),
        };
        assert!(push(&site, "authorized", &appid, &fields));
        assert_eq!(worked(&site), (EventOutcome::Done, CodeFate::Spent));
        // Loading the page again does nothing more.
        site.get(&back, &[]).expect(200).says("授权成功");
        assert_eq!(exchanges(&site), expected, "{event_code}");
        stands(&site, &appid);
    }
}

/// Somebody else's program was first with the code: the merchant is read all the same.
#[test]
fn a_code_that_another_program_exchanged_is_no_failure() {
    let site = site("same");
    let appid = a_merchant(&site);
    let back = site.confirm(&link(&site), &appid, None);
    let code = back.split_once("auth_code=").expect("a code").1;
    let code = code.split('&').next().expect("a code").replace("%40", "@");
    site.runtime.block_on(async {
        let token = site.platform.component_token().await.expect("a token");
        let platform = site.platform.component_appid();
        let code = wxauth::wechat::secret::Secret::new(code.as_str());
        let elsewhere = site
            .platform
            .api()
            .query_auth(platform, &token.token, &code);
        elsewhere.await.expect("exchanged elsewhere");
    });
    push(
        &site,
        "authorized",
        &appid,
        &json!({ "AuthorizationCode": code }),
    );
    assert_eq!(worked(&site), (EventOutcome::Done, CodeFate::Spent));
    assert_eq!(site.merchants()[0].0, appid);
}

#[test]
fn where_codes_are_left_to_others_the_event_tells_the_page_who_it_was() {
    let site = Site::with(|options| options.platforms[0].exchange = CodeExchange::Never);
    site.receive_pushes();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let back = site.confirm(&link(&site), appid, None);
    assert_eq!(worked(&site), (EventOutcome::Done, CodeFate::Unspent));
    let page = site.get(&back, &[]).expect(200);
    page.says(merchant["nick_name"].as_str().expect("a name"));
    assert_eq!(exchanges(&site), (0, 0));
}

/// Has the sandbox push an event to the site; whether it was taken.
pub fn push(site: &Site, info_type: &str, appid: &str, fields: &Value) -> bool {
    let to = format!("{}/events", site.url);
    let order = json!({"info_type": info_type, "appid": appid, "to": to, "fields": fields});
    site.control("push", Some(&order))["delivered"] == true
}
