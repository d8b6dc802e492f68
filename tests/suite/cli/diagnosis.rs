//! `rid`, `ips` and `callback check`: what WeChat itself tells of requests and ways.

use serde_json::json;

use super::api_tokens::{desk_before, token_step};
use super::office::{Office, hints, text};
use super::secrets::{assert_silent, live_secrets};
use crate::api::server::{Server, Step};

#[test]
fn a_refused_call_is_looked_up_by_its_rid() {
    let office = Office::synced();
    let stranger = office.accounts("mini_program", false).remove(0);
    let appid = format!("authorizer_appid={stranger}");
    let call = [
        "api",
        "/cgi-bin/component/api_get_authorizer_info",
        "-f",
        &appid,
    ];
    let refused = office
        .run(call.iter().chain(&["-o", "json"]))
        .expect_code(4);
    let rid = text(&refused.json_error(), "rid");
    let shown = office.run(["rid", &rid, "-o", "json"]).expect_code(0);
    let request = shown.json();
    assert_eq!(text(&request, "rid"), rid);
    assert!(
        text(&request, "request_url").starts_with("/cgi-bin/component/api_get_authorizer_info?")
    );
    assert!(text(&request, "request_body").contains(&stranger));
    assert_eq!(request["client_ip"], "127.0.0.1");
    // What WeChat noted has the token in its address.
    let secrets = live_secrets(&office);
    assert_silent(&["rid"], &shown.stdout, &secrets);
    assert!(shown.stdout.contains("component_access_token=97_…") || shown.stdout.contains("_…"));
    let open = office.run(["rid", &rid, "--reveal"]).expect_code(0);
    assert!(secrets.keys().any(|secret| open.stdout.contains(secret)));
    // A pasted error will do.
    let pasted = format!("{{\"errcode\":61003,\"errmsg\":\"not authorized rid: {rid}\"}}");
    office.run(["rid", &pasted]).expect_code(0);
    office.run(["rid", "no", "rid", "here"]).expect_code(2);
}

#[test]
fn a_rid_belongs_to_the_account_whose_token_was_used() {
    let office = Office::synced();
    let who = office.accounts("official_account", true).remove(0);
    office
        .sandbox
        .post("update", &json!({"appid": who, "permissions": [1, 2]}));
    let call = [
        "api",
        "/cgi-bin/menu/create",
        "--as",
        &who,
        "-d",
        "{}",
        "-o",
        "json",
    ];
    let rid = text(&office.run(call).expect_code(6).json_error(), "rid");
    let refused = office
        .run(["rid", &rid, "-o", "json"])
        .expect_code(6)
        .json_error();
    assert_eq!(refused["errcode"], 76003);
    assert!(hints(&refused, "--as WHO"), "{refused}");
    office.run(["rid", &rid, "--as", &who]).expect_code(0);
    let old = office
        .run(["rid", "64f69b23-60f73830-19f36488", "-o", "json"])
        .expect_code(6);
    assert!(
        hints(&old.json_error(), "2023-09-05 03:06"),
        "its own first group tells its time"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_in_a_logged_request_are_masked_wherever_they_stand() {
    let logged = json!({"errcode": 0, "errmsg": "ok", "request": {
        "invoke_time": 1_700_000_000, "cost_in_ms": 30,
        "request_url": "https://api.weixin.qq.com/cgi-bin/component/api_query_auth?component_access_token=97_SECRET-ONE-0123456789&x=1",
        "request_body": "{\"component_appsecret\":\"SECRET-TWO\",\"n\":1,\"authorization_code\":\"queryauthcode@@@SECRET-THREE-0123\"}",
        "response_body": "{\"authorization_info\":{\"authorizer_refresh_token\":\"refreshtoken@@@SECRET-FOUR-0123456789\",\"authorizer_appid\":\"wx1\"}}",
        "client_ip": "203.0.113.9",
    }});
    let server = Server::start([token_step(), Step::json(&logged.to_string())]).await;
    let desk = desk_before(&server);
    for format in ["table", "json"] {
        let shown = desk
            .run(["rid", "6553f100-1a2b3c4d-5e6f7a8b", "-o", format])
            .expect_code(0);
        assert!(!shown.stdout.contains("SECRET"), "{}", shown.stdout);
        for kept in [
            "api_query_auth?component_access_token=97_…",
            "&x=1",
            "wx1",
            "203.0.113.9",
        ] {
            assert!(shown.stdout.contains(kept), "{kept}: {}", shown.stdout);
        }
    }
    let open = desk
        .run(["rid", "6553f100-1a2b3c4d-5e6f7a8b", "--reveal"])
        .expect_code(0);
    assert_eq!(open.stdout.matches("SECRET").count(), 4);
}

#[test]
fn the_addresses_are_listed_and_compared() {
    let office = Office::open();
    let listed = office.run(["ips", "-o", "json"]).expect_code(0);
    let addresses = listed.json();
    assert_eq!(addresses["api"], json!(["192.0.2.10", "192.0.2.11"]));
    assert_eq!(
        addresses["push"],
        json!(["198.51.100.128/25", "198.51.100.20"])
    );
    assert!(addresses["diff"].is_null());
    let same = office
        .file("same.json", &listed.stdout)
        .display()
        .to_string();
    let unchanged = office.run(["ips", "--diff", &same]).expect_code(0);
    assert!(
        unchanged.stdout.contains("the same"),
        "{}",
        unchanged.stdout
    );
    let changed = listed.stdout.replace("192.0.2.11", "192.0.2.99");
    for format in ["table", "json"] {
        let file = office.file("changed.json", &changed).display().to_string();
        let differs = office
            .run(["ips", "--diff", &file, "-o", format])
            .expect_code(3);
        if format == "json" {
            assert_eq!(
                differs.json()["diff"],
                json!({"api_added": ["192.0.2.11"], "api_removed": ["192.0.2.99"],
                       "push_added": [], "push_removed": []})
            );
        } else {
            assert!(
                differs.stdout.contains("+ 192.0.2.11") && differs.stdout.contains("- 192.0.2.99")
            );
        }
    }
}

#[test]
fn a_firewalls_list_of_one_kind_is_compared_with_that_kind() {
    let office = Office::open();
    let push = "# pushes\n198.51.100.20\n\n198.51.100.128/25\n";
    let compared = office.desk.run_with_input(["ips", "--diff", "-"], push);
    compared.expect_code(0);
    let lacking = office.desk.run_with_input(
        ["ips", "--diff", "-", "-o", "json"],
        "198.51.100.20\n203.0.113.1\n",
    );
    assert_eq!(
        lacking.expect_code(3).json()["diff"],
        json!({"api_added": [], "api_removed": [],
               "push_added": ["198.51.100.128/25"], "push_removed": ["203.0.113.1"]})
    );
    office
        .desk
        .run_with_input(["ips", "--diff", "-"], "")
        .expect_code(3);
    office
        .desk
        .run_with_input(["ips", "--diff", "-"], "{\"a\":1}")
        .expect_code(2);
    office
        .run(["ips", "--diff", &office.desk.missing_file()])
        .expect_code(2);
}

#[test]
fn wechat_looks_at_the_receiver() {
    let office = Office::synced();
    let all = office
        .run(["callback", "check", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(all["dns"][0]["ip"], "203.0.113.5");
    assert_eq!(all["ping"][0]["package_loss"], "0%");
    let dns = office.run([
        "callback",
        "check",
        "--action",
        "dns",
        "--operator",
        "UNICOM",
        "-o",
        "json",
    ]);
    let dns = dns.expect_code(0).json();
    assert_eq!(
        (&dns["dns"][0]["real_operator"], &dns["ping"]),
        (&json!("UNICOM"), &json!([]))
    );
    let who = office.accounts("official_account", true).remove(0);
    office
        .run(["callback", "check", "--as", &who])
        .expect_code(0);
    office
        .run(["callback", "check", "--action", "trace"])
        .expect_code(2);
    office
        .sandbox
        .post("platform", &json!({"has_callback": false}));
    let refused = office
        .run(["callback", "check", "-o", "json"])
        .expect_code(6);
    assert_eq!(refused.json_error()["errcode"], 40201);
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_pings_are_said_and_are_no_failure() {
    let lost = json!({"ping": [
        {"ip": "203.0.113.5", "from_operator": "CAP", "package_loss": "100%", "time": ""},
        {"ip": "203.0.113.6", "from_operator": "CAP", "package_loss": "0%", "time": "2ms"},
    ]});
    let server = Server::start([token_step(), Step::json(&lost.to_string())]).await;
    let shown = desk_before(&server)
        .run(["callback", "check", "--action", "ping"])
        .expect_code(0);
    assert!(
        shown.stderr.contains("from 1 of 2 addresses"),
        "{}",
        shown.stderr
    );
    assert!(shown.stdout.contains("lost 100%"), "{}", shown.stdout);
}
