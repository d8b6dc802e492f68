//! The merchant confirms: who may, on which link, and what is granted.

use serde_json::{Value, json};
use wxauth::sandbox::SandboxOptions;

use super::stage::{Stage, ids, text};

const H5: &str = "https://open.weixin.qq.com/wxaopen/safe/bindcomponent";
const PC: &str = "https://mp.weixin.qq.com/cgi-bin/componentloginpage";
const HOME: &str = "https%3A%2F%2Fplatform-one.example.com%2Fback%3Fshop%3D7";

async fn link(stage: &Stage, page: &str, more: &str) -> String {
    let code = stage.pre_auth_code().await.replace('@', "%40");
    let appid = stage.component_appid();
    format!("{page}?component_appid={appid}&pre_auth_code={code}&redirect_uri={HOME}{more}")
}

async fn declined(stage: &Stage, appid: &Value, page: &str, more: &str) -> String {
    let link = link(stage, page, more).await;
    let (status, answer) = stage
        .try_order("authorize", json!({"appid": appid, "link": link}))
        .await;
    assert_eq!(status, 409, "{answer}");
    format!(
        "{}: {}",
        text(&answer["error"], "kind"),
        text(&answer["error"], "message")
    )
}

#[tokio::test]
async fn a_confirmation_leads_back_with_the_code_and_grants_everything_offered() {
    let stage = Stage::new().await;
    let appid = stage.named("海岸线旅行").await["appid"].clone();
    let link = link(&stage, H5, "&auth_type=1#wechat_redirect").await;
    let answer = stage
        .order("authorize", json!({"appid": appid, "link": link}))
        .await;
    assert_eq!(answer["authorizer_appid"], appid);
    assert_eq!(answer["expires_in"], 3600);
    assert_eq!(answer["left_out"], json!([]));
    let code = text(&answer, "auth_code");
    let url = url::Url::parse(&text(&answer, "redirect_url")).unwrap();
    assert_eq!(url.host_str(), Some("platform-one.example.com"));
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        pairs,
        [
            pair("shop", "7"),
            pair("auth_code", &code),
            pair("expires_in", "3600")
        ]
    );
    let redeemed = stage
        .component("api_query_auth", json!({"authorization_code": code}))
        .await;
    let mut granted = ids(&redeemed["authorization_info"]["func_info"]);
    let mut sorted = granted.clone();
    sorted.sort_unstable();
    assert_ne!(granted, sorted, "WeChat does not sort");
    granted.sort_unstable();
    let mut said: Vec<u64> = serde_json::from_value(answer["granted"].clone()).unwrap();
    said.sort_unstable();
    assert_eq!(granted, said);
    assert!(granted.contains(&1) && granted.contains(&15) && !granted.contains(&17));
}

#[tokio::test]
async fn the_merchant_ticks_and_the_link_narrows_what_is_offered() {
    let stage = Stage::new().await;
    let appid = stage.named("晨光口腔预约").await["appid"].clone();
    let narrow = link(
        &stage,
        PC,
        "&auth_type=2&category_id_list=17%7C25%7C15%7C9999",
    )
    .await;
    let answer = stage
        .order(
            "authorize",
            json!({"appid": appid, "link": narrow, "permissions": [17]}),
        )
        .await;
    assert_eq!(answer["granted"], json!([17]));
    let narrow = link(&stage, PC, "&category_id_list=17").await;
    let body = json!({"appid": appid, "link": narrow, "permissions": [17, 25]});
    assert_eq!(stage.declined("authorize", body).await, "permissions");
    let text = declined(&stage, &appid, PC, "&auth_type=2&category_id_list=15").await;
    assert!(text.contains("该第三方平台指定了无效的权限"), "{text}");
}

#[tokio::test]
async fn auth_type_offers_kinds_of_account_and_biz_appid_wins() {
    let stage = Stage::new().await;
    let appid = |name: &'static str| {
        let stage = &stage;
        async move { stage.named(name).await["appid"].clone() }
    };
    let (mini, official) = (appid("晨光口腔预约").await, appid("海岸线旅行").await);
    let (channels, assistant) = (appid("阿木修车").await, appid("带货小助手").await);
    for (account, auth_type) in [
        (&mini, 1),
        (&official, 2),
        (&channels, 3),
        (&mini, 4),
        (&mini, 5),
        (&assistant, 6),
        (&mini, 7),
        (&mini, 8),
    ] {
        let text = declined(&stage, account, H5, &format!("&auth_type={auth_type}")).await;
        assert!(text.starts_with("auth_type: "), "{auth_type}: {text}");
    }
    for (account, auth_type) in [
        (&official, 1),
        (&mini, 2),
        (&mini, 3),
        (&channels, 5),
        (&channels, 6),
        (&assistant, 8),
    ] {
        let link = link(&stage, H5, &format!("&auth_type={auth_type}")).await;
        stage
            .order("authorize", json!({"appid": account, "link": link}))
            .await;
    }
    let wrong = declined(
        &stage,
        &mini,
        H5,
        &format!("&biz_appid={}", official.as_str().unwrap()),
    )
    .await;
    assert!(wrong.contains("该第三方平台仅支持指定账号「wx"), "{wrong}");
    let right = link(
        &stage,
        H5,
        &format!("&auth_type=1&biz_appid={}", mini.as_str().unwrap()),
    )
    .await;
    stage
        .order("authorize", json!({"appid": mini, "link": right}))
        .await;
}

#[tokio::test]
async fn a_broken_link_is_declined() {
    let stage = Stage::new().await;
    let appid = stage.account("mini_program", false).await;
    let code = stage.pre_auth_code().await;
    let ours = stage.component_appid();
    for link in [
        "no link".to_owned(),
        format!(
            "https://mp.weixin.qq.com/elsewhere?component_appid={ours}&pre_auth_code={code}&redirect_uri={HOME}"
        ),
        format!("{PC}?pre_auth_code={code}&redirect_uri={HOME}"),
        format!("{PC}?component_appid={ours}&redirect_uri={HOME}"),
        format!("{PC}?component_appid={ours}&pre_auth_code={code}"),
        format!(
            "{PC}?component_appid={ours}&pre_auth_code={code}&redirect_uri={HOME}&auth_type=both"
        ),
        format!(
            "{PC}?component_appid={ours}&pre_auth_code={code}&redirect_uri={HOME}&category_id_list=1,2"
        ),
    ] {
        assert_eq!(
            stage
                .declined("authorize", json!({"appid": appid, "link": link}))
                .await,
            "link",
            "{link}"
        );
    }
    let other =
        format!("{PC}?component_appid=wx00000000000000ff&pre_auth_code={code}&redirect_uri={HOME}");
    assert_eq!(
        stage
            .declined("authorize", json!({"appid": appid, "link": other}))
            .await,
        "unknown_platform"
    );
    let nobody = json!({"appid": "wx00000000000000ff"});
    assert_eq!(stage.declined("authorize", nobody).await, "unknown_account");
}

#[tokio::test]
async fn the_redirect_host_must_be_the_launch_domain() {
    let stage = Stage::new().await;
    let account = stage.named("晨光口腔预约").await;
    let appid = account["appid"].clone();
    let ours = stage.component_appid().to_owned();
    let at = |host: &'static str| {
        let (stage, ours) = (&stage, &ours);
        async move {
            let code = stage.pre_auth_code().await;
            format!(
                "{PC}?component_appid={ours}&pre_auth_code={code}&redirect_uri=https%3A%2F%2F{host}%2Fback"
            )
        }
    };
    for host in ["example.com", "www.platform-one.example.com"] {
        let body = json!({"appid": appid, "link": at(host).await});
        let (_, answer) = stage.try_order("authorize", body).await;
        assert!(
            text(&answer["error"], "message").contains("授权发起页域名"),
            "{answer}"
        );
    }
    // A domain that is changed but not released counts for accounts of the test list only.
    stage
        .order("platform", json!({"launch_domain": "new.example.com"}))
        .await;
    let early = json!({"appid": appid, "link": at("new.example.com").await});
    assert_eq!(stage.declined("authorize", early).await, "launch_domain");
    stage
        .order("platform", json!({"test_list": [account["user_name"]]}))
        .await;
    stage
        .order(
            "authorize",
            json!({"appid": appid, "link": at("new.example.com").await}),
        )
        .await;
    stage
        .order("platform", json!({"test_list": [], "released": true}))
        .await;
    stage
        .order(
            "authorize",
            json!({"appid": appid, "link": at("new.example.com").await}),
        )
        .await;
}

#[tokio::test]
async fn only_an_administrator_confirms() {
    let stage = Stage::new().await;
    let account = stage.named("晨光口腔预约").await;
    stage.pre_auth_code().await;
    let body = |user: &str| json!({"appid": account["appid"], "user": user});
    assert_eq!(
        stage.declined("authorize", body("somebody")).await,
        "administrator"
    );
    stage
        .order(
            "authorize",
            body(account["administrators"][0].as_str().unwrap()),
        )
        .await;
}

#[tokio::test]
async fn some_kinds_and_states_of_account_are_not_offered() {
    let stage = Stage::new().await;
    for (name, kind) in [
        ("弹珠大冒险", "account_kind"),
        ("试用小程序", "account_kind"),
        ("已注销的小程序", "account_status"),
        ("被封禁的服务号", "account_status"),
        ("被冻结的订阅号", "account_status"),
    ] {
        stage.pre_auth_code().await;
        let appid = stage.named(name).await["appid"].clone();
        assert_eq!(
            stage.declined("authorize", json!({"appid": appid})).await,
            kind,
            "{name}"
        );
    }
    for name in [
        "深夜电台",
        "四季鲜果",
        "阿木修车",
        "带货小助手",
        "北方皮具",
        "丰收供货",
    ] {
        stage.pre_auth_code().await;
        let appid = stage.named(name).await["appid"].clone();
        stage.order("authorize", json!({"appid": appid})).await;
    }
}

#[tokio::test]
async fn before_the_release_only_the_test_list_may_authorize() {
    let stage = Stage::new().await;
    let second = stage.second().await;
    let platform = second.component_appid();
    let tester = second.card["test_list"][0].clone();
    let stranger = stage.named("北方皮具").await["appid"].clone();
    let body = |appid: &Value| json!({"appid": appid, "platform": platform});
    second.pre_auth_code().await;
    second.pre_auth_code().await;
    stage.order("authorize", body(&tester)).await;
    let customer = stage.named("海岸线旅行").await;
    stage
        .order(
            "platform",
            json!({"component_appid": platform, "test_list": []}),
        )
        .await;
    assert_eq!(
        stage.declined("authorize", body(&customer["appid"])).await,
        "not_released"
    );
    assert_eq!(
        stage.declined("authorize", body(&stranger)).await,
        "not_released"
    );
    stage
        .order(
            "platform",
            json!({"component_appid": platform, "released": true}),
        )
        .await;
    stage.order("authorize", body(&customer["appid"])).await;
    let many: Vec<String> = (0..11).map(|n| format!("gh_{n:012}")).collect();
    assert_eq!(
        stage.declined("platform", json!({"test_list": many})).await,
        "platform"
    );
}

#[tokio::test]
async fn an_account_authorizes_15_platforms_at_most() {
    let stage = Stage::new().await;
    let full = stage.named("处处授权的服务号").await["appid"].clone();
    stage.pre_auth_code().await;
    assert_eq!(
        stage.declined("authorize", json!({"appid": full})).await,
        "too_many_platforms"
    );
}

#[tokio::test]
async fn the_limit_of_platforms_does_not_count_against_one_that_is_authorized() {
    let everyone = SandboxOptions {
        authorized_all: true,
        ..SandboxOptions::default()
    };
    let stage = Stage::with(everyone).await;
    let full = stage.named("处处授权的服务号").await;
    assert_eq!(full["authorized"], true);
    stage.pre_auth_code().await;
    let answer = stage
        .order("authorize", json!({"appid": full["appid"]}))
        .await;
    assert_eq!(answer["authorizer_appid"], full["appid"]);
    // Another platform would be one more.
    let second = stage.second().await;
    second.pre_auth_code().await;
    let platform = second.component_appid();
    let released = json!({"component_appid": platform, "released": true});
    stage.order("platform", released).await;
    let body = json!({"appid": full["appid"], "platform": platform});
    assert_eq!(
        stage.declined("authorize", body).await,
        "too_many_platforms"
    );
}

#[tokio::test]
async fn an_exclusive_set_belongs_to_one_platform_at_a_time() {
    let stage = Stage::new().await;
    let second = stage.second().await;
    let platform = second.component_appid();
    stage
        .order(
            "platform",
            json!({"component_appid": platform, "released": true}),
        )
        .await;
    let appid = stage.named("街角咖啡点单").await["appid"].clone();
    let body = json!({"appid": appid, "platform": platform});
    second.pre_auth_code().await;
    let answer = stage.order("authorize", body.clone()).await;
    let exclusive = [18, 25, 40, 49];
    let mut left_out: Vec<u64> = serde_json::from_value(answer["left_out"].clone()).unwrap();
    left_out.sort_unstable();
    assert_eq!(left_out, exclusive);
    assert!(ids_of(&answer).contains(&17));
    // An update at the holder frees what it lets go, its end frees the rest.
    stage
        .order(
            "update",
            json!({"appid": appid, "permissions": [17, 25, 40, 49]}),
        )
        .await;
    assert_eq!(
        stage.order("update", body.clone()).await["left_out"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    stage.order("revoke", json!({"appid": appid})).await;
    assert_eq!(stage.order("update", body).await["left_out"], json!([]));
}

#[tokio::test]
async fn an_exclusive_set_held_outside_is_left_out_too() {
    let stage = Stage::new().await;
    stage.pre_auth_code().await;
    let appid = stage.named("代码在别家的小程序").await["appid"].clone();
    let answer = stage.order("authorize", json!({"appid": appid})).await;
    assert_eq!(answer["left_out"], json!([18]));
    stage.pre_auth_code().await;
    let only = json!({"appid": appid, "permissions": [18]});
    assert_eq!(stage.declined("authorize", only).await, "permissions");
}

fn ids_of(answer: &Value) -> Vec<u64> {
    serde_json::from_value(answer["granted"].clone()).unwrap()
}

#[tokio::test]
async fn an_original_id_names_an_account_as_well() {
    let stage = Stage::with(SandboxOptions {
        seed: 99,
        ..SandboxOptions::default()
    })
    .await;
    let account = stage.named("海岸线旅行").await;
    stage.pre_auth_code().await;
    let answer = stage
        .order("authorize", json!({"appid": account["user_name"]}))
        .await;
    assert_eq!(answer["authorizer_appid"], account["appid"]);
}
