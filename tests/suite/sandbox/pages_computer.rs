//! The page on a computer: where it is opened from, the code, and the wait for the phone.

use serde_json::{Value, json};

use super::stage::Stage;
use super::visitor::{H5, LAUNCH, PC, Shown};

const MISS: &str = "请确认授权入口页所在域名，与授权后回调页所在域名相同，并且，此两者都必须与申请第三方平台时填写的授权发起页域名相同。授权入口页所在域名：";

async fn asked(stage: &Stage, visit: &str) -> Value {
    let answer = stage.open(&format!("{PC}?visit={visit}&ask")).await;
    serde_json::from_str(&answer.html).expect("JSON")
}

fn visit(page: &Shown) -> String {
    let (_, rest) = page.html.split_once("data-visit=\"").expect("a visit");
    rest[..32].to_owned()
}

#[tokio::test]
async fn the_computer_goes_on_when_the_phone_has_confirmed() {
    let stage = Stage::new().await;
    let page = stage
        .click(LAUNCH, &stage.link(PC, "&auth_type=2").await)
        .await;
    assert!(page.html.contains("<svg class=\"qr\""), "{}", page.html);
    let visit = visit(&page);
    assert!(
        page.html.contains(&format!("href=\"{H5}?visit={visit}\"")),
        "the phone's page can be opened without a phone"
    );
    let waiting = asked(&stage, &visit).await;
    assert_eq!(waiting["over"], false);
    assert_eq!(waiting["text"], "请使用账号管理员的微信扫描二维码");

    let (_, form) = stage.sets_page_of(&visit, "晨光口腔预约").await;
    let scanned = asked(&stage, &visit).await;
    assert_eq!(
        scanned,
        json!({"over": false, "text": "已扫描，请在手机上选择账号并确认授权"})
    );
    let reloaded = stage.open(&format!("{PC}?visit={visit}")).await;
    assert!(reloaded.html.contains("已扫描"), "without a script too");

    let done = stage.confirm(&form).await;
    assert!(done.html.contains("请回到电脑端"), "{}", done.html);
    assert_eq!(asked(&stage, &visit).await["over"], true);
    let (host, fields) = stage.open(&format!("{PC}?visit={visit}")).await.redirect();
    assert_eq!(host, "platform-one.example.com");
    let redeemed = stage
        .component(
            "api_query_auth",
            json!({"authorization_code": fields["auth_code"]}),
        )
        .await;
    let appid = &redeemed["authorization_info"]["authorizer_appid"];
    assert_eq!(*appid, form.account.as_str());
}

#[tokio::test]
async fn the_page_opens_from_the_launch_domain_only() {
    let stage = Stage::new().await;
    let typed = stage.open(&stage.link(PC, "").await).await;
    assert_eq!(typed.refusal(), format!("{MISS}空"));
    for page in [
        "https://evil.example.com/",
        "https://www.platform-one.example.com/",
    ] {
        let host = page.trim_start_matches("https://").trim_end_matches('/');
        let foreign = stage.click(page, &stage.link(PC, "").await).await;
        assert_eq!(foreign.refusal(), format!("{MISS}{host}"));
    }
    let elsewhere = stage.link(PC, "").await.replace("platform-one", "another");
    let page = stage
        .click("https://another.example.com/", &elsewhere)
        .await;
    assert_eq!(page.refusal(), format!("{MISS}another.example.com"));
    assert!(
        page.html
            .contains("launch domain: platform-one.example.com")
    );
    // Phones are asked for the redirect address only.
    let page = stage.open(&elsewhere.replace(PC, H5)).await;
    assert_eq!(page.refusal(), format!("{MISS}空"));
}

#[tokio::test]
async fn the_domain_is_looked_at_before_the_code() {
    let stage = Stage::new().await;
    let link = stage.link(PC, "").await.replace("preauthcode", "nothing");
    let typed = stage.open(&link).await;
    assert!(typed.refusal().starts_with(MISS), "{}", typed.refusal());
    let clicked = stage.click(LAUNCH, &link).await;
    assert!(clicked.refusal().contains("预授权码无效或已过期"));
}

#[tokio::test]
async fn a_code_that_cannot_be_used_has_its_page() {
    let stage = Stage::new().await;
    let second = stage.second().await;
    let theirs = second.link(PC, "").await;
    let theirs = theirs.replace(second.component_appid(), stage.component_appid());
    let used = stage.link(PC, "").await;
    let page = stage.click(LAUNCH, &used).await;
    let (_, form) = stage.sets_page_of(&visit(&page), "晨光口腔预约").await;
    stage.confirm(&form).await;
    let late = stage.link(PC, "").await;
    let waiting = visit(&stage.click(LAUNCH, &late).await);
    stage.pass("30m").await;
    for (link, why) in [
        (theirs, "belongs to another platform"),
        (used, "was used"),
        (late, "has expired"),
    ] {
        let page = stage.click(LAUNCH, &link).await;
        assert!(page.refusal().contains("预授权码无效或已过期"));
        assert!(page.html.contains(why), "{why}: {}", page.html);
    }
    // A page that waited for the phone stops waiting.
    assert_eq!(asked(&stage, &waiting).await["over"], true);
    let page = stage.open(&format!("{PC}?visit={waiting}")).await;
    assert!(page.refusal().contains("预授权码无效或已过期"));
}

#[tokio::test]
async fn a_broken_link_has_its_page() {
    let stage = Stage::new().await;
    let link = stage.link(PC, "").await;
    for broken in [
        link.replace("pre_auth_code=", "code="),
        link.replace("redirect_uri=", "back="),
        link.replace("component_appid=wx", "component_appid=wy"),
        format!("{link}&auth_type=both"),
    ] {
        let page = stage.click(LAUNCH, &broken).await;
        assert!(page.refusal().starts_with("参数错误"), "{broken}");
    }
    let past = stage.open(&format!("{PC}?visit=0123")).await;
    assert!(past.refusal().starts_with("页面已失效"));
}
