//! A merchant opens the phone's page: who, which account, which sets, and back to the platform.

use serde_json::json;

use super::stage::{Stage, text};
use super::visitor::{CONSOLE, H5, LEGACY};

#[tokio::test]
async fn a_merchant_confirms_on_a_phone_and_comes_back_with_a_code() {
    let stage = Stage::new().await;
    let (page, form) = stage.sets_page("&auth_type=1", "海岸线旅行").await;
    assert!(page.html.contains("消息管理"), "{}", page.html);
    let (host, fields) = stage.confirm(&form).await.redirect();
    assert_eq!(host, "platform-one.example.com");
    assert_eq!(fields["shop"], "7");
    assert_eq!(fields["expires_in"], "3600");
    let redeemed = stage
        .component(
            "api_query_auth",
            json!({"authorization_code": fields["auth_code"]}),
        )
        .await;
    let info = &redeemed["authorization_info"];
    assert_eq!(info["authorizer_appid"], form.account.as_str());
    let mut granted = super::stage::ids(&info["func_info"]);
    granted.sort_unstable();
    let mut ticked = form.ticked.clone();
    ticked.sort_unstable();
    assert_eq!(granted, ticked, "what was ticked is what is granted");
    // The code is used up: neither this page nor the link opens again.
    let again = stage.confirm(&form).await;
    assert!(again.refusal().contains("预授权码无效或已过期"));
}

#[tokio::test]
async fn the_former_path_of_phones_works_too() {
    let stage = Stage::new().await;
    let page = stage
        .open(
            &stage
                .link(LEGACY, "&action=bindcomponent&no_scan=1&auth_type=3")
                .await,
        )
        .await;
    assert!(page.names().contains(&"linxiaoyu"), "{:?}", page.names());
}

#[tokio::test]
async fn what_the_merchant_unticks_is_not_granted() {
    let stage = Stage::new().await;
    let (_, mut form) = stage.sets_page("&auth_type=2", "晨光口腔预约").await;
    form.ticked.retain(|set| *set != 17);
    stage.confirm(&form).await.redirect();
    let granted = stage.granted(&form.account).await;
    assert!(
        !granted.contains(&17) && granted.contains(&25),
        "{granted:?}"
    );
    let (_, mut none) = stage.sets_page("", "晨光口腔预约").await;
    none.ticked.clear();
    assert_eq!(stage.confirm(&none).await.refusal(), "请至少选择一项权限");
}

#[tokio::test]
async fn sets_that_the_link_or_the_kind_of_account_leaves_out_are_not_offered() {
    let stage = Stage::new().await;
    let (_, form) = stage
        .sets_page("&category_id_list=17%7C25%7C15%7C9999", "晨光口腔预约")
        .await;
    assert_eq!(form.ticked, [17, 25]);
    let (page, _) = stage
        .sets_page("&category_id_list=15", "晨光口腔预约")
        .await;
    assert!(
        page.refusal().starts_with("该第三方平台指定了无效的权限"),
        "{}",
        page.refusal()
    );
}

#[tokio::test]
async fn a_set_that_another_platform_holds_is_marked_and_cannot_be_ticked() {
    let stage = Stage::new().await;
    let (page, form) = stage.sets_page("", "代码在别家的小程序").await;
    assert_eq!(page.boxes(false), [18]);
    assert!(page.html.contains("已授权给其他第三方平台"));
    assert!(!form.ticked.contains(&18));
    stage.confirm(&form).await.redirect();
    assert!(!stage.granted(&form.account).await.contains(&18));

    // Held by a platform of the sandbox, the page says by which.
    let second = stage.second().await;
    stage
        .order(
            "platform",
            json!({"component_appid": second.component_appid(), "released": true}),
        )
        .await;
    let link = second.link(H5, "").await.replace("-one", "-two");
    let visit = stage.open(&link).await.visit();
    let (page, _) = stage.sets_page_of(&visit, "街角咖啡点单").await;
    assert_eq!(page.boxes(false), [18, 25, 40, 49]);
    assert!(page.html.contains(stage.component_appid()));
}

#[tokio::test]
async fn a_second_authorization_tells_new_sets_from_granted_ones() {
    let stage = Stage::new().await;
    let (first, _) = stage.sets_page("", "晨光口腔预约").await;
    assert!(!first.html.contains(">新增<"), "everything is new");
    let (_, mut form) = stage.sets_page("", "晨光口腔预约").await;
    form.ticked = vec![17];
    stage.confirm(&form).await.redirect();
    let (page, form) = stage.sets_page("", "晨光口腔预约").await;
    assert_eq!(page.html.matches(">已授权<").count(), 1);
    assert_eq!(
        page.html.matches(">新增<").count(),
        form.ticked.len() - 1,
        "new sets are ticked"
    );
}

#[tokio::test]
async fn only_accounts_that_can_authorize_are_listed() {
    let stage = Stage::new().await;
    let mut listed = Vec::new();
    let mut owned = Vec::new();
    let accounts = stage.control("accounts").await;
    let visit = stage
        .open(&stage.link(H5, "&auth_type=6").await)
        .await
        .visit();
    let mut users: Vec<String> = Vec::new();
    for account in accounts.as_array().unwrap() {
        for user in account["administrators"].as_array().unwrap() {
            users.push(user.as_str().unwrap().to_owned());
        }
    }
    users.sort();
    users.dedup();
    for user in users {
        let page = stage.open(&format!("{H5}?visit={visit}&user={user}")).await;
        listed.extend(page.names().into_iter().map(str::to_owned));
        let console = stage.open(&format!("{CONSOLE}?user={user}")).await;
        owned.extend(console.names().into_iter().map(str::to_owned));
    }
    for name in ["晨光口腔预约", "海岸线旅行", "阿木修车", "四季鲜果"] {
        assert!(listed.iter().any(|known| known == name), "{name}");
    }
    for name in [
        "已注销的小程序",
        "被封禁的服务号",
        "被冻结的订阅号",
        "弹珠大冒险",
        "试用小程序",
        "北方皮具",
        "带货小助手",
    ] {
        assert!(!listed.iter().any(|known| known == name), "{name}");
        assert!(
            owned.iter().any(|known| known == name),
            "{name} has an owner"
        );
    }
}

#[tokio::test]
async fn auth_type_and_biz_appid_decide_what_is_listed() {
    let stage = Stage::new().await;
    let mini = stage.named("晨光口腔预约").await;
    let user = text(&json!({"user": mini["administrators"][0]}), "user");
    let listed = |more: String| {
        let (stage, user) = (&stage, &user);
        async move {
            let visit = stage.open(&stage.link(H5, &more).await).await.visit();
            stage.open(&format!("{H5}?visit={visit}&user={user}")).await
        }
    };
    let appid = mini["appid"].as_str().unwrap();
    let both = listed(String::new()).await;
    assert!(both.names().contains(&"晨光口腔预约"));
    let named = listed(format!("&auth_type=1&biz_appid={appid}")).await;
    assert_eq!(named.names(), ["晨光口腔预约"], "biz_appid wins");
    let other = listed("&biz_appid=wx00000000000000ff".to_owned()).await;
    assert_eq!(
        other.refusal(),
        "该第三方平台仅支持指定账号「wx00000000000000ff」进行授权"
    );
    let promoters = listed("&auth_type=4".to_owned()).await;
    assert!(
        promoters
            .refusal()
            .starts_with("该授权仅支持小程序推客账号")
    );
    let odd = listed("&auth_type=7".to_owned()).await;
    assert!(odd.refusal().starts_with("参数错误"), "{}", odd.refusal());
    // Not by the list, but by an address somebody made.
    let visit = stage
        .open(&stage.link(H5, "&auth_type=1").await)
        .await
        .visit();
    let (made, form) = stage.sets_page_of(&visit, "晨光口腔预约").await;
    assert!(made.refusal().starts_with("该授权仅支持公众号账号"));
    assert!(
        stage
            .confirm(&super::visitor::Form {
                ticked: vec![17],
                ..form
            })
            .await
            .refusal()
            .starts_with("该授权仅支持公众号账号")
    );
}

#[tokio::test]
async fn who_administers_nothing_reads_so() {
    let stage = Stage::new().await;
    for (auth_type, kinds) in [
        (1, "仅支持公众号"),
        (2, "仅支持小程序"),
        (3, "支持小程序和公众号"),
    ] {
        let link = stage.link(H5, &format!("&auth_type={auth_type}")).await;
        let visit = stage.open(&link).await.visit();
        let page = stage
            .open(&format!("{H5}?visit={visit}&user=linxiaoyu"))
            .await;
        assert!(
            page.refusal()
                .starts_with(&format!("该授权{kinds}账号，当前微信号尚未绑定为任何")),
            "{}",
            page.refusal()
        );
        // Nor does an address somebody made lead on.
        let appid = text(&stage.named("晨光口腔预约").await, "appid");
        let page = stage
            .send(
                &format!("{H5}?visit={visit}"),
                &[("user", "linxiaoyu"), ("account", &appid), ("set", "17")],
            )
            .await;
        page.refusal();
    }
}

#[tokio::test]
async fn before_the_release_only_the_test_list_is_let_in() {
    let stage = Stage::new().await;
    let second = stage.second().await;
    let link = || async { second.link(H5, "").await.replace("-one", "-two") };
    let visit = stage.open(&link().await).await.visit();
    let (page, _) = stage.sets_page_of(&visit, "晨光口腔预约").await;
    assert!(!page.boxes(true).is_empty(), "it is in the test list");
    let (page, _) = stage.sets_page_of(&visit, "街角咖啡点单").await;
    assert!(page.refusal().contains("未全网发布"), "{}", page.refusal());
    // Its owner has other accounts, none of them in the test list.
    let owner = stage.named("街角咖啡点单").await["administrators"][0].clone();
    let owner = owner.as_str().unwrap();
    let page = stage
        .open(&format!("{H5}?visit={visit}&user={owner}"))
        .await;
    assert!(page.refusal().contains("未全网发布"), "{}", page.refusal());
    let nobody = json!({"component_appid": second.component_appid(), "test_list": []});
    stage.order("platform", nobody).await;
    let page = stage.open(&link().await).await;
    assert!(page.refusal().contains("未全网发布"), "{}", page.refusal());
}

#[tokio::test]
async fn the_sixteenth_platform_is_one_too_many() {
    let stage = Stage::new().await;
    let (page, _) = stage.sets_page("", "处处授权的服务号").await;
    assert!(
        page.refusal().contains("已达上限（15 个）"),
        "{}",
        page.refusal()
    );
}

#[tokio::test]
async fn a_code_that_looking_uses_up_lasts_for_the_visit() {
    let stage = Stage::new().await;
    stage
        .order("behaviours", json!({"pre_auth_code_used_at": "view"}))
        .await;
    let link = stage.link(H5, "").await;
    let visit = stage.open(&link).await.visit();
    assert!(stage.open(&link).await.refusal().contains("预授权码无效"));
    let (_, form) = stage.sets_page_of(&visit, "晨光口腔预约").await;
    stage.confirm(&form).await.redirect();
    assert!(stage.confirm(&form).await.refusal().contains("预授权码"));
}

#[tokio::test]
async fn a_page_left_open_too_long_cannot_be_confirmed() {
    let stage = Stage::new().await;
    let (_, form) = stage.sets_page("", "晨光口腔预约").await;
    stage.pass("31m").await;
    assert!(stage.confirm(&form).await.refusal().contains("已过期"));
    let authorized = stage.named("晨光口腔预约").await["authorized"].clone();
    assert_eq!(authorized, false);
}
