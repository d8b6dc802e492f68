//! The sandbox's pages, from the operator's launch page to the operator's callback.

use fantoccini::key::Key;

use super::shop::Shop;
use crate::support::Browser;

#[test]
fn a_merchant_goes_from_the_launch_page_over_both_pages_to_the_callback() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let shop = Shop::open();
    let account = shop.account("晨光口腔预约");
    shop.offer(&["--pc", "--type", "mini-program"]);
    browser.open(&shop.launch_page("127.0.0.1"));
    browser.click("#authorize");
    assert_eq!(browser.text("#state"), "请使用账号管理员的微信扫描二维码");
    browser.click("#phone");
    browser.newest_tab();
    browser.click(&format!("a[href*='user={}']", account.user));
    browser.click(&format!("a[href*='account={}']", account.appid));
    browser.click("button.primary");
    assert_eq!(browser.text(".result h1"), "授权成功");

    browser.first_tab();
    let callback = browser.arrive(&shop.callback());
    assert!(
        callback
            .query()
            .is_some_and(|query| query.starts_with("shop=7&auth_code="))
    );
    let redeemed = shop.redeem(&callback);
    assert_eq!(redeemed["authorizer"]["appid"], account.appid.as_str());
    let listed = shop.run(&["authorizers", "list"]).json();
    let listed = listed.as_array().expect("an array").iter();
    assert!(
        listed
            .clone()
            .any(|row| row["appid"] == account.appid.as_str())
    );
}

#[test]
fn a_browser_without_scripts_comes_to_the_callback_too() {
    let Some(browser) = Browser::without_scripts() else {
        return;
    };
    let shop = Shop::open();
    let account = shop.account("海岸线旅行");
    shop.offer(&["--pc"]);
    browser.open(&shop.launch_page("127.0.0.1"));
    browser.click("#authorize");
    browser.click("#phone");
    browser.newest_tab();
    browser.click(&format!("a[href*='user={}']", account.user));
    browser.click(&format!("a[href*='account={}']", account.appid));
    browser.click("button.primary");
    assert_eq!(browser.text(".result h1"), "授权成功");
    browser.first_tab();
    let callback = browser.arrive(&shop.callback());
    let redeemed = shop.redeem(&callback);
    assert_eq!(redeemed["authorizer"]["appid"], account.appid.as_str());
}

#[test]
fn a_merchant_confirms_on_a_phone_by_keyboard_alone() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let shop = Shop::open();
    let account = shop.account("晨光口腔预约");
    let link = shop.offer(&["--type", "mini-program", "--permissions", "17,18,25"]);
    browser.open(&link);
    browser.tab_to(&format!("a[href*='user={}']", account.user));
    browser.press(Key::Enter);
    browser.text(&format!("a[href*='account={}']", account.appid));
    browser.tab_to(&format!("a[href*='account={}']", account.appid));
    browser.press(Key::Enter);
    browser.text("fieldset");
    browser.tab_to("input[value='18']");
    browser.press(Key::Space);
    browser.tab_to("button.primary");
    browser.press(Key::Enter);
    let callback = browser.arrive(&shop.callback());
    let redeemed = shop.redeem(&callback);
    let shown = shop.run(&["authorizers", "show", &account.appid]).json();
    assert_eq!(redeemed["authorizer"]["appid"], account.appid.as_str());
    assert_eq!(shown["permission_ids"], serde_json::json!([17, 25]));
}

#[test]
fn who_administers_nothing_meets_an_error_page() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let shop = Shop::open();
    browser.open(&shop.offer(&["--type", "both"]));
    browser.click("a[href*='user=linxiaoyu']");
    assert_eq!(
        browser.text("#refusal"),
        "该授权支持小程序和公众号账号，当前微信号尚未绑定为任何小程序或公众号的管理员"
    );
}

#[test]
fn an_expired_link_meets_an_error_page_and_an_open_page_notices() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let shop = Shop::open();
    shop.offer(&["--pc"]);
    browser.open(&shop.launch_page("127.0.0.1"));
    browser.click("#authorize");
    browser.text("#state");
    shop.sandbox.pass("31m");
    let expired = "预授权码无效或已过期，请从第三方平台重新发起授权";
    assert_eq!(browser.text("#refusal"), expired);
    browser.open(&shop.launch_page("127.0.0.1"));
    browser.click("#authorize");
    assert_eq!(browser.text("#refusal"), expired);
}

#[test]
fn a_link_on_a_foreign_domain_meets_an_error_page() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let shop = Shop::open();
    let link = shop.offer(&["--pc"]);
    browser.open(&shop.launch_page("localhost"));
    browser.click("#authorize");
    let refusal = browser.text("#refusal");
    assert!(
        refusal.ends_with("授权入口页所在域名：localhost"),
        "{refusal}"
    );
    browser.open(&link);
    let refusal = browser.text("#refusal");
    assert!(refusal.ends_with("授权入口页所在域名：空"), "{refusal}");
}
