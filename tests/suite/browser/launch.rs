//! The server's own pages, from its launch page over WeChat's pages to its callback.

use fantoccini::key::Key;

use crate::serve::site::Site;
use crate::support::Browser;

#[test]
fn a_merchant_goes_from_our_launch_page_to_our_callback_page_and_is_in_the_store() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let site = Site::open();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let user = merchant["administrators"][0].as_str().expect("a user");
    let name = merchant["nick_name"].as_str().expect("a name");
    browser.open(&format!(
        "{}/authorize?type=mini-program&state=shop-7",
        site.url
    ));
    browser.click("#begin");
    browser.click("#pc");
    assert_eq!(browser.text("#state"), "请使用账号管理员的微信扫描二维码");
    browser.click("#phone");
    browser.newest_tab();
    browser.click(&format!("a[href*='user={user}']"));
    browser.click(&format!("a[href*='account={appid}']"));
    browser.click("button.primary");
    assert_eq!(browser.text(".result h1"), "授权成功");

    browser.first_tab();
    let back = browser.arrive(&format!("{}/callback", site.url));
    assert_eq!(browser.text("#name"), name);
    assert_eq!(
        site.merchants(),
        [(appid.to_owned(), Some("shop-7".to_owned()))]
    );

    browser.open(back.as_str());
    assert_eq!(browser.text("#name"), name);
    assert_eq!(site.calls("api_query_auth"), 1);
}

#[test]
fn a_merchant_inside_wechat_authorizes_by_keyboard_alone() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let site = Site::open();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let user = merchant["administrators"][0].as_str().expect("a user");
    browser.open(&format!("{}/authorize?for={appid}", site.url));
    browser.tab_to("#begin");
    browser.press(Key::Enter);
    browser.text("#until");
    browser.tab_to("#h5");
    browser.press(Key::Enter);
    browser.click(&format!("a[href*='user={user}']"));
    browser.click(&format!("a[href*='account={appid}']"));
    browser.click("button.primary");
    browser.arrive(&format!("{}/callback", site.url));
    browser.text("#granted");
    assert_eq!(site.merchants(), [(appid.to_owned(), None)]);
}

#[test]
fn on_a_foreign_domain_wechat_refuses_our_launch_page() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let site = Site::open();
    let elsewhere = site.url.replace("127.0.0.1", "localhost");
    browser.open(&format!("{elsewhere}/authorize"));
    browser.click("#begin");
    browser.click("#pc");
    let refusal = browser.text("#refusal");
    assert!(
        refusal.ends_with("授权入口页所在域名：localhost"),
        "{refusal}"
    );
}
