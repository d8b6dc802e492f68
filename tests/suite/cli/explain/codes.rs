//! 61009, 61010, 61003 and 61023: until the merchant's token can be had again.

use super::{Office, call, cause, errcode, printed, text};
use crate::support::Outcome;
use serde_json::{Value, json};

fn redeem(office: &Office, code: &str) -> Outcome {
    office
        .desk
        .run_with_input(["authorizers", "redeem", "-o", "json"], code)
}

/// A merchant that confirmed a fresh link: its appid and the code.
fn confirmed(office: &Office) -> (String, String) {
    let link = office.run(["link", "-o", "json"]).expect_code(0).json();
    let link = text(&link, "url");
    let confirmed = office.run(["sandbox", "authorize", "--link", &link, "-o", "json"]);
    let confirmed = confirmed.expect_code(0).json();
    (
        text(&confirmed, "authorizer_appid"),
        text(&confirmed, "auth_code"),
    )
}

/// What the backend next door does with a code, by calls of its own.
fn exchanged_elsewhere(office: &Office, code: &str) -> Value {
    let token = printed(office.run(["token", "component"]));
    let body = json!({"component_appid": office.sandbox.text("component_appid"), "authorization_code": code});
    call(office, "/cgi-bin/component/api_query_auth", &token, &body)
}

fn confirmed_by(office: &Office, outcome: &Outcome) -> String {
    let file = office.file(
        "code",
        outcome
            .stdout
            .lines()
            .find_map(|line| {
                let start = line.find("queryauthcode@@@")?;
                line[start..].split([' ', '&', '"']).next()
            })
            .expect("a code"),
    );
    file.to_str().expect("a path").to_owned()
}

#[test]
fn a_code_that_another_process_took_is_not_needed() {
    let office = Office::synced();
    let (who, code) = confirmed(&office);
    assert_eq!(errcode(&exchanged_elsewhere(&office, &code)), 0);
    let failed = redeem(&office, &code);
    assert_eq!(failed.json_error()["errcode"], 61009, "{}", failed.stderr);
    let spent = cause(&office.desk, &failed.stderr, "code_spent");
    spent
        .run(&office.desk, "wxauth authorizers sync", &[])
        .expect_code(0);
    spent
        .run(&office.desk, "wxauth token authorizer", &[("WHO", &who)])
        .expect_code(0);
}

#[test]
fn a_pre_auth_code_is_told_from_an_authorization_code() {
    let office = Office::synced();
    let link = office.run(["link", "-o", "json"]).expect_code(0).json();
    let wrong = text(&link, "pre_auth_code");
    let answer = exchanged_elsewhere(&office, &wrong);
    let refused = cause(&office.desk, &answer.to_string(), "pre_auth_code_sent");
    let value = refused
        .run_with(&office.desk, "wxauth explain -", &[], &wrong)
        .expect_code(0);
    assert!(value.stdout.contains("pre-auth code"), "{}", value.stdout);
    let (who, code) = confirmed(&office);
    let file = office.file("code", &code);
    let file = [("FILE", file.to_str().expect("a path"))];
    refused
        .run(&office.desk, "wxauth authorizers redeem", &file)
        .expect_code(0);
    office.run(["token", "authorizer", &who]).expect_code(0);
}

#[test]
fn a_code_past_its_hour_is_replaced_by_a_new_confirmation() {
    let office = Office::synced();
    let (_, code) = confirmed(&office);
    office.sandbox.pass("+61m");
    let failed = redeem(&office, &code);
    assert_eq!(failed.json_error()["errcode"], 61010, "{}", failed.stderr);
    let late = cause(&office.desk, &failed.stderr, "code_too_old");
    late.run(&office.desk, "wxauth link", &[]).expect_code(0);
    let file = confirmed_by(&office, &late.play(&office.desk, &[]));
    late.run(
        &office.desk,
        "wxauth authorizers redeem",
        &[("FILE", &file)],
    )
    .expect_code(0);
}

#[test]
fn a_merchant_that_withdrew_authorizes_again() {
    let office = Office::synced();
    let who = office.accounts("mini_program", true).remove(0);
    office.run(["sandbox", "revoke", &who]).expect_code(0);
    let failed = office.run(["token", "authorizer", &who, "-o", "json"]);
    assert_eq!(failed.json_error()["errcode"], 61003, "{}", failed.stderr);
    let ended = cause(&office.desk, "61003", "authorization_ended");
    ended
        .run(&office.desk, "wxauth authorizers sync", &[])
        .expect_code(0);
    let filled = [("WHO", who.as_str())];
    ended
        .run(&office.desk, "wxauth link", &filled)
        .expect_code(0);
    let file = confirmed_by(&office, &ended.play(&office.desk, &filled));
    ended
        .run(
            &office.desk,
            "wxauth authorizers redeem",
            &[("FILE", &file)],
        )
        .expect_code(0);
    office.run(["token", "authorizer", &who]).expect_code(0);
}

#[test]
fn a_refresh_token_from_before_a_new_authorization_is_looked_up() {
    let office = Office::synced();
    let who = office.accounts("mini_program", true).remove(0);
    // What the backend holds, as WeChat gave it.
    let info = {
        let token = printed(office.run(["token", "component"]));
        let body = json!({"component_appid": office.sandbox.text("component_appid"), "authorizer_appid": who});
        call(
            &office,
            "/cgi-bin/component/api_get_authorizer_info",
            &token,
            &body,
        )
    };
    let old = text(&info["authorization_info"], "authorizer_refresh_token");
    office.run(["sandbox", "revoke", &who]).expect_code(0);
    office.run(["link", "-q"]).expect_code(0);
    let again = office
        .run(["sandbox", "authorize", &who, "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        errcode(&exchanged_elsewhere(&office, &text(&again, "auth_code"))),
        0
    );
    // The backend goes on with what it had.
    let token = printed(office.run(["token", "component"]));
    let ask = |refresh: &str| {
        let body = json!({
            "component_appid": office.sandbox.text("component_appid"),
            "authorizer_appid": who,
            "authorizer_refresh_token": refresh,
        });
        call(
            &office,
            "/cgi-bin/component/api_authorizer_token",
            &token,
            &body,
        )
    };
    let refused = ask(&old);
    assert_eq!(errcode(&refused), 61023, "{refused}");
    let replaced = cause(&office.desk, &refused.to_string(), "refresh_token_replaced");
    let filled = [("WHO", who.as_str())];
    replaced
        .run(&office.desk, "wxauth authorizers refresh", &filled)
        .expect_code(0);
    let token = printed(replaced.run(&office.desk, "wxauth token authorizer", &filled));
    let commit = call(&office, "/wxa/commit", &token, &json!({}));
    assert_eq!(errcode(&commit), 0, "{commit}");
}

#[test]
fn a_store_that_was_lost_is_rebuilt() {
    let office = Office::synced();
    let who = office.accounts("mini_program", true).remove(0);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", office.store().display()));
    }
    office.run(["token", "authorizer", &who]).expect_code(4);
    let lost = cause(&office.desk, "61023", "store_lost");
    lost.run(&office.desk, "wxauth authorizers recover", &[])
        .expect_code(0);
    office.run(["token", "authorizer", &who]).expect_code(0);
}

#[test]
fn an_authorization_whose_code_was_never_exchanged_gets_a_new_code_by_a_change() {
    let office = Office::synced();
    let (who, _) = confirmed(&office);
    let never = cause(&office.desk, "61023", "never_exchanged");
    never
        .run(&office.desk, "wxauth authorizers sync", &[])
        .expect_code(0);
    office.run(["token", "authorizer", &who]).expect_code(4);
    let filled = [("WHO", who.as_str()), ("SETS", "17")];
    never
        .run(&office.desk, "wxauth link", &filled)
        .expect_code(0);
    let file = confirmed_by(&office, &never.play(&office.desk, &filled));
    never
        .run(
            &office.desk,
            "wxauth authorizers redeem",
            &[("FILE", &file)],
        )
        .expect_code(0);
    office.run(["token", "authorizer", &who]).expect_code(0);
}
