//! `api_get_authorizer_info` and `api_get_authorizer_list`.

use serde_json::{Value, json};
use wxauth::sandbox::SandboxOptions;

use super::stage::{COMPONENT, Stage, assert_refused, text};

async fn page(stage: &Stage, offset: u64, count: u64) -> Value {
    stage
        .component(
            "api_get_authorizer_list",
            json!({"offset": offset, "count": count}),
        )
        .await
}

#[tokio::test]
async fn info_tells_each_kind_of_account() {
    let stage = Stage::new().await;
    let assistant = stage.named("带货小助手").await;
    let supplier = stage.named("丰收供货").await;
    stage
        .order("authorize", json!({"appid": supplier["appid"]}))
        .await;
    let code = stage.pre_auth_code().await;
    stage
        .order(
            "authorize",
            json!({"appid": assistant["appid"], "pre_auth_code": code}),
        )
        .await;
    for (name, service_type, special) in [
        ("老王读报", 0, None),
        ("江南书院", 2, None),
        ("街角咖啡点单", 0, Some("MiniProgramInfo")),
        ("小满农货", 10, Some("MiniProgramInfo")),
        ("山野厨房", 0, Some("channels_info")),
        ("青禾文具旗舰店", 0, Some("store_info")),
        ("带货小助手", 0, Some("talent_info")),
        ("丰收供货", 0, Some("supplier_info")),
    ] {
        let account = stage.named(name).await;
        let info = stage.info(account["appid"].as_str().unwrap()).await;
        let info = &info["authorizer_info"];
        assert_eq!(info["nick_name"], account["nick_name"]);
        assert_eq!(info["user_name"], account["user_name"]);
        assert_eq!(info["service_type_info"]["id"], service_type, "{name}");
        for field in [
            "MiniProgramInfo",
            "channels_info",
            "store_info",
            "talent_info",
            "supplier_info",
        ] {
            assert_eq!(
                info.get(field).is_some(),
                special == Some(field),
                "{name}: {field}"
            );
        }
    }
}

#[tokio::test]
async fn info_knows_only_who_authorized_this_platform() {
    let stage = Stage::new().await;
    let stranger = stage.account("mini_program", false).await;
    assert_refused(&stage.info(&stranger).await, 61003);
    assert_refused(&stage.info("wx00000000000000ff").await, 61003);
    assert_refused(
        &stage.component("api_get_authorizer_info", json!({})).await,
        40013,
    );
    let authorized = stage.account("mini_program", true).await;
    assert_refused(&stage.second().await.info(&authorized).await, 61003);
}

#[tokio::test]
async fn the_list_comes_in_pages_of_at_most_500() {
    let stage = Stage::with(SandboxOptions {
        accounts: Some(1200),
        authorized_all: true,
        ..SandboxOptions::default()
    })
    .await;
    let first = page(&stage, 0, 500).await;
    let total = first["total_count"].as_u64().unwrap();
    assert!((1190..1200).contains(&total), "{total}");
    let mut seen = std::collections::BTreeSet::new();
    let mut last_time = 0;
    for offset in [0, 500, 1000] {
        let page = page(&stage, offset, 500).await;
        assert_eq!(page["total_count"], total);
        for entry in page["list"].as_array().unwrap() {
            assert!(seen.insert(text(entry, "authorizer_appid")));
            assert_eq!(text(entry, "refresh_token").len(), 58);
            let time = entry["auth_time"].as_i64().unwrap();
            assert!(time >= last_time);
            last_time = time;
        }
    }
    assert_eq!(seen.len() as u64, total);
    assert_refused(&page(&stage, 0, 501).await, 40170);
    assert_eq!(
        page(&stage, 5000, 500).await,
        json!({"total_count": total, "list": []})
    );
}

#[tokio::test]
async fn the_list_wants_offset_and_count() {
    let stage = Stage::new().await;
    for body in [
        json!({}),
        json!({"offset": 0}),
        json!({"offset": "0", "count": 10}),
    ] {
        assert_refused(
            &stage.component("api_get_authorizer_list", body).await,
            40097,
        );
    }
    let other = json!({"component_appid": "wx00000000000000ff", "offset": 0, "count": 1});
    assert_refused(
        &stage.component("api_get_authorizer_list", other).await,
        40013,
    );
}

#[tokio::test]
async fn the_list_gives_back_every_refresh_token_but_of_codes_never_exchanged() {
    let stage = Stage::new().await;
    let pending = text(&stage.named("云上花店").await, "appid");
    let list = page(&stage, 0, 100).await;
    let entries = list["list"].as_array().unwrap();
    assert_eq!(list["total_count"], entries.len());
    for entry in entries {
        let appid = text(entry, "authorizer_appid");
        if appid == pending {
            assert_eq!(entry.get("refresh_token"), None);
        } else {
            let refresh = text(entry, "refresh_token");
            text(
                &stage.refresh(&appid, &refresh).await,
                "authorizer_access_token",
            );
        }
    }
    assert!(
        entries
            .iter()
            .any(|entry| entry["authorizer_appid"] == json!(pending))
    );
}

#[tokio::test]
async fn any_number_of_accounts_may_authorize_and_100000_cost_nothing() {
    let stage = Stage::with(SandboxOptions {
        accounts: Some(100_000),
        authorized_all: true,
        ..SandboxOptions::default()
    })
    .await;
    let total = page(&stage, 0, 1).await["total_count"].as_u64().unwrap();
    assert!(total > 99_990);
    let last = page(&stage, total - 1, 10).await;
    assert_eq!(last["list"].as_array().unwrap().len(), 1);
    let appid = text(&last["list"][0], "authorizer_appid");
    assert_eq!(
        stage.info(&appid).await["authorization_info"]["authorizer_appid"],
        json!(appid)
    );
}

#[tokio::test]
async fn accounts_are_a_function_of_the_seed() {
    let names = |seed: u64| async move {
        let options = SandboxOptions {
            seed,
            ..SandboxOptions::default()
        };
        Stage::with(options).await.control("accounts").await
    };
    assert_eq!(names(7).await, names(7).await);
    assert_ne!(names(7).await, names(8).await);
}

#[tokio::test]
async fn the_second_platform_has_a_list_of_its_own() {
    let stage = Stage::new().await;
    let second = stage.second().await;
    assert_eq!(page(&second, 0, 10).await["total_count"], 0);
    let path = format!(
        "{COMPONENT}api_get_authorizer_list?access_token={}",
        second.token
    );
    let body = json!({"component_appid": stage.component_appid(), "offset": 0, "count": 10});
    assert_refused(&stage.post(&path, &body).await, 40013);
}
