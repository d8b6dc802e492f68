//! The merchant's own console: what is authorized, an update, an end.

use serde_json::json;

use super::stage::{Stage, text};
use super::visitor::{CONSOLE, Shown};

struct Owner {
    user: String,
    appid: String,
}

impl Owner {
    async fn of(stage: &Stage, name: &str) -> Self {
        let account = stage.named(name).await;
        Self {
            user: account["administrators"][0].as_str().unwrap().to_owned(),
            appid: text(&account, "appid"),
        }
    }

    async fn look(&self, stage: &Stage, more: &str) -> Shown {
        let address = format!("{CONSOLE}?user={}&account={}{more}", self.user, self.appid);
        stage.open(&address).await
    }

    async fn act(&self, stage: &Stage, act: &str, sets: &[&str]) -> Shown {
        let mut fields = vec![
            ("act", act),
            ("user", &self.user),
            ("account", &self.appid),
            ("platform", stage.component_appid()),
        ];
        fields.extend(sets.iter().map(|set| ("set", *set)));
        stage.send(CONSOLE, &fields).await
    }
}

#[tokio::test]
async fn a_merchant_takes_a_set_back() {
    let stage = Stage::new().await;
    let owner = Owner::of(&stage, "街角咖啡点单").await;
    let platform = format!("&platform={}", stage.component_appid());
    let form = owner.look(&stage, &format!("{platform}&act=update")).await;
    assert!(form.boxes(true).contains(&18));
    let done = owner.act(&stage, "update", &["17", "25"]).await;
    assert!(done.html.contains("更新成功"), "{}", done.html);
    let mut granted = stage.granted(&owner.appid).await;
    granted.sort_unstable();
    assert_eq!(granted, [17, 25]);
    let same = owner.act(&stage, "update", &["17", "25"]).await;
    assert!(same.html.contains("授权未发生变化"), "{}", same.html);
    let none = owner.act(&stage, "update", &[]).await;
    assert_eq!(none.refusal(), "请至少选择一项权限");
}

#[tokio::test]
async fn a_browser_finds_the_way_from_the_sandbox_address() {
    let stage = Stage::new().await;
    let index = stage.open("/").await;
    assert!(index.html.contains(CONSOLE), "{}", index.html);
    assert!(index.html.contains("/__sandbox/journal"), "{}", index.html);
}

#[tokio::test]
async fn a_merchant_ends_an_authorization_after_being_asked() {
    let stage = Stage::new().await;
    let owner = Owner::of(&stage, "街角咖啡点单").await;
    let address = format!("&platform={}&act=revoke", stage.component_appid());
    let asked = owner.look(&stage, &address).await;
    assert!(asked.html.contains("确定取消吗"), "{}", asked.html);
    assert_eq!(stage.named("街角咖啡点单").await["authorized"], true);
    let done = owner.act(&stage, "revoke", &[]).await;
    assert!(done.html.contains("已取消授权"), "{}", done.html);
    assert_eq!(stage.named("街角咖啡点单").await["authorized"], false);
    let gone = owner.look(&stage, "").await;
    assert!(gone.html.contains("没有授权给任何第三方平台"));
    let again = owner.act(&stage, "revoke", &[]).await;
    assert!(again.refusal().contains("授权关系不存在"));
}

/// Official accounts can be updated in the safety assistant only (rule R12).
#[tokio::test]
async fn each_kind_of_account_has_its_places() {
    let stage = Stage::new().await;
    for (name, places, updates, ends) in [
        ("街角咖啡点单", ["微信公众平台", "公众平台安全助手"], 2, 2),
        ("江南书院", ["公众平台安全助手", "微信公众平台"], 1, 2),
        ("山野厨房", ["视频号助手", "视频号助手"], 0, 1),
    ] {
        let page = Owner::of(&stage, name).await.look(&stage, "").await;
        for place in places {
            assert!(page.html.contains(&format!("<h2>{place}</h2>")), "{name}");
        }
        assert_eq!(page.html.matches("act=update").count(), updates, "{name}");
        assert_eq!(page.html.matches("act=revoke").count(), ends, "{name}");
    }
}

#[tokio::test]
async fn nobody_acts_on_accounts_of_others() {
    let stage = Stage::new().await;
    let mut owner = Owner::of(&stage, "街角咖啡点单").await;
    owner.user = "linxiaoyu".to_owned();
    assert!(owner.look(&stage, "").await.refusal().contains("管理员"));
    let page = owner.act(&stage, "revoke", &[]).await;
    assert!(page.refusal().contains("管理员"));
    owner.appid = String::new();
    owner.act(&stage, "revoke", &[]).await.refusal();
    assert_eq!(stage.named("街角咖啡点单").await["authorized"], true);
}

#[tokio::test]
async fn a_long_list_of_accounts_is_searched() {
    let stage = Stage::with(wxauth::sandbox::SandboxOptions {
        accounts: Some(2000),
        ..Default::default()
    })
    .await;
    let accounts = stage.control("accounts?offset=1990&count=1").await;
    let (name, user) = (
        text(&accounts[0], "nick_name"),
        &accounts[0]["administrators"][0],
    );
    let user = user.as_str().unwrap();
    let page = stage.open(&format!("{CONSOLE}?user={user}")).await;
    assert_eq!(page.names().len(), 50);
    assert!(page.html.contains("仅显示前 50 个账号"));
    let search: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let page = stage
        .open(&format!("{CONSOLE}?user={user}&search={search}"))
        .await;
    assert_eq!(page.names(), [name.as_str()]);
}

#[tokio::test]
async fn a_set_that_the_platform_dropped_goes_with_the_next_update() {
    let stage = Stage::new().await;
    let owner = Owner::of(&stage, "街角咖啡点单").await;
    stage
        .order("platform", json!({"permission_ids": [17, 25]}))
        .await;
    assert!(stage.granted(&owner.appid).await.contains(&18));
    let platform = format!("&platform={}&act=update", stage.component_appid());
    let form = owner.look(&stage, &platform).await;
    assert_eq!(form.boxes(true), [17, 25]);
    owner.act(&stage, "update", &["17", "25"]).await;
    assert!(!stage.granted(&owner.appid).await.contains(&18));
}
