//! What a call needs, who granted it, and what to do about the others.

use serde_json::{Value, json};

use super::office::{Office, hints, text};
use crate::support::{Desk, Outcome};

/// The JSON of a successful run.
#[track_caller]
fn answer(outcome: Outcome) -> Value {
    outcome.expect_code(0).json()
}

/// How the merchant stands towards the call.
#[track_caller]
fn state(office: &Office, path: &str, appid: &str) -> String {
    let why = answer(office.run(["permissions", "why", path, "--for", appid, "-o", "json"]));
    assert_eq!(why["accounts"][0]["appid"], appid);
    text(&why["accounts"][0], "state")
}

#[test]
fn the_way_of_a_call_that_answers_61007_until_it_works() {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    let shop = office.accounts("mini_program", true).remove(0);
    let sync = || {
        office
            .run(["authorizers", "sync", "--full", "-q"])
            .expect_code(0)
    };
    let configure = |sets: &str| {
        office
            .run([
                "profile",
                "set",
                "configured_permissions.mini_program",
                sets,
            ])
            .expect_code(0)
    };
    sync();
    assert_eq!(state(&office, "/wxa/commit", &shop), "granted");
    office
        .run(["sandbox", "update", &shop, "--permissions", "17,30"])
        .expect_code(0);
    sync();
    assert_eq!(state(&office, "/wxa/commit", &shop), "missing");
    configure("17,30");
    assert_eq!(state(&office, "/wxa/commit", &shop), "not_configured");
    configure("17,18,30");
    assert_eq!(state(&office, "/wxa/commit", &shop), "held_elsewhere");
    let said = office.run(["permissions", "why", "/wxa/commit", "--for", &shop]);
    let said = said.expect_code(0).stdout;
    assert!(
        said.contains("not granted, perhaps held") && said.contains("ends the other platform's"),
        "{said}"
    );
    assert!(
        said.contains(&format!("`wxauth link --for {shop}`")),
        "{said}"
    );

    office
        .run(["sandbox", "update", &shop, "--permissions", "17,18,30"])
        .expect_code(0);
    sync();
    assert_eq!(state(&office, "/wxa/commit", &shop), "granted");
    office.run(["sandbox", "revoke", &shop]).expect_code(0);
    sync();
    assert_eq!(state(&office, "/wxa/commit", &shop), "missing");
    let said = office.run(["permissions", "why", "/wxa/commit", "--for", &shop]);
    assert!(
        said.expect_code(0)
            .stdout
            .contains("its authorization ended")
    );
}

#[test]
fn every_merchant_is_told_by_state_and_one_of_another_kind_is_left_in_peace() {
    let office = Office::synced();
    let why = answer(office.run(["permissions", "why", "/wxa/commit", "--all", "-o", "json"]));
    let accounts = why["accounts"].as_array().expect("accounts");
    assert_eq!(accounts.len(), 8);
    let official = office.accounts("official_account", true).remove(0);
    let of = |appid: &str| {
        accounts
            .iter()
            .find(|row| row["appid"] == appid)
            .expect("it")
    };
    assert_eq!(of(&official)["state"], "unknown");
    let told = office.run(["permissions", "why", "/wxa/commit", "--all"]);
    let told = told.expect_code(0);
    assert!(!told.stdout.contains(&official), "{}", told.stdout);
    assert!(!told.stdout.contains("unknown"), "{}", told.stdout);
    assert!(told.stderr.contains("left out"), "{}", told.stderr);
    assert_eq!(
        (&why["any_of"], &why["token"]),
        (&json!(false), &json!("authorizer"))
    );
    let why = answer(office.run(["permissions", "why", "/cgi-bin/draft/add", "-o", "json"]));
    assert_eq!(
        (&why["any_of"], &why["permission_ids"]),
        (&json!(true), &json!([11, 100]))
    );
    assert_eq!(why["accounts"], json!([]));
    let both = office.run([
        "permissions",
        "why",
        "/wxa/commit",
        "--all",
        "--for",
        &official,
    ]);
    both.expect_code(2);
}

#[test]
fn a_pasted_error_asks_for_its_call_and_shows_no_token() {
    let desk = Desk::new();
    let why = |words: &[&str]| {
        desk.run(
            ["permissions", "why"]
                .iter()
                .chain(words)
                .chain(&["-o", "json"]),
        )
    };
    let pasted = r#"{"errcode":61007,"errmsg":"api is unauthorized to component rid: 5f-1"}"#;
    let error = why(&[pasted]).expect_code(2).json_error();
    assert!(hints(&error, "--path"), "{error}");
    let found = answer(why(&[pasted, "--path", "wxa/commit"]));
    assert_eq!(found["permission_ids"], json!([18]));

    let error = why(&["/wxa/comit"]).expect_code(2).json_error();
    assert!(hints(&error, "POST /wxa/commit"), "{error}");
    let address = "https://api.weixin.qq.com/wxa/comit?access_token=76_top-secret";
    let ended = desk.run(["permissions", "why", address]).expect_code(2);
    assert!(!ended.stderr.contains("top-secret"), "{}", ended.stderr);
    let log = format!("POST {} {pasted}", address.replace("comit", "commit"));
    let ended = desk.run_with_input(["permissions", "why", "-", "-v"], &log);
    let ended = ended.expect_code(0);
    assert!(ended.stdout.contains("/wxa/commit") && ended.stderr.contains("61007"));
    assert!(!ended.stdout.contains("top-secret") && !ended.stderr.contains("top-secret"));
    // Another code is told, and that it is about something else.
    let other = desk.run(["permissions", "why", "40001", "--path", "/wxa/commit"]);
    let other = other.expect_code(0).stderr;
    assert!(other.contains("not about permission sets"), "{other}");
}

#[test]
fn a_call_that_needs_no_set_says_which_token_it_takes() {
    let desk = Desk::new();
    let said = desk.run(["permissions", "why", "api_authorizer_token"]);
    let error = said.expect_code(2).stderr;
    assert!(
        error.contains("/cgi-bin/component/api_authorizer_token"),
        "{error}"
    );
    let said = desk.run(["permissions", "why", "/component/api_authorizer_token"]);
    let said = said.expect_code(0).stdout;
    assert!(
        said.contains("none is needed") && said.contains("component_access_token"),
        "{said}"
    );
}
