//! The state outlives the process.

use serde_json::json;
use wxauth::sandbox::{Sandbox, SandboxOptions};

use super::stage::{Stage, assert_refused, text};

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::in_folder(folder.path().join("sandbox")).await;
    let appid = stage.account("mini_program", false).await;
    let ended = stage.account("official_account", true).await;
    let old_refresh = stage.refresh_token(&ended).await;
    let info = stage.authorize_and_redeem(&appid).await;
    let code = stage.pre_auth_code().await;
    stage.order("revoke", json!({"appid": ended})).await;
    stage
        .order("behaviours", json!({"auth_code_seconds": 601}))
        .await;
    stage
        .order("platform", json!({"ip_whitelist": ["127.0.0.1"]}))
        .await;
    stage.pass("+1h").await;
    let refused = text(&stage.info(&ended).await, "errmsg");
    let (token, journal) = (stage.token.clone(), stage.control("journal").await);
    let list = json!({"offset": 0, "count": 100});
    let listed = stage
        .component("api_get_authorizer_list", list.clone())
        .await;
    stage.stop().await;

    let options = SandboxOptions {
        folder: Some(folder.path().join("sandbox")),
        ..SandboxOptions::default()
    };
    let mut again = Stage::without_token(options).await;
    assert_eq!(again.control("status").await["clock_offset"], 3600);
    let kept = again.control("journal").await;
    let kept = kept.as_array().unwrap();
    assert_eq!(kept[..kept.len() - 1], journal.as_array().unwrap()[..]);
    again.token = token;
    assert_eq!(
        again.component("api_get_authorizer_list", list).await,
        listed
    );
    let refresh = text(&info, "authorizer_refresh_token");
    assert_eq!(again.refresh_token(&appid).await, refresh);
    assert_eq!(again.control("behaviours").await["auth_code_seconds"], 601);
    assert_eq!(
        again
            .declined("authorize", json!({"appid": ended, "pre_auth_code": code}))
            .await,
        "pre_auth_code"
    );
    let rid = refused.rsplit(' ').next().unwrap();
    let path = format!("/cgi-bin/openapi/rid/get?access_token={}", again.token);
    assert_eq!(
        again.post(&path, &json!({ "rid": rid })).await["errcode"],
        0
    );
    let fresh = again.authorize_and_redeem(&ended).await;
    assert_ne!(text(&fresh, "authorizer_refresh_token"), old_refresh);
    // The list was read once before the restart and once after it: what was called before the hour
    // passed may lie in another day, because counters end at midnight in Beijing.
    let quota = json!({"cgi_path": "/cgi-bin/component/api_get_authorizer_list"});
    let path = format!("/cgi-bin/openapi/quota/get?access_token={}", again.token);
    assert_eq!(again.post(&path, &quota).await["quota"]["used"], 2);
}

#[tokio::test]
async fn changes_reach_the_disk_without_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::in_folder(folder.path().to_owned()).await;
    let appid = stage.account("mini_program", true).await;
    stage.order("revoke", json!({"appid": appid})).await;
    // What another process would find if this one were killed now.
    let key = rusqlite::Connection::open(folder.path().join("state.db")).unwrap();
    let found = || -> i64 {
        key.query_row(
            "SELECT COUNT(*) FROM record WHERE key LIKE 'grant/%'",
            [],
            |row| row.get(0),
        )
        .unwrap()
    };
    let written = async {
        while found() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), written)
        .await
        .expect("written behind");
}

#[tokio::test]
async fn another_seed_starts_anew_and_no_seed_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let with = |seed: u64, accounts: Option<u64>| {
        Stage::with(SandboxOptions {
            folder: Some(folder.path().to_owned()),
            seed,
            accounts,
            ..SandboxOptions::default()
        })
    };
    let stage = with(5, None).await;
    let appid = stage.account("mini_program", true).await;
    stage.order("revoke", json!({"appid": appid})).await;
    stage.stop().await;
    let stage = with(0, Some(30)).await;
    assert_refused(&stage.info(&appid).await, 61003);
    assert_eq!(
        stage.control("accounts").await.as_array().unwrap().len(),
        30
    );
    stage.stop().await;
    let stage = with(6, None).await;
    assert_eq!(
        stage.declined("revoke", json!({"appid": appid})).await,
        "unknown_account"
    );
    stage.stop().await;
    let stage = with(5, None).await;
    assert_eq!(
        stage.info(&appid).await["authorization_info"]["authorizer_appid"],
        json!(appid)
    );
}

#[cfg(unix)]
#[test]
fn the_state_is_private_from_birth() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("sandbox");
    let options = SandboxOptions {
        folder: Some(home.clone()),
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::open(options).unwrap();
    sandbox.flush();
    assert_eq!(home.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    for entry in home.read_dir().unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[test]
fn a_damaged_state_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        Sandbox::open(SandboxOptions {
            folder: Some(folder.path().to_owned()),
            ..SandboxOptions::default()
        })
    };
    drop(open().unwrap());
    let file = rusqlite::Connection::open(folder.path().join("state.db")).unwrap();
    file.execute("UPDATE record SET value = '{' WHERE key = 'settings'", [])
        .unwrap();
    let error = open().err().expect("it is damaged").to_string();
    assert!(error.contains("state.db is damaged at settings"), "{error}");
}
