//! `quota`: what is left of a day, and the month's few clears.

use serde_json::{Value, json};

use super::api_tokens::{desk_before, token_step};
use super::office::{Office, hints, text};
use super::terminal::typed;
use crate::api::server::{Server, Step};
use crate::support::Desk;

const QUERY_AUTH: &str = "/cgi-bin/component/api_query_auth";

fn official(office: &Office) -> String {
    office.accounts("official_account", true).remove(0)
}

fn rows(office: &Office, words: &[&str]) -> Vec<Value> {
    let arguments = ["quota", "show", "-o", "json"]
        .into_iter()
        .chain(words.iter().copied());
    let shown = office.run(arguments).expect_code(0).json();
    shown.as_array().expect("rows").clone()
}

#[test]
fn the_days_calls_are_shown_for_the_platform_and_for_a_merchant() {
    let office = Office::synced();
    let shown = rows(&office, &[]);
    assert_eq!(shown[0]["path"], "/cgi-bin/component/api_component_token");
    assert_eq!(shown[0]["daily_limit"], 10_000);
    assert_eq!(shown[0]["used"], 1, "this store has asked for one token");
    assert_eq!(shown[0]["remain"], 9_999);
    assert!(shown.len() > 5);
    let who = official(&office);
    let order = json!({"path": "/cgi-bin/menu/create", "used": 7, "appid": who});
    office.sandbox.post("quota", &order);
    let of_merchant = rows(&office, &["menu/create", "/cgi-bin/user/get", "--as", &who]);
    let used: Vec<_> = of_merchant.iter().map(|row| &row["used"]).collect();
    assert_eq!(used, [&json!(7), &json!(0)]);
    assert_eq!(
        of_merchant[0]["path"], "/cgi-bin/menu/create",
        "as WeChat documents it"
    );
    assert!(rows(&office, &["--as", &who]).len() > 3);
    let csv = office
        .run(["quota", "show", "-o", "csv"])
        .expect_code(0)
        .stdout;
    assert!(
        csv.starts_with("path,daily_limit,used,remain,rate_limit,"),
        "{csv}"
    );
}

#[test]
fn a_path_of_the_other_token_is_refused_with_where_to_ask() {
    let office = Office::synced();
    let refused = office
        .run(["quota", "show", "/wxa/commit", "-o", "json"])
        .expect_code(6);
    let error = refused.json_error();
    assert_eq!(error["errcode"], 76022);
    assert!(hints(&error, "--as WHO"), "{error}");
    let who = official(&office);
    let refused = office.run(["quota", "show", QUERY_AUTH, "--as", &who, "-o", "json"]);
    assert!(hints(
        &refused.expect_code(6).json_error(),
        "leave `--as` out"
    ));
    let unknown = office.run(["quota", "show", "/no/such"]).expect_code(6);
    assert!(unknown.stderr.contains("76021"));
    // One path of many that WeChat does not tell of takes the others away from nobody.
    office
        .sandbox
        .fault("/cgi-bin/openapi/quota/get: once 76021");
    let shown = rows(&office, &[]);
    assert_eq!(
        (&shown[0]["errcode"], &shown[0]["used"]),
        (&json!(76021), &Value::Null)
    );
    assert_eq!(shown[1]["errcode"], Value::Null);
}

#[test]
fn a_clear_is_asked_for_counted_and_remembered() {
    let office = Office::synced();
    let asked = office.run(["quota", "clear"]).expect_code(2);
    assert!(
        asked
            .stderr
            .contains("Of the month's 10 clears 10 are left"),
        "{}",
        asked.stderr
    );
    assert_eq!(office.sandbox.successes("/clear_quota"), 0);
    let order = json!({"path": QUERY_AUTH, "used": 40});
    office.sandbox.post("quota", &order);
    let cleared = office
        .run(["quota", "clear", "--yes", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        (
            &cleared["known_clears"],
            &cleared["known_left"],
            text(&cleared, "by")
        ),
        (&json!(1), &json!(9), "token".to_owned())
    );
    assert_eq!(rows(&office, &[QUERY_AUTH])[0]["used"], 0);
    // The ten are an account's, whichever way they are spent; a merchant has ten of its own.
    let by_secret = office.run(["quota", "clear", "--by-secret", "--yes", "-o", "json"]);
    let by_secret = by_secret.expect_code(0).json();
    assert_eq!(
        (text(&by_secret, "by"), &by_secret["known_left"]),
        ("appsecret".to_owned(), &json!(8))
    );
    let who = official(&office);
    let of_merchant = office.run(["quota", "clear", "--as", &who, "--yes", "-o", "json"]);
    assert_eq!(of_merchant.expect_code(0).json()["known_left"], 9);
    let of_path = office.run(["quota", "clear", QUERY_AUTH, "--yes", "-o", "json"]);
    assert_eq!(of_path.expect_code(0).json()["known_left"], 49);
    let asked = office
        .run(["quota", "clear", "--lang", "zh"])
        .expect_code(2);
    assert!(
        asked.stderr.contains("本月 10 次清零机会还剩 8 次"),
        "{}",
        asked.stderr
    );
    let log = office
        .run(["authorizers", "log", "-o", "json"])
        .expect_code(0)
        .json();
    let kinds: Vec<_> = log
        .as_array()
        .expect("entries")
        .iter()
        .map(|row| &row["what"])
        .collect();
    assert_eq!(
        kinds
            .iter()
            .filter(|what| **what == "quota_cleared")
            .count(),
        4
    );
}

#[test]
fn the_eleventh_clear_is_refused_and_not_counted() {
    let office = Office::synced();
    for _ in 0..10 {
        office.run(["quota", "clear", "--yes", "-q"]).expect_code(0);
    }
    let asked = office.run(["quota", "clear"]).expect_code(2);
    assert!(
        asked.stderr.contains("10 clears 0 are left"),
        "{}",
        asked.stderr
    );
    let refused = office
        .run(["quota", "clear", "--yes", "-o", "json"])
        .expect_code(6);
    assert_eq!(refused.json_error()["errcode"], 48006);
    office
        .run(["quota", "clear", QUERY_AUTH, "--yes"])
        .expect_code(0);
    let lost = Office::synced();
    lost.sandbox.fault("/cgi-bin/clear_quota: once drop after");
    let failed = lost
        .run(["quota", "clear", "--yes", "-o", "json"])
        .expect_code(1);
    assert!(
        hints(&failed.json_error(), "look first"),
        "one of ten is not spent twice"
    );
    assert_eq!(lost.sandbox.successes("/clear_quota"), 1);
}

#[test]
fn the_appsecret_clears_when_no_token_can_be_made() {
    let office = Office::open();
    office.sandbox.fault("api_component_token: 9 times 45009");
    office.run(["quota", "clear", "--yes"]).expect_code(6);
    office
        .run(["quota", "clear", "--by-secret", "--yes"])
        .expect_code(0);
    let who = official(&office);
    office
        .run(["quota", "clear", "--by-secret", "--as", &who, "--yes"])
        .expect_code(0);
    let stranger = office.accounts("mini_program", false).remove(0);
    let refused = office.run([
        "quota",
        "clear",
        "--by-secret",
        "--as",
        &stranger,
        "--yes",
        "-o",
        "json",
    ]);
    assert_eq!(refused.expect_code(6).json_error()["errcode"], 43007);
    let both = ["quota", "clear", QUERY_AUTH, "--by-secret", "--yes"];
    office.run(both).expect_code(2);
}

#[test]
fn a_no_at_the_terminal_clears_nothing() {
    let office = Office::synced();
    let answers = [("Clear every counter", "n", false)];
    let Some(declined) = typed(&office, &["quota", "clear"], &answers) else {
        return;
    };
    assert!(
        declined
            .expect_code(0)
            .stdout
            .contains("Nothing was cleared")
    );
    assert_eq!(office.sandbox.successes("/clear_quota"), 0);
    let answers = [("Clear every counter", "y", false)];
    let agreed = typed(&office, &["quota", "clear"], &answers).expect("a terminal");
    assert!(
        agreed
            .expect_code(0)
            .stdout
            .contains("Cleared every counter")
    );
}

#[test]
fn a_new_month_in_beijing_has_every_clear_again() {
    let desk = Desk::new();
    let left = || {
        let cleared = desk.run(["--sandbox", "quota", "clear", "--yes", "-o", "json"]);
        let cleared = cleared.expect_code(0).json();
        cleared["known_left"].as_u64()
    };
    assert_eq!((left(), left()), (Some(9), Some(8)));
    desk.run(["sandbox", "clock", "+31d"]).expect_code(0);
    assert_eq!(left(), Some(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_short_spans_are_shown_where_there_are_any() {
    let quota = json!({
        "errcode": 0,
        "errmsg": "ok",
        "quota": {"daily_limit": 100, "used": "100", "remain": 0},
        "rate_limit": {"call_count": 600, "refresh_second": 60},
        "component_rate_limit": {"call_count": 30, "refresh_second": 60},
    });
    let server = Server::start([token_step(), Step::json(&quota.to_string())]).await;
    let desk = desk_before(&server);
    let show = ["quota", "show", "/cgi-bin/user/get"];
    let row = desk.run(show.iter().chain(&["-o", "json"])).expect_code(0);
    assert_eq!(
        row.json(),
        json!([{
            "path": "/cgi-bin/user/get", "daily_limit": 100, "used": 100, "remain": 0,
            "rate_limit": {"call_count": 600, "refresh_second": 60},
            "component_rate_limit": {"call_count": 30, "refresh_second": 60},
            "errcode": null,
        }])
    );
    let table = desk.run(show).expect_code(0).stdout;
    assert!(
        table.contains("600 in 60 s") && table.contains("30 in 60 s"),
        "{table}"
    );
    let chinese = desk
        .run(show.iter().chain(&["--lang", "zh"]))
        .expect_code(0);
    assert!(
        chinese.stdout.contains("60 秒 600 次"),
        "{}",
        chinese.stdout
    );
    let asked = server.seen().remove(1);
    assert_eq!(asked.json(), json!({"cgi_path": "/cgi-bin/user/get"}));
}
