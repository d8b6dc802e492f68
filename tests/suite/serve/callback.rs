//! The page a browser comes back to.

use wxauth::flow::{CodeExchange, RequiredSets};
use wxauth::serve::Notice;
use wxauth::store::observations::{ChangeSource, Observation, Profile};
use wxauth::store::roster::AccountStatus;
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::{Appid, PermissionSetId};

use super::site::Site;

fn sets(ids: &[u32]) -> Vec<PermissionSetId> {
    ids.iter().copied().map(PermissionSetId).collect()
}

#[test]
fn a_merchant_who_confirmed_is_named_and_kept_with_the_operators_own_id() {
    let site = Site::open();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post(&signed(&site, "shop-7", "type=mini-program"), &[]);
    let back = site.confirm(&made.link("pc"), appid, Some(&[17, 25]));
    let page = site.get(&back, &[]).expect(200);
    page.says("授权成功");
    page.says("Authorized");
    page.says(merchant["nick_name"].as_str().expect("a name"));
    page.says("(17)");
    let row = site.runtime.block_on(site.platform.authorizer("shop-7"));
    assert_eq!(row.expect("the merchant").appid.as_str(), appid);

    // Loading it again shows the same and exchanges nothing.
    let again = site.get(&back, &[]).expect(200);
    assert_eq!(again.text, page.text);
    assert_eq!(site.calls("api_query_auth"), 1);

    // Nothing in the page lets somebody else come back in the merchant's place.
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(!page.text.contains("queryauthcode"), "{}", page.text);
    assert!(!page.text.contains("state="), "{}", page.text);
}

/// The launch page's address as `link --state` makes it.
fn signed(site: &Site, id: &str, query: &str) -> String {
    let page = format!("{}/authorize?{query}", site.url);
    let page = page.parse().expect("a URL");
    let address = site.platform.launch_address(&page, &site.signer, id);
    address.expect("an address").into()
}

/// A visitor's state: the operator's own names and ids still mean what they meant.
#[test]
fn keeps_a_visitors_own_state_as_a_claim() {
    let site = Site::prepared(super::refresher::sync, |_| {});
    let known = site.control("accounts?authorized=true", None)[0].clone();
    let field = |name: &str| known[name].as_str().expect("a text").to_owned();
    let find = |who: &str| site.runtime.block_on(site.platform.authorizer(who));
    let stranger = site.account("mini_program");
    let stranger = stranger["appid"].as_str().expect("an appid");
    let unknown = "wx00000000000000ff";
    let states = ["nick_name", "appid", "user_name"].map(field);
    for state in states.iter().map(String::as_str).chain([unknown, "shop-7"]) {
        let escaped: String = url::form_urlencoded::byte_serialize(state.as_bytes()).collect();
        let address = format!("/authorize?type=mini-program&state={escaped}");
        let made = site.post(&address, &[]).expect(200);
        let back = site.confirm(&made.link("pc"), stranger, None);
        site.get(&back, &[]).expect(200).says("授权成功");
        let row = find(stranger).expect("the stranger");
        assert_eq!(row.claimed_external_id.as_deref(), Some(state));
        assert_eq!(row.external_id, None);
        match state {
            "shop-7" => assert!(find(state).is_err()),
            state if state == unknown => {
                let appid = site.runtime.block_on(site.platform.appid_of(state));
                assert_eq!(appid.expect("itself").as_str(), unknown);
            }
            state => assert_eq!(
                find(state).expect("the known one").appid.as_str(),
                field("appid")
            ),
        }
    }
}

#[test]
fn a_signed_address_is_for_one_authorizer_and_for_a_month() {
    let site = Site::open();
    let address = signed(&site, "shop-7", "type=mini-program");
    let mut appids = Vec::new();
    for _ in 0..2 {
        let merchant = site.account("mini_program");
        let appid = merchant["appid"].as_str().expect("an appid").to_owned();
        let made = site.post(&address, &[]).expect(200);
        let back = site.confirm(&made.link("pc"), &appid, None);
        site.get(&back, &[]).expect(200).says("授权成功");
        appids.push(appid);
    }
    let row = site.runtime.block_on(site.platform.authorizer("shop-7"));
    assert_eq!(row.expect("the first").appid.as_str(), appids[0]);
    let row = site.runtime.block_on(site.platform.authorizer(&appids[1]));
    assert_eq!(row.expect("the second").external_id, None);

    // Changed, or signed for another purpose: neither an id nor a claim.
    let made = site.post(&address, &[]).expect(200);
    let link: url::Url = made.link("pc").parse().expect("a link");
    let uri = link.query_pairs().find(|(name, _)| name == "redirect_uri");
    let uri: url::Url = uri.expect("a redirect URI").1.parse().expect("a URL");
    let other = format!("/authorize?{}", uri.query().expect("a state"));
    let cut = address[..address.len() - 50].to_owned();
    for bad in [cut, format!("{address}AAAA"), other] {
        site.get(&bad, &[]).expect(400).says("链接不完整或已失效");
    }
    site.control("clock", Some(&serde_json::json!({"offset": "+31d"})));
    site.get(&address, &[]).expect(400).says("链接已过期");
}

#[test]
fn a_set_that_is_required_and_missing_is_named_with_the_way_to_grant_it() {
    let site = Site::with(|options| {
        options.platforms[0].required = RequiredSets {
            by_kind: vec![(AccountKind::MiniProgram, sets(&[17, 18]))],
        };
    });
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post("/authorize?type=mini-program", &[]);
    let back = site.confirm(&made.link("h5"), appid, Some(&[17]));
    let page = site.get(&back, &[]).expect(200);
    page.says("缺少必要权限");
    let missing = page.text.split_once("id=\"missing\"").expect("the part").1;
    assert!(missing.contains("(18)"), "{missing}");
    page.says("管理授权");
    page.says("公众平台安全助手");
    page.says("href=\"authorize\"");
}

#[test]
fn a_code_with_a_state_that_is_not_ours_is_left_to_the_event() {
    let site = Site::open();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post("/authorize?type=mini-program", &[]);
    let back = site.confirm(&made.link("pc"), appid, None);
    let mut back: url::Url = back.parse().expect("a URL");
    let others: Vec<(String, String)> = back
        .query_pairs()
        .filter(|(name, _)| name != "state")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    for state in [None, Some("eyJpIjoiMSJ9.AAAA")] {
        let mut query = back.query_pairs_mut();
        query.clear().extend_pairs(&others);
        if let Some(state) = state {
            query.append_pair("state", state);
        }
        drop(query);
        let page = site.get(back.as_str(), &[]).expect(200);
        page.says("已收到授权");
    }
    assert_eq!(site.calls("api_query_auth"), 0);
    let left = site.told(|notice| match notice {
        Notice::BrowserReturned { left, .. } => left.clone(),
        _ => None,
    });
    assert_eq!(left, "there is no state");
}

#[test]
fn where_codes_are_left_to_others_the_page_waits_for_the_event_a_little() {
    let site = Site::with(|options| {
        let hosted = &mut options.platforms[0];
        hosted.exchange = CodeExchange::Never;
        hosted.required.by_kind = vec![(AccountKind::MiniProgram, sets(&[17, 25]))];
    });
    let links = site
        .runtime
        .block_on(site.platform.launch(&site.link, &site.signer, None));
    let links = links.expect("links");
    let redirect: url::Url = links.pc.redirect_uri.parse().expect("a URL");
    let query = redirect.query().expect("a state");
    let back = format!(
        "/callback?{query}&auth_code=queryauthcode@@@{}",
        "x".repeat(86)
    );
    site.get(&back, &[]).expect(200).says("已收到授权");

    // The event of the confirmation tells who it was; the name is a stranger's.
    let appid: Appid = "wx1234567890abcdef".parse().expect("an appid");
    let observation = Observation {
        listed: None,
        profile: Some(Profile {
            appid: appid.clone(),
            kind: AccountKind::MiniProgram,
            account_status: AccountStatus::Normal,
            permission_ids: Some(sets(&[17])),
            pending_ids: Vec::new(),
            refresh_token: None,
            user_name: None,
            nick_name: Some("<script>alert(1)</script>\u{202e}gpj".to_owned()),
            principal_name: None,
            details: None,
        }),
        as_of: site.platform.clock().now(),
        source: ChangeSource::Event,
    };
    site.runtime.block_on(async {
        let (store, key) = (site.platform.store(), site.platform.key());
        store.observe(key, vec![observation]).await.expect("kept");
        let code = links.pc.pre_auth_code.fingerprint();
        store.settle_launch(key, &code, &appid).await.expect("kept");
    });
    let page = site.get(&back, &[]).expect(200);
    page.says("&lt;script&gt;alert(1)&lt;/script&gt;gpj");
    let missing = page.text.split_once("id=\"missing\"").expect("the part").1;
    let missing = missing.split_once("</section>").expect("its end").0;
    assert!(
        missing.contains("(25)") && !missing.contains("(17)"),
        "{missing}"
    );
    assert_eq!(site.calls("api_query_auth"), 0);
}

#[test]
fn a_spent_code_is_no_reason_to_frighten_the_merchant() {
    let site = Site::open();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post("/authorize?type=mini-program", &[]);
    let back = site.confirm(&made.link("pc"), appid, None);
    // An hour and a minute: the code is dead, the state is not.
    site.control("clock", Some(&serde_json::json!({"offset": "+61m"})));
    let page = site.get(&back, &[]).expect(200);
    page.says("授权码已失效");
    page.says("href=\"authorize\"");
}

#[test]
fn a_stranger_with_one_link_cannot_spend_the_quota_of_exchanges() {
    let site = Site::open();
    let made = site.post("/authorize?type=mini-program", &[]);
    let link: url::Url = made.link("pc").parse().expect("a link");
    let uri = link.query_pairs().find(|(name, _)| name == "redirect_uri");
    let uri = uri.expect("a redirect URI").1;
    let back = |code: usize| {
        let code = format!("queryauthcode@@@{code:086}");
        site.get(&format!("{uri}&auth_code={code}"), &[]).status
    };
    for code in 0..6 {
        assert_eq!(back(code), 200);
    }
    assert_eq!(site.calls("api_query_auth"), 2);
    // Nor by one code, time after time.
    for _ in 0..6 {
        assert_eq!(back(0), 200);
    }
    assert_eq!(site.calls("api_query_auth"), 6);
    let left = site.told(|notice| match notice {
        Notice::BrowserReturned { left, .. } => left.clone().filter(|left| left.contains("many")),
        _ => None,
    });
    assert_eq!(left, "too many codes or tries");
}

/// The redirect URI was registered before there were several platforms.
#[test]
fn with_several_platforms_the_state_tells_whose_merchant_comes_back() {
    let site = Site::with(|options| {
        let twin = options.platforms[0].clone();
        options.platforms.push(twin);
    });
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let launched = site.platform.launch(&site.link, &site.signer, None);
    let links = site.runtime.block_on(launched).expect("links");
    let back = site.confirm(links.pc.url.expose(), appid, None);
    assert!(back.contains("/callback?"), "{back}");
    site.get(&back, &[]).expect(200).says("授权成功");
    assert_eq!(site.merchants()[0].0, appid);
    // Whoever comes without a state is told where to begin.
    site.get("/callback", &[])
        .expect(404)
        .says("/wx…/authorize");
}

#[test]
fn without_a_code_there_is_nothing_to_take() {
    let site = Site::open();
    site.get("/callback", &[])
        .expect(400)
        .says("没有收到授权结果");
    site.get("/callback?state=1", &[])
        .expect(400)
        .says("href=\"authorize\"");
}

#[test]
fn when_wechat_cannot_be_reached_loading_the_page_again_helps() {
    let site = Site::open();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post("/authorize?type=mini-program", &[]);
    let back = site.confirm(&made.link("pc"), appid, None);
    site.control(
        "faults",
        Some(&serde_json::json!({"fault": "api_query_auth: once 61004"})),
    );
    let page = site.get(&back, &[]).expect(503);
    assert!(!page.text.contains("61004"), "{}", page.text);
    site.get(&back, &[]).expect(200).says("授权成功");
}
