//! wechatpy's `WeChatComponent` and the client it gives for a merchant.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Desk, SandboxProcess, eventually};

use super::{python_with, run_script};

/// What the script did at the sandbox, by path and outcome.
fn journal(sandbox: &SandboxProcess) -> BTreeMap<(String, String), u64> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let counters = sandbox.get("journal/counters");
    (counters.as_array().expect("an array").iter())
        .map(|row| {
            let key = (text(&row["path"]), text(&row["outcome"]));
            (key, row["count"].as_u64().expect("a count"))
        })
        .collect()
}

#[test]
fn wechatpy_goes_the_whole_way() {
    let Some(python) = python_with("wechatpy.component, cryptography") else {
        return;
    };
    let sandbox = SandboxProcess::start(&Desk::new(), &[]);
    let met = run_script(&python, "wechatpy_whole_way.py", &sandbox.card);
    let steps = json!([
        "component token",
        "pre-auth code",
        "authorize",
        "query_auth",
        "refresh",
        "info",
        "list",
        "options",
        "business",
        "renewal"
    ]);
    assert_eq!(met["steps"], steps);

    let journal = journal(&sandbox);
    let count = |path: &str, outcome: &str| {
        let key = (format!("/cgi-bin/{path}"), outcome.to_owned());
        journal.get(&key).copied().unwrap_or_default()
    };
    assert_eq!(count("component/api_component_token", "ok"), 2);
    assert_eq!(count("component/api_create_preauthcode", "ok"), 2);
    assert_eq!(count("component/api_query_auth", "ok"), 1);
    assert_eq!(count("component/api_query_auth", "61009"), 1);
    assert_eq!(count("component/api_authorizer_token", "ok"), 2);
    assert_eq!(count("component/api_authorizer_token", "42001"), 1);
    assert_eq!(count("component/api_get_authorizer_list", "ok"), 2);
    assert_eq!(count("component/api_get_authorizer_option", "ok"), 2);
    assert_eq!(count("component/api_set_authorizer_option", "ok"), 1);
    assert_eq!(count("user/get", "ok"), 2);
    // The client went on with the token of the exchange, which the refresh had replaced.
    assert_eq!(count("user/get", "40001"), 1);
    assert_eq!(count("getcallbackip", "ok"), 1);

    // The business calls were the merchant's own.
    let calls = sandbox.get("journal?path=/cgi-bin/user/get");
    let last = calls.as_array().expect("an array").last().expect("a call");
    assert_eq!(last["appid"], met["appid"]);
}

#[test]
fn wechatpy_hears_what_the_sandbox_pushes() {
    let Some(python) = python_with("wechatpy.component, cryptography") else {
        return;
    };
    let sandbox = SandboxProcess::start(&Desk::new(), &[]);
    let met = run_script(&python, "wechatpy_receiver.py", &sandbox.card);
    let platform = sandbox.text("component_appid");
    let head = |kind: &str| json!({"type": kind, "appid": platform, "encrypt_type": "aes"});
    let mut authorized = head("authorized");
    authorized["query_auth"] = met["appid"].clone();
    authorized["pre_auth_code"] = json!(true);
    let mut unauthorized = head("unauthorized");
    unauthorized["authorizer_appid"] = met["appid"].clone();
    assert_eq!(
        met["told"],
        json!([head("component_verify_ticket"), authorized, unauthorized])
    );
    assert_eq!(met["ticket"], sandbox.card["component_verify_ticket"]);
    let count = |path: &str| {
        let key = (path.to_owned(), "ok".to_owned());
        journal(&sandbox).get(&key).copied().unwrap_or_default()
    };
    assert_eq!(count("/cgi-bin/component/api_query_auth"), 1);
    // The sandbox notes a push when it has read the answer, which is after the script has sent it.
    eventually(|| count("unauthorized") > 0);
    for kind in ["component_verify_ticket", "authorized", "unauthorized"] {
        assert_eq!(count(kind), 1, "{kind}");
    }
}
